// The pages of doc/ and a machine on which their commands can be run as they stand: /etc/credgate,
// /etc/nats and the like are directories of the test, and systemctl and journalctl in PATH act on
// processes of the test.

import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import test from "node:test";
import { Gate } from "./gate.mjs";
import { temporaryDirectory } from "./lifetime.mjs";
import { freePort } from "./ports.mjs";
import { Daemon, run } from "./processes.mjs";
import { credgate, natsServer, root } from "./programs.mjs";
import { until } from "./waiting.mjs";

const kPatience = 60_000;
const kTests = "tests/e2e/docs*.test.mjs";

// ------------------------------------------------------------------------------------------ pages

// A page's fenced blocks, in order. Those of ```sh are for `next`; each must be taken.
export class Page {
  constructor(name) {
    this.name = name;
    this.blocks = [];
    let open;
    let heading = "";
    fs.readFileSync(path.join(root, "doc", name), "utf8").split("\n").forEach((line, i) => {
      const fence = /^( *)```(\w*)$/.exec(line);
      if (open === undefined && fence) open = { kind: fence[2], indent: fence[1].length, heading, line: i + 1, lines: [] };
      else if (fence) {
        this.blocks.push({ ...open, text: open.lines.join("\n") });
        open = undefined;
      } else if (open !== undefined) open.lines.push(line.slice(open.indent));
      else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
    });
    assert.equal(open, undefined, `doc/${name}: a block without an end`);
    for (const { kind, line } of this.blocks) {
      assert.match(kind, /^(sh|text)$/, `doc/${name}:${line}: a block must be \`\`\`sh, which is run, or \`\`\`text`);
    }
  }
  // The part under a heading, which is another page.
  under(heading) {
    const part = Object.assign(Object.create(Page.prototype), { name: this.name, blocks: this.blocks.filter((block) => block.heading === heading) });
    assert.notEqual(part.blocks.length, 0, `doc/${this.name} has no block under "${heading}"`);
    this.blocks = this.blocks.filter((block) => block.heading !== heading);
    return part;
  }
  // The next block of commands, of which the first begins so.
  next(beginning) {
    const at = this.blocks.findIndex(({ kind }) => kind === "sh");
    assert.notEqual(at, -1, `doc/${this.name} has no block that begins with "${beginning}"`);
    const { text, line } = this.blocks.splice(at, 1)[0];
    assert.ok(text.startsWith(beginning),
      `doc/${this.name}:${line}: a block that ${kTests} does not know; it expects one that begins with "${beginning}":\n${text}`);
    return { text, where: `doc/${this.name}:${line}` };
  }
  // The text of the next block that is shown, not run.
  shown() {
    const at = this.blocks.findIndex(({ kind }) => kind === "text");
    return this.blocks.splice(at, 1)[0].text;
  }
  end() {
    const left = this.blocks.find(({ kind }) => kind === "sh");
    assert.ok(left === undefined, `doc/${this.name}:${left?.line}: a block that ${kTests} does not know:\n${left?.text}`);
  }
}

// ----------------------------------------------------------------------------------------- machine

const kShim = `#!/usr/bin/env node
const request = require("http").request({ socketPath: process.env.SERVICES, method: "POST" }, (response) => {
  let text = "";
  response.on("data", (data) => (text += data)).on("end", () => {
    const { code, stdout = "", stderr = "" } = JSON.parse(text);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = code;
  });
});
const words = [require("path").basename(process.argv[1]), ...process.argv.slice(2)];
request.end(JSON.stringify({ words, node: process.env.NODE_NUMBER }));
`;

export class Machine {
  // servers: how many nats-servers there are, each with an /etc/nats of its own.
  static async make(t, { servers = 1 } = {}) {
    const machine = new Machine();
    machine.dir = temporaryDirectory();
    machine.etc = path.join(machine.dir, "credgate");
    machine.gatewayEnvironment = {};
    machine.services = new Map(); // unit → Daemon
    machine.journal = new Map(); // unit → the Daemons that it was
    machine.metrics = `127.0.0.1:${await freePort()}`;
    machine.nodes = [];
    for (let i = 1; i <= servers; i++) {
      const etc = path.join(machine.dir, `nats-${i}`);
      fs.mkdirSync(etc);
      const [port, route, monitoring] = [await freePort(), await freePort(), await freePort()];
      machine.nodes.push({ etc, config: path.join(etc, "nats-server.conf"), port, route, monitoring,
        url: `nats://127.0.0.1:${port}`, unit: `nats-server ${i}` });
    }
    machine.url = machine.nodes[0].url;
    machine.urls = machine.nodes.map(({ url }) => url);
    for (const name of ["backups", "root"]) fs.mkdirSync(path.join(machine.dir, name));
    machine.#makeShims();
    await machine.#listen();
    t.after(() => machine.end());
    return machine;
  }

  // ... with what `credgate init` made, and both programs started.
  static async ready(t, { edit = (text) => text } = {}) {
    const machine = await Machine.make(t);
    await machine.sh(`credgate init --listen 127.0.0.1:4222; cp /etc/credgate/nats-server.conf /etc/nats/`);
    fs.appendFileSync(machine.nodes[0].config, kHaste);
    fs.writeFileSync(machine.config, edit(fs.readFileSync(machine.config, "utf8")));
    await machine.sh("systemctl start nats-server; systemctl start credgate");
    await machine.gateway.line(/event=ready/);
    return machine;
  }

  get config() {
    return path.join(this.etc, "credgate.conf");
  }
  get gateway() {
    return this.services.get("credgate");
  }
  // Lines of all daemons that the unit was.
  log(unit) {
    return (this.journal.get(unit) ?? []).map(({ log }) => log).join("");
  }

  #makeShims() {
    this.bin = path.join(this.dir, "bin");
    fs.mkdirSync(this.bin);
    const write = (name, text) => fs.writeFileSync(path.join(this.bin, name), text, { mode: 0o755 });
    for (const name of ["systemctl", "journalctl"]) write(name, kShim);
    fs.symlinkSync(natsServer, path.join(this.bin, "nats-server"));
    // Without --dir, init makes /etc/credgate. A port of the test, and passwords that cost little.
    write("credgate", `#!/bin/bash
[[ \${1-} == init && " $* " != *" --dir "* ]] || exec ${credgate} "$@"
${credgate} "$@" --dir ${this.etc} || exit
sed -i 's|"master_key"|"metrics": { "listen": "${this.metrics}" },\\n  "passwords": { "memory": "8MiB", "iterations": 1 },\\n  &|' ${this.config}
`);
  }

  async #listen() {
    this.socket = path.join(this.dir, "services");
    this.http = http.createServer((request, response) => {
      let text = "";
      request.on("data", (data) => (text += data)).on("end", async () => {
        const { words, node } = JSON.parse(text);
        const done = await this.#serve(words, node).catch((error) => ({ code: 1, stderr: `${error.message}\n` }));
        response.end(JSON.stringify(done));
      });
    });
    await new Promise((resolve) => this.http.listen(this.socket, resolve));
  }

  async #serve([program, ...words], node) {
    const options = words.filter((word) => word.startsWith("-"));
    const [verb, unit] = program === "journalctl" ? ["journal", words[words.indexOf("-u") + 1]] : words.filter((word) => !options.includes(word));
    assert.match(unit ?? "", /^(credgate|nats-server)$/, `${program} ${words.join(" ")}: the test has no such unit`);
    const key = unit === "credgate" ? unit : `${unit} ${node}`;
    if (verb === "journal") return { code: 0, stdout: this.log(key) };
    const running = () => this.services.get(key)?.exit === null;
    const acts = {
      start: () => running() || this.#start(key),
      stop: () => running() && this.services.get(key).stop(unit === "credgate" ? "SIGTERM" : "SIGUSR2"),
      restart: async () => {
        await acts.stop();
        await acts.start();
      },
      reload: async () => {
        const daemon = this.services.get(key);
        const mark = daemon.log.length;
        daemon.signal("SIGHUP");
        await daemon.line(unit === "credgate" ? /event=reloaded/ : /Reloaded server configuration/, mark);
      },
      status: () => {},
      enable: () => options.includes("--now") && acts.start(),
    };
    assert.ok(verb in acts, `systemctl ${verb}: the test does not know it`);
    await acts[verb]();
    if (verb !== "status") return { code: 0 };
    return { code: running() ? 0 : 3, stdout: `Active: ${running() ? "active (running)" : "inactive (dead)"}\n` };
  }

  async #start(key) {
    const node = this.nodes.find(({ unit }) => unit === key);
    const daemon = node === undefined
      ? new Daemon(credgate, ["serve"], { env: { ...this.environment(), ...this.gatewayEnvironment } })
      : new Daemon(natsServer, ["-c", node.config]);
    this.services.set(key, daemon);
    this.journal.set(key, [...(this.journal.get(key) ?? []), daemon]);
    await daemon.line(node === undefined ? /event=journal_head|event=fault/ : /Server is ready/);
  }

  environment(node = 1) {
    return { ...process.env, PATH: `${this.bin}:${process.env.PATH}`, CREDGATE_CONFIG: this.config,
      SERVICES: this.socket, NODE_NUMBER: String(node) };
  }

  // What a page says, for this machine.
  here(text, node = 1) {
    const replaced = [
      [/\/etc\/credgate|\/var\/lib\/credgate/g, this.etc],
      [/\/etc\/nats/g, this.nodes[node - 1].etc],
      [/\/var\/backups/g, path.join(this.dir, "backups")],
      [/\/root\//g, `${path.join(this.dir, "root")}/`],
      [/127\.0\.0\.1:8422/g, this.metrics],
      [/127\.0\.0\.1:4222/g, `127.0.0.1:${this.nodes[0].port}`],
      [/nats-(\d):4222/g, (_, i) => `127.0.0.1:${this.nodes[i - 1].port}`],
      [/nats-(\d):6222/g, (_, i) => `127.0.0.1:${this.nodes[i - 1].route}`],
    ];
    return replaced.reduce((all, [from, to]) => all.replace(from, to), text);
  }

  // Runs commands as they are typed, each of which must succeed; `code` is the exit code of the last.
  async sh(commands, { node = 1, code = 0, edit = (text) => text } = {}) {
    const { text, where } = typeof commands === "string" ? { text: commands, where: "the test" } : commands;
    const done = await run("bash", ["-euo", "pipefail", "-c", this.here(edit(text), node)],
      { env: this.environment(node), patience: kPatience, cwd: path.join(this.dir, "root") });
    assert.equal(done.code, code, `${where}: exit code ${done.code}, expected ${code}\n${text}\n${done.stdout}${done.stderr}`);
    return done;
  }
  // ... again and again until `look` is content with what it printed.
  async shUntil(commands, look, options) {
    return until(`${commands.where}: ${look}`, async () => {
      const done = await this.sh(commands, options).catch((error) => error);
      if (done instanceof Error) return false;
      return look instanceof RegExp ? look.test(done.stdout + done.stderr) && done : look(done) && done;
    }, kPatience);
  }

  async readyz() {
    return fetch(`http://${this.metrics}/readyz`).then(({ status }) => status, () => 0);
  }

  async end() {
    this.http.close();
    for (const daemons of this.journal.values()) {
      for (const daemon of daemons) await daemon.stop("SIGKILL");
    }
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

// What a Gate can do as a client, at this machine's nats-servers.
export function clientsOf(machine) {
  const gate = new Gate();
  Object.assign(gate, { url: machine.url, dir: machine.dir, config: machine.config, daemons: [] });
  Object.defineProperty(gate, "gateway", { get: () => machine.gateway });
  return gate;
}

// nats-server's lame duck mode lasts two minutes otherwise.
export const kHaste = 'lame_duck_grace_period: "1s"\nlame_duck_duration: "30s"\n';

// The parts of a page under one heading each, on a machine of its own each; a few at a time, as most of
// their time is waiting. They are all that the page has.
export function testParts(whole, parts) {
  const own = parts.map((part) => ({ ...part, page: whole.under(part.heading) }));
  test(whole.name, { concurrency: 3 }, async (t) => {
    await Promise.all(own.map(({ heading, page, play, options }) => t.test(heading, async (t) => {
      const machine = await Machine.ready(t, options);
      await play({ page, machine, gate: clientsOf(machine), t });
      page.end();
    })));
    whole.end();
  });
}
