// A revocation that leaves the session of whoever it is meant for open, and an operator who is told
// that it is closed.

import assert from "node:assert/strict";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { adminOf, ask, gateWithAdmins } from "../support/admins.mjs";
import { cluster, serveCluster } from "../support/cluster.mjs";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kSessionsOpen = 6;
const kRequired = { kick: [], update: ["--now", "--no-publish"], rotate: ["--now", "--overlap", "0"] };
const kToo = { suspend: [], revoke: ["--yes"] };

const closed = (connections) => Promise.all(connections.map((one) => until("it is closed", () => one.isClosed())));

// A command over NATS, as one of the three admins that init makes.
async function remote(gate, name, ...args) {
  const done = await run(credgate, [...args, "--context", path.join(gate.init.admins, `${name}.json`)]);
  try {
    done.json = JSON.parse(done.stdout);
  } catch {
    done.json = undefined;
  }
  return done;
}

// A way to the server that the test can cut.
async function wire(t, port) {
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => { near.destroy(); far.destroy(); });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(cut);
  return { port: server.address().port, cut };
}

test("what was closed is counted, by whichever way it is asked for", async (t) => {
  const gate = await gateWithAdmins(t);
  await gate.gateway.line(/event=system_connected/);
  for (const [command, options] of Object.entries({ ...kToo, ...kRequired })) {
    for (const how of ["here", "over NATS"]) {
      await t.test(`${command}, ${how}`, async () => {
        const who = await gate.create(`${command} ${how}`, ...kTraffic);
        const open = [await gate.connect(t, who), await gate.connect(t, who)];
        const act = (...args) => (how === "here" ? gate.command(...args) : remote(gate, "editor", ...args));
        const done = await act(command, who.name, ...options, "--json");
        assert.equal(done.code, 0, done.stderr);
        assert.deepEqual(done.json.closing, { done: true, closed: 2, open: 0 });
        await closed(open);
        const none = await act(command, who.id, ...options);
        assert.equal(none.code, 0, none.stderr);
        assert.match(none.stdout, command in kToo ? /unchanged; no session was open;/ : /no session was open/);
      });
    }
  }
});

test("without a daemon nothing is closed, and nobody says that it was", async (t) => {
  const gate = await Gate.make(t);
  await gate.gateway.line(/event=system_connected/);
  const idle = await gate.create("idle", ...kTraffic);
  const [held, ids] = [{}, {}];
  for (const command of Object.keys({ ...kToo, ...kRequired })) {
    const who = await gate.create(command, ...kTraffic);
    ids[command] = who.id;
    held[command] = await gate.connect(t, who);
  }
  await gate.gateway.stop();
  for (const [command, options] of Object.entries({ ...kToo, ...kRequired })) {
    await t.test(command, async () => {
      const done = await gate.command(command, command, ...options);
      assert.equal(done.code, command in kRequired ? kSessionsOpen : 0, done.stderr);
      assert.match(done.stderr, /no gateway could close its sessions: 1 session is still open \(no daemon runs on this machine\)/);
      assert.doesNotMatch(done.stdout, /closed|" kicked;/);
      await held[command].flush();
      const json = await gate.command(command, ids[command], ...options, "--json");
      const { servers, ...closing } = json.json.closing;
      assert.deepEqual(closing, { done: false, closed: 0, open: 1, why: "no daemon runs on this machine" });
      assert.equal(servers.length, 1);
      if (command in kRequired) assert.equal(JSON.parse(json.stderr).error.code, "sessions_open");
    });
  }
  await t.test("nor where the servers that answer have none, as others may hang", async () => {
    const done = await gate.command("kick", idle.name, "--json");
    assert.equal(done.code, kSessionsOpen, done.stderr);
    const { servers, ...closing } = done.json.closing;
    assert.deepEqual(closing, {
      done: false, closed: 0, open: null,
      why: `no daemon runs on this machine; no session was open on the servers that answered: ${servers.join(", ")}`,
    });
    const suspended = await gate.command("suspend", idle.name);
    assert.equal(suspended.code, 0, suspended.stderr);
    assert.match(suspended.stderr, /warning: no gateway could close its sessions: how many are still open is not known/);
  });
  await t.test("and where the servers cannot be asked either, that is said", async () => {
    await gate.server.stop();
    const done = await gate.command("kick", "update");
    assert.equal(done.code, kSessionsOpen);
    assert.match(done.stderr, /how many are still open is not known/);
  });
});

test("a daemon that lost the system account closes nothing, and says so here and over NATS", async (t) => {
  const gate = await Gate.make(t, { start: false, admins: true });
  const way = await wire(t, gate.port);
  gate.editConfig((config) => config.replace('"system": { ', `"system": { "url": "nats://127.0.0.1:${way.port}", `));
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=system_connected/);
  await gate.gateway.line(/event=admin_connected/);
  const who = await gate.create("shop", ...kTraffic);
  const open = await gate.connect(t, who);
  way.cut();
  await until("it is lost", async () => (await gate.command("status", "--json")).json[0].connections.system.up === false);
  const local = await gate.command("kick", "shop");
  assert.equal(local.code, kSessionsOpen, local.stdout);
  assert.match(local.stderr, /no gateway could close its sessions: .* \(no daemon is connected to the system account\)/);
  const far = await remote(gate, "editor", "update", "shop", "--now", "--no-publish");
  assert.equal(far.code, kSessionsOpen, far.stdout);
  assert.match(far.stderr, /1 session is still open \(the gateway is not connected to the system account\)/);
  await t.test("and of many requests at once none waits for another one's sessions", async () => {
    const connection = await gate.connect(t, adminOf(gate, "editor"));
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(connection, "suspend.APP", { credential: who.id })));
    for (const { closing } of answers) assert.deepEqual([closing.done, closing.open], [false, 1]);
    await gate.do("resume", "shop");
  });
  const revoked = await remote(gate, "security-officer", "revoke", "shop", "--yes");
  assert.equal(revoked.code, 0, revoked.stderr);
  assert.match(revoked.stdout, /revoked for new connections; revision/);
  assert.match(revoked.stderr, /warning: no gateway could close its sessions: 1 session is still open/);
  await open.flush();
});

test("a server that hangs keeps its session, and the others' are counted", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate);
  await serveCluster(gate, servers, servers.slice(0, 2));
  const who = await gate.create("far", ...kTraffic);
  const near = await gate.connect(t, who, { url: servers[0].url });
  await gate.connect(t, who, { url: servers[2].url });
  await until("both are known", async () => (await gate.command("status", "--json")).json[0].sessions === 2);
  servers[2].daemon.signal("SIGSTOP");
  t.after(() => servers[2].daemon.signal("SIGCONT"));
  const done = await gate.command("kick", "far", "--json");
  assert.equal(done.code, kSessionsOpen, done.stderr);
  const { why, unanswered, ...closing } = done.json.closing;
  assert.deepEqual(closing, { done: false, closed: 1, open: null });
  assert.match(why, /^server s2 has not answered for \d s; if it still runs, its sessions \(1 known\) are closed once it answers$/);
  assert.deepEqual(unanswered.map(({ server, sessions }) => [server, sessions]), [["s2", 1]]);
  await closed([near]);
});

test("of two changes at once each says what it has closed", async (t) => {
  const gate = await gateWithAdmins(t);
  await gate.gateway.line(/event=system_connected/);
  const who = await gate.create("shop", ...kTraffic);
  const open = [await gate.connect(t, who), await gate.connect(t, who)];
  await until("both are known", async () => (await gate.command("status", "--json")).json[0].sessions === 2);
  const connection = await gate.connect(t, adminOf(gate, "editor"));
  const answers = await Promise.all(["suspend.APP", "kick.APP", "suspend.APP"].map((subject) => ask(connection, subject, { credential: who.id })));
  await closed(open);
  const told = answers.map(({ changed, closing }) => ({ changed, closing }));
  for (const { closing } of told) assert.equal(closing.done, true, JSON.stringify(told));
  assert.equal(Math.max(...told.map(({ closing }) => closing.closed)), 2, JSON.stringify(told)); // whichever came first
  const repeated = [told[0], told[2]].filter(({ changed }) => !changed);
  assert.deepEqual(repeated.map(({ closing }) => closing.closed), [0], JSON.stringify(told));
});

test("of two daemons that close the same sessions, each is counted once", async (t) => {
  const gate = await gateWithAdmins(t);
  const first = gate.gateway;
  const second = await gate.startGateway(); // of the same name: only the first has the control socket
  await Promise.all([first, second].map((daemon) => daemon.line(/event=system_connected/)));
  const ways = { here: (...args) => gate.command(...args), far: (...args) => remote(gate, "editor", ...args) };
  for (const [name, act] of Object.entries(ways)) {
    const who = await gate.create(name, ...kTraffic);
    const open = await Promise.all(Array.from({ length: 6 }, () => gate.connect(t, who)));
    await until("a daemon knows them", async () => (await gate.command("status", "--json")).json[0].sessions === open.length);
    const done = await act("kick", who.name, "--json");
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(done.json.closing, { done: true, closed: 6, open: 0 }, name);
    await closed(open);
  }
});
