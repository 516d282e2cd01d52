// A flood of refusals does not make journald drop the lines that matter: there are too few of them.

import assert from "node:assert/strict";
import { test } from "node:test";
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
