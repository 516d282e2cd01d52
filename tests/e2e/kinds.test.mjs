// The tables of doc/credentials.md, cell by cell: each row and column is run as it is written there.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import WebSocket from "ws";
import { certificates } from "./support/certificates.mjs";
import { jwtIn } from "./support/clients.mjs";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { freePort } from "./support/ports.mjs";
import { Daemon, run } from "./support/processes.mjs";
import { natsServer, vectors } from "./support/programs.mjs";
import { createUser } from "@nats-io/nkeys";
import { wsconnect } from "@nats-io/nats-core";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kAnyType = ["--connection-types", "STANDARD,WEBSOCKET,MQTT,LEAFNODE"];
const bytes = (string) => new TextEncoder().encode(string);

// ------------------------------------------------------------------------------- the documentation

function table(heading) {
  const doc = fs.readFileSync(path.join(vectors, "../../doc/credentials.md"), "utf8");
  const section = doc.split(`## ${heading}\n`)[1].split("\n## ")[0];
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  const [head, , ...rows] = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim().replace(/[¹²³⁴⁵⁶⁷⁸]/g, "")));
  assert.ok(rows.length >= 6, heading);
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

// ------------------------------------------------------------------------------------- the kinds

const kAlter = {
  key: (who) => ({ ...who, secret: "A".repeat(40) }),
  password: (who) => ({ ...who, secret: `${who.secret}x` }),
  token: (who) => ({ ...who, token: `${who.token.slice(0, -1)}${who.token.endsWith("A") ? "B" : "A"}` }),
  // The right public key, and another's signature.
  nkey: (who) => ({ ...who, seed: undefined, forged: who.publicKey }),
  creds: (who) => ({ ...who, creds: undefined, forged: who.publicKey, jwt: jwtOf(who) }),
  cert: (who) => ({ ...who, certificate: "other" }),
};

function jwtOf(who) {
  return /-----BEGIN NATS USER JWT-----\s+(\S+)/.exec(who.creds)[1];
}

async function create(gate, kind, name, ...more) {
  const proof = { cert: ["--cert", gate.certificates?.file("client.pem")] }[kind] ?? [];
  const who = await gate.create(name, "--kind", kind, ...proof, ...kTraffic, ...more);
  if (kind === "cert") who.certificate = "client";
  return who;
}

// What the JavaScript client is given beside what Gate makes of `who`.
function options(gate, who) {
  const given = {};
  if (gate.certificates !== undefined) given.tls = gate.certificates.options(who.certificate ?? "gateway");
  if (who.certificate !== undefined) {
    given.authenticator = gate.sentinel === undefined ? [] : () => ({ jwt: jwtIn(gate.sentinel) });
  }
  if (who.forged !== undefined) {
    const stranger = createUser();
    given.authenticator = (nonce) => ({
      jwt: who.jwt ?? (gate.sentinel === undefined ? undefined : jwtIn(gate.sentinel)),
      nkey: who.forged,
      sig: Buffer.from(stranger.sign(bytes(nonce))).toString("base64url"),
    });
  }
  return given;
}

async function expectCell(gate, who, cell) {
  const given = options(gate, who);
  if (cell === "yes") return gate.admitted(who, given);
  if (cell === "no answer") return gate.refused(who, { ...given, timeout: 10_000 });
  return gate.denied(who, cell, given);
}

// nats.c has no way to forge; it cannot tell its nkey beside a sentinel, nor its user JWT's nkey.
function natsCCan(kind, mode, who) {
  if (who.forged !== undefined) return false;
  if (kind === "creds") return mode === "operator";
  return !(kind === "nkey" && mode === "operator");
}

async function expectCellOfC(gate, who, cell) {
  const tls = options(gate, who).tls;
  const words = tls === undefined ? [] : ["--tls-ca", tls.caFile, "--tls-cert", tls.certFile, "--tls-key", tls.keyFile];
  const done = await gate.client(who, ...words, "connect");
  assert.equal(done.code, cell === "yes" ? 0 : 1, `${done.line} ${done.stderr}`);
}

async function gateFor(t, kind, mode) {
  const made = kind === "cert" ? certificates() : undefined;
  const server = made === undefined ? "" : `tls ${made.server(true)}`;
  // One cell is the server's own timeout.
  const timeout = kind === "creds" ? 2 : 5;
  const gate = await Gate.make(t, { mode, server, timeout, start: false });
  if (made !== undefined) {
    const tls = made.options("gateway");
    gate.certificates = made;
    gate.url = gate.url.replace("nats:", "tls:");
    gate.editConfig((config) => config.replace(/"url": "nats:\/\/([^"]+)"/,
      `"url": "tls://$1", "ca_file": "${tls.caFile}", "cert_file": "${tls.certFile}", "key_file": "${tls.keyFile}"`));
  }
  await gate.startServer();
  await gate.startGateway();
  return gate;
}

test("kinds and modes", { concurrency: 3 }, async (t) => {
  const rows = table("Kinds and modes");
  await Promise.all(rows.map((row) => t.test(`${row.kind} in ${row.mode} mode`, async (t) => {
    const { kind } = row;
    const mode = row.mode === "operator" ? "operator" : "config";
    const gate = await gateFor(t, kind, mode);
    const cell = async (column, who) => {
      await t.test(`${column}: ${row[column]}`, () => expectCell(gate, who, row[column]));
      if (!natsCCan(kind, mode, who)) return;
      await t.test(`${column}, nats.c: ${row[column]}`, () => expectCellOfC(gate, who, row[column]));
    };
    const who = await create(gate, kind, "good");
    await cell("good", who);
    await cell("wrong proof", kAlter[kind](who));
    await cell("good", who); // a wrong proof spoils nothing
    await gate.do("suspend", "good");
    await cell("suspended", who);
    await gate.do("resume", "good");
    await cell("good", who);
    await gate.do("update", "good", "--expires", "2020-01-01");
    await cell("expired", who);
    await gate.do("update", "good", "--expires", "never");
    await gate.do("revoke", "good", "--yes");
    await cell("revoked", who);
  })));
});

// -------------------------------------------------------------------------------- the transports

// Each gives whether `who` was let in.
const kTransports = {
  async TCP(gates, who) {
    return letIn(gates.plain, who, {});
  },
  async TLS(gates, who) {
    return letIn(gates.tls, who, options(gates.tls, who));
  },
  async WebSocket(gates, who) {
    if (who.certificate === undefined) return letIn(gates.plain, who, { url: `ws://127.0.0.1:${gates.ports.ws}` });
    const { tls } = options(gates.tls, who);
    const read = (file) => fs.readFileSync(file);
    const wsFactory = (url) => Promise.resolve({
      socket: new WebSocket(url, { ca: read(tls.caFile), cert: read(tls.certFile), key: read(tls.keyFile) }),
      encrypted: true,
    });
    return letIn({ dial: () => wsconnect({ servers: `wss://127.0.0.1:${gates.ports.wss}`, wsFactory, reconnect: false }) }, who);
  },
  async MQTT(gates, who) {
    const args = ["-h", "127.0.0.1", "-t", "orders/mqtt", "-m", "hello", "-q", "1", "-i", `device-${who.id}`];
    if (who.certificate !== undefined) {
      const { tls } = options(gates.tls, who);
      args.push("-p", gates.ports.mqtts, "--cafile", tls.caFile, "--cert", tls.certFile, "--key", tls.keyFile);
    } else {
      args.push("-p", gates.ports.mqtt);
      if (who.token !== undefined) args.push("-u", who.token);
      else if (who.secret !== undefined) args.push("-u", who.user ?? who.id, "-P", who.secret);
      else args.push("-u", who.publicKey, "-P", who.seed ?? jwtOf(who));
    }
    const done = await run("mosquitto_pub", args.map(String));
    assert.ok(done.code === 0 || /not authorised/i.test(done.stderr), done.stderr);
    return done.code === 0;
  },
  // A second nats-server, which logs in with it.
  async leafnode(gates, who) {
    const dir = temporaryDirectory();
    const file = (name, content) => {
      fs.writeFileSync(path.join(dir, name), content, { mode: 0o600 });
      return path.join(dir, name);
    };
    let [login, more, port] = ["", "", gates.ports.leaf];
    if (who.certificate !== undefined) {
      const { tls } = options(gates.tls, who);
      port = gates.ports.leafs;
      more = `, tls { ca_file: "${tls.caFile}", cert_file: "${tls.certFile}", key_file: "${tls.keyFile}" }`;
    } else if (who.token !== undefined) login = `${who.token}@`;
    else if (who.secret !== undefined) login = `${who.user ?? who.id}:${who.secret}@`;
    else if (who.seed !== undefined) more = `, nkey: "${who.seed}"`;
    else more = `, credentials: "${file("leaf.creds", who.creds)}"`;
    const scheme = who.certificate === undefined ? "nats-leaf" : "tls";
    const config = file("leaf.conf",
      `listen: "127.0.0.1:${await freePort()}"\nserver_name: leaf\nleafnodes { remotes: [ { url: "${scheme}://${login}127.0.0.1:${port}"${more} } ] }\n`);
    const leaf = new Daemon(natsServer, ["-D", "-c", config]);
    try {
      const line = await leaf.line(/Leafnode connection created for account|Authorization Violation|authentication error/i);
      if (/Authorization|authentication/i.test(line)) return false;
      // A refused one is created too, and closed a moment later.
      return await Promise.race([
        gates.of(who).gateway.line(/event=granted .*type="leafnode"/, gates.mark).then(() => true),
        leaf.line(/Authorization Violation/i).then(() => false),
      ]);
    } finally {
      await leaf.stop("SIGKILL");
    }
  },
};

async function letIn(gate, who, given) {
  try {
    const connection = await gate.dial(who, given);
    await connection.flush();
    await connection.close();
    return true;
  } catch (error) {
    assert.match(`${error.name}: ${error.message}`, /Authorization/, "another error than expected");
    return false;
  }
}

test("kinds and transports", async (t) => {
  const ports = {};
  for (const name of ["ws", "mqtt", "leaf", "wss", "mqtts", "leafs"]) ports[name] = await freePort();
  const plain = await Gate.make(t, {
    server: `server_name: plain
websocket { listen: "127.0.0.1:${ports.ws}", no_tls: true }
mqtt { listen: "127.0.0.1:${ports.mqtt}" }
leafnodes { listen: "127.0.0.1:${ports.leaf}" }`,
  });
  const made = certificates();
  const tls = await Gate.make(t, { start: false, server: `server_name: guarded
tls ${made.server(true)}
websocket { listen: "127.0.0.1:${ports.wss}", tls ${made.server(true)} }
mqtt { listen: "127.0.0.1:${ports.mqtts}", tls ${made.server(true)} }
leafnodes { listen: "127.0.0.1:${ports.leafs}", tls ${made.server(true)} }` });
  tls.certificates = made;
  tls.url = tls.url.replace("nats:", "tls:");
  const own = made.options("gateway");
  tls.editConfig((config) => config.replace(/"url": "nats:\/\/([^"]+)"/,
    `"url": "tls://$1", "ca_file": "${own.caFile}", "cert_file": "${own.certFile}", "key_file": "${own.keyFile}"`));
  await tls.startServer();
  await tls.startGateway();

  const gates = { plain, tls, ports, of: (who) => (who.certificate === undefined ? plain : tls) };
  for (const row of table("Kinds and transports")) {
    const here = row.kind === "cert" ? undefined : await create(plain, row.kind, `${row.kind}-plain`, ...kAnyType);
    const there = await create(tls, row.kind, `${row.kind}-tls`, ...kAnyType);
    for (const transport of Object.keys(kTransports)) {
      const who = row.kind === "cert" || transport === "TLS" ? there : here;
      await t.test(`${row.kind} over ${transport}: ${row[transport]}`, async () => {
        if (row.kind === "cert" && transport === "TCP") {
          // Without TLS there is nothing to present.
          return assert.equal(await letIn(plain, { name: "nobody" }, {}), row[transport] === "yes");
        }
        gates.mark = gates.of(who).gateway.log.length;
        assert.equal(await kTransports[transport](gates, who), row[transport] === "yes");
      });
    }
  }

  await t.test("a certificate that signs others is registered with a warning, a client's without", async () => {
    const register = (name, pem) => tls.do("create", name, "--kind", "cert", "--cert", made.file(pem), ...kTraffic);
    assert.match((await register("authority", "ca.pem")).stderr, /^warning: this certificate is one that signs others \(CA:TRUE\)/m);
    assert.doesNotMatch((await register("leaf", "other.pem")).stderr, /signs others/);
  });

  await t.test("mosquitto_sub gets what mosquitto_pub sends, and nothing that it may not", async () => {
    const reader = await plain.create("mqtt-reader", "--receive", "--subjects", "orders,orders.>");
    const writer = await plain.create("mqtt-writer", "--publish", "--subjects", "orders.>,audit.>");
    const args = (who, ...more) => ["-h", "127.0.0.1", "-p", `${ports.mqtt}`, "-i", who.name, "-u", who.id, "-P", who.secret, ...more];
    const publish = async (topic, text) => {
      const done = await run("mosquitto_pub", args(writer, "-q", "1", "-t", topic, "-m", text));
      assert.equal(done.code, 0, done.stderr);
    };
    const subscriber = new Daemon("stdbuf", ["-oL", "mosquitto_sub", ...args(reader, "-d", "-q", "0", "-t", "orders/#", "-t", "audit/#")],
      { stdio: ["ignore", "pipe", "pipe"] });
    try {
      await subscriber.line(/Subscribed|SUBACK/);
      await publish("audit/mqtt", "not for the reader");
      await publish("orders/mqtt", "for the reader");
      await subscriber.line(/^for the reader$/m);
      assert.doesNotMatch(subscriber.log, /not for the reader/);
    } finally {
      await subscriber.stop("SIGKILL");
    }
  });

  await t.test("a wrong secret is refused over each transport", async () => {
    const who = kAlter.key(await create(plain, "key", "guesser", ...kAnyType));
    for (const transport of ["TCP", "WebSocket", "MQTT", "leafnode"]) {
      gates.mark = plain.gateway.log.length;
      assert.equal(await kTransports[transport](gates, who), false, transport);
    }
  });
});
