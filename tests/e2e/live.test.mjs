// What is revoked, suspended or kicked is closed at once, on every server, and nothing else is.

import assert from "node:assert/strict";
import test from "node:test";
import { cluster, Gate, heard, until } from "./harness.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
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

test("without a system connection the commands say that only new connections are affected", async (t) => {
  const gate = await Gate.make(t, { start: false });
  gate.editConfig((config) => config.replace(/^ *"system": .*$/m, ""));
  await gate.startServer();
  await gate.startGateway();
  const who = await gate.create("shop", ...kTraffic);
  const open = await gate.connect(t, who);
  const done = await gate.do("suspend", "shop");
  assert.match(done.stderr, /only new connections are affected.*--session-ttl/);
  await gate.denied(who, "suspended");
  await open.flush();
});

test("live connections of a cluster", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate);
  gate.editConfig((config) => config.replace(/"url": "[^"]*"/, `"url": ${JSON.stringify(servers.map(({ url }) => url))}`));
  await gate.startGateway();
  await gate.gateway.line(/event=system_connected/);
  await heard(servers);
  const [who, other] = [await gate.create("many", ...kTraffic), await gate.create("other", ...kTraffic)];
  const dial = (whom) => Promise.all(Array.from({ length: 30 }, (_, i) => gate.connect(t, whom, { url: servers[i % 3].url })));
  const [open, others] = [await dial(who), await dial(other)];
  await gate.do("revoke", "many", "--yes");
  await closed(open);
  for (const connection of others) await connection.flush();
});
