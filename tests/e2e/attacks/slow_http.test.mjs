// Strangers who hold the connections of the HTTP server hide nothing from those who watch the daemon.

import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { Gate } from "../support/gate.mjs";
import { until } from "../support/waiting.mjs";

test("connections that send a byte now and then do not keep health from who asks", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  const get = async (path) => (await fetch(`http://${gate.metrics}${path}`, { signal: AbortSignal.timeout(3_000) })).status;
  await until("it is ready", async () => (await get("/readyz")) === 200);
  const [host, port] = gate.metrics.split(":");
  const sockets = new Set();
  let connected = 0;
  let attacking = true;
  // Each comes again as soon as it is closed.
  const open = () => {
    const socket = net.connect({ host, port });
    sockets.add(socket);
    socket.on("connect", () => connected++).on("error", () => {}).on("close", () => {
      sockets.delete(socket);
      if (attacking) setTimeout(open, 10);
    });
    socket.write("GET /healthz HTTP/1.1\r\nX-Slow: ");
  };
  for (let i = 0; i < 40; i++) open();
  const drip = setInterval(() => {
    for (const socket of sockets) socket.write("x");
  }, 500);
  t.after(() => {
    attacking = false;
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  });
  await until("all are connected, or wait for a place", () => connected >= 40);
  for (let i = 0; i < 10; i++) {
    for (const path of ["/healthz", "/readyz", "/metrics"]) assert.equal(await get(path), 200, path);
  }
  attacking = false;
  // Those that are left end too, though each sends a byte in time.
  await until("none is left", () => sockets.size === 0, 10_000);
});
