// A server that hangs does not keep the daemon from stopping before systemd kills it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gateWithAdmins } from "../support/admins.mjs";

test("a gateway stops within its time while nats-server hangs", async (t) => {
  const gate = await gateWithAdmins(t);
  gate.server.signal("SIGSTOP");
  t.after(() => gate.server.signal("SIGCONT"));
  const began = performance.now();
  gate.gateway.signal("SIGTERM");
  await gate.gateway.ended;
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(`stopped in ${seconds} s`);
  assert.ok(seconds < 18, `${seconds} s`); // TimeoutStopSec is 20
});
