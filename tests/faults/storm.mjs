// Clients that all reconnect after a server's restart, as the Go library does: a login may take two
// seconds, the next attempt comes two seconds later with some jitter, and two refusals in a row close a
// client for good. Prints how long it takes until all are back. Exit code 1 where one is still out or closed
// for good, or where that takes longer than kSlower times what it took to let them in one after the other.
//   node tests/faults/storm.mjs [--clients N] [--gateways N] [--busy] [--signal SIGKILL] [--hosts N]
//     [--kind password] [--timeout SECONDS] [--patience SECONDS]
// --busy: two processes that do nothing else keep two processors busy.

import { spawn } from "node:child_process";
import net from "node:net";
import { parseArgs } from "node:util";
import { scope } from "../bench/statistics.mjs";
import { Gate } from "../e2e/support/gate.mjs";
import { end, limit } from "./limits.mjs";

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "5000" },
    gateways: { type: "string", default: "1" },
    busy: { type: "boolean", default: false },
    signal: { type: "string", default: "SIGKILL" },
    hosts: { type: "string", default: "50" },
    kind: { type: "string", default: "key" },
    timeout: { type: "string", default: "5" },
    patience: { type: "string", default: "120" },
  },
});
const kClients = Number(options.clients);
const [kConnectTimeout, kReconnectWait, kJitter] = [2_000, 2_000, 100];
const kSlower = 10; // and besides, four waits of kReconnectWait
const counts = { refusals: 0, timeouts: 0, lost: 0 };

class Client {
  state = "new"; // new, out, in, closed
  #refusals = 0; // in a row
  constructor(gate, who, host) {
    Object.assign(this, { gate, who, host });
  }
  connect() {
    this.state = "out";
    const socket = net.connect({ port: this.gate.port, host: this.gate.host, localAddress: this.host, noDelay: true });
    let text = "";
    const over = (count) => {
      if (socket.done) return;
      socket.done = true;
      clearTimeout(limit);
      if (count !== undefined) counts[count]++;
      socket.destroy();
      this.state = "out";
      if (count === "refusals" && ++this.#refusals === 2) this.state = "closed";
      else this.again();
    };
    const limit = setTimeout(() => over("timeouts"), kConnectTimeout);
    socket.on("data", (bytes) => {
      if (this.state === "in") {
        if (bytes.includes("PING")) socket.write("PONG\r\n");
        return;
      }
      text += bytes;
      if (!socket.asked && text.includes("\r\n")) {
        socket.asked = true;
        const connect = { user: this.who.user ?? this.who.id, pass: this.who.secret, verbose: false, protocol: 1, lang: "raw", version: "0" };
        socket.write(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`);
      }
      if (text.includes("-ERR 'Authorization Violation'")) return over("refusals");
      if (!text.includes("PONG")) return;
      clearTimeout(limit);
      this.state = "in";
      this.#refusals = 0;
    });
    socket.on("error", () => {}).on("close", () => over(this.state === "in" ? undefined : "lost"));
  }
  again() {
    setTimeout(() => this.connect(), kReconnectWait + Math.random() * kJitter);
  }
}

const t = scope();
const gate = await Gate.make(t, { timeout: Number(options.timeout), throttle: { login: 0, source: 0 } });
for (let i = 1; i < Number(options.gateways); i++) await gate.startGateway();
const people = [];
for (let i = 0; i < 20; i++) people.push(await gate.create(`who${i}`, "--kind", options.kind, ...(options.kind === "password" ? ["--login", `who${i}`] : []), "--publish", "--subjects", "a"));
const clients = Array.from({ length: kClients }, (_, i) => new Client(gate, people[i % people.length], `127.0.1.${1 + (i % Number(options.hosts))}`));
const count = (state) => clients.filter((client) => client.state === state).length;
const settled = async (patience) => {
  const began = performance.now();
  while (count("out") > 0 && performance.now() - began < patience * 1000) await new Promise((resolve) => setTimeout(resolve, 50));
  return (performance.now() - began) / 1000;
};

// In as they come, and not all at once.
const began = performance.now();
for (const client of clients) {
  client.connect();
  while (count("out") > 100) await new Promise((resolve) => setTimeout(resolve, 5));
}
await settled(60);
const usual = (performance.now() - began) / 1000;
console.log(`${count("in")} clients are in; the server gets ${options.signal}`);
Object.assign(counts, { refusals: 0, timeouts: 0, lost: 0 });
if (options.busy) {
  for (let i = 0; i < 2; i++) {
    const busy = spawn(process.execPath, ["-e", "for (;;);"]);
    t.after(() => busy.kill());
  }
}
await gate.server.stop(options.signal);
await gate.startServer();
const took = await settled(Number(options.patience));
console.log(
  `${options.gateways} gateways${options.busy ? ", both processors busy" : ""}: ${count("in")} back after ${took.toFixed(1)} s, ${count("out")} still out, ` +
    `${count("closed")} closed for good; ${counts.refusals} refusals, ${counts.timeouts} timeouts, ${counts.lost} connections lost`,
);
const dropped = gate.gateway.lines(/event=overloaded/).length;
console.log(`${dropped} lines of event=overloaded in the last gateway's log`);
limit(`${count("out")} still out, none`, count("out") === 0);
limit(`${count("closed")} closed for good, none`, count("closed") === 0);
const most = kSlower * usual + (4 * kReconnectWait) / 1000;
limit(`all are back after ${took.toFixed(1)} s, at most ${most.toFixed(1)} s, as they came in within ${usual.toFixed(1)} s`, took <= most);
await t.end();
end();
