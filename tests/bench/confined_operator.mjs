// What an operator of one account who means harm learns of the others, changes in them, and does to a
// security officer's revocations. He sends all that he may send, for SECONDS (10): good requests, big
// ones, hostile ones, others' names, as fast as answers come.
// node tests/bench/confined_operator.mjs [SECONDS], with the variables of tests/e2e/support/programs.mjs.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { adminOf, ask, createUser, gateWithTwoAccounts, kPrefix, operatorOf } from "../e2e/support/admins.mjs";
import { dial } from "../e2e/support/clients.mjs";
import { quantile, row, scope, timed } from "./statistics.mjs";

const kInFlight = 64;
const kClients = 200;

const record = (account, name, more = {}) => ({ credential: { name, account, capabilities: ["publish"], subjects: ["orders.>"], tags: [`owner=${name}`], ...more } });
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// In a process of its own, so that the officer's time is not his. `given`: url, who he is, his own
// credential's id, what he knows of the others, and the words that must be in none of his answers.
async function harm(given, seconds) {
  const { own, known } = given;
  const passwords = known.filter(({ kind }) => kind === "password");
  const nkeys = known.filter(({ kind }) => kind === "nkey");
  let serial = 0;
  const fresh = () => `own-${serial++}`;
  // Each gives an operation and a body.
  const requests = [
    () => ["create", record("SHOP", fresh())],
    () => ["create", record("SHOP", fresh(), { kind: "password" })],
    () => ["create", record("APP", fresh())],
    () => ["create", { ...record("SHOP", pick(known).name), request_id: `r${serial++ % 5}` }],
    () => ["create", { ...record("SHOP", fresh(), { kind: "password" }), proof: { login: pick(passwords).login } }],
    () => ["create", { ...record("SHOP", fresh(), { kind: "nkey" }), proof: { public_key: pick(nkeys).login } }],
    () => ["create", { ...record("SHOP", fresh(), { kind: "nkey" }), proof: { public_key: createUser().getPublicKey() } }],
    () => ["create", { ...record("SHOP", fresh(), { kind: "cert" }), proof: { fingerprint: `sha256:${"0".repeat(64)}` } }],
    () => ["create", record("SHOP", fresh(), { subjects: many(1000, (i) => `orders.${i}.${"x".repeat(100)}`) })],
    () => ["update", { credential: own, set: { subjects: many(1000, (i) => `orders.${i}.${serial}.${"x".repeat(100)}`) } }],
    () => ["update", { credential: own, now: true, set: { tags: [`n=${serial++}`] } }],
    () => ["kick", { credential: own }],
    () => ["suspend", { credential: own }],
    () => ["resume", { credential: own }],
    () => ["rotate", { credential: own, overlap: 0 }],
    () => ["list", { limit: pick([1, 100, 1000]), tags: many(64, (i) => `k${i}`) }],
    () => ["list", { limit: pick([1, 1000]), after: pick(known).id }],
    () => ["list", {}],
    () => ["history", { limit: 1000 }],
    () => ["history", { limit: 1000, after: pick([0, 1, 500]) }],
    () => ["history", { actor: `nats:${given.who.id}` }],
    () => ["sessions", { credential: own }],
    () => ["explain", { credential: own, publish: many(100, (i) => `orders.${i}`) }],
    () => ["explain", { credential: own, publish: many(20_000, (i) => `a.${i}`) }],
    ...["get", "suspend", "resume", "revoke", "kick", "rotate", "sessions", "history", "explain"].flatMap((operation) => [
      () => [operation, { credential: pick(known).id }],
      () => [operation, { credential: pick(known).name }],
    ]),
    () => ["update", { credential: pick(known).id, set: { tags: ["taken=over"] } }],
    () => ["get", `{"credential":"${"x".repeat(200_000)}"}`],
    () => ["get", "[".repeat(100_000)],
    () => ["create", `{"credential":${"[".repeat(30)}${"]".repeat(30)}}`],
    () => ["drop", {}],
  ];
  const connection = await dial(given.who, { url: given.url });
  const pattern = new RegExp(given.words.map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  const result = { sent: 0, answers: {}, learnt: [] };
  const said = new Set();
  const answers = [];
  const end = performance.now() + seconds * 1000;
  const send = async () => {
    while (performance.now() < end) {
      const [operation, body] = pick(requests)();
      const text = typeof body === "string" ? body : JSON.stringify(body);
      result.sent++;
      // What he has said himself, he may give his own credentials too: that is nothing learnt.
      for (const one of text.match(pattern) ?? []) said.add(one);
      const message = await connection.request(`${kPrefix}.${operation}.SHOP`, text, { timeout: 30_000 }).catch((error) => ({ string: () => `{"error":{"code":"${error.name}"}}` }));
      answers.push([operation, message.string()]);
      const word = JSON.parse(answers.at(-1)[1]).error?.code ?? "done";
      result.answers[word] = (result.answers[word] ?? 0) + 1;
    }
  };
  await Promise.all(many(kInFlight, send));
  for (const [operation, answer] of answers) {
    for (const one of new Set(answer.match(pattern))) if (!said.has(one)) result.learnt.push(`${operation}: ${one}`);
  }
  await connection.close();
  return result;
}

if (process.argv[2] === "harm") {
  const result = await harm(JSON.parse(fs.readFileSync(process.argv[3], "utf8")), Number(process.argv[4]));
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
} else {
  const seconds = Number(process.argv[2] ?? 10);
  const t = scope();
  const gate = await gateWithTwoAccounts(t);
  const operatorIs = await operatorOf(gate, "SHOP");
  const officer = await gate.connect(t, adminOf(gate, "security-officer"));
  const editor = await gate.connect(t, adminOf(gate, "editor"));
  const made = async (body) => {
    const result = await ask(editor, "create", body);
    if (result.error !== undefined) throw new Error(JSON.stringify(result));
    return { id: result.credential.id, name: result.credential.name, kind: result.credential.kind, login: result.login };
  };
  const hidden = [];
  const victims = [];
  for (let i = 0; i < kClients; i++) {
    const kind = ["key", "password", "nkey", "token"][i % 4];
    const proof = kind === "password" ? { proof: { login: `till-${i}.of-app` } } : {};
    hidden.push(await made({ ...record("APP", `hidden-app-${i}.`, { kind }), ...proof }));
  }
  for (let i = 0; i < 4 * kClients; i++) victims.push(await made(record("APP", `victim-app-${i}.`)));
  const own = await made(record("SHOP", "own"));
  const others = [...hidden, ...victims];
  const given = path.join(gate.dir, "harm.json");
  fs.writeFileSync(given, JSON.stringify({
    url: gate.url, who: operatorIs, own: own.id,
    // He knows half of the names and ids from elsewhere; the other half he can only learn here.
    known: [...hidden.slice(kClients / 2), ...victims.slice(0, kClients)],
    words: others.flatMap(({ id, name, login }) => [id, name, ...(login === undefined ? [] : [login])]),
  }));

  const revocations = async (what, seconds) => {
    const times = [];
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end && victims.length > kClients) {
      const { id } = victims.pop();
      times.push(await timed(async () => {
        const result = await ask(officer, "revoke", { credential: id });
        if (result.status !== "revoked") throw new Error(JSON.stringify(result));
      }));
      await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / (1.5 * kClients)));
    }
    row(what, times);
    return times;
  };
  const quiet = await revocations("revocations without him", Number(process.argv[3] ?? seconds));
  const exported = async () => (await gate.do("export", "--with-hashes", "--account", "APP")).stdout.split("\n").filter(Boolean);
  const before = await exported();
  const child = spawn(process.execPath, [process.argv[1], "harm", given, String(seconds + 1)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (text += more));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const harmed = await revocations("revocations meanwhile", seconds);
  await ended;
  const { sent, answers, learnt } = JSON.parse(text);
  const after = new Set(await exported());
  const alive = new Set([...hidden, ...victims].map(({ id }) => id));
  const changed = before.filter((line) => !after.has(line) && alive.has(JSON.parse(line).id));

  console.log(`requests ${sent}, answers ${JSON.stringify(answers)}`);
  console.log(`learnt of APP: ${learnt.length}${learnt.length ? `: ${[...new Set(learnt)].slice(0, 10).join("; ")}` : ""}`);
  console.log(`changed in APP, but for what the officer revoked: ${changed.length}${changed.length ? `:\n${changed.slice(0, 3).join("\n")}` : ""}`);
  const ratio = (q) => (quantile(harmed, q) / quantile(quiet, q)).toFixed(1);
  console.log(`revocations with him / without: p50 x${ratio(0.5)}, p99 x${ratio(0.99)}`);
  await t.end();
  process.exit(learnt.length + changed.length === 0 ? 0 : 1);
}
