// Servers and gateways come and go; clients get in again, and nobody is answered twice.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

function grants(daemon) {
  return daemon.lines(/event=granted/).length;
}

test("after nats-server was restarted the gateway and the clients come back", async (t) => {
  const gate = await Gate.make(t);
  const shop = await gate.create("shop", ...kTraffic);
  const staying = await gate.connect(t, shop, { reconnect: true, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  const pid = gate.gateway.pid;
  const mark = gate.gateway.log.length;
  await gate.server.stop("SIGKILL");
  await gate.gateway.line(/event=disconnected/, mark);
  await gate.startServer();
  await gate.gateway.line(/event=connected/, mark);
  await until("the client is connected again", () => staying.info?.client_id && !staying.isClosed() && grants(gate.gateway) >= 2);
  await staying.flush();
  await gate.admitted(shop);
  assert.equal(gate.gateway.pid, pid);
});

test("a gateway that is started before nats-server waits for it", async (t) => {
  const gate = await Gate.make(t, { start: false });
  gate.spawnGateway();
  await gate.gateway.line(/event=connect_failed/);
  const shop = await gate.create("shop", ...kTraffic);
  await gate.startServer();
  await gate.gateway.line(/event=connected/);
  await gate.admitted(shop);
  assert.equal(gate.gateway.lines(/event=connect_failed/).length, 1, "one reason is said once");
});

test("after kill -9 a new gateway lets clients in, with what was committed before", async (t) => {
  const gate = await Gate.make(t, { timeout: 2 });
  const shop = await gate.create("shop", ...kTraffic);
  const gone = await gate.create("gone", ...kTraffic);
  const open = await gate.connect(t, shop);
  await gate.do("revoke", "gone", "--yes");
  await gate.gateway.stop("SIGKILL");
  await open.flush(); // whoever is in stays in
  const late = gate.admitted(shop); // the server waits for an answer while there is nobody to give it
  await gate.startGateway();
  await late.catch((error) => assert.match(error.message, /Authorization/i));
  await gate.admitted(shop);
  await gate.denied(gone, "revoked");
});

test("SIGTERM and SIGINT end the gateway with 0 and its figures", async (t) => {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    const gate = await Gate.make(t);
    await gate.admitted(await gate.create("shop", ...kTraffic));
    await gate.refused({});
    assert.deepEqual(await gate.gateway.stop(signal), { code: 0, signal: null });
    assert.match(gate.gateway.log, /event=stopped granted="1" denied="1" faults="0"/);
  }
});

test("two gateways on one store", async (t) => {
  const gate = await Gate.make(t);
  const shop = await gate.create("shop", ...kTraffic);
  const first = gate.gateway;
  const second = await gate.startGateway();

  await t.test("answer each request once, and share them", async () => {
    const kConnects = 100;
    for (let i = 0; i < kConnects; i += 20) {
      await Promise.all(Array.from({ length: 20 }, () => gate.admitted(shop)));
    }
    const sum = () => grants(first) + grants(second);
    await until("every connect is in a log", () => sum() >= kConnects);
    assert.equal(sum(), kConnects);
    assert.ok(grants(first) > 0 && grants(second) > 0, `${grants(first)} and ${grants(second)}`);
  });

  await t.test("one of them is stopped under load, and no client is refused for it", async () => {
    const kConnects = 200;
    const [before, mark] = [grants(first), first.log.length];
    const results = [];
    const connects = Array.from({ length: kConnects }, async () => {
      const connection = await gate.dial(shop).catch((error) => error);
      results.push(connection instanceof Error ? connection.message : "in");
      if (!(connection instanceof Error)) await connection.close();
    });
    await until("the first is at work", () => grants(first) > before);
    const ended = await first.stop("SIGTERM");
    await Promise.all(connects);
    assert.deepEqual(results.filter((result) => result !== "in"), []);
    assert.equal(ended.code, 0);
    assert.match(first.log.slice(mark), /event=stopped/);
    assert.deepEqual(first.lines(/event=fault/), [], "each request that was taken was answered");
    assert.ok(results.length === kConnects && grants(second) > 0);
  });

  await t.test("the other one answers alone, and a new one joins it", async () => {
    await gate.admitted(shop);
    await gate.startGateway();
    for (let i = 0; i < 40 && grants(gate.gateway) === 0; ++i) await gate.admitted(shop);
    assert.ok(grants(gate.gateway) > 0);
  });
});

test("without any gateway the server refuses, and lets nobody in", async (t) => {
  const gate = await Gate.make(t, { start: false, timeout: 1 });
  await gate.startServer();
  const shop = await gate.create("shop", ...kTraffic);
  await gate.refused(shop);
  const done = await gate.client(shop, "connect");
  assert.equal(done.code, 1, done.stdout);
  await gate.startGateway();
  await gate.admitted(shop);
});

test("a gateway whose key the server does not know tries on until it does", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  const shop = await gate.create("shop", ...kTraffic);
  const gateway = gate.gateway;
  const good = gate.serverText();
  const key = /nkey: (U\w{55})/.exec(good)[1];
  const other = (await gate.create("other", "--kind", "nkey", ...kTraffic)).publicKey;
  await gate.server.stop("SIGKILL");
  gate.editServerConfig((text) => text.replace(`nkey: ${key}`, `nkey: ${other}`));
  const mark = gateway.log.length;
  await gate.startServer();
  await gateway.line(/event=connect_failed .*[Aa]uth/, mark);
  // nats.c gives up for good after two authentication errors on one connection: see more than that.
  await until("several attempts", () => (gate.server.log.match(/authentication error/g) ?? []).length >= 4);
  await gate.server.stop("SIGKILL");
  gate.editServerConfig(() => good);
  const back = gateway.log.length;
  await gate.startServer();
  await gateway.line(/event=connected/, back);
  await gate.admitted(shop);
  assert.equal(gateway.exit, null);
});

test("commands work while no daemon runs, and the daemon knows what they did", async (t) => {
  const gate = await Gate.make(t);
  const shop = await gate.create("shop", ...kTraffic);
  await gate.gateway.stop();
  const made = await gate.create("made", ...kTraffic);
  await gate.do("suspend", "shop");
  await gate.startGateway();
  await gate.admitted(made);
  await gate.denied(shop, "suspended");
});
