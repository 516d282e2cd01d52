// `explain --request`: what is decided now of a request that was captured.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate, vectors } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

// The requests that the gateway is sent from now on, as whoever has its key sees them.
async function listen(t, gate) {
  const seed = fs.readFileSync(path.join(gate.dir, "keys/gateway.nk"), "utf8").trim();
  const connection = await gate.connect(t, { id: "gateway", seed });
  const requests = [];
  connection.subscribe("$SYS.REQ.USER.AUTH", { callback: (_, message) => requests.push(message) });
  await connection.flush();
  // The first request that this makes.
  return async (login) => {
    const before = requests.length;
    await login().catch(() => {});
    await until("the request", () => requests.length > before);
    return requests[before];
  };
}

const filer = (gate) => (name, content) => {
  const file = path.join(gate.dir, name);
  fs.writeFileSync(file, content);
  return file;
};
const says = ({ json }, step) => json.steps.find((one) => one.step === step)?.says;
const uses = async (gate, name) => {
  const { last_used_at, uses } = (await gate.do("show", name, "--json")).json;
  return { last_used_at, uses };
};

test("a sealed request", async (t) => {
  const gate = await Gate.make(t);
  const file = filer(gate);
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const capture = await listen(t, gate);
  const message = await capture(() => gate.admitted(shop));
  const xkey = message.headers.get("Nats-Server-Xkey");
  const before = await uses(gate, "shop");
  const sealed = Buffer.from(message.data);
  const raw = file("raw", sealed);

  for (const [what, args] of [
    ["as it is, with the server's xkey", ["--request", raw, "--server-xkey", xkey]],
    ["in lines of base64", ["--request", file("base64_lines", sealed.toString("base64").replace(/.{76}/g, "$&\n")), "--server-xkey", xkey]],
    ["in base64", ["--request", file("base64", `${sealed.toString("base64")}\n`), "--server-xkey", xkey]],
    ["with its headers", ["--request", file("headers", Buffer.concat([Buffer.from(`NATS/1.0\r\nNats-Server-Xkey: ${xkey}\r\n\r\n`), sealed]))]],
  ]) {
    await t.test(`${what} is opened and decided`, async () => {
      const done = await gate.command("explain", ...args, "--publish", "orders.1", "--json");
      assert.equal(done.code, 0, done.stderr);
      assert.equal(done.json.id, shop.id);
      assert.equal(done.json.granted, true);
      assert.equal(done.json.account, "APP");
      assert.equal(done.json.subjects[0].verdict, "allowed");
      assert.deepEqual(done.json.steps.map(({ step }) => step), ["seal", "server", "signature", "sent", "client", "proof", "credential", "secret", "decision"]);
      assert.match(says(done, "seal"), /^opened/);
      assert.equal(says(done, "signature"), "good");
      assert.equal(says(done, "secret"), "fits");
      for (const text of [done.stdout, done.stderr]) assert.ok(!text.includes(shop.secret));
    });
  }
  await t.test("of another xkey, or without one, is not", async () => {
    const none = await gate.command("explain", "--request", raw);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /--server-xkey: the request is sealed; give the xkey/);
    const odd = await gate.command("explain", "--request", raw, "--server-xkey", "XAB");
    assert.match(odd.stderr, /--server-xkey: must be a public xkey/);
    const { sealed_b64, server_xkey } = JSON.parse(fs.readFileSync(path.join(vectors, "sealed-request.json"), "utf8"));
    const foreign = await gate.command("explain", "--request", file("foreign", sealed_b64), "--server-xkey", server_xkey, "--json");
    assert.deepEqual([foreign.code, foreign.json.reason], [5, "bad_seal"]);
  });
  await t.test("leaves no trace", async () => assert.deepEqual(await uses(gate, "shop"), before));
});

test("a request that is not sealed", async (t) => {
  const gate = await Gate.make(t, { xkey: false });
  const file = filer(gate);
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>", "--sources", "127.0.0.0/8");
  const pump = await gate.create("pump", "--kind", "token", "--publish", "--subjects", "x");
  const capture = await listen(t, gate);
  const jwt = Buffer.from((await capture(() => gate.admitted(shop))).data).toString();
  const claims = JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));
  const good = file("good", `${jwt}\n`);
  const explain = (request, ...args) => gate.command("explain", "--request", request, ...args, "--json");
  const changed = (name, change) => {
    const copy = structuredClone(claims);
    change(copy);
    return file(name, JSON.stringify(copy));
  };

  await t.test("in words, and from standard input", async () => {
    const done = await run(credgate, ["explain", "--request", "-", "--publish", "orders.1", "--config", gate.config], { input: jwt });
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /^signature {3}good\nsent {8}\S+Z, (just now|\d+ s ago); an answer counted until \S+Z\nclient {6}127\.0\.0\.1, nats/m);
    assert.match(done.stdout, new RegExp(`^credential  ${shop.id} "shop" in APP\nsecret {6}fits\ndecision {4}let in, unless`, "m"));
    assert.ok(!done.stdout.includes(shop.secret));
  });
  await t.test("its claims alone are not signed, and that is said", async () => {
    const done = await explain(changed("claims", () => {}));
    assert.equal(done.json.granted, true);
    assert.match(says(done, "signature"), /^none: these are claims alone/);
  });
  await t.test("an old one is not refused for its age", async () => {
    const old = changed("old", (copy) => {
      copy.iat -= 90 * 86_400;
      copy.exp -= 90 * 86_400;
    });
    const done = await explain(old);
    assert.equal(done.json.granted, true);
    assert.match(says(done, "sent"), /, 90 d ago;/);
  });
  for (const [what, change, reason, secret] of [
    ["another secret", (copy) => (copy.nats.connect_opts.pass = "guessed"), "bad_proof", "does not fit"],
    ["another address", (copy) => (copy.nats.client_info.host = "192.0.2.1"), "source_not_allowed", "fits"],
    ["a leafnode", (copy) => (copy.nats.client_info.kind = "Leafnode"), "connection_type_not_allowed", "fits"],
    ["an unknown login", (copy) => (copy.nats.connect_opts.user = "CGAAAAAAAAAAAAAAAAAA"), "unknown_credential", undefined],
    ["no proof", (copy) => (copy.nats.connect_opts = { protocol: 1 }), "no_proof", undefined],
    ["another issuer", (copy) => (copy.sub = "AA3XE3WP32DNY4HKAPOBVEYXGCYS6CSSTNTURZOQUGUCGQIZAULSMBMF"), "wrong_subject", undefined],
  ]) {
    await t.test(`with ${what}: ${reason}`, async () => {
      const done = await explain(changed("changed", change));
      assert.deepEqual([done.code, done.json.granted, done.json.reason], [5, false, reason]);
      assert.equal(says(done, "secret"), secret);
      for (const text of [done.stdout, done.stderr]) assert.doesNotMatch(text, new RegExp(`guessed|${shop.secret}`));
    });
  }
  await t.test("with a broken signature it would be dropped", async () => {
    const [head, , signature] = jwt.split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims, iat: claims.iat + 1 })).toString("base64url");
    const done = await explain(file("forged", `${head}.${forged}.${signature}`));
    assert.deepEqual([done.code, done.json.reason], [5, "bad_signature"]);
  });
  await t.test("a token is not shown", async () => {
    const opaque = changed("opaque", (copy) => (copy.nats.connect_opts = { auth_token: "an-opaque-token-of-old", protocol: 1 }));
    const done = await explain(opaque);
    assert.equal(done.json.reason, "unknown_credential");
    assert.equal(says(done, "proof"), "a token");
    const ours = await explain(file("token", (await capture(() => gate.admitted(pump))).data));
    assert.equal(ours.json.id, pump.id);
    for (const { stdout } of [done, ours]) assert.doesNotMatch(stdout, new RegExp(`an-opaque-token-of-old|${pump.token.split(".")[1]}`));
  });
  await t.test("what the client calls itself cannot move the cursor", async () => {
    const done = await gate.command("explain", "--request", changed("named", (copy) => (copy.nats.client_info.name = "a\u001b[2Jb")));
    assert.match(done.stdout, /calls itself a\?\[2Jb/);
  });
  await t.test("is decided by what holds now", async () => {
    await gate.do("suspend", "shop");
    assert.equal((await explain(good)).json.reason, "suspended");
    await gate.do("resume", "shop");
    await gate.do("update", "shop", "--expires", "2030-01-01");
    assert.equal((await explain(good, "--at", "2031-01-01")).json.reason, "expired");
  });
  await t.test("wrong questions are usage errors", async () => {
    const wrong = [
      [["--request", file("text", "hello")], /--request: is not a captured request/],
      [["--request", file("json", "{")], /--request: is not the claims of a request/],
      [["--request", file("long", "x".repeat(600_000))], /is too long/],
      [["--request", file("headers", "NATS/1.0\r\nA: b\r\n")], /have no end/],
      [["shop", "--request", good], /says by itself which credential/],
      [["--request", good, "--source", "192.0.2.1"], /says by itself/],
      [["--request", good, "--at", "noon"], /^credgate: --at: /],
      [["--request", good, "--publish", "a..b"], /--publish: "a\.\.b" is not a subject/],
      [["--request", good, "--server", "nats://127.0.0.1:1", "--user", shop.id], /on the gateway's machine alone/],
      [["shop", "--server-xkey", "X"], /--server-xkey: is for a request/],
      [[], /CREDENTIAL is missing/],
    ];
    for (const [args, message] of wrong) {
      const done = await gate.command("explain", ...args);
      assert.equal(done.code, 2, `${args}: ${done.stderr}`);
      assert.match(done.stderr, message);
    }
    assert.notEqual((await gate.command("explain", "--request", "/nowhere")).code, 0);
  });
});
