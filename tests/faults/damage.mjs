// node tests/faults/damage.mjs [--random N] [--step K] [--seed S] [--workers W]
//
// Damages a store in which every table is used: each Kth page made random in turn (every 12th; 1 takes every
// page), and N times (16) some random bytes. To each damage: what every command says, and the daemon, with
// logins of one who may, one who is revoked and one who is suspended. Prints a table of outcomes. Exit code 1
// where something crashed or hung, where one was let in who must not be, or with other permissions.
// CREDGATE and CREDGATE_NATS_SERVER name the programs, as for the end-to-end tests.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { parseArgs } from "node:util";

process.env.CREDGATE_LONGEST_FILE ??= "7200000";
const { Gate } = await import("../e2e/support/gate.mjs");
const { processes } = await import("../e2e/support/lifetime.mjs");
const { credgate } = await import("../e2e/support/programs.mjs");
const { RawClient } = await import("../e2e/support/raw_client.mjs");
const { until } = await import("../e2e/support/waiting.mjs");

const { values: options } = parseArgs({
  options: {
    random: { type: "string", default: "16" },
    step: { type: "string", default: "12" },
    seed: { type: "string", default: "20261128" },
    workers: { type: "string", default: "6" },
  },
});

const kPage = 4096;
const kPatience = 20_000; // of a command; what takes longer hangs
const kCredentials = 100;
const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

// mulberry32: the same damages for a seed on every machine.
function dice(seed) {
  let a = seed >>> 0;
  return (sides) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

// { code, signal, hung, stderr }
function outcomeOf(args) {
  const child = spawn(credgate, args, { stdio: ["ignore", "ignore", "pipe"] });
  processes.add(child);
  let stderr = "";
  let hung = false;
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      hung = true;
      child.kill("SIGKILL");
    }, kPatience);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      processes.delete(child);
      resolve({ code, signal, hung, stderr });
    });
  });
}

// Credentials of several kinds with a history, uses, requests and large values.
async function makeStore(t) {
  const gate = await Gate.make(t, { timeout: 2, start: false });
  await gate.startServer();
  await gate.startGateway();
  for (const name of ["good", "revoked", "suspended"]) gate[name] = await gate.create(name, ...kTraffic);
  for (const who of [gate.good, gate.revoked, gate.suspended]) await gate.admitted(who);
  const make = async (n) => {
    const large = n % 9 === 0 ? Array.from({ length: 50 }, (_, i) => `orders.${"x".repeat(60)}.${i}`) : ["orders.>"];
    const kind = ["key", "nkey", "token"][n % 3];
    await gate.do("create", `n${n}`, "--kind", kind, "--publish", "--subjects", large.join(","), ...(n % 5 === 0 ? ["--request-id", `r${n}`] : []));
    if (n % 4 === 0) await gate.do("update", `n${n}`, "--max-sessions", "3");
    if (n % 7 === 0) await gate.do("revoke", `n${n}`, "--yes");
  };
  for (let n = 0; n < kCredentials; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].map(make));
  await gate.do("suspend", "suspended");
  await gate.do("revoke", "revoked", "--yes");
  await gate.gateway.stop(); // which records the uses
  await gate.server.stop();
  return gate;
}

// A copy of a gate, with a server of its own.
class World {
  static async make(t, from) {
    const world = new World();
    world.gate = await Gate.make(t, { timeout: 2, start: false });
    world.from = from;
    for (const file of ["credgate.conf", "nats-server.conf"]) {
      const text = fs.readFileSync(path.join(from.dir, file), "utf8");
      fs.writeFileSync(path.join(world.gate.dir, file), text.replaceAll(from.dir, world.gate.dir).replaceAll(`${from.port}`, `${world.gate.port}`));
    }
    fs.cpSync(path.join(from.dir, "keys"), path.join(world.gate.dir, "keys"), { recursive: true });
    await world.gate.startServer();
    return world;
  }

  // The store as it was, but for the data file.
  damage(bytes) {
    for (const part of ["store", "store.head"]) {
      fs.rmSync(path.join(this.gate.dir, part), { recursive: true, force: true });
      fs.cpSync(path.join(this.from.dir, part), path.join(this.gate.dir, part), { recursive: true });
    }
    fs.rmSync(this.gate.store("lock.mdb"), { force: true });
    fs.writeFileSync(this.gate.store("data.mdb"), bytes);
  }

  async command(...args) {
    const file = path.join(this.gate.dir, "copy.backup");
    fs.rmSync(file, { force: true });
    return outcomeOf([...args.map((arg) => (arg === "FILE" ? file : arg)), "--config", this.gate.config]);
  }

  // "let in", "refused", or what is wrong.
  async login(who) {
    const stream = net.connect({ port: this.gate.port, host: this.gate.host });
    let client;
    try {
      client = await RawClient.connect(stream, who);
    } catch {
      return "refused";
    }
    try {
      client.publish("orders.1");
      await client.flush();
      if (client.error !== undefined) return "let in without its permissions";
      client.publish("forbidden");
      await client.flush();
      return /Permissions Violation/.test(client.error ?? "") ? "let in" : "let in with other permissions";
    } catch (error) {
      return `let in, then ${error.message}`;
    } finally {
      client.close();
    }
  }

  // What the daemon does: { start, good, revoked, suspended, end }.
  async serve() {
    const daemon = this.gate.spawnGateway();
    const started = await until("the daemon serves or ends", () => daemon.exit ?? /event=connected/.test(daemon.log), kPatience).catch(() => "hung");
    if (started === "hung") {
      await daemon.stop("SIGKILL");
      return { start: "hung" };
    }
    if (daemon.exit) return { start: this.#end(daemon) };
    const [good, revoked, suspended] = await Promise.all([this.from.good, this.from.revoked, this.from.suspended].map((who) => this.login(who)));
    if (!daemon.exit) daemon.signal("SIGTERM");
    const late = setTimeout(() => daemon.signal("SIGKILL"), kPatience);
    await daemon.ended;
    clearTimeout(late);
    return { start: "serves", good, revoked, suspended, end: this.#end(daemon) };
  }
  #end({ exit: { code, signal }, log }) {
    if (signal !== null) return `SIGNAL ${signal}`;
    return /Sanitizer/.test(log) ? "SIGNAL by a sanitizer" : `code ${code}`;
  }
}

const kCommands = {
  check: ["check"],
  "check --deep": ["check", "--deep"],
  list: ["list"],
  show: ["show", "good"],
  history: ["history"],
  "history --verify": ["history", "--verify"],
  export: ["export"],
  backup: ["backup", "FILE"], // a file of each world's own
  create: ["create", "more", ...kTraffic],
  update: ["update", "n9", "--max-sessions", "2"],
  suspend: ["suspend", "n1"],
  revoke: ["revoke", "good", "--yes"],
  prune: ["history", "--prune", "1h", "--yes"],
};

class Tally {
  outcomes = new Map(); // of what → Map of outcome → how often
  wrong = [];

  add(what, outcome) {
    const counts = this.outcomes.get(what) ?? new Map();
    this.outcomes.set(what, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
  }
  command(damage, name, { code, signal, hung, stderr }) {
    const outcome = hung ? "hung" : signal !== null ? `SIGNAL ${signal}` : `code ${code}`;
    this.add(name, outcome);
    if (hung || signal !== null || /Sanitizer/.test(stderr)) this.wrong.push(`${damage}: ${name}: ${outcome}: ${stderr}`);
    if (code !== 0 && !hung && signal === null && !/^credgate: ./m.test(stderr)) this.wrong.push(`${damage}: ${name}: ${outcome} without a sentence`);
  }
  daemon(damage, { start, end = "", ...logins }) {
    this.add("serve", start === "serves" ? `serves, then ${end}` : start);
    for (const [who, outcome] of Object.entries(logins)) {
      this.add(`login: ${who}`, outcome);
      const allowed = who === "good" ? ["let in", "refused"] : ["refused"];
      if (!allowed.includes(outcome)) this.wrong.push(`${damage}: login of ${who}: ${outcome}`);
    }
    if (/SIGNAL|hung/.test(start + end)) this.wrong.push(`${damage}: serve: ${start} ${end}`);
  }
  print() {
    for (const [what, counts] of this.outcomes) {
      const all = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([outcome, n]) => `${outcome}: ${n}`);
      console.log(`${what.padEnd(20)} ${all.join("   ")}`);
    }
  }
}

// [name, damaged bytes]
function* damages(good) {
  const step = Number(options.step);
  for (let page = 0; step > 0 && page < good.length / kPage; page += step) {
    const random = dice(Number(options.seed) + page);
    const bytes = Buffer.from(good);
    for (let at = page * kPage; at < (page + 1) * kPage; at++) bytes[at] = random(256);
    yield [`page ${page}`, bytes];
  }
  const random = dice(Number(options.seed));
  for (let n = 0; n < Number(options.random); n++) {
    const bytes = Buffer.from(good);
    const at = random(good.length);
    for (let i = 0; i < 1 + random(8); i++) bytes[Math.min(at + i, good.length - 1)] = random(256);
    yield [`random damage ${n}, at ${at}`, bytes];
  }
}

test("a damaged store", { timeout: Number(process.env.CREDGATE_LONGEST_FILE) }, async (t) => {
  const from = await makeStore(t);
  const good = fs.readFileSync(from.store("data.mdb"));
  const tally = new Tally();
  const rest = damages(good);
  const worlds = await Promise.all(Array.from({ length: Number(options.workers) }, () => World.make(t, from)));
  const before = Date.now();
  let count = 0;
  await Promise.all(
    worlds.map(async (world) => {
      for (let next = rest.next(); !next.done; next = rest.next()) {
        const [damage, bytes] = next.value;
        count++;
        for (const [name, args] of Object.entries(kCommands)) {
          world.damage(bytes);
          tally.command(damage, name, await world.command(...args));
        }
        world.damage(bytes);
        tally.daemon(damage, await world.serve());
      }
    }),
  );
  console.log(`${count} damages of ${good.length / kPage} pages, in ${Math.round((Date.now() - before) / 1000)} s`);
  tally.print();
  // The table must be able to say otherwise.
  const whole = worlds[0];
  whole.damage(good);
  assert.deepEqual(await whole.serve(), { start: "serves", good: "let in", revoked: "refused", suspended: "refused", end: "code 0" });
  assert.equal((await whole.command("check", "--deep")).code, 0);
  assert.deepEqual(tally.wrong, []);
});
