// Guessing is held back before it costs a hash: clients from several addresses, and what an operator sees.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "./support/gate.mjs";
import { rawConnect } from "./support/raw_connect.mjs";
import { until } from "./support/waiting.mjs";

const kHere = "127.0.0.1";
const kElsewhere = "127.0.0.2";

// What becomes of an attempt from this address: "granted", or why not.
async function attempt(gate, options, localAddress = kHere) {
  const mark = gate.gateway.log.length;
  const answers = await rawConnect(gate, options, { localAddress });
  const line = await gate.gateway.line(new RegExp(`event=(granted|denied) .*source="${localAddress}"`), mark);
  const reason = /reason="(\w+)"/.exec(line)?.[1] ?? "granted";
  assert.equal(answers.includes("PONG"), reason === "granted", answers.join());
  return reason;
}
const password = (who, pass = who.secret) => ({ user: who.user, pass });
const wrong = (user, n = 0) => ({ user, pass: `wrong ${n}` });

async function person(gate, name) {
  return gate.create(name, "--kind", "password", "--login", name, "--publish", "--subjects", "a");
}

async function fails(gate, times, options, reason = "bad_proof") {
  for (let i = 0; i < times; i++) assert.equal(await attempt(gate, options(i)), reason, `attempt ${i + 1}`);
}

test("a login that fails too often from one address is refused there, and nowhere else", async (t) => {
  const gate = await Gate.make(t, { throttle: { login: 3, source: 0 }, metrics: true });
  const [alice, bob] = [await person(gate, "alice"), await person(gate, "bob")];
  await fails(gate, 3, (i) => wrong("alice", i));
  assert.equal(await attempt(gate, password(alice)), "throttled");
  assert.equal(await attempt(gate, password(bob)), "granted");
  assert.equal(await attempt(gate, password(alice), kElsewhere), "granted");
  // A login that is not there is held back like one that is.
  await fails(gate, 3, (i) => wrong("nobody", i), "unknown_credential");
  assert.equal(await attempt(gate, wrong("nobody")), "throttled");

  await t.test("the refusal comes late, so that a client tries again for longer", async () => {
    const began = performance.now();
    assert.equal(await attempt(gate, password(alice)), "throttled");
    assert.ok(performance.now() - began >= 840, `it came after ${performance.now() - began} ms`);
  });
  await t.test("the operator sees it: list, status, metrics, log", async () => {
    const [answer] = (await gate.do("throttle", "list", "--json")).json;
    assert.deepEqual(answer.failures.map(({ source, login, failures, refused }) => [source, login, failures, refused]).sort(), [
      [kHere, "alice", 3, 2],
      [kHere, "nobody", 3, 1],
    ]);
    for (const { wait } of answer.failures) assert.ok(wait > 0 && wait <= 200, String(wait));
    const { stdout } = await gate.do("throttle", "list");
    assert.match(stdout, /^INSTANCE +SOURCE +LOGIN +FAILURES +REFUSED +WAIT\n/);
    assert.match(stdout, /^credgate +127\.0\.0\.1 +alice +3 +2 +\d+[sm]$/m);
    const [status] = (await gate.do("status", "--json")).json;
    assert.deepEqual(status.throttled, { sources: 0, logins: 2 });
    assert.match((await gate.do("status")).stdout, /throttled +0 sources, 2 logins \(credgate throttle list\)/);
    const text = await (await fetch(`http://${gate.metrics}/metrics`)).text();
    assert.match(text, /^credgate_throttled\{by="login"\} 2$/m);
    assert.match(text, /^credgate_decisions_total\{.*reason="throttled",kind="password"\} 3$/m);
    assert.equal(gate.gateway.lines(/warning event=throttling by="login" source="127.0.0.1" id="alice"/).length, 1);
  });
  await t.test("and lets it be judged again", async () => {
    for (const where of ["127.0.0.3", "10.0.0.0/8"]) {
      assert.match((await gate.do("throttle", "clear", where)).stdout, /cleared the failures of 0 sources and logins/);
      assert.equal(await attempt(gate, password(alice)), "throttled");
    }
    assert.match((await gate.do("throttle", "clear", kHere)).stdout, /^credgate: cleared the failures of 2 sources and logins$/m);
    assert.equal(await attempt(gate, password(alice)), "granted");
    assert.equal((await gate.do("throttle", "list")).stdout, "");
  });
});

test("an address that fails too often is refused, but not who was let in from there before", async (t) => {
  const gate = await Gate.make(t, { throttle: { login: 10, source: 4 } });
  const [alice, bob] = [await person(gate, "alice"), await person(gate, "bob")];
  const key = await gate.create("robot", "--publish", "--subjects", "a");
  assert.equal(await attempt(gate, password(alice)), "granted");
  await fails(gate, 2, (i) => wrong(`somebody${i}`), "unknown_credential");
  await fails(gate, 2, (i) => ({ auth_token: `guess ${i}` }), "unknown_credential");
  assert.equal(await attempt(gate, password(bob)), "throttled");
  const began = performance.now();
  assert.equal(await attempt(gate, { auth_token: "guess" }), "throttled");
  assert.ok(performance.now() - began >= 840, "a token is told at once");
  assert.equal(await attempt(gate, password(alice)), "granted");
  assert.equal(await attempt(gate, wrong("alice")), "bad_proof");
  assert.equal(await attempt(gate, { user: key.id, pass: key.secret }), "granted");
  assert.equal(await attempt(gate, password(bob), kElsewhere), "granted");
});

test("what can't be guessed is never held back", async (t) => {
  const gate = await Gate.make(t, { throttle: { login: 1, source: 1 } });
  const key = await gate.create("key", "--publish", "--subjects", "a");
  const nkey = await gate.create("nkey", "--kind", "nkey", "--publish", "--subjects", "a");
  assert.equal(await attempt(gate, wrong("nobody")), "unknown_credential");
  assert.equal(await attempt(gate, wrong("nobody")), "throttled");
  await fails(gate, 3, (i) => wrong(key.id, i));
  assert.equal(await attempt(gate, { user: key.id, pass: key.secret }), "granted");
  await gate.admitted(nkey);
});

test("an exemption that comes by a reload holds at once", async (t) => {
  const gate = await Gate.make(t, { throttle: { login: 1, source: 1 } });
  const alice = await person(gate, "alice");
  assert.equal(await attempt(gate, wrong("alice")), "bad_proof");
  assert.equal(await attempt(gate, password(alice)), "throttled");
  gate.editConfig((text) => text.replace('"login":1,', '"login":1,"exempt":["127.0.0.0/24"],'));
  gate.gateway.signal("SIGHUP");
  await gate.gateway.line(/event=reloaded/);
  assert.deepEqual(gate.gateway.lines(/reload_needs_restart/), []);
  assert.equal(await attempt(gate, password(alice)), "granted");
  await fails(gate, 3, (i) => wrong("alice", i));
});

test("a flood of strangers' passwords does not keep out who was let in before", async (t) => {
  const gate = await Gate.make(t, { throttle: { login: 0, source: 0 }, cheapPasswords: false, start: false });
  gate.editConfig((text) => text.replace('"master_key"', '"passwords": { "queue": 2 },\n  "master_key"'));
  await gate.startServer();
  await gate.startGateway();
  const alice = await person(gate, "alice");
  assert.equal(await attempt(gate, password(alice)), "granted");

  // All the time, and not when the last was answered: refusals come in batches.
  const strangers = [];
  const flood = setInterval(() => {
    strangers.push(rawConnect(gate, wrong(`stranger${strangers.length}`), { localAddress: kElsewhere }).catch(() => {}));
  }, 5);
  t.after(() => clearInterval(flood));
  await until("the strangers' half is full", () => gate.gateway.lines(/reason="overloaded"/).length > 0);
  for (let i = 0; i < 10; i++) assert.equal(await attempt(gate, password(alice)), "granted");
  clearInterval(flood);
  await Promise.all(strangers);
});

test("the command says what is wrong with it", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const none = await gate.command("throttle", "list");
  assert.deepEqual([none.code, /no daemon answers/.test(none.stderr)], [1, true], none.stderr);
  for (const [args, said] of [
    [["throttle", "show"], /^credgate: ACTION: must be list or clear, not "show"/],
    [["throttle", "list", "10.0.0.1"], /throttle list, or throttle clear \[SOURCE\]/],
    [["throttle", "clear", "10.0.0.1/8"], /SOURCE "10\.0\.0\.1\/8" must be an address or a range/],
  ]) {
    const done = await gate.command(...args);
    assert.equal(done.code, 2, done.stderr);
    assert.match(done.stderr, said);
  }
});
