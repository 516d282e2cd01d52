// A flood of refusals does not make journald drop the lines that matter: there are too few of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gateWithAdmins } from "../support/admins.mjs";
import { Gate } from "../support/gate.mjs";
import { rawConnect } from "../support/raw_connect.mjs";
import { until } from "../support/waiting.mjs";

test("a flood of refusals leaves few lines, and those about sessions are all there", async (t) => {
  const kFlood = 400;
  const gate = await Gate.make(t, { metrics: true });
  const shops = [];
  for (let i = 0; i < 5; i++) shops.push(await gate.create(`shop${i}`, "--publish", "--subjects", "orders.>"));
  for (const shop of shops) await gate.connect(t, shop);
  const began = performance.now();
  let left = kFlood;
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (left-- > 0) await rawConnect(gate, { user: "CGAAAAAAAAAAAAAAAAAA", pass: "x" });
  }));
  const seconds = (performance.now() - began) / 1000;
  for (const { name } of shops) await gate.do("revoke", name, "--yes");
  await until("all are kicked", () => gate.gateway.lines(/event=kicked/).length === shops.length);

  const denied = () => gate.gateway.lines(/event=denied reason="unknown_credential"/).length;
  const suppressed = () => gate.gateway.lines(/event=suppressed .*of="denied" reason="unknown_credential"/)
    .reduce((sum, line) => sum + Number(/lines="(\d+)"/.exec(line)[1]), 0);
  await until("each is written or counted", () => denied() + suppressed() === kFlood);
  assert.ok(denied() >= 100 && denied() <= 100 + 5 * (seconds + 1), `${denied()} lines in ${seconds} s`);
  const { stdout } = await gate.do("status");
  assert.match(stdout, /unknown_credential/);
  const metrics = await (await fetch(`http://${gate.metrics}/metrics`)).text();
  assert.match(metrics, new RegExp(`^credgate_decisions_total\\{.*reason="unknown_credential",kind="key"\\} ${kFlood}$`, "m"));
  assert.equal(gate.gateway.lines(/event=granted/).length, shops.length);
});

test("a proxy that sends no question leaves few lines, and another's are all there", async (t) => {
  const kFlood = 400;
  const gate = await gateWithAdmins(t);
  const ask = async (name, count) => {
    const who = await gate.create(name, "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify");
    const proxy = await gate.connect(t, who);
    for (let i = 0; i < count; i++) await proxy.request("credgate.v1.sigv4.verify", "no question", { timeout: 10_000 });
    return () => gate.gateway.lines(new RegExp(`event=sigv4_bad_request .*client="nats:${who.id}"`)).length;
  };
  const began = performance.now();
  const flood = await ask("flood", kFlood);
  const seconds = (performance.now() - began) / 1000;
  const other = await ask("other", 3);
  await until("each of the other's is written", () => other() === 3);
  await until("those that are not written are counted", () => gate.gateway.lines(/event=suppressed .*of="sigv4_bad_request" reason="usage" actor=/).length > 0);
  assert.ok(flood() >= 100 && flood() <= 100 + 5 * (seconds + 1), `${flood()} lines in ${seconds} s`);
});
