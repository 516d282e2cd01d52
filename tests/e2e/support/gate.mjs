// A real nats-server and a real credgate on loopback ports, in a directory of their own.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { dial, runClient } from "./clients.mjs";
import { removeDirectory, temporaryDirectory } from "./lifetime.mjs";
import { freePort } from "./ports.mjs";
import { Daemon, daemonCommand, run } from "./processes.mjs";
import { credgate, natsServer } from "./programs.mjs";

// The log line of a decision comes just after its answer.
const kLogPatience = 5_000;

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
    if (mode === "operator") {
      // Not what a nats-server in PATH has.
      gate.editServerConfig((text) => text.replace(/^(# )?default_sentinel:/m, sentinel ? "# default_sentinel:" : "default_sentinel:"));
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
    removeDirectory(path.dirname(this.dir));
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
    return dial(who, { url, sentinel: this.sentinel, ...options });
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
    return runClient(who, words, this);
  }
}
