// Two gateways under a steady rate of connects: each in turn is restarted, then killed (kill -9), while
// credentials are made by whichever gateway answers. Counts every login. Exit code 1 where one failed
// during the restarts, where more failed at a kill than came within a tenth of a second, where a client was
// closed for good (two refusals in a row), or where a change that was acknowledged is lost.
//   node tests/faults/rolling.mjs [--restarts N] [--kills N] [--rate CONNECTS_PER_SECOND]
// with the variables of tests/e2e/support/programs.mjs.

import net from "node:net";
import { parseArgs } from "node:util";

process.env.CREDGATE_LONGEST_FILE ??= "1800000";
const { adminOf, gateWithAdmins, kPrefix } = await import("../e2e/support/admins.mjs");
const { RawClient } = await import("../e2e/support/raw_client.mjs");
const { until } = await import("../e2e/support/waiting.mjs");
const { quantile, scope } = await import("../bench/statistics.mjs");
const { end, limit, sleep } = await import("./limits.mjs");

const { values: options } = parseArgs({
  options: {
    restarts: { type: "string", default: "100" },
    kills: { type: "string", default: "50" },
    rate: { type: "string", default: "500" },
  },
});
const [kRestarts, kKills, kRate] = [options.restarts, options.kills, options.rate].map(Number);
const [kConnectTimeout, kReconnectWait] = [2_000, 2_000];
// The most that a kill may fail of logins: those that the gateway had taken, and had not answered.
const kLostAtKill = Math.max(1, kRate * 0.1);
const kSlower = 100; // the most that the slowest hundredth may take, of what it takes when all is quiet

// One attempt: "in", "refused" or "timeout", and how long it took.
function attempt(gate, who) {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = net.connect({ port: gate.port, host: gate.host, noDelay: true });
    let text = "";
    const done = (how) => {
      clearTimeout(late);
      socket.destroy();
      resolve({ how, took: performance.now() - began });
    };
    const late = setTimeout(() => done("timeout"), kConnectTimeout);
    socket.on("data", (bytes) => {
      if (text === "") socket.write(`CONNECT ${JSON.stringify({ user: who.id, pass: who.secret, verbose: false, protocol: 1 })}\r\nPING\r\n`);
      text += bytes;
      if (text.includes("PONG")) done("in");
      else if (text.includes("-ERR")) done("refused");
    });
    socket.on("error", () => {}).on("close", () => done("refused"));
  });
}

class Traffic {
  #stopped = false;
  #open = new Set();
  phases = new Map(); // name → { took, failed, closed }
  constructor(gate, who) {
    Object.assign(this, { gate, who });
  }
  // Returns once what was begun before has ended.
  async begin(phase) {
    this.phase = phase;
    this.phases.set(phase, { took: [], failed: 0, closed: 0 });
    this.#begun ??= this.#run();
    await Promise.all(this.#open);
  }
  #begun;
  async #run() {
    const began = performance.now();
    for (let sent = 0; !this.#stopped; await sleep(2)) {
      for (const due = ((performance.now() - began) / 1000) * kRate; sent < due; sent++) {
        const login = this.#login(this.phases.get(this.phase)).finally(() => this.#open.delete(login));
        this.#open.add(login);
      }
    }
    await Promise.all(this.#open);
  }
  // As a client library: it comes back until it is in, and two refusals in a row close it for good.
  async #login(phase) {
    for (let refusals = 0; ; await sleep(kReconnectWait)) {
      const { how, took } = await attempt(this.gate, this.who);
      if (how === "in") return phase.took.push(took);
      phase.failed++;
      refusals = how === "refused" ? refusals + 1 : 0;
      if (refusals === 2) return phase.closed++;
    }
  }
  async end() {
    this.#stopped = true;
    await this.#begun;
  }
}

// Credentials, made one after the other over NATS; keeps those that were acknowledged.
class Changes {
  acknowledged = [];
  #stopped = false;
  constructor(gate) {
    this.gate = gate;
  }
  async begin() {
    const admin = adminOf(this.gate, "editor");
    const client = await RawClient.connect(net.connect({ port: this.gate.port, host: this.gate.host }), admin);
    client.subscribe(`${admin.inbox}.>`);
    this.#running = this.#run(client, `${admin.inbox}.made`);
  }
  #running;
  async #run(client, inbox) {
    for (let i = 0; !this.#stopped; i++) {
      client.publish(`${kPrefix}.create.APP`, JSON.stringify({ credential: { name: `made-${i}`, capabilities: ["publish"], subjects: ["a"] } }), { reply: `${inbox}.${i}` });
      const came = await until("an answer", () => client.received.find(({ subject }) => subject === `${inbox}.${i}`), 1_000).catch(() => undefined);
      client.received.length = 0;
      if (came !== undefined && JSON.parse(came.payload).error === undefined) this.acknowledged.push(`made-${i}`);
      else if (came !== undefined) this.refused ??= came.payload;
      await sleep(20);
    }
    client.close();
  }
  async end() {
    this.#stopped = true;
    await this.#running;
  }
}

const t = scope();
const gate = await gateWithAdmins(t, { throttle: { login: 0, source: 0 } });
const gateways = [gate.gateway, await gate.startGateway()];
const shop = await gate.create("shop", "--publish", "--subjects", "a");
const traffic = new Traffic(gate, shop);
const changes = new Changes(gate);
await changes.begin();

async function replace(i, signal) {
  await gateways[i % 2].stop(signal);
  gateways[i % 2] = await gate.startGateway();
}
await traffic.begin("quiet");
await sleep(Math.min(10_000, 500 * kRestarts));
await traffic.begin("restarts");
for (let i = 0; i < kRestarts; i++) await replace(i, "SIGTERM");
await traffic.begin("kills");
for (let i = 0; i < kKills; i++) await replace(i, "SIGKILL");
await traffic.end();
await changes.end();

const there = new Set((await gate.do("list", "--json")).json.map(({ name }) => name));
const lost = changes.acknowledged.filter((name) => !there.has(name));
console.log(`${kRate} connects a second; ${kRestarts} restarts, ${kKills} kills; two gateways`);
for (const [name, { took, failed, closed }] of traffic.phases) {
  console.log(`${name.padEnd(9)} ${String(took.length).padStart(7)} logins, ${failed} attempts failed, ${closed} closed for good; p50 ${quantile(took, 0.5)?.toFixed(1)} ms, p99 ${quantile(took, 0.99)?.toFixed(1)} ms`);
}
console.log(`${changes.acknowledged.length} changes acknowledged${changes.refused ? `; the first refused: ${changes.refused}` : ""}`);
const { quiet, restarts, kills } = Object.fromEntries(traffic.phases);
limit(`${restarts.failed} attempts failed while gateways were restarted, none`, restarts.failed === 0);
limit(`${kills.failed} attempts failed at ${kKills} kills, at most ${kLostAtKill} at each`, kills.failed <= kLostAtKill * kKills);
limit(`${restarts.closed + kills.closed} clients closed for good, none`, restarts.closed + kills.closed === 0);
const [slow, usual] = [quantile([...restarts.took, ...kills.took], 0.99), quantile(quiet.took, 0.99)];
limit(`p99 is ${slow?.toFixed(1)} ms, at most ${kSlower} times the ${usual?.toFixed(1)} ms of a quiet time`, slow <= kSlower * usual);
limit(`${lost.length} acknowledged changes lost, of at least one made`, lost.length === 0 && changes.acknowledged.length > 0);
await t.end();
end();
