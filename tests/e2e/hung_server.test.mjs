// Servers of a cluster hang, join and leave. The gateway has a link to each, so the others never notice.

import assert from "node:assert/strict";
import test from "node:test";
import { dial } from "../bench/raw_client.mjs";
import { cluster, isLinked, joinCluster, serveCluster } from "./support/cluster.mjs";
import { Gate } from "./support/gate.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kSeconds = 5_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("each server of a cluster has a link of its own", async (t) => {
  const gate = await Gate.make(t, { start: false, timeout: 2 });
  const servers = await cluster(gate);
  await serveCluster(gate, servers, [servers[0]]); // it is told of one, and discovers the others
  const { gateway } = gate;
  await isLinked([gateway], servers);
  const shop = await gate.create("shop", ...kTraffic);
  let logins = 0;

  const login = async ({ port }, who = shop) => {
    const session = await dial(port, who);
    logins += 1;
    assert.ok(session.admitted, `login ${logins} at ${port} was refused`);
    return session;
  };
  const links = async () => (await gate.do("status", "--instance", "credgate", "--json")).json[0].connections.callout.links;
  const revokes = async (server, name) => {
    const who = await gate.create(name, ...kTraffic);
    const session = await login(server, who);
    return async () => {
      await gate.do("revoke", who.id, "--yes");
      const acknowledged = performance.now();
      await until("the session is closed", () => session.end, kSeconds);
      return performance.now() - acknowledged;
    };
  };

  for (const hung of [0, 1]) {
    await t.test(`while one hangs${hung ? " that was discovered" : ""} no login at another fails`, async () => {
      const others = servers.filter((_, i) => i !== hung);
      const revoke = await Promise.all(others.map((server, i) => revokes(server, `gone-${hung}-${i}`)));
      const mark = gateway.log.length;
      const { daemon, url } = servers[hung];
      daemon.signal("SIGSTOP");
      try {
        const began = performance.now();
        const all = [];
        const closed = Promise.all(revoke.map((one) => one()));
        while (performance.now() - began < 3_000) {
          all.push(login(others[all.length % 2]).then(({ socket }) => socket.destroy()));
          await sleep(20);
        }
        await Promise.all(all);
        for (const took of await closed) {
          t.diagnostic(`closed ${Math.round(took)} ms after the revocation was acknowledged`);
          assert.ok(took < 1_000, `${took} ms`);
        }
        await gateway.line(new RegExp(`event=server_hangs url="${url}"`), mark, kSeconds);
        assert.equal((await links()).find((link) => link.url === url).up, false);
        assert.match((await gate.do("status", "--instance", "credgate")).stdout, new RegExp(`NO LINK to ${url} `));
      } finally {
        daemon.signal("SIGCONT");
      }
      await isLinked([gateway], [servers[hung]], mark);
      (await login(servers[hung])).socket.destroy();
    });
  }

  await t.test("one that joins later gets a link, and loses it when it leaves", async () => {
    const mark = gateway.log.length;
    const fourth = await joinCluster(gate, servers);
    await isLinked([gateway], [fourth], mark);
    const revoke = await revokes(fourth, "gone-4");
    await revoke();
    await fourth.daemon.stop("SIGKILL");
    await until("it is forgotten", async () => (await links()).length === servers.length, kSeconds);
    assert.ok((await links()).every((link) => link.up));
  });

  await t.test("and each login was decided once", async () => {
    const { json } = await gate.do("status", "--instance", "credgate", "--json");
    const { granted, denied, dropped, faults } = json[0].decisions;
    assert.deepEqual({ granted, denied, dropped, faults }, { granted: logins, denied: {}, dropped: {}, faults: 0 });
  });
});
