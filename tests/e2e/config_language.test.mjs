// credgate reads nats-server's configuration files as nats-server does. Each generated file is judged by
// `nats-server -t` and by credgate's reader: both refuse it, or both read the same values. Where the
// server tells a digest of what it read, as newer ones do, that covers every value; everywhere its
// complaints quote strings and whole numbers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import test from "node:test";
import { files, kEnvironment, kMore, values } from "./support/config_corpus.mjs";
import { processes, removeDirectory, temporaryDirectory } from "./support/lifetime.mjs";
import { run } from "./support/processes.mjs";
import { natsClient, natsServer, serverVersion } from "./support/programs.mjs";

const kReader = path.join(path.dirname(natsClient), "read_nats_configs");
const kSeed = 20261128;
const kBatch = 60;
const kEnough = 30; // differences
const kEnv = { PATH: process.env.PATH, ...kEnvironment };

// Where the two differ, and why. `refuses` is who refuses, `refusal` what it says, `text` what stands there,
// `before` the version from which on it is not so.
const kExplained = [
  { refuses: "nats-server", text: /(^|[^\w.])\d+[kmgtpe][bi]*\d|\$CG_HEX|include accounts/i, before: [2, 15, 0], why: "a string since; older servers see two values" },
  { refuses: "credgate", refusal: /a single "\/"/, why: "nats-server skips it; it may be half of a comment" },
  { refuses: "credgate", refusal: /a "}" without a "{"|a key without a value/, why: "nats-server skips it at the end of the file; more may be missing" },
  { refuses: "credgate", refusal: /holds a NUL byte/, why: "nats-server skips what follows it" },
];

// What encoding/json writes, for the digest.
function goJson(tree) {
  if (typeof tree === "boolean") return String(tree);
  if (tree.whole !== undefined) return tree.whole;
  if (tree.decimal !== undefined) return Object.is(tree.decimal, -0) ? "-0" : String(tree.decimal);
  if (tree.text !== undefined) return goString(tree.text);
  if (tree.list !== undefined) return `[${tree.list.map(goJson)}]`;
  return `{${tree.map.map(([key, value]) => `${goString(key)}:${goJson(value)}`)}}`;
}
function goString(hex) {
  const escape = (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(Buffer.from(hex, "hex").toString("utf8")).replace(/[<>&\u2028\u2029]/g, escape);
}
const digestOf = (tree) => `sha256:${crypto.createHash("sha256").update(`${goJson(tree)}\n`).digest("hex")}`;

class Judges {
  constructor() {
    this.dir = temporaryDirectory();
    this.count = 0;
    this.runs = 0;
    for (const [name, text] of Object.entries(kMore)) fs.writeFileSync(path.join(this.dir, name), text);
    this.reader = spawn(kReader, { env: kEnv, stdio: ["pipe", "pipe", "inherit"] });
    processes.add(this.reader);
    this.answers = readline.createInterface({ input: this.reader.stdout })[Symbol.asyncIterator]();
  }
  async end() {
    this.reader.stdin.end();
    const [code] = await once(this.reader, "close");
    processes.delete(this.reader);
    assert.equal(code, 0);
    removeDirectory(this.dir);
  }
  write(text) {
    const file = path.join(this.dir, `${++this.count}.conf`);
    fs.writeFileSync(file, text);
    return file;
  }
  // credgate's tree of each text, or { refused }. The reader answers in the order in which it was asked.
  async credgate(texts) {
    this.reader.stdin.write(texts.map((text) => `${this.write(text)}\n`).join(""));
    const answers = texts.map(() => this.answers.next());
    return Promise.all(answers.map(async (answer) => JSON.parse((await answer).value)));
  }
  // { accepted, parses, digest, said }. What does not parse is not accepted, nor are settings that make no
  // sense. The digest is told of what is accepted, by servers that have it.
  async server(text) {
    ++this.runs;
    const done = await run(natsServer, ["-t", "-c", this.write(text)], { env: kEnv, cwd: this.dir, patience: 20_000 })
      .catch((error) => ({ code: 1, stdout: "", stderr: `Parse error: ${error.message}` }));
    const said = done.stdout + done.stderr;
    return { accepted: done.code === 0, parses: !kSyntax.test(said), digest: /\((sha256:[0-9a-f]{64})\)/.exec(said)?.[1], said };
  }
}
// What conf/parse.go says of a text that it cannot read, and how a server ends that a text has ended.
const kSyntax = /Parse error|variable reference|integer '|float '|expected (integer|float|boolean|Zulu)|error parsing include|config is invalid|^panic:/im;

// Runs `work` for each item, several at once.
async function each(items, work) {
  const queue = [...items];
  const worker = async () => {
    while (queue.length > 0) await work(queue.shift());
  };
  await Promise.all(Array.from({ length: Math.max(2, os.availableParallelism()) }, worker));
}

// A user may have a field that is not known where a variable refers to it: it holds any value.
const inUser = (parts) => `accounts { A { users: [ {\n${parts.join("")}user: a\npassword: p\n} ] } }\n`;
const kPlaces = {
  "in a map": (list) => inUser(list.map((value, i) => `v${i}: ${value}\nuser: $v${i}\n`)),
  "in an array": (list) => inUser(list.map((value, i) => `v${i}: [${value}]\nuser: $v${i}\n`)),
  "in a map of one line": (list) => inUser(list.map((value, i) => `v${i}: {k:${value}}\nuser: $v${i}\n`)),
  "at the top": (list) => `${list.map((value, i) => `v${i} = ${value}\n`).join("")}${inUser(list.map((_, i) => `c${i}: $v${i}\nuser: $c${i}\n`))}`,
};

function isExplained({ refuses, refusal, text }) {
  const older = (limit) => limit === undefined || serverVersion[0] < limit[0] || (serverVersion[0] === limit[0] && serverVersion[1] < limit[1]);
  return kExplained.some((known) => known.refuses === refuses && older(known.before) && (known.refusal?.test(refusal) ?? true) && (known.text?.test(text) ?? true));
}

// What the two make of one text: "read" alike, "refused" by both, "unseen" where the server does not tell
// what it read, or how they differ.
async function compare(judges, text) {
  const [[tree], server] = await Promise.all([judges.credgate([text]), judges.server(text)]);
  if (tree.refused !== undefined) return server.accepted ? { text, refuses: "credgate", refusal: tree.refused } : "refused";
  if (!server.parses) return { text, refuses: "nats-server", refusal: server.said };
  if (!server.accepted) return "unseen";
  return [undefined, digestOf(tree)].includes(server.digest) ? "read" : { text, read: goJson(tree) };
}

// Many values in one file, halved until each difference is alone.
async function compareAll(judges, make, list, found) {
  if (found.differences.length >= kEnough) return;
  const outcome = await compare(judges, make(list));
  if (outcome === "read") {
    found.read += list.length;
  } else if (list.length > 1) {
    const half = list.length >> 1;
    await Promise.all([list.slice(0, half), list.slice(half)].map((part) => compareAll(judges, make, part, found)));
  } else if (typeof outcome === "string") {
    ++found[outcome];
  } else if (isExplained({ ...outcome, text: list[0] })) {
    ++found.explained;
  } else {
    found.differences.push({ value: list[0], ...outcome });
  }
}

function batches(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

const world = () => ({ judges: new Judges(), found: { read: 0, refused: 0, unseen: 0, explained: 0, differences: [] } });
async function conclude(t, { judges, found: { differences, ...counts } }, what) {
  await judges.end();
  t.diagnostic(`nats-server ${serverVersion.join(".")}: ${what}, ${judges.runs} runs: ${JSON.stringify(counts)}, ${differences.length} differences`);
  assert.deepEqual(differences, []);
}

test("each value is read as nats-server reads it, or both refuse it", async (t) => {
  const here = world();
  const all = values(kSeed);
  for (const [place, make] of Object.entries(kPlaces)) {
    const trees = await here.judges.credgate(all.map((value) => make([value])));
    const alone = new Set(all.filter((value, i) => trees[i].refused !== undefined || isExplained({ refuses: "nats-server", text: value })));
    const together = all.filter((value) => !alone.has(value));
    assert.ok(together.length > 300 && alone.size > 50, `${place}: ${alone.size} of ${all.length} alone`);
    // Each of these costs a server's start: elsewhere than in a map, a third of them.
    const singles = [...alone].filter((_, i) => place === "in a map" || i % 3 === 0);
    await each([...batches(together, kBatch), ...batches(singles, 1)], (some) => compareAll(here.judges, make, some, here.found));
  }
  await conclude(t, here, `${all.length} values in ${Object.keys(kPlaces).length} places`);
  assert.ok(here.found.unseen < all.length / 100, `${here.found.unseen} values are not seen`);
});

test("each file is read as nats-server reads it, or both refuse it", async (t) => {
  const here = world();
  const all = files(kSeed);
  await each(all, (text) => compareAll(here.judges, ([one]) => one, [text], here.found));
  await conclude(t, here, `${all.length} files`);
  assert.ok(here.found.read > all.length / 4, `${here.found.read} files are seen`);
});

// nats-server complains of each value where it cannot stand: { line: what it says of the value there }.
async function complaints(judges, text) {
  const { said, parses } = await judges.server(text);
  assert.ok(parses, `${said}\n${text}`);
  return new Map(said.split("\n").map((line) => /\.conf:(\d+):\d+: (.*)$/.exec(line)).filter(Boolean).map(([, line, what]) => [Number(line), what]));
}
// As time.ParseDuration quotes it.
const kQuoted = /^error parsing expires: time: .*?duration "(.*)"$/;
function unquoted(text) {
  const bytes = [...text.matchAll(/\\x(..)|\\?(.)/g)].map(([, hex, char]) => (hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16)));
  return Buffer.from(bytes).toString("hex");
}
const isDuration = (hex) => /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(Buffer.from(hex, "hex"));

// Whether `what` is what nats-server must say of a value that credgate reads as `tree`.
function fits(value, tree, what) {
  // A date, which credgate has as a string.
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return what === "error parsing expires, not a duration string";
  if (tree.text !== undefined) {
    const quoted = kQuoted.exec(what ?? "");
    return what === undefined ? isDuration(tree.text) : quoted !== null && unquoted(quoted[1]) === tree.text;
  }
  if (tree.whole !== undefined && what === undefined) return Number(tree.whole) >= 0 && Number(tree.whole) <= 100;
  if (tree.whole !== undefined) return what === `Invalid weight ${tree.whole} for mapping destination`;
  const plain = /^Unknown entry type for weight of (.*)$/.exec(what ?? "")?.[1] ?? "";
  return typeof tree === "boolean" ? plain === String(tree) : plain !== "" && Number(plain) === tree.decimal;
}

test("strings, numbers and booleans are those that nats-server complains of", async (t) => {
  const judges = new Judges();
  const all = values(kSeed);
  const trees = (await judges.credgate(all.map((value) => `m { v: ${value}\n}\n`))).map(({ map }) => (map?.length === 1 && map[0][1].map.length === 1 ? map[0][1].map[0][1] : undefined));
  const kinds = {
    strings: [(tree) => tree?.text !== undefined, (parts) => `accounts { A { users: [\n${parts.join("")}] } }\n`,
      (value, i) => `{ user: u${i}, password: p, permissions: { allow_responses: { expires: ${value}\n} } }\n`],
    others: [(tree) => typeof tree === "boolean" || tree?.whole !== undefined || tree?.decimal !== undefined, (parts) => `accounts { A { mappings {\n${parts.join("")}} } }\n`,
      (value, i) => `s${i}: [ { destination: d, weight: ${value}\n} ]\n`],
  };
  const wrong = [];
  const counts = {};
  for (const [kind, [is, whole, part]] of Object.entries(kinds)) {
    const chosen = all.map((value, i) => ({ value, tree: trees[i] })).filter(({ tree, value }) => is(tree) && !isExplained({ refuses: "nats-server", text: value }));
    counts[kind] = chosen.length;
    await each(batches(chosen, kBatch), async (some) => {
      const parts = some.map(({ value }, i) => part(value, i));
      const heard = await complaints(judges, whole(parts));
      let line = 2;
      some.forEach(({ value, tree }, i) => {
        if (!fits(value, tree, heard.get(line))) wrong.push({ value, tree, said: heard.get(line) });
        line += parts[i].split("\n").length - 1;
      });
    });
  }
  await judges.end();
  t.diagnostic(`nats-server ${serverVersion.join(".")}: ${JSON.stringify(counts)} in ${judges.runs} runs, ${wrong.length} differences`);
  assert.deepEqual(wrong, []);
  assert.ok(counts.strings > 300 && counts.others > 50, JSON.stringify(counts));
});
