// A user who floods the admin service does not delay the revocations of others.

import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { adminOf, ask, flood, gateWithAdmins, gateWithTwoAccounts, kPrefix, operatorOf } from "../support/admins.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";
import { RawClient } from "../support/raw_client.mjs";
import { until } from "../support/waiting.mjs";
import path from "node:path";

// Requests a second of a flood.
const kFlood = Number(process.env.CREDGATE_FLOOD ?? 4000);
const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const codes = (answers) => answers.map(([, { error }]) => error?.code ?? "done");
const count = (list, word) => list.filter((one) => one === word).length;

test("a viewer who floods the admin service", async (t) => {
  const gate = await gateWithAdmins(t);
  const viewerIs = adminOf(gate, "viewer");
  const viewer = await gate.connect(t, viewerIs);
  const officer = await gate.connect(t, adminOf(gate, "security-officer"));
  const clients = [];
  for (let i = 0; i < 8; i++) clients.push(await gate.create(`client-${i}`, ...kTraffic));
  const next = () => clients.pop().id;

  await t.test("with sessions holds up no revocation, and others' sessions by one search", async () => {
    await gate.do("kick", clients[0].id); // so that the daemon knows which servers there are
    const { answers } = flood(viewer, viewerIs.inbox, Array(300).fill(["sessions", { credential: clients[0].id }]));
    const revoked = await Promise.all([1, 2, 3].map(() => ask(officer, "revoke", { credential: next() })));
    assert.deepEqual(revoked.map(({ status }) => status), Array(3).fill("revoked"));
    // A search takes a second: whichever was asked for is still under way.
    assert.equal(count(codes(answers), "done"), 0, "the revocations were answered after sessions");
    // A command of the same user is one request too many, and asks again.
    await until("a request too many is refused", () => codes(answers).includes("busy"));
    const command = run(credgate, ["sessions", clients[0].id, "--json", "--context", path.join(gate.init.admins, "viewer.json")]);
    const { sessions } = await ask(officer, "sessions", { credential: clients[0].id });
    assert.deepEqual(sessions, []);
    assert.ok(count(codes(answers), "done") <= 2, `${count(codes(answers), "done")} searches came before`);
    const done = await command;
    assert.equal(done.code, 0, done.stderr);
    await until("all are answered", () => answers.length === 300);
    const all = codes(answers);
    assert.ok(count(all, "done") >= 1 && count(all, "done") <= 5, `${count(all, "done")} were carried out`);
    assert.equal(count(all, "done") + count(all, "busy"), 300);
  });

  await t.test("with the longest of requests holds up no revocation, and no other's list", async () => {
    const subjects = Array(100).fill("orders.1");
    const explain = ["explain", { credential: clients[0].id, publish: subjects }];
    const list = ["list", { limit: 1000, tags: Array.from({ length: 64 }, (_, i) => `k${i}`) }];
    const requests = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? explain : list));
    const { answers } = flood(viewer, viewerIs.inbox, requests);
    const { status } = await ask(officer, "revoke", { credential: next() });
    assert.equal(status, "revoked");
    const { credentials } = await ask(officer, "list");
    assert.ok(credentials.length > 0);
    // In one queue, all of them would.
    assert.ok(count(codes(answers), "done") < 200, `${count(codes(answers), "done")} came before`);
    await until("all are answered", () => answers.length === 400);
    assert.ok(count(codes(answers), "done") >= 8, `${count(codes(answers), "done")} were carried out`);
    assert.deepEqual([...new Set(codes(answers))].sort(), ["busy", "done"]);
    // Those that were taken were carried out in order.
    const done = answers.filter(([, { error }]) => error === undefined).map(([i]) => i);
    assert.deepEqual(done, [...done].sort((a, b) => a - b));
  });

  await t.test("with a body of 205 KB is told so", async () => {
    const subjects = Array.from({ length: 20_000 }, (_, i) => `a.${i}`);
    const { error } = await ask(officer, "explain", { credential: clients[0].id, publish: subjects });
    assert.equal(error.code, "usage");
    assert.match(error.message, /32 KiB/);
    const many = await ask(officer, "explain", { credential: clients[0].id, publish: subjects.slice(0, 101) });
    assert.match(many.error.message, /at most 100/);
  });

  await t.test("is logged, and not with a line for each request", async () => {
    const lines = gate.gateway.lines(/event=admin .*error="busy"/);
    assert.ok(lines.length >= 1 && lines.length < 200, `${lines.length} lines`);
    assert.ok(lines.every((line) => line.includes(`actor="nats:${viewerIs.id}"`)), lines[0]);
  });
});

test("a security officer who revokes a hundred at once", async (t) => {
  const gate = await gateWithAdmins(t);
  const who = adminOf(gate, "security-officer");
  const officer = await gate.connect(t, who);
  const ids = [];
  for (let i = 0; i < 10; i++) ids.push((await gate.create(`client-${i}`, ...kTraffic)).id);
  const requests = Array.from({ length: 100 }, (_, i) => ["revoke", { credential: ids[i % ids.length] }]);
  const { answers } = flood(officer, who.inbox, requests);
  await until("all are answered", () => answers.length === 100);
  assert.deepEqual([...new Set(codes(answers))], ["done"]);
  assert.deepEqual(answers.map(([i]) => i), requests.map((_, i) => i), "in order");
});

test("a gateway that stops answers what it took", async (t) => {
  const gate = await gateWithAdmins(t);
  const who = adminOf(gate, "security-officer");
  const officer = await gate.connect(t, who);
  const client = await gate.create("client", ...kTraffic);
  const { answers } = flood(officer, who.inbox, [
    ...Array(6).fill(["sessions", { credential: client.id }]),
    ...Array(50).fill(["suspend", { credential: client.id }]),
  ]);
  await officer.flush();
  await until("one is carried out", () => answers.length > 0);
  await gate.gateway.stop();
  await until("all are answered", () => answers.length === 56);
  const all = codes(answers);
  // A search that has not begun by then does not.
  assert.ok(count(all, "done") >= 50, `${count(all, "done")} were carried out`);
  assert.equal(count(all, "done") + count(all, "busy"), 56);
});

// Sends as many a second until it is stopped, and reads no answer. nats-server measures the round-trip
// time anew at each PONG, and writes it into the header that names the sender.
async function sustain(t, gate, who, subject, perSecond, body = "{}", before = "") {
  const client = await RawClient.connect(net.connect(gate.port, "127.0.0.1"), who);
  const one = `${before}PUB ${kPrefix}.${subject} ${who.inbox}.x ${body.length}\r\n${body}\r\n`;
  const began = performance.now();
  const rate = { sent: 0, client, perSecond: () => (rate.sent * 1000) / (performance.now() - began) };
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1000) - rate.sent;
    if (due > 0) client.write(one.repeat(due));
    rate.sent += due;
  }, 4);
  t.after(() => {
    clearInterval(timer);
    client.close();
  });
  return rate;
}

for (const [operation, before, how] of [
  ["revoke", "", ""],
  ["revoke", "PONG\r\n", ", each time with another header"],
  ["get", "PONG\r\n", ", each time with another header"],
  ["no-such-operation", "", ""],
]) {
  test(`an operator who does not stop asking for ${operation}${how}`, async (t) => {
    const gate = await gateWithTwoAccounts(t);
    const flooder = await operatorOf(gate, "SHOP");
    const other = await gate.connect(t, await operatorOf(gate, "APP"));
    const editor = await gate.connect(t, adminOf(gate, "editor"));
    const ids = [];
    for (let i = 0; i < 6; i++) ids.push((await gate.create(`client-${i}`, "--account", "APP", ...kTraffic)).id);
    await gate.do("kick", ids[0]); // so that the daemon knows which servers there are
    const rate = await sustain(t, gate, flooder, `${operation}.SHOP`, kFlood, "{}", before);
    await until("the flood has arrived", () => rate.sent > 2 * kFlood);
    const slow = [];
    for (const credential of ids) {
      const began = performance.now();
      const { status } = await ask(other, "revoke.APP", { credential }, { timeout: 3000 });
      assert.equal(status, "revoked");
      const { credentials } = await ask(editor, "list", { limit: 1 }, { timeout: 3000 });
      assert.equal(credentials.length, 1);
      slow.push(Math.round(performance.now() - began));
    }
    assert.ok(!rate.client.closed, "the flood has ended");
    assert.ok(rate.perSecond() > 0.4 * kFlood, `${rate.perSecond()} a second`);
    assert.deepEqual(gate.gateway.lines(/event=messages_lost/), []);
    t.diagnostic(`answered in ${slow} ms, at ${Math.round(rate.perSecond())} a second`);
    const lines = gate.gateway.lines(new RegExp(`event=admin actor="nats:${flooder.id}" .*error=`)).length;
    assert.ok(lines >= 100 && lines < 250, `${lines} lines of ${rate.sent} requests`);
    // The line is written after the answer.
    const revoked = () => gate.gateway.lines(/event=admin .*subject="\S*revoke.APP"/).length;
    await until("what changed something is logged", () => revoked() === ids.length);
  });
}

test("an operator who sends large requests as fast as the server takes them", async (t) => {
  const gate = await gateWithTwoAccounts(t);
  const flooder = await operatorOf(gate, "SHOP");
  const other = await gate.connect(t, await operatorOf(gate, "APP"));
  const proxyIs = await gate.create("proxy", "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify");
  const proxy = await gate.connect(t, proxyIs);
  const ids = [];
  for (let i = 0; i < 6; i++) ids.push((await gate.create(`client-${i}`, "--account", "APP", ...kTraffic)).id);
  const socket = net.connect(gate.port, "127.0.0.1");
  const client = await RawClient.connect(socket, flooder);
  const body = "x".repeat(500_000);
  const one = Buffer.from(`PUB ${kPrefix}.list.SHOP ${flooder.inbox}.x ${body.length}\r\n${body}\r\n`);
  let sent = 0;
  const go = () => {
    if (client.closed) return;
    sent++;
    if (socket.write(one)) setImmediate(go);
    else socket.once("drain", go);
  };
  go();
  t.after(() => client.close());
  await until("the flood has arrived", () => sent > 500);
  for (const credential of ids) {
    const { status } = await ask(other, "revoke.APP", { credential }, { timeout: 3000 });
    assert.equal(status, "revoked");
    const verdict = await proxy.request("credgate.v1.sigv4.verify", "no question", { timeout: 3000 });
    assert.equal(verdict.json().error.code, "usage");
  }
  assert.ok(!client.closed, "the flood has ended");
  t.diagnostic(`${sent} large requests`);
  // A larger one is not even taken.
  const larger = await RawClient.connect(net.connect(gate.port, "127.0.0.1"), flooder);
  larger.publish(`${kPrefix}.list.SHOP`, "x".repeat(600_000), { reply: `${flooder.inbox}.x` });
  await until("the server has closed it", () => larger.closed);
  assert.match(larger.error, /Maximum Payload/);
});
