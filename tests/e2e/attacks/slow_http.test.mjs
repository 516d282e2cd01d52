// Strangers who hold the connections of the HTTP server hide nothing from those who watch the daemon.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
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
  for (let i = 0; i < 300; i++) open(); // there are 256 places
  const drip = setInterval(() => {
    for (const socket of sockets) socket.write("x");
  }, 500);
  t.after(() => {
    attacking = false;
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  });
  await until("all are connected, or wait for a place", () => connected >= 300);
  for (let i = 0; i < 10; i++) {
    // On a busy machine this process may be too late with its request: then it asks again.
    for (const path of ["/healthz", "/readyz", "/metrics"]) await until(path, async () => (await get(path).catch(() => 0)) === 200, 3_000);
  }
  attacking = false;
  // Those that are left end too, though each sends a byte in time.
  await until("none is left", () => sockets.size === 0, 10_000);
});

// In a process of its own, to be as fast as the daemon. Says how many connections it has had.
const kFlood = `
const net = require("node:net");
const [host, port] = process.argv.slice(1);
let connected = 0;
const open = () => {
  const socket = net.connect({ host, port });
  socket.on("connect", () => {
    connected++;
    socket.write("GET /healthz HTTP/1.1\\r\\nX-Slow: ");
  });
  socket.on("error", () => {}).on("close", () => setImmediate(open));
};
for (let i = 0; i < 2000; i++) open();
setInterval(() => process.send(connected), 50);
`;

test("a flood of connections that come again at once resets and delays nobody who asks", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  const [host, port] = gate.metrics.split(":");
  // One connection each. The request comes a little after it, as from a busy machine.
  const get = (path) =>
    new Promise((resolve) => {
      const socket = net.connect({ host, port });
      let answer = "";
      const end = (how) => resolve(answer.split("\r\n")[0] || how);
      socket.on("connect", () => setTimeout(() => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`), 20));
      socket.on("data", (data) => (answer += data)).on("error", (error) => end(error.code)).on("close", () => end("closed"));
    });
  const good = "HTTP/1.1 200 OK";
  let slowest = 0;
  await until("it is ready", async () => (await get("/readyz")) === good);
  let connected = 0;
  const flood = spawn(process.execPath, ["-e", kFlood, host, port], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  t.after(() => flood.kill("SIGKILL"));
  flood.on("message", (count) => (connected = count));
  await until("all are connected, or wait for a place", () => connected >= 2000);
  for (let i = 0; i < 8; i++) {
    const began = performance.now();
    const answers = await Promise.all(["/healthz", "/readyz", "/metrics"].map(get));
    slowest = Math.max(slowest, performance.now() - began);
    assert.deepEqual(answers, [good, good, good]);
  }
  t.diagnostic(`the slowest took ${Math.round(slowest)} ms`);
  // Whoever watches waits behind all who connected before.
  assert.ok(slowest < 3_000, `${slowest} ms`);
  await until("they came again meanwhile", () => connected > 4000);
});
