// A server that hangs does not keep the daemon from stopping before systemd kills it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { adminOf, flood, gateWithAdmins } from "../support/admins.mjs";
import { until } from "../support/waiting.mjs";

async function stopsInTime(t, gate) {
  gate.server.signal("SIGSTOP");
  t.after(() => gate.server.signal("SIGCONT"));
  const began = performance.now();
  gate.gateway.signal("SIGTERM");
  await gate.gateway.ended;
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(`stopped in ${seconds} s`);
  assert.ok(seconds < 14, `${seconds} s`); // TimeoutStopSec is 20
}

test("a gateway stops within its time while nats-server hangs", async (t) => {
  await stopsInTime(t, await gateWithAdmins(t));
});

test("so it does with searches for sessions and changes that wait", async (t) => {
  const gate = await gateWithAdmins(t);
  const { id } = await gate.create("client", "--publish", "--subjects", "orders.>");
  const searches = Array(5).fill(["sessions", { credential: id }]);
  const changes = Array(200).fill(["suspend", { credential: id }]);
  for (const [name, requests] of [["security-officer", [...searches, ...changes]], ["editor", searches]]) {
    const admin = adminOf(gate, name);
    const connection = await gate.connect(t, admin);
    flood(connection, admin.inbox, requests);
    await connection.flush();
  }
  await until("a search has begun", () => gate.gateway.log.includes("event=admin "));
  await stopsInTime(t, gate);
});
