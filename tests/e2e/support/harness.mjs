// A real nats-server and a real credgate on loopback ports, in a directory of their own. Nothing
// here waits for a fixed time: it waits for a line of a log, a port or a condition, with a limit.
//
// Environment: CREDGATE, CREDGATE_CLIENT, CREDGATE_NATS_SERVER name the three programs. A program
// that is missing is a failure, never a skip. CREDGATE_LONGEST_FILE is in milliseconds.
// CREDGATE_LAUNCHER is a program that runs the daemon whose command line it is given: a sandbox.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import {
  connect as connectTcp,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { wsconnect } from "@nats-io/nats-core";
import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket; // Node has its own from 22 on

const kPatience = 20_000;
// The log line of a decision comes just after its answer.
const kLogPatience = 5_000;
const kLongestFile = Number(process.env.CREDGATE_LONGEST_FILE ?? 180_000);

function program(variable, otherwise, hint) {
  const file = process.env[variable] ?? path.resolve(import.meta.dirname ?? here(), otherwise);
  try {
    fs.accessSync(file, fs.constants.X_OK);
  } catch {
    throw new Error(`${file} is no program; ${hint}, or name it in ${variable}`);
  }
  return file;
}

// import.meta.dirname came with Node 20.11.
function here() {
  return path.dirname(new URL(import.meta.url).pathname);
}

const kBuild = "../../../build/dev";
export const credgate = program("CREDGATE", `${kBuild}/credgate`, "build it: cmake --build --preset dev");
export const natsClient = program(
  "CREDGATE_CLIENT",
  `${kBuild}/tests/client`,
  "build it: cmake --build --preset dev",
);
export const natsServer = program(
  "CREDGATE_NATS_SERVER",
  "../../../build/deps/nats-server/newest/nats-server",
  "get it: conf/deps.sh",
);
// [2, 10, 27]
export const serverVersion = execFileSync(natsServer, ["--version"], { encoding: "utf8" })
  .match(/(\d+)\.(\d+)\.(\d+)/)
  .slice(1)
  .map(Number);
// Before 2.11.2 a client without a user JWT is not asked about in operator mode.
export const hasDefaultSentinel = serverVersion[0] > 2 || serverVersion[1] > 11 || (serverVersion[1] === 11 && serverVersion[2] >= 2);
export const vectors = path.join(here(), "../../vectors");
export const root = path.join(here(), "../../..");

// ------------------------------------------------------------------------------- waiting, ending

// Calls `look` until it gives something true, which is returned.
export async function until(what, look, patience = kPatience) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${patience} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const living = new Set(); // processes
const directories = new Set();

function endAll() {
  for (const child of living) child.kill("SIGKILL");
  for (const dir of directories) fs.rmSync(dir, { recursive: true, force: true });
}
process.on("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

// A file that hangs ends, and its processes with it.
setTimeout(() => {
  console.error(`no end after ${kLongestFile / 1000} s`);
  process.exit(1);
}, kLongestFile).unref();

export function temporaryDirectory() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "credgate-e2e-"));
  directories.add(dir);
  return dir;
}

// Resolves to the server that listens there, or to nothing where the port is taken.
function listenOn(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer().once("error", () => resolve(undefined));
    server.listen(port, host, () => resolve(server));
  });
}

// Below the range that the kernel takes for outgoing connections, and in a range of this process's
// own, so that nothing takes it between here and the server's start. Whoever listens on the first port
// of a range has it.
const kPorts = 250;
const kRanges = 80;
let range;
let ports = 0;
async function claimRange() {
  for (let i = 0; i < kRanges; i++) {
    const first = 10_000 + ((process.pid + i) % kRanges) * kPorts;
    const guard = await listenOn(first, "127.0.0.1");
    if (guard === undefined) continue;
    guard.unref();
    return first;
  }
  throw new Error("every range of ports is taken");
}

export async function freePort(host = "127.0.0.1") {
  range ??= claimRange();
  const first = await range;
  for (;;) {
    const port = first + 1 + (ports++ % (kPorts - 1));
    const probe = await listenOn(port, host);
    if (probe === undefined) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

async function answers(port, host) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

// A program that runs until it is ended. Its standard error is its log.
export class Daemon {
  constructor(file, args, options = {}) {
    this.log = "";
    this.exit = null; // { code, signal } once it has ended
    this.child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], ...options });
    living.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => {
        living.delete(this.child);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
    this.ended.catch(() => {});
  }
  get pid() {
    return this.child.pid;
  }
  lines(pattern) {
    return this.log.split("\n").filter((line) => pattern.test(line));
  }
  // The first line from `mark`, a length of the log, on that fits.
  async line(pattern, mark = 0, patience = kPatience) {
    return until(
      `a line like ${pattern} in the log:\n${this.log.slice(mark)}`,
      () => {
        const found = this.log.slice(mark).split("\n").slice(0, -1).find((line) => pattern.test(line));
        if (found === undefined && this.exit) {
          throw new Error(`ended (${JSON.stringify(this.exit)}) before a line like ${pattern}:\n${this.log}`);
        }
        return found;
      },
      patience,
    ).catch((error) => {
      throw new Error(`${error.message}\nthe log now:\n${this.log.slice(mark)}`);
    });
  }
  signal(name) {
    this.child.kill(name);
  }
  async stop(signal = "SIGTERM") {
    if (!this.exit) this.child.kill(signal);
    return this.ended;
  }
}

// What starts a daemon with these options: program and arguments.
export function daemonCommand(options, launcher = process.env.CREDGATE_LAUNCHER ?? "") {
  const command = [credgate, "serve", ...options];
  if (launcher !== "") command.unshift(launcher);
  return [command[0], command.slice(1)];
}

// Runs a program to its end, which must come by itself.
export async function run(file, args, { input = "", patience = kPatience, ...options } = {}) {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  living.add(child);
  const out = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => (out[stream] += text));
  }
  child.stdin.on("error", () => {}); // it may end without reading
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${file} ${args.join(" ")} did not end within ${patience} ms:\n${out.stderr}`));
    }, patience);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      living.delete(child);
      resolve({ code, signal, ...out });
    });
  });
}

// ------------------------------------------------------------------------------------- the setup

// What `credgate init` makes, started. One account APP with JetStream.
export class Gate {
  // xkey: false takes sealing out of both configurations. server: text for nats-server.conf.
  // host: where nats-server listens. start: false leaves both programs to the test.
  // timeout: seconds that the server waits for an answer.
  // mode: "operator" has accounts that are JWTs. sentinel: clients show its JWT; where it is false the
  // server takes it as shown. cheapPasswords: false hashes at the cost that is usual; the tests run beside
  // each other, and what a hash costs is not their affair. admins: with the three that init makes.
  // metrics: served, and probes made; their address is gate.metrics. throttle: that of the configuration.
  static async make(
    t,
    { xkey = true, server = "", host = "127.0.0.1", start = true, timeout = 5, mode = "config", sentinel = true, cheapPasswords = true, admins = false, metrics = false, throttle } = {},
  ) {
    const gate = new Gate();
    gate.host = host;
    gate.dir = path.join(temporaryDirectory(), "gate");
    gate.port = await freePort(host);
    const at = `${host.includes(":") ? `[${host}]` : host}:${gate.port}`;
    gate.url = `nats://${at}`;
    gate.config = path.join(gate.dir, "credgate.conf");
    gate.serverConfig = path.join(gate.dir, "nats-server.conf");
    gate.daemons = [];
    t.after(() => gate.end());

    const made = await run(credgate, ["init", "--mode", mode, "--dir", gate.dir, "--listen", at, "--json", ...(admins ? [] : ["--no-admins"])]);
    assert.equal(made.code, 0, made.stderr);
    gate.init = JSON.parse(made.stdout);
    if (mode === "operator" && sentinel) gate.sentinel = gate.init.sentinel_creds;
    if (mode === "operator" && !sentinel) {
      gate.editServerConfig((text) => text.replace("# default_sentinel:", "default_sentinel:"));
    }
    if (cheapPasswords) {
      gate.editConfig((text) => text.replace('"master_key"', '"passwords": { "memory": "8MiB", "iterations": 1 },\n  "master_key"'));
    }
    if (metrics) gate.metrics = `127.0.0.1:${await freePort()}`;
    gate.editConfig((text) => text.replace('"master_key"', `"metrics": { "listen": "${gate.metrics ?? "off"}" },\n  "master_key"`));
    if (throttle !== undefined) gate.editConfig((text) => text.replace('"master_key"', `"throttle": ${JSON.stringify(throttle)},\n  "master_key"`));
    if (!xkey) {
      gate.editConfig((text) => text.replace(/, "xkey": "xkey\.nk"/, ""));
      gate.editServerConfig((text) => text.replace(/^ *xkey: .*\n/m, ""));
    }
    gate.editServerConfig((text) => `${text.replace("timeout: 5", `timeout: ${timeout}`)}\n${server}\n`);
    if (start) {
      await gate.startServer();
      await gate.startGateway();
    }
    return gate;
  }

  async end() {
    for (const daemon of this.daemons) await daemon.stop(daemon.mayLeak ? "SIGTERM" : "SIGKILL");
    // A sanitizer's finding may come from a thread that nobody waits for.
    for (const { log } of this.daemons) assert.doesNotMatch(log, /(Address|Leak|Thread)Sanitizer|runtime error:/);
    const dir = path.dirname(this.dir);
    fs.rmSync(dir, { recursive: true, force: true });
    directories.delete(dir);
  }

  editConfig(edit) {
    this.#edit(this.config, edit);
  }
  editServerConfig(edit) {
    this.#edit(this.serverConfig, edit);
  }
  #edit(file, edit) {
    fs.writeFileSync(file, edit(fs.readFileSync(file, "utf8")));
  }
  serverText() {
    return fs.readFileSync(this.serverConfig, "utf8");
  }
  store(file) {
    return path.join(this.dir, "store", file);
  }

  #keep(daemon) {
    this.daemons.push(daemon);
    return daemon;
  }
  async startServer() {
    this.server = this.#keep(new Daemon(natsServer, ["-c", this.serverConfig]));
    await this.server.line(/Server is ready/);
    return this.server;
  }
  // Does not wait until it is connected.
  spawnGateway({ launcher, ...options } = {}) {
    this.gateway = this.#keep(new Daemon(...daemonCommand(["--config", this.config], launcher), options));
    this.gateway.mayLeak = process.env.ASAN_OPTIONS !== undefined;
    return this.gateway;
  }
  async startGateway(options = {}) {
    const gateway = this.spawnGateway(options);
    await gateway.line(/event=connected/);
    return gateway;
  }

  // A command; `json` is its parsed standard output where that is JSON.
  async command(...args) {
    const done = await run(credgate, [...args, "--config", this.config]);
    try {
      done.json = JSON.parse(done.stdout);
    } catch {
      done.json = undefined;
    }
    return done;
  }
  // The same, which must succeed.
  async do(...args) {
    const done = await this.command(...args);
    assert.equal(done.code, 0, `credgate ${args.join(" ")}: ${done.stderr}`);
    return done;
  }
  // { id, name, secret | seed | token | creds, user, inbox, publicKey }
  async create(name, ...args) {
    const { json } = await this.do("create", name, ...args, "--json");
    return {
      id: json.credential.id,
      name,
      user: json.credential.kind === "password" ? json.login : undefined,
      secret: json.secret,
      seed: json.seed,
      token: json.token,
      creds: json.creds,
      publicKey: json.credential.secrets[0].login,
      inbox: json.inbox_prefix,
    };
  }

  // A connection of the JavaScript client, which whoever asks for it closes. `who` is what create()
  // gave, or the client's own options; options.url may name the WebSocket port.
  async dial(who, { url = this.url, ...options } = {}) {
    const connect = String(url).startsWith("ws:") ? wsconnect : connectTcp;
    return connect({ servers: url, reconnect: false, ...this.#asOptions(who), ...options });
  }
  // The same, closed at the test's end.
  async connect(t, who, options) {
    const connection = await this.dial(who, options);
    t.after(() => connection.close());
    return connection;
  }
  // Fails unless `who` is let in.
  async admitted(who, options) {
    const connection = await this.dial(who, options);
    await connection.flush();
    await connection.close();
  }
  // Fails unless the server refuses `who` with an authorization error.
  async refused(who, options, how = /Authorization/) {
    const connection = await this.dial(who, options).catch((error) => {
      assert.match(`${error.name}: ${error.message}`, how, "another error than expected");
    });
    if (connection === undefined) return;
    await connection.close();
    assert.fail(`${who.name ?? JSON.stringify(who)} was let in`);
  }
  // ... and the gateway's log says why.
  async denied(who, reason, options) {
    const mark = this.gateway.log.length;
    // Just after a change, what is still being asked about may be closed before it is answered.
    await this.refused(who, options, /Authorization|^ConnectionError: connection refused$|EPIPE|ECONNRESET/);
    return this.gateway.line(new RegExp(`event=denied reason="${reason}"`), mark, kLogPatience);
  }

  // tests/client: { code, line, lines }
  async client(who, ...words) {
    const args = ["--url", this.url];
    const file = (name, text) => {
      const path_ = path.join(this.dir, name);
      fs.writeFileSync(path_, text, { mode: 0o600 });
      return path_;
    };
    if (who.secret !== undefined) args.push("--user", who.user ?? who.id, "--pass", who.secret);
    if (who.token !== undefined) args.push("--token", who.token);
    if (who.seed !== undefined) {
      args.push("--nkey", who.publicKey, "--nkey-seed", file(`${who.id}.nk`, who.seed));
    }
    if (who.creds !== undefined) args.push("--creds", file(`${who.id}.creds`, who.creds));
    else if (this.sentinel !== undefined) args.push("--creds", this.sentinel);
    if (who.inbox !== undefined) args.push("--inbox-prefix", who.inbox);
    let done = await run(natsClient, [...args, ...words]);
    // The server closes right after its refusal; a reset may take that along.
    if (/Expected 'PONG', got ''/.test(done.stdout)) done = await run(natsClient, [...args, ...words]);
    const lines = done.stdout.split("\n").filter(Boolean);
    return { ...done, lines, line: lines.at(-1) };
  }

  // What create() gave, or the client's own options.
  #asOptions(who) {
    if (who.id === undefined) return who;
    const authenticator = proof(who);
    const ticket = this.sentinel !== undefined && who.creds === undefined;
    // The later one's nkey and signature stand, where both have them.
    return { inboxPrefix: who.inbox, authenticator: ticket ? [jwtAuthenticator(jwtIn(this.sentinel)), authenticator] : authenticator };
  }
}

function proof(who) {
  if (who.seed !== undefined) return nkeyAuthenticator(new TextEncoder().encode(who.seed));
  if (who.creds !== undefined) return credsAuthenticator(new TextEncoder().encode(who.creds));
  if (who.token !== undefined) return tokenAuthenticator(who.token);
  return usernamePasswordAuthenticator(who.user ?? who.id, who.secret);
}

// The user JWT in a credentials file.
export function jwtIn(file) {
  return /-----BEGIN NATS USER JWT-----\s+(\S+)/.exec(fs.readFileSync(file, "utf8"))[1];
}

// ------------------------------------------------------------------------------ what a client sees

// What the server refuses on this connection is kept in the array that is returned.
export function violations(connection) {
  const errors = [];
  (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error") errors.push(status.error.message);
    }
  })();
  return errors;
}

// The server's permission errors that `act` meets with; they come before the answer to a flush.
export async function refusals(connection, act) {
  const errors = violations(connection);
  await act();
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
  return errors;
}

export async function assertMayPublish(connection, subject) {
  assert.deepEqual(await refusals(connection, () => connection.publish(subject)), []);
}

export async function assertMayNotPublish(connection, subject) {
  const errors = await refusals(connection, () => connection.publish(subject));
  assert.equal(errors.length, 1, `publishing to ${subject} was not refused`);
  assert.match(errors[0], /Permissions Violation for Publish/i);
}

export async function assertMayNotSubscribe(connection, subject) {
  const errors = await refusals(connection, () => connection.subscribe(subject, { callback() {} }));
  assert.equal(errors.length, 1, `subscribing to ${subject} was not refused`);
  assert.match(errors[0], /Permissions Violation for Subscription/i);
}

// A connection without a client library: what no library would send can be sent. Gives the lines
// that came back until the answer to a PING, or until the server closed.
export async function rawConnect(gate, connectOptions, { localAddress } = {}) {
  const socket = net.connect({ port: gate.port, host: gate.host, localAddress });
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => (text += data));
  const closed = new Promise((resolve) => socket.once("close", resolve).on("error", () => {}));
  let open = true;
  closed.then(() => (open = false));
  await until("INFO", () => text.includes("\r\n"));
  const info = JSON.parse(text.split("\r\n")[0].slice("INFO ".length));
  const options = typeof connectOptions === "function" ? connectOptions(info) : connectOptions;
  const connect = { verbose: false, pedantic: false, lang: "raw", version: "0", protocol: 1, ...options };
  socket.write(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`);
  await until("an answer to CONNECT", () => !open || /PONG|-ERR/.test(text));
  socket.destroy();
  await closed;
  return text.split("\r\n").filter((line) => line !== "" && !line.startsWith("INFO "));
}

const look = async (server, what) => (await fetch(`${server.monitoring}/${what}`)).json();

// A gateway that may be connected to any of `through`, and is heard of by all of `servers`.
export async function serveCluster(gate, servers, through = servers) {
  gate.editConfig((config) => config.replace(/"url": "[^"]*"/, `"url": ${JSON.stringify(through.map(({ url }) => url))}`));
  await gate.startGateway();
  await gate.gateway.line(/event=system_connected/);
  for (const server of servers) {
    await until("a server knows of a gateway", async () => {
      const known = [await look(server, "connz?subs=1"), await look(server, "routez?subs=1")];
      return JSON.stringify(known).includes('"$SYS.REQ.USER.AUTH"');
    });
  }
}

// Three servers, each with the configuration that `init` wrote; JetStream is not what is tested.
export async function cluster(gate) {
  const ports = [];
  for (let i = 0; i < 3; i++) ports.push([await freePort(), await freePort(), await freePort()]);
  const routes = ports.map(([, route]) => `"nats://127.0.0.1:${route}"`).join(", ");
  const base = gate.serverText().replace(/^jetstream .*$/m, "").replace(" jetstream: enabled ", "");
  const servers = ports.map(([port, route, monitoring], i) => {
    const config = path.join(gate.dir, `server-${i}.conf`);
    fs.writeFileSync(config, `${base.replace(/^listen: .*$/m, `listen: "127.0.0.1:${port}"`)}
server_name: s${i}
http: "127.0.0.1:${monitoring}"
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
cluster { name: c, listen: "127.0.0.1:${route}", routes: [ ${routes} ] }
`);
    return { config, url: `nats://127.0.0.1:${port}`, monitoring: `http://127.0.0.1:${monitoring}` };
  });
  for (const server of servers) {
    server.start = async () => {
      server.daemon = new Daemon(natsServer, ["-c", server.config]);
      gate.daemons.push(server.daemon);
      await server.daemon.line(/Server is ready/);
    };
    await server.start();
  }
  for (const server of servers) {
    await until("the cluster is whole", async () => {
      const { routes } = await look(server, "routez");
      return new Set(routes.map((route) => route.remote_name)).size === 2;
    });
  }
  return servers;
}
