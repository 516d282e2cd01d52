// Signed requests: verified for a proxy over NATS, and as the proof of a connection, over a real nats-server.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Gate } from "./support/gate.mjs";
import { Daemon, daemonCommand } from "./support/processes.mjs";
import { password, question, sign } from "./support/sigv4_signer.mjs";
import { until } from "./support/waiting.mjs";

const kHost = "sqs.example.com";
const kVerify = "credgate.v1.sigv4.verify";

// A gateway, a credential `shop` that signs, and a proxy that asks.
async function world(t, options = {}, ...more) {
  const gate = await Gate.make(t, { admins: true, start: false, ...options });
  gate.editConfig((text) => text.replace('"master_key"', `"sigv4_hosts": ["${kHost}"],\n  "master_key"`));
  await gate.startServer();
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>", "--sigv4", "--sigv4-connect", ...more);
  const proxy = await gate.create("proxy", "--account", "ADMIN", "--allow-pub", kVerify, "--allow-sub", "credgate.v1.events.*.*");
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  gate.begun = Date.now();
  const connection = await gate.connect(t, proxy);
  const ask = async (asked) => {
    const message = await connection.request(kVerify, typeof asked === "string" ? asked : JSON.stringify(asked), { timeout: 5000 });
    return message.json();
  };
  return { gate, shop, connection, ask };
}

// The question of a request that `who` has signed.
function asked(who, { change = (it) => it, ...facts } = {}) {
  const request = { host: kHost, accessKey: who.id, secret: who.secret, body: "Action=ListQueues", ...facts };
  return change(question(request, sign(request)));
}

// What opens a connection with it.
function login(who, asked_) {
  return { id: who.id, secret: password(asked_), inbox: who.inbox };
}

// Requests from the second of the gateway's beginning on, and what was dated ahead of it, may have been used before.
async function afterTheBeginning(gate) {
  await until("seven seconds to be over", () => Date.now() > gate.begun + 7_500);
}

async function reason(ask, question_) {
  const answer = await ask(question_);
  assert.equal(answer.allow, false, JSON.stringify(answer));
  return answer.reason;
}

test("a proxy learns who signed a request, and what they may do", async (t) => {
  const { gate, shop, ask } = await world(t);
  const answer = await ask(asked(shop));
  assert.deepEqual(Object.keys(answer), ["allow", "credential", "name", "account", "capabilities", "permissions", "inbox_prefix", "connect", "revision", "valid_for"]);
  assert.equal(answer.allow, true);
  assert.equal(answer.credential, shop.id);
  assert.equal(answer.name, "shop");
  assert.equal(answer.account, "APP");
  assert.deepEqual(answer.capabilities, ["publish"]);
  assert.deepEqual(answer.permissions.publish.allow, ["orders.>"]);
  assert.equal(answer.inbox_prefix, shop.inbox);
  assert.equal(answer.connect, true);
  assert.equal(answer.revision, 1);
  assert.equal(answer.valid_for, 60);

  await t.test("with another secret it learns what was signed", async () => {
    const wrong = await ask(asked({ ...shop, secret: "wrong" }));
    assert.equal(wrong.reason, "bad_proof");
    assert.match(wrong.string_to_sign, /^AWS4-HMAC-SHA256\n/);
    assert.match(wrong.canonical_request, /^POST\n\/\n\nhost:sqs\.example\.com\n/);
    await gate.gateway.line(new RegExp(`event=denied reason="bad_proof" id="${shop.id}" name="shop" source="127.0.0.1" type="sigv4"`));
  });

  await t.test("each thing that is wrong has its own reason", async () => {
    const plain = await gate.create("plain", "--publish", "--subjects", "a");
    const elsewhere = await gate.create("elsewhere", "--publish", "--subjects", "a", "--sigv4", "--region", "us");
    const inside = await gate.create("inside", "--publish", "--subjects", "a", "--sigv4", "--sources", "10.0.0.0/8");
    const gone = await gate.create("gone", "--publish", "--subjects", "a", "--sigv4");
    const asleep = await gate.create("asleep", "--publish", "--subjects", "a", "--sigv4");
    await gate.do("revoke", "gone", "--yes");
    await gate.do("suspend", "asleep");
    const header = (name, value) => (it) => {
      for (const one of it.headers) if (one[0] === name) one[1] = value(one[1]);
      return it;
    };
    const drop = (name) => (it) => ({ ...it, headers: it.headers.filter(([one]) => one !== name) });
    const ago = (seconds) => new Date(Date.now() - seconds * 1000);
    const rows = [
      ["no_proof", shop, { change: drop("Authorization") }],
      ["malformed", shop, { change: (it) => ({ ...it, headers: [...it.headers, it.headers.at(-1)] }) }],
      ["malformed", shop, { change: header("Authorization", (it) => it.replace("Signature=", "Sig=")) }],
      ["unknown_algorithm", shop, { change: header("Authorization", () => "Bearer abc") }],
      ["wrong_scope", shop, { change: (it) => ({ ...it, region: "us" }) }],
      ["wrong_scope", shop, { change: (it) => ({ ...it, service: "sns" }) }],
      ["wrong_scope", shop, { change: header("X-Amz-Date", () => "20200101T000000Z") }],
      ["absent_header", shop, { headers: [["X-Extra", "1"]], change: drop("X-Extra") }],
      ["unsigned_header", shop, { change: (it) => ({ ...it, headers: [...it.headers, ["X-Amz-Target", "AmazonSQS.DeleteQueue"]] }) }],
      ["bad_proof", shop, { change: (it) => ({ ...it, path: "/other" }) }],
      ["bad_proof", shop, { change: (it) => ({ ...it, query: "a=1" }) }],
      ["bad_proof", shop, { headers: [["Content-Type", "a"]], change: header("Content-Type", () => "b") }],
      ["bad_proof", shop, { change: (it) => ({ ...it, payload_sha256: "0".repeat(64) }) }],
      ["skewed", shop, { date: ago(16 * 60) }],
      ["skewed", shop, { date: ago(-16 * 60) }],
      ["url_expired", shop, { presign: true, expires: 10, date: ago(12) }],
      ["unknown_credential", { ...shop, id: "CGAAAAAAAAAAAAAAAAAA" }, {}],
      ["unknown_credential", { ...shop, id: "AKIAIOSFODNN7EXAMPLE" }, {}],
      ["not_for_sigv4", plain, {}],
      ["revoked", gone, {}],
      ["suspended", asleep, {}],
      ["wrong_region", elsewhere, {}],
      ["source_not_allowed", inside, {}],
      ["source_not_allowed", inside, { change: ({ source, ...it }) => it }],
    ];
    for (const [expected, who, facts] of rows) assert.equal(await reason(ask, asked(who, facts)), expected, JSON.stringify(facts));
    assert.equal((await ask(asked(inside, { change: (it) => ({ ...it, source: "10.1.2.3" }) }))).allow, true);
    const url = await ask(asked(shop, { presign: true, expires: 30 }));
    assert.ok(url.allow && url.valid_for > 25 && url.valid_for <= 30, JSON.stringify(url));
    const silent = { presign: true, expires: null };
    assert.equal((await ask(asked(shop, { ...silent, date: ago(14 * 60) }))).allow, true);
    assert.equal(await reason(ask, asked(shop, { ...silent, date: ago(15 * 60 + 2) })), "url_expired");
  });

  await t.test("what is malformed is told to the operator alone", async () => {
    const mark = gate.gateway.log.length;
    const answer = await ask(asked(shop, { change: (it) => ({ ...it, headers: [...it.headers, ["Host", "other"]] }) }));
    assert.deepEqual(answer, { allow: false, reason: "malformed" });
    await gate.gateway.line(/event=denied reason="malformed" detail="host_count" .*type="sigv4"/, mark);
    const [status] = (await gate.do("status", "--json")).json;
    const { reason: why, detail } = status.recent.denied.at(-1);
    assert.deepEqual([why, detail], ["malformed", "host_count"]);
    assert.match((await gate.do("status")).stdout, /malformed \(host_count\)/);
  });

  await t.test("a question that is none is an error, and others are answered after it", async () => {
    const good = asked(shop);
    for (const [text, message] of [
      ["", /^the body must be a JSON object/], ["[]", /^the body must be a JSON object/], ["{", /^the body/],
      [JSON.stringify({ ...good, path: 1 }), /^path: must be a string/],
      [JSON.stringify({ ...good, payload_base64: "eA==" }), /^payload_sha256: must be given, or else payload_base64/],
      [JSON.stringify({ ...good, region: "" }), /^region: must not be empty/],
      [JSON.stringify({ ...good, hearders: [] }), /^hearders: unknown key; did you mean "headers"\?/],
      ["x".repeat(300_000), /larger than 256 KiB/],
    ]) {
      const { error } = await ask(text);
      assert.equal(error?.code, "usage", text.slice(0, 80));
      assert.match(error.message, message);
    }
    assert.equal((await ask(good)).allow, true);
  });

  await t.test("uses are noted", async () => {
    await until("the use of shop to be noted", async () => {
      const { json } = await gate.do("show", "shop", "--json");
      return json.uses > 0 && json.last_used_from === "127.0.0.1";
    });
  });
});

test("only a credential of the admin account that is permitted to may ask", async (t) => {
  const { gate, shop, ask } = await world(t);
  const viewer = JSON.parse(fs.readFileSync(path.join(gate.dir, "admins/viewer.json"), "utf8"));
  const connection = await gate.connect(t, { user: viewer.user, pass: viewer.password, inboxPrefix: viewer.inbox_prefix });
  await assert.rejects(connection.request(kVerify, JSON.stringify(asked(shop)), { timeout: 2000 }), /permission/i);
  const tenant = await gate.create("tenant", "--publish", "--subjects", kVerify);
  const outside = await gate.connect(t, tenant);
  await assert.rejects(outside.request(kVerify, JSON.stringify(asked(shop)), { timeout: 2000 }), /no responders/i);
  assert.equal((await ask(asked(shop))).allow, true);
});

test("an update, a rotation and a revocation hold for the next request", async (t) => {
  const { gate, shop, ask, connection } = await world(t);
  const events = [];
  connection.subscribe("credgate.v1.events.*.*", { callback: (_, message) => events.push({ ...message.json(), seen: performance.now() }) });
  await connection.flush();

  await gate.do("update", "shop", "--no-publish", "--receive", "--subjects", "news.>");
  const updated = await ask(asked(shop));
  assert.deepEqual(updated.capabilities, ["receive"]);
  assert.equal(updated.revision, 2);

  const { json: rotated } = await gate.do("rotate", "shop", "--json");
  assert.equal((await ask(asked(shop))).allow, true);
  assert.equal((await ask(asked({ ...shop, secret: rotated.secret }))).allow, true);
  await gate.do("rotate", "shop", "--overlap", "0");
  for (const secret of [shop.secret, rotated.secret]) assert.equal(await reason(ask, asked({ ...shop, secret })), "bad_proof");

  await t.test("without sigv4 its secrets are destroyed, and rotating makes one that is kept", async () => {
    await gate.do("update", "shop", "--no-sigv4-connect", "--no-sigv4");
    const { stderr } = await gate.do("update", "shop", "--sigv4");
    assert.match(stderr, /the secret was not stored.*credgate rotate/);
    assert.equal(await reason(ask, asked(shop)), "not_for_sigv4");
    const { json: again } = await gate.do("rotate", "shop", "--json");
    shop.secret = again.secret;
    assert.equal((await ask(asked(shop))).allow, true);
  });

  await t.test("a revocation, and its event", async (t) => {
    // Until it is refused, requests are asked about one after the other.
    const answers = [];
    let going = true;
    const asking = (async () => {
      while (going) {
        const answer = await ask(asked(shop));
        answers.push({ ...answer, seen: performance.now() });
      }
    })();
    await gate.do("revoke", "shop", "--yes");
    const ended = performance.now();
    const event = await until("the event", () => events.find(({ type }) => type === "credential.revoke"));
    await until("a refusal", () => answers.some(({ allow }) => !allow));
    going = false;
    await asking;
    const refused = answers.findIndex(({ allow }) => !allow);
    assert.ok(answers.slice(refused).every(({ allow, reason: why }) => !allow && why === "revoked"));
    t.diagnostic(`from the command's end: first refusal ${(answers[refused].seen - ended).toFixed(1)} ms, event ${(event.seen - ended).toFixed(1)} ms`);
    assert.equal(await reason(ask, asked(shop)), "revoked");
  });
});

test("a signed request opens a connection of the caller's, once", async (t) => {
  const { gate, shop } = await world(t, {}, "--receive");
  await afterTheBeginning(gate);

  const evidence = login(shop, asked(shop));
  const connection = await gate.connect(t, evidence);
  await connection.flush();
  await gate.gateway.line(new RegExp(`event=granted id="${shop.id}" name="shop"`));
  const got = await new Promise((resolve) => {
    connection.subscribe("orders.1", { callback: (_, message) => resolve(message.string()) });
    connection.publish("orders.1", "hello");
  });
  assert.equal(got, "hello");
  await gate.denied(evidence, "replayed");

  await t.test("after the daemon was killed too", async () => {
    await gate.gateway.stop("SIGKILL");
    await gate.startGateway();
    await gate.denied(evidence, "replayed");
    await gate.admitted(login(shop, asked(shop, { body: "after" })));
  });

  await t.test("at one of two instances", async () => {
    const second = new Daemon(...daemonCommand(["--config", gate.config, "--instance", "b"]));
    t.after(() => second.stop("SIGKILL"));
    await second.line(/event=connected/);
    for (let round = 0; round < 5; round++) {
      const once = login(shop, asked(shop, { body: `round ${round}` }));
      const tries = await Promise.allSettled([1, 2, 3, 4].map(() => gate.dial(once)));
      const opened = tries.filter(({ status }) => status === "fulfilled");
      await Promise.all(opened.map(({ value }) => value.close()));
      assert.equal(opened.length, 1, JSON.stringify(tries.map(({ status }) => status)));
    }
    await second.stop();
  });

  await t.test("what else it must be has a reason each", async () => {
    const silent = await gate.create("silent", "--publish", "--subjects", "a", "--sigv4");
    const ahead = (seconds) => new Date(Date.now() + seconds * 1000);
    await gate.denied(login(silent, asked(silent)), "not_for_sigv4");
    await gate.denied(login(shop, asked(shop, { presign: true })), "presigned");
    await gate.denied(login(shop, asked(shop, { host: "s3.example.com" })), "wrong_host");
    await gate.denied(login(shop, asked(shop, { date: ahead(20) })), "skewed");
    await gate.denied(login(shop, asked(shop, { date: ahead(-16 * 60) })), "skewed");
    await gate.denied(login({ ...shop, id: silent.id }, asked(shop)), 'malformed" detail="request_user');
    await gate.denied(login(shop, asked({ ...shop, secret: "wrong" })), "bad_proof");
    await gate.denied({ ...evidence, secret: "AWS4-HMAC-SHA256 e30" }, 'malformed" detail="request_json');
    await gate.denied(login(shop, asked(shop, { date: new Date(gate.begun - 10_000) })), "replayed");
  });

  await t.test("what was used is lost: nothing from before is good", async () => {
    const before = login(shop, asked(shop, { body: "before" }));
    const run = path.join(gate.dir, "run");
    for (const name of fs.readdirSync(run).filter((one) => one.startsWith("sigv4"))) fs.rmSync(path.join(run, name), { recursive: true });
    await gate.denied(evidence, "replayed");
    await gate.denied(before, "replayed");
    gate.begun = Date.now();
    await afterTheBeginning(gate);
    await gate.admitted(login(shop, asked(shop, { body: "later" })));
  });

  await t.test("a revocation closes it", async () => {
    const open = await gate.dial(login(shop, asked(shop, { body: "last" })));
    const closed = open.closed();
    await gate.do("revoke", "shop", "--yes");
    await closed;
    await gate.denied(login(shop, asked(shop, { body: "more" })), "revoked");
  });
});

test("in operator mode too", async (t) => {
  const { gate, shop, ask } = await world(t, { mode: "operator" });
  assert.equal((await ask(asked(shop))).account, "APP");
  await afterTheBeginning(gate);
  const evidence = login(shop, asked(shop));
  await gate.admitted(evidence);
  await gate.denied(evidence, "replayed");
});

test("one of a pair is stopped, and every question is answered", async (t) => {
  const { gate, shop, ask } = await world(t);
  const question_ = JSON.stringify(asked(shop));
  for (let round = 0; round < 3; round++) {
    const second = new Daemon(...daemonCommand(["--config", gate.config, "--instance", "b"]));
    t.after(() => second.stop("SIGKILL"));
    await second.line(/event=admin_connected/);
    let going = true;
    let answered = 0;
    const asking = Promise.all(Array.from({ length: 16 }, async () => {
      while (going) {
        assert.equal((await ask(question_)).allow, true);
        answered++;
      }
    }));
    await until("both are asked", () => answered > 200);
    assert.deepEqual(await second.stop(), { code: 0, signal: null });
    assert.doesNotMatch(second.log, /Sanitizer|event=fault/);
    const before = answered;
    await until("the other goes on", () => answered > before + 100);
    going = false;
    await asking;
  }
});

test("secrets that are kept move to the newest master key, and the old one can go", async (t) => {
  const { gate, shop, ask } = await world(t);
  const restart = async () => {
    await gate.gateway.stop();
    await gate.startGateway();
    await gate.gateway.line(/event=admin_connected/);
  };
  await gate.do("keys", "add", "master");
  await restart();
  await gate.do("keys", "promote", "master", "master-2.key");
  await restart();
  assert.equal((await ask(asked(shop))).allow, true);
  await gate.gateway.line(new RegExp(`event=rehashed id="${shop.id}"`));
  await gate.do("rotate", "proxy", "--overlap", "0");
  for (const admin of ["viewer", "editor", "security-officer"]) await gate.do("rotate", admin, "--overlap", "0");
  await gate.do("keys", "retire", "master", "master.key");
  await restart();
  assert.equal((await ask(asked(shop))).allow, true);
  assert.equal(await reason(ask, asked({ ...shop, secret: "wrong" })), "bad_proof");
});
