// What is revoked, suspended or kicked is closed at once, on every server, and nothing else is.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { cluster, serveCluster } from "./support/cluster.mjs";
import { Gate } from "./support/gate.mjs";
import { freePort } from "./support/ports.mjs";
import { Daemon } from "./support/processes.mjs";
import { natsServer } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kSessionsOpen = 6;
const kClosing = {
  revoke: ["--yes", "--reason", "left"],
  suspend: [],
  kick: [],
  update: ["--now", "--no-publish"],
};

const closed = (connections) =>
  Promise.all(connections.map((connection) => until("it is closed", () => connection.isClosed())));

test("live connections of one server", async (t) => {
  const gate = await Gate.make(t);
  await gate.gateway.line(/event=system_connected/);
  const other = await gate.create("other", ...kTraffic);
  const bystander = await gate.connect(t, other);
  for (const [command, options] of Object.entries(kClosing)) {
    await t.test(`${command} closes them`, async () => {
      const who = await gate.create(`${command}ed`, ...kTraffic);
      const open = await Promise.all([1, 2, 3].map(() => gate.connect(t, who)));
      const done = await gate.do(command, who.name, ...options);
      assert.equal(done.stderr, "");
      await closed(open);
      await bystander.flush();
      if (command === "revoke") await gate.denied(who, "revoked");
      else if (command === "suspend") await gate.denied(who, "suspended");
      else await gate.admitted(who);
      assert.match((await gate.do("history", who.id)).stdout, new RegExp(` ${command} `));
    });
  }

  await t.test("update alone leaves them open", async () => {
    const who = await gate.create("changed", ...kTraffic);
    const open = await gate.connect(t, who);
    const mark = gate.gateway.log.length;
    await gate.do("update", who.name, "--no-publish");
    await gate.do("kick", "other");
    await gate.gateway.line(/event=kicked/, mark);
    await open.flush();
  });

  await t.test("at the end of expires_at, which came after they did", async () => {
    const who = await gate.create("ending", ...kTraffic);
    const open = [await gate.connect(t, who), await gate.connect(t, who)];
    const kept = await gate.connect(t, other);
    await gate.do("update", "ending", "--expires", "3s");
    await open[0].flush();
    await closed(open);
    await gate.denied(who, "expired");
    await kept.flush();
  });

  await t.test("at the end of a rotation's overlap, those made with the old secret", async () => {
    const who = await gate.create("turning", ...kTraffic);
    const old = await gate.connect(t, who);
    const { json } = await gate.do("rotate", "turning", "--overlap", "4s", "--json");
    const fresh = { ...who, secret: json.secret };
    await until("the second of the rotation is over", async () => Date.now() > Date.parse(json.credential.updated_at) + 1_050);
    const [during, kept] = [await gate.connect(t, who), await gate.connect(t, fresh)];
    await old.flush();
    await closed([old, during]);
    await gate.denied(who, "bad_proof");
    await kept.flush();
  });

  await t.test("rotate --overlap 0 leaves them open, and with --now it does not", async () => {
    const who = await gate.create("turned", ...kTraffic);
    const open = await gate.connect(t, who);
    await gate.do("rotate", "turned", "--overlap", "0");
    await gate.denied(who, "bad_proof");
    await open.flush();
    await gate.do("rotate", "turned", "--overlap", "0", "--now");
    await closed([open]);
  });

  await t.test("what was revoked while no gateway ran is closed when one starts", async () => {
    const [gone, stays] = [await gate.create("gone", ...kTraffic), await gate.create("stays", ...kTraffic)];
    const open = await gate.connect(t, gone);
    const kept = await gate.connect(t, stays);
    await gate.gateway.stop();
    await gate.do("revoke", "gone", "--yes");
    await open.flush();
    await gate.startGateway();
    await closed([open]);
    await kept.flush();
    // That one was let in by another gateway, and is known to this one too.
    await gate.do("kick", "stays");
    await closed([kept]);
  });
});

test("max_sessions, with two gateways", async (t) => {
  const gate = await Gate.make(t);
  await gate.gateway.line(/event=system_connected/);
  await (await gate.startGateway()).line(/event=system_connected/);
  const who = await gate.create("few", ...kTraffic, "--max-sessions", "5");
  const racing = await Promise.allSettled(Array.from({ length: 20 }, () => gate.connect(t, who)));
  const open = racing.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  t.diagnostic(`${open.length} of 20 were let in`);
  assert.ok(open.length >= 5 && open.length <= 10, `${open.length}`);
  const left = () => open.filter((connection) => !connection.isClosed());
  await until("no more than it may have are left", () => left().length <= 5);
  // A daemon that has not yet heard of the newest one lets one in for a moment.
  const refused = () => gate.connect(t, who).then((extra) => until("it is closed again", () => extra.isClosed()), () => {});
  // One that ends makes room for one, and no more.
  assert.equal(left().length, 5);
  await refused();
  await left()[0].close();
  await until("there is room again", () => gate.connect(t, who).then(() => true, () => false));
  await refused();
  assert.equal((await gate.do("sessions", "few", "--json")).json.sessions.length, 5);
});

// Its clients come back elsewhere, and no server tells of the end of each.
for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`max_sessions, when a server of the cluster ends by ${signal}`, async (t) => {
    const gate = await Gate.make(t, { start: false });
    const servers = await cluster(gate);
    await serveCluster(gate, servers, servers.slice(0, 2));
    const who = await gate.create("one", ...kTraffic, "--max-sessions", "1");
    const open = await gate.connect(t, who, { url: servers[2].url });
    await gate.denied(who, "too_many_sessions", { url: servers[0].url });
    await servers[2].daemon.stop(signal);
    await until("it ended", () => open.isClosed());
    await until("its session is free", () => gate.connect(t, who, { url: servers[0].url }).then(() => true, () => false));
    // The tries in vain have used up the lines of this reason.
    await assert.rejects(gate.connect(t, who, { url: servers[1].url }), /Authorization/i);
  });
}

test("what is kicked while its server is out of reach is closed once that is back", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate);
  await serveCluster(gate, servers, servers.slice(0, 2));
  const who = await gate.create("far", ...kTraffic);
  const [far, near] = [await gate.connect(t, who, { url: servers[2].url }), await gate.connect(t, who, { url: servers[0].url })];
  servers[2].daemon.signal("SIGSTOP");
  assert.equal((await gate.command("kick", "far")).code, kSessionsOpen); // so it is said
  await closed([near]); // it is not waited for
  await gate.gateway.line(/event=kick_failed .*server="s2" .*given up/);
  assert.equal(far.isClosed(), false);
  servers[2].daemon.signal("SIGCONT");
  await closed([far]);
});

test("a leafnode is closed when its credential is revoked, and does not come back", async (t) => {
  const port = await freePort();
  const gate = await Gate.make(t, { server: `leafnodes { listen: "127.0.0.1:${port}" }` });
  await gate.gateway.line(/event=system_connected/);
  const who = await gate.create("edge", ...kTraffic, "--connection-types", "LEAFNODE");
  const config = path.join(gate.dir, "leaf.conf");
  fs.writeFileSync(config, `listen: "127.0.0.1:${await freePort()}"
server_name: leaf
leafnodes { reconnect: "200ms", remotes: [ { url: "nats-leaf://${who.id}:${who.secret}@127.0.0.1:${port}" } ] }
`);
  const leaf = new Daemon(natsServer, ["-D", "-c", config]);
  gate.daemons.push(leaf);
  await leaf.line(/Leafnode connection created for account/); // before it is let in
  await gate.gateway.line(/event=granted .*type="leafnode"/);
  const mark = leaf.log.length;
  await gate.do("revoke", "edge", "--yes");
  await leaf.line(/Leafnode connection closed/, mark);
  await gate.gateway.line(new RegExp(`event=kicked id="${who.id}"`));
  await gate.gateway.line(/event=denied reason="revoked" .*type="leafnode"/);
});

test("without a system connection the commands say that only new connections are affected", async (t) => {
  const gate = await Gate.make(t, { start: false });
  gate.editConfig((config) => config.replace(/^ *"system": .*$/m, ""));
  await gate.startServer();
  await gate.startGateway();
  const who = await gate.create("shop", ...kTraffic);
  const open = await gate.connect(t, who);
  const done = await gate.do("suspend", "shop");
  assert.match(done.stderr, /only new connections are affected.*session_ttl/);
  await gate.denied(who, "suspended");
  await open.flush();
  const uncounted = await gate.command("create", "few", ...kTraffic, "--max-sessions", "5");
  assert.equal(uncounted.code, 2);
  assert.match(uncounted.stderr, /--max-sessions: without `system`/);
});

test("live connections of a cluster", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate);
  await serveCluster(gate, servers);
  const [who, other] = [await gate.create("many", ...kTraffic), await gate.create("other", ...kTraffic)];
  const dial = (whom) => Promise.all(Array.from({ length: 30 }, (_, i) => gate.connect(t, whom, { url: servers[i % 3].url })));
  const [open, others] = [await dial(who), await dial(other)];
  await gate.do("revoke", "many", "--yes");
  await closed(open);
  for (const connection of others) await connection.flush();
});
