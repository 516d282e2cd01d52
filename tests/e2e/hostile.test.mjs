// The gateway against somebody who may publish whatever they like to it. nats-server denies every
// user of the callout account to publish the request's subject, so here is not an auth_callout at all:
// the gateway and an attacker share an account of a plain server, and the attacker is the server's
// part. Nothing that is not a fresh request, made by a server for us, may ever be answered.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { createAccount, createCurve, createServer, createUser, fromCurveSeed } from "@nats-io/nkeys";
import { headers } from "@nats-io/transport-node";
import { Gate } from "./support/gate.mjs";
import { vectors } from "./support/programs.mjs";
import { kPlayer, kSubject, makeServerPart } from "./support/server_part.mjs";
import { until } from "./support/waiting.mjs";

const kMaxRequestBytes = 256 * 1024;
const kHeader = { typ: "JWT", alg: "ed25519-nkey" };

function base64url(value) {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

function jwt(claims, signer, header = kHeader) {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${Buffer.from(signer.sign(Buffer.from(signed))).toString("base64url")}`;
}

function flipped(text, at) {
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

// A plain server with the gateway and the attacker in account AUTH; `who` is a good credential.
async function makeStage(t, options = {}) {
  const gate = await makeServerPart(t, options);
  options.prepare?.(gate);
  await gate.startServer();
  await gate.startGateway();
  const who = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const attacker = await gate.connect(t, kPlayer);
  return { gate, who, attacker, server: createServer(), curve: createCurve(), gatewayXkey: gate.init.xkey };
}

// The claims of a request that would be granted.
function goodClaims({ gate, who, server, curve }) {
  const now = Math.floor(Date.now() / 1000);
  const id = server.getPublicKey();
  return {
    aud: "nats-authorization-request",
    exp: now + 2,
    jti: "J",
    iat: now,
    iss: id,
    sub: gate.init.issuer,
    nats: {
      server_id: { name: "forged", host: "127.0.0.1", id, version: "2.12.0", xkey: curve.getPublicKey() },
      user_nkey: createUser().getPublicKey(),
      client_info: { host: "127.0.0.1", id: 7, user: who.id, kind: "Client", type: "nats" },
      connect_opts: { user: who.id, pass: who.secret, protocol: 1 },
      type: "authorization_request",
      version: 2,
    },
  };
}

let inboxes = 0;

// Publishes one message with an inbox of its own, and gives { inbox, answers }.
async function send({ attacker }, data, { xkey, prefix = "$SYS._INBOX.test", extra } = {}) {
  const inbox = `${prefix}.${++inboxes}`;
  const answers = [];
  attacker.subscribe(inbox, { callback: (_, message) => answers.push(message) });
  const head = headers();
  if (xkey) head.set("Nats-Server-Xkey", xkey);
  if (extra) head.append("Nats-Server-Xkey", extra);
  attacker.publish(kSubject, data, { reply: inbox, headers: xkey ? head : undefined });
  await attacker.flush();
  return { inbox, answers };
}

// The whole of a good request, which a test breaks at one place.
function goodRequest(stage, { claims = goodClaims(stage), signer = stage.server, sealTo, header } = {}) {
  const text = jwt(claims, signer, header);
  return { text, sealed: stage.curve.seal(Buffer.from(text), sealTo ?? stage.gatewayXkey) };
}

async function isAnswered(stage, data, options) {
  const mark = stage.gate.gateway.log.length;
  const { answers } = await send(stage, data, options);
  await until("an answer", () => answers.length > 0, 5_000);
  await stage.gate.gateway.line(/event=granted/, mark);
  return answers[0];
}

// Fails unless the message is dropped for `reason`, unanswered, by a daemon that lives on.
async function isDropped(stage, reason, data, options) {
  const mark = stage.gate.gateway.log.length;
  const { answers } = await send(stage, data, options);
  const line = await stage.gate.gateway.line(/event=(dropped|granted|denied|fault)/, mark, 5_000);
  assert.match(line, new RegExp(`warning event=dropped reason="${reason}"$`));
  await stage.attacker.flush();
  assert.deepEqual(answers, []);
  assert.equal(stage.gate.gateway.exit, null);
}

// One broken thing per row. `make` gives [data, options].
function rows(stage, sealed) {
  const own = { xkey: stage.curve.getPublicKey() };
  const whole = (part) => {
    const request = goodRequest(stage, part);
    return sealed ? [request.sealed, own] : [request.text];
  };
  const claimed = (edit) => {
    const claims = goodClaims(stage);
    edit(claims);
    return whole({ claims });
  };
  // Text that is not a request, sealed properly where sealing is on.
  const text = (value) => (sealed ? [stage.curve.seal(Buffer.from(value), stage.gatewayXkey), own] : [value]);
  const other = createServer();
  const now = Math.floor(Date.now() / 1000);
  const [head, body, signature] = goodRequest(stage).text.split(".");
  const common = {
    "a request signed by another server's key": ["bad_signature", () => whole({ signer: other })],
    "a request whose claims were changed": ["bad_signature", () => text(`${head}.${base64url({ ...goodClaims(stage), jti: "K" })}.${signature}`)],
    "a request whose signature was changed": ["bad_signature", () => text(`${head}.${body}.${flipped(signature, 10)}`)],
    "a request without a signature": ["(malformed|bad_signature)", () => text(`${head}.${body}.`)],
    "a request of two parts": ["malformed", () => text(`${head}.${body}`)],
    "a request of four parts": ["malformed", () => text(`${head}.${body}.${signature}.${signature}`)],
    "a request with padding": ["malformed", () => text(`${head}.${body}.${signature}=`)],
    "a request with a line feed": ["malformed", () => text(`${head}.${body}.${signature}\n`)],
    "a request of algorithm none": ["malformed", () => whole({ header: { typ: "JWT", alg: "none" } })],
    "a request of another algorithm": ["malformed", () => whole({ header: { typ: "JWT", alg: "HS256" } })],
    "a request issued by a user key": ["wrong_issuer", () => {
      const user = createUser();
      return whole({ signer: user, claims: { ...goodClaims(stage), iss: user.getPublicKey() } });
    }],
    "a request issued by an account key": ["wrong_issuer", () => {
      const account = createAccount();
      return whole({ signer: account, claims: { ...goodClaims(stage), iss: account.getPublicKey() } });
    }],
    "a request that names another server than signed it": ["wrong_issuer", () => claimed((c) => (c.nats.server_id.id = other.getPublicKey()))],
    "a request without a server": ["wrong_issuer", () => claimed((c) => delete c.nats.server_id)],
    "a request for another audience": ["wrong_audience", () => claimed((c) => (c.aud = "nats-authorization-response"))],
    "a request without an audience": ["wrong_audience", () => claimed((c) => delete c.aud)],
    "a request for another issuer": ["wrong_subject", () => claimed((c) => (c.sub = createAccount().getPublicKey()))],
    "a request for nobody": ["wrong_subject", () => claimed((c) => delete c.sub)],
    "a request of another type": ["malformed", () => claimed((c) => (c.nats.type = "user"))],
    "a request of version 1": ["malformed", () => claimed((c) => (c.nats.version = 1))],
    "a request without a user": ["malformed", () => claimed((c) => delete c.nats.user_nkey)],
    "a request for a user that is not an user key": ["malformed", () => claimed((c) => (c.nats.user_nkey = other.getPublicKey()))],
    "a request that expired a minute ago": ["expired", () => claimed((c) => (c.exp = now - 60))],
    "a request that expired in 1970": ["expired", () => claimed((c) => (c.exp = 0))],
    "a request without an end": ["malformed", () => claimed((c) => delete c.exp)],
    "a request that ends in a negative year": ["malformed", () => claimed((c) => (c.exp = -(2 ** 62)))],
    "a request that ends beyond all time": ["malformed", () => claimed((c) => (c.exp = 2 ** 62))],
    "a request whose end is text": ["malformed", () => claimed((c) => (c.exp = "tomorrow"))],
    "a request whose claims are a list": ["malformed", () => whole({ claims: [1, 2] })],
    "a request whose claims are not JSON": ["malformed", () => text(`${head}.${base64url("{")}.${signature}`)],
    "claims nested ten thousand deep": ["malformed", () => text(`${head}.${base64url("[".repeat(10_000))}.${signature}`)],
    "an empty text": [sealed ? "malformed" : "malformed", () => text("")],
    "noise": ["malformed", () => text("nonsense, and not a request")],
  };
  const plainOnly = {
    "a sealed request where nothing is sealed": ["bad_seal", () => [goodRequest(stage).sealed, own]],
    "a text above the limit": ["too_large", () => ["A".repeat(kMaxRequestBytes + 1)]],
  };
  const sealedOnly = {
    "a request that is not sealed": ["not_sealed", () => [goodRequest(stage).text]],
    "a request that is not sealed, with the header": ["not_sealed", () => [goodRequest(stage).text, own]],
    "an empty message": ["not_sealed", () => [""]],
    "a seal without a box": ["bad_seal", () => ["xkv1", own]],
    "a seal with half a nonce": ["bad_seal", () => ["xkv1AAAAAAAAAAAA", own]],
    "a seal of noise": ["bad_seal", () => [`xkv1${"A".repeat(500)}`, own]],
    "a request sealed for somebody else": ["bad_seal", () => [goodRequest(stage, { sealTo: createCurve().getPublicKey() }).sealed, own]],
    "a request sealed by another key than the header's": ["bad_seal", () => [goodRequest(stage).sealed, { xkey: createCurve().getPublicKey() }]],
    "a request sealed by another key than it names": ["bad_seal", () => claimed((c) => (c.nats.server_id.xkey = createCurve().getPublicKey()))],
    "a request that names no key": ["bad_seal", () => claimed((c) => delete c.nats.server_id.xkey)],
    "a sealed request without the header": ["bad_seal", () => [goodRequest(stage).sealed]],
    "a sealed request with the header twice": ["bad_seal", () => [goodRequest(stage).sealed, { ...own, extra: own.xkey }]],
    "a header that is not a key": ["bad_seal", () => [goodRequest(stage).sealed, { xkey: "X" }]],
    "a header with the server's identity": ["bad_seal", () => [goodRequest(stage).sealed, { xkey: stage.server.getPublicKey() }]],
    "a header with our own key": ["bad_seal", () => [goodRequest(stage).sealed, { xkey: stage.gatewayXkey }]],
    "a text above the limit": ["too_large", () => text("A".repeat(kMaxRequestBytes + 1))],
  };
  return Object.entries({ ...common, ...(sealed ? sealedOnly : plainOnly) });
}

for (const sealed of [true, false]) {
  test(`${sealed ? "sealed" : "plain"} requests by an attacker`, async (t) => {
    const stage = await makeStage(t, { xkey: sealed });
    const { gate } = stage;
    const good = () => {
      const request = goodRequest(stage);
      return sealed ? [request.sealed, { xkey: stage.curve.getPublicKey() }] : [request.text];
    };

    await t.test("a whole one is answered, or nothing below would prove anything", async () => {
      const answer = await isAnswered(stage, ...good());
      const bytes = sealed ? stage.curve.open(answer.data, stage.gatewayXkey) : answer.data;
      const claims = JSON.parse(Buffer.from(Buffer.from(bytes).toString().split(".")[1], "base64url"));
      assert.equal(claims.aud, stage.server.getPublicKey());
      assert.ok(claims.nats.jwt && !claims.nats.error);
      assert.ok(!sealed || !Buffer.from(answer.data).toString().startsWith("eyJ"), "the answer is sealed too");
    });

    for (const [what, [reason, make]] of rows(stage, sealed)) {
      await t.test(`${what} is dropped: ${reason}`, () => isDropped(stage, reason, ...make()));
    }

    for (const prefix of ["_INBOX.test", "$SYS.INBOX", "$SYS._INBOXES", "orders", "$JS.API.STREAM.DELETE", "x$SYS._INBOX"]) {
      await t.test(`a whole one with a reply subject under ${prefix} is dropped`, async () => {
        const [data, options] = good();
        await isDropped(stage, "bad_reply_subject", data, { ...options, prefix });
      });
    }

    await t.test("a whole one without a reply subject is dropped", async () => {
      const mark = gate.gateway.log.length;
      const [data, options] = good();
      const head = headers();
      if (sealed) head.set("Nats-Server-Xkey", options.xkey);
      stage.attacker.publish(kSubject, data, { headers: sealed ? head : undefined });
      await gate.gateway.line(/event=dropped reason="bad_reply_subject"/, mark, 5_000);
    });

    await t.test("no prefix of a whole one is answered, nor one with a changed byte", async () => {
      const [whole, options] = good();
      const bytes = Buffer.from(whole);
      const answers = [];
      stage.attacker.subscribe("$SYS._INBOX.part.>", { callback: (_, message) => answers.push(message.subject) });
      const mark = gate.gateway.log.length;
      const head = headers();
      if (sealed) head.set("Nats-Server-Xkey", options.xkey);
      let sent = 0;
      const publish = (data) => stage.attacker.publish(kSubject, data, { reply: `$SYS._INBOX.part.${sent++}`, headers: sealed ? head : undefined });
      for (let length = 0; length < bytes.length; length += 7) publish(bytes.subarray(0, length));
      for (let at = 0; at < bytes.length; at += 7) {
        const changed = Buffer.from(bytes);
        changed[at] ^= 0x20;
        publish(changed);
      }
      // Each has a line, or is counted in one.
      const dropped = () => [...gate.gateway.log.slice(mark).matchAll(/event=dropped|event=suppressed lines="(\d+)" of="dropped"/g)]
        .reduce((sum, [, lines = 1]) => sum + Number(lines), 0);
      await until("all of them are dropped", () => dropped() >= sent);
      await stage.attacker.flush();
      assert.deepEqual(answers, []);
      assert.equal(dropped(), sent);
    });

    await t.test("a whole one of yesterday is not answered again today", async () => {
      const claims = goodClaims(stage);
      claims.exp -= 86_400;
      claims.iat -= 86_400;
      const request = goodRequest(stage, { claims });
      await isDropped(stage, "expired", ...(sealed ? [request.sealed, good()[1]] : [request.text]));
    });

    await t.test("the attacker's secret and the drops' contents are not in the log", () => {
      assert.ok(!gate.gateway.log.includes(stage.who.secret));
      assert.ok(!gate.gateway.log.includes("eyJ"));
    });

    await t.test("afterwards it still answers, and counts what it dropped", async () => {
      await isAnswered(stage, ...good());
      await gate.gateway.stop();
      const end = gate.gateway.lines(/event=stopped/)[0];
      assert.match(end, /dropped="/);
      for (const reason of ["bad_signature", "expired", "malformed", "bad_reply_subject", "wrong_subject", "too_large"]) {
        assert.match(end, new RegExp(`${reason}:[1-9]`));
      }
      assert.match(end, /faults="0"/);
    });
  });
}

test("a real request that was captured elsewhere", async (t) => {
  const capture = JSON.parse(fs.readFileSync(path.join(vectors, "sealed-request.json"), "utf8"));
  const sealed = Buffer.from(capture.sealed_b64, "base64");
  const xkey = capture.server_xkey;

  await t.test("is dropped by a gateway with another key: bad_seal", async (t) => {
    const stage = await makeStage(t);
    await isDropped(stage, "bad_seal", sealed, { xkey });
  });

  await t.test("is dropped by a gateway that can open it, but has another issuer: wrong_subject", async (t) => {
    const stage = await makeStage(t, {
      prepare: (gate) => fs.writeFileSync(path.join(gate.dir, "keys/xkey.nk"), capture.xkey_seed),
    });
    assert.equal(fromCurveSeed(Buffer.from(capture.xkey_seed)).getPublicKey().length, 56);
    await isDropped(stage, "wrong_subject", sealed, { xkey });
  });

  await t.test("unsealed it is dropped by a gateway that seals nothing: wrong_subject", async (t) => {
    const stage = await makeStage(t, { xkey: false });
    await isDropped(stage, "wrong_subject", capture.jwt);
  });
});

test("with auth_callout nobody but the servers can publish a request", async (t) => {
  const gate = await Gate.make(t);
  const who = await gate.create("wide", "--publish", "--receive", "--everything");
  const connection = await gate.connect(t, who);
  const mark = gate.gateway.log.length;
  connection.publish(kSubject, "forged", { reply: "$SYS._INBOX.a.b" });
  await connection.flush();
  await gate.admitted(who); // a round trip through the gateway
  await gate.gateway.line(/event=granted/, mark);
  assert.doesNotMatch(gate.gateway.log, /event=dropped/);
});
