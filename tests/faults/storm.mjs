// Clients that all reconnect after a server's restart or reload, as the Go library does: a login may take two
// seconds, the next attempt comes two seconds later with some jitter, and two refusals in a row close a
// client for good. Prints how long it takes until all are back. Exit code 1 where one is still out or closed
// for good, or where that takes longer than kSlower times what it took to let them in one after the other.
//   node tests/faults/storm.mjs [--clients N] [--gateways N] [--busy] [--signal SIGKILL] [--hosts N]
//     [--kind password] [--transport tcp|websocket|mqtt] [--timeout SECONDS] [--patience SECONDS]
// --gateways 0: the users stand in the server's own configuration, to compare with.
// --busy: two processes that do nothing else keep two processors busy. --signal SIGHUP: the server goes on,
// and disconnects every client that the callout let in.

import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { scope } from "../bench/statistics.mjs";
import { webSocketStream } from "../e2e/support/doors.mjs";
import { Gate } from "../e2e/support/gate.mjs";
import { freePort } from "../e2e/support/ports.mjs";
import { connectPacket } from "../e2e/support/raw_mqtt.mjs";
import { until } from "../e2e/support/waiting.mjs";
import { end, limit } from "./limits.mjs";

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "5000" },
    gateways: { type: "string", default: "1" },
    busy: { type: "boolean", default: false },
    signal: { type: "string", default: "SIGKILL" },
    hosts: { type: "string", default: "50" },
    kind: { type: "string", default: "key" },
    transport: { type: "string", default: "tcp" },
    timeout: { type: "string", default: "5" },
    patience: { type: "string", default: "120" },
  },
});
const kClients = Number(options.clients);
const [kConnectTimeout, kReconnectWait, kJitter] = [2_000, 2_000, 100];
const kSlower = 10; // and besides, four waits of kReconnectWait
const counts = { left: 0, refusals: 0, timeouts: 0, ungreeted: 0, lost: 0 };

// Sends what `who` shows, and calls answered(true) when it is let in, answered(false) when it is refused.
function askNats(socket, who, answered) {
  let [text, asked, isIn] = ["", false, false];
  socket.on("data", (bytes) => {
    if (isIn) {
      if (bytes.includes("PING")) socket.write("PONG\r\n");
      return;
    }
    text += bytes;
    if (!asked && text.includes("\r\n")) {
      asked = true;
      const connect = { user: who.user ?? who.id, pass: who.secret, verbose: false, protocol: 1, lang: "raw", version: "0" };
      socket.write(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`);
    }
    if (text.includes("-ERR 'Authorization Violation'")) return answered(false);
    isIn = text.includes("PONG");
    if (isIn) answered(true);
  });
}
function askMqtt(socket, who, answered, name) {
  let answer = Buffer.alloc(0);
  socket.once("connect", () => socket.write(connectPacket(name, who.user ?? who.id, who.secret)));
  socket.on("data", (bytes) => {
    if (answer.length >= 4) return;
    answer = Buffer.concat([answer, bytes]);
    if (answer.length >= 4) answered(answer[3] === 0); // the return code of CONNACK
  });
}
const overTcp = (port, localAddress) => net.connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
const kTransports = {
  tcp: { open: overTcp, ask: askNats },
  websocket: { open: (port, localAddress) => webSocketStream(port, { localAddress }), ask: askNats },
  mqtt: { open: overTcp, ask: askMqtt },
};
const transport = kTransports[options.transport];

class Client {
  state = "new"; // new, out, in, closed
  #refusals = 0; // in a row
  constructor(port, who, host, name) {
    Object.assign(this, { port, who, host, name });
  }
  connect() {
    this.state = "out";
    const socket = transport.open(this.port, this.host);
    let done = false;
    const over = (count) => {
      if (done) return;
      done = true;
      clearTimeout(limit);
      counts[count]++;
      socket.destroy();
      this.state = "out";
      if (count === "refusals" && ++this.#refusals === 2) this.state = "closed";
      else this.again();
    };
    const limit = setTimeout(() => {
      if (socket.bytesWritten === 0) counts.ungreeted++;
      over("timeouts");
    }, kConnectTimeout);
    const closed = () => over(this.state === "in" ? "left" : "lost");
    socket.on("error", () => {}).on("end", closed).on("close", closed);
    transport.ask(socket, this.who, (isIn) => {
      if (done) return;
      if (!isIn) return over("refusals");
      clearTimeout(limit);
      this.state = "in";
      this.#refusals = 0;
    }, this.name);
  }
  again() {
    setTimeout(() => this.connect(), kReconnectWait + Math.random() * kJitter);
  }
}

// Seconds of processor time that a process has taken.
const processorTime = ({ pid }) => {
  const [user, system] = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ").slice(11, 13);
  return (Number(user) + Number(system)) / 100;
};
const programs = () => ({ gateways: gateways.reduce((sum, each) => sum + processorTime(each), 0), server: processorTime(gate.server), clients: processorTime(process) });

const t = scope();
const ports = { websocket: await freePort(), mqtt: await freePort() };
const listeners = `server_name: storm
websocket { listen: "127.0.0.1:${ports.websocket}", no_tls: true }
mqtt { listen: "127.0.0.1:${ports.mqtt}" }`;
const gate = await Gate.make(t, { server: listeners, timeout: Number(options.timeout), throttle: { login: 0, source: 0 }, start: false });
const people = Array.from({ length: 20 }, (_, i) => ({ id: `who${i}`, secret: "a password in plain text" }));
const gateways = [];
if (options.gateways === "0") {
  const users = people.map(({ id, secret }) => `{ user: ${id}, password: "${secret}" }`);
  gate.editServerConfig(() => `listen: "127.0.0.1:${gate.port}"\n${listeners}\njetstream { store_dir: "${gate.dir}/jetstream" }\nauthorization { users: [${users.join(", ")}] }\n`);
}
await gate.startServer();
for (let i = 0; i < Number(options.gateways); i++) gateways.push(await gate.startGateway());
for (let i = 0; i < people.length && gateways.length > 0; i++) {
  people[i] = await gate.create(`who${i}`, "--kind", options.kind, ...(options.kind === "password" ? ["--login", `who${i}`] : []), "--publish", "--subjects", "a");
}
const clients = Array.from({ length: kClients }, (_, i) => new Client(ports[options.transport] ?? gate.port, people[i % people.length], `127.0.1.${1 + (i % Number(options.hosts))}`, `device-${i}`));
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
Object.assign(counts, { left: 0, refusals: 0, timeouts: 0, ungreeted: 0, lost: 0 });
const own = monitorEventLoopDelay();
own.enable();
if (options.busy) {
  for (let i = 0; i < 2; i++) {
    const busy = spawn(process.execPath, ["-e", "for (;;);"]);
    t.after(() => busy.kill());
  }
}
if (options.signal === "SIGHUP") {
  gate.server.signal("SIGHUP");
} else {
  await gate.server.stop(options.signal);
  await gate.startServer();
}
await until("every client has lost its connection", () => counts.left >= kClients, 60_000);
const before = programs();
const took = await settled(Number(options.patience));
const used = Object.entries(programs()).map(([who, seconds]) => `${who} ${(seconds - before[who]).toFixed(1)}`);
console.log(
  `${options.gateways} gateways${options.busy ? ", both processors busy" : ""}: ${count("in")} back after ${took.toFixed(1)} s, ${count("out")} still out, ` +
    `${count("closed")} closed for good; ${counts.refusals} refusals, ${counts.timeouts} timeouts (${counts.ungreeted} before they asked), ${counts.lost} connections lost`,
);
console.log(`processor time, s: ${used.join(", ")}; of all ${counts.timeouts + counts.refusals + count("in")} attempts`);
console.log(`the clients themselves were late by ${(own.percentile(50) / 1e6).toFixed(0)} ms (p50), ${(own.max / 1e6).toFixed(0)} ms at most`);
const dropped = gateways.reduce((sum, each) => sum + each.lines(/event=overloaded/).length, 0);
console.log(`${dropped} lines of event=overloaded in the gateways' logs`);
limit(`${count("out")} still out, none`, count("out") === 0);
limit(`${count("closed")} closed for good, none`, count("closed") === 0);
const most = kSlower * usual + (4 * kReconnectWait) / 1000;
limit(`all are back after ${took.toFixed(1)} s, at most ${most.toFixed(1)} s, as they came in within ${usual.toFixed(1)} s`, took <= most);
await t.end();
end();
