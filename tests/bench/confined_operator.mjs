// What an operator of one account who means harm learns of the others, changes in them, and does to a
// security officer's revocations. He sends all that he may send, for SECONDS (10): good requests, big
// ones, hostile ones, others' names, as fast as answers come.
// node tests/bench/confined_operator.mjs [SECONDS], with the variables of tests/e2e/support/programs.mjs.

import { adminOf, ask, createUser, gateWithTwoAccounts, kPrefix, operatorOf } from "../e2e/support/admins.mjs";
import { quantile, row, scope, timed } from "./statistics.mjs";

const kSeconds = Number(process.argv[2] ?? 10);
const kInFlight = 64;
const kClients = 200;

const t = scope();
const gate = await gateWithTwoAccounts(t);
const operatorIs = await operatorOf(gate, "SHOP");
const officer = await gate.connect(t, adminOf(gate, "security-officer"));
const editor = await gate.connect(t, adminOf(gate, "editor"));

const record = (account, name, more = {}) => ({ credential: { name, account, capabilities: ["publish"], subjects: ["orders.>"], tags: [`owner=${name}`], ...more } });
const made = async (body) => {
  const result = await ask(editor, "create", body);
  if (result.error !== undefined) throw new Error(JSON.stringify(result));
  return { ...result.credential, login: result.login };
};
const hidden = [];
const victims = [];
for (let i = 0; i < kClients; i++) {
  const kind = ["key", "password", "nkey", "token"][i % 4];
  const proof = kind === "password" ? { proof: { login: `till-${i}.of-app` } } : {};
  hidden.push(await made({ ...record("APP", `hidden-app-${i}`, { kind }), ...proof }));
}
for (let i = 0; i < 4 * kClients; i++) victims.push(await made(record("APP", `victim-app-${i}`)));
const own = await made(record("SHOP", "own"));
// He knows half of the names and ids from elsewhere; the other half he can only learn here.
const known = [...hidden.slice(kClients / 2), ...victims.slice(0, kClients)];
const others = [...hidden, ...victims];

// What must be in none of his answers.
const needles = others.flatMap(({ id, name, login }) => [id, name, ...(login === undefined ? [] : [login])]);
const pattern = new RegExp([...new Set(needles)].map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"));
const exported = async () => (await gate.do("export", "--with-hashes", "--account", "APP")).stdout.split("\n").filter(Boolean).sort();

let serial = 0;
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));
// Each gives an operation and a body.
const requests = [
  () => ["create", record("SHOP", `own-${serial++}`)],
  () => ["create", record("SHOP", `own-${serial++}`, { kind: "password" })],
  () => ["create", record("APP", `own-${serial++}`)],
  () => ["create", { ...record("SHOP", pick(hidden.slice(kClients / 2)).name), request_id: `r${serial++ % 5}` }],
  () => ["create", { ...record("SHOP", `own-${serial++}`, { kind: "password" }), proof: { login: pick(hidden.slice(kClients / 2)).login ?? "till" } }],
  () => ["create", { ...record("SHOP", `own-${serial++}`, { kind: "nkey" }), proof: { public_key: pick(known.filter(({ kind }) => kind === "nkey")).secrets[0].login } }],
  () => ["create", { ...record("SHOP", `own-${serial++}`, { kind: "nkey" }), proof: { public_key: createUser().getPublicKey() } }],
  () => ["create", { ...record("SHOP", `own-${serial++}`, { kind: "cert" }), proof: { fingerprint: `sha256:${"0".repeat(64)}` } }],
  () => ["create", record("SHOP", `own-${serial++}`, { subjects: many(1000, (i) => `orders.${i}.${"x".repeat(100)}`) })],
  () => ["update", { credential: own.id, set: { subjects: many(1000, (i) => `orders.${i}.${serial}.${"x".repeat(100)}`) } }],
  () => ["update", { credential: own.id, now: true, set: { tags: [`n=${serial++}`] } }],
  () => ["kick", { credential: own.id }],
  () => ["suspend", { credential: own.id }],
  () => ["resume", { credential: own.id }],
  () => ["rotate", { credential: own.id, overlap: 0 }],
  () => ["list", { limit: pick([1, 100, 1000]), tags: many(64, (i) => `k${i}`) }],
  () => ["list", { limit: pick([1, 1000]), after: pick(known).id }],
  () => ["list", {}],
  () => ["history", { limit: 1000 }],
  () => ["history", { limit: 1000, after: pick([0, 1, 500]) }],
  () => ["history", { actor: `nats:${operatorIs.id}` }],
  () => ["sessions", { credential: own.id }],
  () => ["explain", { credential: own.id, publish: many(100, (i) => `orders.${i}`) }],
  () => ["explain", { credential: own.id, publish: many(20_000, (i) => `a.${i}`) }],
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

const seconds = async (revoke) => {
  const times = [];
  const end = performance.now() + kSeconds * 1000;
  while (performance.now() < end && victims.length > 0) {
    const { id } = victims.pop();
    times.push(await timed(async () => {
      const result = await ask(officer, "revoke", { credential: id });
      if (result.status !== "revoked") throw new Error(JSON.stringify(result));
    }));
    await new Promise((resolve) => setTimeout(resolve, (kSeconds * 1000) / (1.5 * kClients)));
  }
  row(revoke, times);
  return times;
};

const quiet = await seconds("revocations without him");

const before = await exported();
const revoked = new Set();
const operator = await gate.connect(t, operatorIs);
const learnt = [];
const said = new Set();
const codes = {};
let going = true;
let sent = 0;
const harm = async () => {
  while (going) {
    const [operation, body] = pick(requests)();
    const text = typeof body === "string" ? body : JSON.stringify(body);
    sent++;
    // What he has said himself, he may give his own credentials too: that is nothing learnt.
    for (const one of text.match(new RegExp(pattern, "g")) ?? []) said.add(one);
    const message = await operator.request(`${kPrefix}.${operation}.SHOP`, text, { timeout: 20_000 }).catch((error) => ({ string: () => `{"error":{"code":"${error.name}"}}` }));
    const answer = message.string();
    const word = JSON.parse(answer).error?.code ?? "done";
    codes[word] = (codes[word] ?? 0) + 1;
    const found = new Set(answer.match(new RegExp(pattern, "g")));
    for (const one of found) if (!said.has(one)) learnt.push(`${operation}: ${one}`);
  }
};
const victimsBefore = victims.map(({ id }) => id);
const workers = Array.from({ length: kInFlight }, harm);
const harmed = await seconds("revocations meanwhile");
going = false;
await Promise.all(workers);
for (const id of victimsBefore) if (!victims.some((one) => one.id === id)) revoked.add(id);
const after = new Set(await exported());
const changed = before.filter((line) => !after.has(line) && !revoked.has(JSON.parse(line).id));

console.log(`requests ${sent}, answers ${JSON.stringify(codes)}`);
console.log(`learnt of APP: ${learnt.length}${learnt.length ? `: ${[...new Set(learnt)].slice(0, 10).join("; ")}` : ""}`);
console.log(`changed in APP, but for what the officer revoked: ${changed.length}${changed.length ? `: ${changed.slice(0, 3).join("\n")}` : ""}`);
const ratio = (q) => (quantile(harmed, q) / quantile(quiet, q)).toFixed(1);
console.log(`revocations with him / without: p50 x${ratio(0.5)}, p99 x${ratio(0.99)}`);
await t.end();
process.exit(learnt.length + changed.length === 0 ? 0 : 1);
