// One server of three hangs: it takes connections, and answers nothing.

import assert from "node:assert/strict";
import test from "node:test";
import { cluster, isWhole, serveCluster } from "./support/cluster.mjs";
import { Gate } from "./support/gate.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kSeconds = 6_000;

test("a gateway leaves a server that hangs within seconds, and closes sessions on the others", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate, { routes: 'ping_interval: "1s", ping_max: 1' });
  const [home, ...others] = servers;
  // All of the gateway's connections are to one server.
  for (const other of others) await other.daemon.stop("SIGKILL");
  await serveCluster(gate, [home], servers);
  for (const other of others) await other.start();
  await isWhole(servers);
  const shop = await gate.create("shop", ...kTraffic);
  const gone = await gate.create("gone", ...kTraffic);
  const open = await Promise.all(others.map(({ url }) => gate.connect(t, gone, { url })));
  const kept = await gate.connect(t, shop, { url: others[0].url });

  const mark = gate.gateway.log.length;
  home.daemon.signal("SIGSTOP");
  t.after(() => home.daemon.signal("SIGCONT"));
  await gate.do("revoke", "gone", "--yes");
  await gate.gateway.line(/event=connected/, mark, kSeconds);
  await Promise.all(open.map((connection) => until("it is closed", () => connection.isClosed(), kSeconds)));
  const left = gate.gateway.lines(/event=server_hangs/);
  assert.ok(left.length > 0 && left.every((line) => line.includes(`url="${home.url}"`)), gate.gateway.log);

  // The other servers have dropped the one that hangs, and with it the requests that went there.
  for (const server of others) {
    await until("its routes know one server", async () => {
      const { routes } = await (await fetch(`${server.monitoring}/routez`)).json();
      return new Set(routes.map((route) => route.remote_name)).size === 1;
    });
  }
  for (let i = 0; i < 10; i++) await Promise.all(others.map(({ url }) => gate.admitted(shop, { url })));
  const made = await gate.create("made", ...kTraffic);
  const session = await gate.connect(t, made, { url: others[1].url });
  const began = performance.now();
  await gate.do("revoke", "made", "--yes");
  await until("it is closed", () => session.isClosed(), kSeconds);
  t.diagnostic(`closed ${Math.round(performance.now() - began)} ms after the command began`);
  await kept.flush();

  await t.test("and serves it again once it answers", async () => {
    home.daemon.signal("SIGCONT");
    await isWhole(servers);
    await until("it lets in", () => gate.admitted(shop, { url: home.url }).then(() => true, () => false));
  });
});
