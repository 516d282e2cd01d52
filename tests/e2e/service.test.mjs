// The daemon as systemd has it: what it tells over the notification socket, and when its watchdog is
// not fed any more. The socket is real; this file does what systemd would.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { Daemon } from "./support/processes.mjs";
import { natsClient } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const helper = (name) => path.join(path.dirname(natsClient), name);

async function listen(gate) {
  const socket = path.join(gate.dir, "notify");
  const listener = new Daemon(helper("notify_listener"), [socket]);
  gate.daemons.push(listener);
  await listener.line(/^listening/);
  return { listener, env: { ...process.env, NOTIFY_SOCKET: socket } };
}

test("readiness, reload and stop are told", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const { listener, env } = await listen(gate);
  gate.spawnGateway({ env });
  await listener.line(/^READY=1$/);
  await listener.line(/^STATUS=waiting for nats-server at nats:/);
  await gate.startServer();
  await listener.line(/^STATUS=connected to nats-server at nats:/);

  const mark = listener.log.length;
  gate.gateway.signal("SIGHUP");
  await gate.gateway.line(/event=reloaded/);
  await listener.line(/^READY=1$/, mark);
  const told = listener.log.slice(mark).split("\n");
  const reloading = told.findIndex((line) => /^RELOADING=1 MONOTONIC_USEC=\d+$/.test(line));
  assert.ok(reloading >= 0 && reloading < told.indexOf("READY=1"), told.join("\n"));

  assert.deepEqual(await gate.gateway.stop(), { code: 0, signal: null });
  await listener.line(/^STOPPING=1$/);
  assert.deepEqual(listener.lines(/WATCHDOG/), []); // none was asked for
});

test("a configuration that cannot be served is never ready, and ends with 78", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const { listener, env } = await listen(gate);
  gate.editConfig((text) => text.replace('"accounts"', '"acounts"'));
  const broken = gate.spawnGateway({ env });
  assert.equal((await broken.ended).code, 78);
  assert.deepEqual(listener.lines(/READY/), []);
});

test("the watchdog is fed while decisions can be made, with a server or without, and not when the workers are wedged", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const { listener, env } = await listen(gate);
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const kLimit = 3_000;
  const env2 = { ...env, WATCHDOG_USEC: `${kLimit * 1000}` };
  delete env2.WATCHDOG_PID;
  const wedge = path.join(gate.dir, "wedge"); // while it is there, decisions wait
  const daemon = new Daemon(helper("race_gateway"), [gate.config, wedge], { env: env2 });
  gate.daemons.push(daemon);
  gate.gateway = daemon;
  const fed = () => listener.lines(/^WATCHDOG=1$/).length;
  await until("it is fed without a server", () => fed() >= 2);
  await gate.startServer();
  await listener.line(/^STATUS=connected to nats-server/);
  const before = fed();
  await until("it is fed with a server", () => fed() >= before + 2);
  await gate.admitted(shop);

  fs.writeFileSync(wedge, "");
  // Each of these wedges one worker.
  for (let i = 0; i < 4; i++) gate.dial(shop, { timeout: 1_000 }).then((connection) => connection.close(), () => {});
  let [count, since] = [fed(), Date.now()];
  await until("nobody feeds it any more", () => {
    if (fed() !== count) [count, since] = [fed(), Date.now()];
    return Date.now() - since > kLimit;
  }, 60_000);
  daemon.signal("SIGABRT"); // what systemd sends
  assert.equal((await daemon.ended).signal, "SIGABRT");
});
