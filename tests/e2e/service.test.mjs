// The daemon as systemd has it: what it tells over the notification socket, and when its watchdog is
// not fed any more. The socket is real; this file does what systemd would.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { freePort } from "./support/ports.mjs";
import { Daemon, daemonCommand } from "./support/processes.mjs";
import { natsClient, root } from "./support/programs.mjs";
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

test("an instance has any name, its metrics are where the configuration says, and no wrong option is tried again", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.startServer();
  const listen = `127.0.0.1:${await freePort()}`;
  gate.editConfig((text) => text.replace('"listen": "off"', `"listen": { "a": "${listen}", "10": "off" }`));
  const instance = (name) => {
    const daemon = new Daemon(...daemonCommand(["--config", gate.config, "--instance", name]));
    gate.daemons.push(daemon);
    return daemon;
  };
  await instance("a").line(new RegExp(`event=metrics_served listen="${listen}"`));
  assert.doesNotMatch(await instance("10").line(/event=(connected|metrics_)/), /metrics_/);
  await instance("other-one").line(/event=metrics_not_served error="metrics\.listen has no address for the instance other-one"/);
  await until("all answer", async () => (await gate.command("status", "--json")).json?.length === 3);
  assert.equal((await instance(".a").ended).code, 2);
  for (const unit of ["credgate.service", "credgate@.service"]) {
    const text = fs.readFileSync(path.join(root, "systemd", unit), "utf8");
    assert.match(text, /^RestartPreventExitStatus=2 78 CREDENTIALS$/m);
    assert.doesNotMatch(text, /^ExecStart=.*--metrics/m);
  }
});

test("a reload of a wrong file is told until a good one, and the daemon serves on", async (t) => {
  const gate = await Gate.make(t, { start: false, metrics: true });
  const { listener, env } = await listen(gate);
  await gate.startServer();
  await gate.startGateway({ env });
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const successful = async () => (await (await fetch(`http://${gate.metrics}/metrics`)).text()).match(/^credgate_config_last_reload_successful (\d)$/m)[1];
  const reload = async (event) => {
    const marks = [gate.gateway.log.length, listener.log.length];
    gate.gateway.signal("SIGHUP");
    await gate.gateway.line(event, marks[0]);
    await listener.line(/^READY=1$/, marks[1]);
    return marks[1];
  };
  const good = fs.readFileSync(gate.config, "utf8");
  assert.equal(await successful(), "1");
  assert.doesNotMatch((await gate.command("status")).stdout, /^ +config /m);

  gate.editConfig((text) => text.replace('"accounts"', '"acounts"'));
  const wrong = await reload(/event=reload_failed/);
  await listener.line(/^STATUS=connected to .*; configuration: the last reload failed, and the file is not in use: .*acounts/, wrong);
  assert.equal(await successful(), "0");
  fs.writeFileSync(gate.config, good); // commands read the file too
  assert.match((await gate.command("status")).stdout, /^ +config +the last reload failed, .*"?acounts/m);
  await gate.admitted(shop);

  gate.editConfig((text) => text.replace('"master_key"', '"workers": 3,\n  "master_key"'));
  await reload(/event=reloaded/);
  assert.equal(await successful(), "1");
  assert.match((await gate.command("status")).stdout, /^ +config +changed, but not in use until a restart: workers$/m);

  fs.writeFileSync(gate.config, good);
  const mended = await reload(/event=reloaded/);
  await listener.line(/^STATUS=connected to (?!.*configuration)/, mended);
  assert.doesNotMatch((await gate.command("status")).stdout, /^ +config /m);
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
