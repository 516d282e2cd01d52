// A server that hangs keeps its sessions. Nobody may be told that all are closed while it may still run,
// and nobody is to wait for one that is dead.

import assert from "node:assert/strict";
import test from "node:test";
import { cluster, isLinked, serveCluster } from "../support/cluster.mjs";
import { Gate } from "../support/gate.mjs";
import { Daemon } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kSessionsOpen = 6;

async function timed(act) {
  const began = performance.now();
  const done = await act();
  return { done, seconds: (performance.now() - began) / 1000 };
}
const sessions = async (gate) => (await gate.command("status", "--json")).json[0].sessions;

test("a server that does not answer is named as long as it may run", async (t) => {
  const gate = await Gate.make(t, { start: false, timeout: 2 });
  const servers = await cluster(gate);
  await serveCluster(gate, servers);
  await isLinked([gate.gateway], servers);
  const who = await gate.create("far", ...kTraffic);
  const far = await gate.connect(t, who, { url: servers[2].url });
  await until("it is known", async () => (await sessions(gate)) === 1);
  servers[2].daemon.signal("SIGSTOP");
  t.after(() => servers[2].daemon.signal("SIGCONT"));
  const kick = () => timed(() => gate.command("kick", "far"));
  const kNamed = /server s2 has not answered for \d+ s; if it still runs, its sessions( \(1 known\))? are closed once it answers/;

  await t.test("at once, and no command takes long", async () => {
    const { done, seconds } = await kick();
    t.diagnostic(`${seconds} s`);
    assert.equal(done.code, kSessionsOpen, done.stdout);
    assert.match(done.stderr, kNamed);
    assert.ok(seconds < 9, `${seconds} s`);
  });
  await t.test("and after it was given up, without waiting for it again", async () => {
    await gate.gateway.line(/event=(kick_failed .*error="given up"|connz_failed .*server="?s2)/, 0, 20_000);
    await until("it is given up", async () => (await kick()).seconds < 2, 20_000);
    const { done, seconds } = await kick();
    t.diagnostic(`${seconds} s`);
    assert.equal(done.code, kSessionsOpen, done.stdout);
    assert.match(done.stderr, kNamed);
    assert.ok(seconds < 3, `${seconds} s`);
    assert.equal(far.isClosed(), false);
  });
  await t.test("until it answers: then its session is closed, and that is said", async () => {
    servers[2].daemon.signal("SIGCONT");
    await until("it is closed", () => far.isClosed());
    await until("it answers", async () => (await kick()).done.code === 0);
  });
});

test("a second daemon, which does not know of the server that hangs, does not speak for the first", async (t) => {
  const gate = await Gate.make(t, { start: false, timeout: 2 });
  const servers = await cluster(gate);
  await serveCluster(gate, servers);
  await isLinked([gate.gateway], servers);
  const far = await gate.connect(t, await gate.create("far", ...kTraffic), { url: servers[2].url });
  await until("it is known", async () => (await sessions(gate)) === 1);
  servers[2].daemon.signal("SIGSTOP");
  t.after(() => servers[2].daemon.signal("SIGCONT"));
  const second = new Daemon(credgate, ["serve", "--config", gate.config, "--instance", "b"]);
  gate.daemons.push(second);
  await second.line(/event=system_connected/);
  const { done, seconds } = await timed(() => gate.command("kick", "far"));
  assert.equal(done.code, kSessionsOpen, done.stdout);
  assert.match(done.stderr, /server s2 has not answered for/);
  assert.ok(seconds < 9, `${seconds} s`);
  assert.equal(far.isClosed(), false);
});

test("the sessions of a server that was killed are not reported as open", async (t) => {
  const gate = await Gate.make(t, { start: false, timeout: 2 });
  const servers = await cluster(gate);
  await serveCluster(gate, servers);
  await isLinked([gate.gateway], servers);
  const who = await gate.create("far", ...kTraffic);
  await gate.connect(t, who, { url: servers[2].url, reconnect: false });
  const near = await gate.connect(t, who, { url: servers[0].url });
  await until("both are known", async () => (await sessions(gate)) === 2);
  const mark = gate.gateway.log.length;
  await servers[2].daemon.stop("SIGKILL");
  await gate.gateway.line(new RegExp(`event=system_lost url="${servers[2].url}"`), mark);
  const { done, seconds } = await timed(() => gate.command("kick", "far", "--json"));
  t.diagnostic(`${seconds} s`);
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(done.json.closing, { done: true, closed: 1, open: 0 });
  assert.ok(seconds < 5, `${seconds} s`);
  await until("it is closed", () => near.isClosed());

  const hung = [servers[1].daemon, gate.gateway];
  t.after(() => hung.forEach((daemon) => daemon.signal("SIGCONT")));
  hung.forEach((daemon) => daemon.signal("SIGSTOP"));
  await t.test("beside a daemon and a server that hang, a command says which servers answered, and ends soon", async () => {
    const beside = await timed(() => gate.command("kick", "far"));
    t.diagnostic(`${beside.seconds} s`);
    assert.equal(beside.done.code, kSessionsOpen, beside.done.stdout);
    assert.match(beside.done.stderr, /how many are still open is not known \(.*; no session was open on the servers that answered: s0\)/);
    assert.ok(beside.seconds < 10, `${beside.seconds} s`);
  });
});
