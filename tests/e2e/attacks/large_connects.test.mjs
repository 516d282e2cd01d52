// One address whose logins become long requests. nats-server writes a "<" of a name as six letters, and
// the name twice: 4 KB that a client sends become a request of 60 KB, and 14 KB over MQTT one of 200 KB.
// Whoever sends them must not keep out more of the others than with as many short ones. All limits are
// ratios of what the same run has measured.

import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { freePort } from "../support/ports.mjs";
import { connectPacket } from "../support/raw_mqtt.mjs";
import { until } from "../support/waiting.mjs";

const kTimeout = 2; // seconds that the server waits
const kSeconds = 3; // of each flood
const kInterval = 100; // milliseconds from one login of the victim to the next
const [kVictim, kFlooder] = ["127.0.0.1", "127.0.0.2"];

const connectLine = (user, pass) => `CONNECT ${JSON.stringify({ verbose: false, pedantic: false, user, pass, protocol: 1 })}\r\nPING\r\n`;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Sends this once the server has greeted it; over MQTT, where nobody greets, at once.
function attempt({ port, bytes, from, greets = true }) {
  const socket = net.connect({ port, host: "127.0.0.1", localAddress: from });
  socket.on("error", () => {}).once(greets ? "data" : "connect", () => socket.write(bytes));
  return socket;
}

// Whether it is let in.
async function logsIn(gate, who) {
  const socket = attempt({ port: gate.port, bytes: connectLine(who.id, who.secret), from: kVictim });
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => (text += data));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await until("an answer", () => text.includes("PONG") || socket.destroyed);
  socket.destroy();
  await closed;
  return text.includes("PONG");
}

// What part of the victim's logins the gateway grants in time beside so many attempts a second. Whether
// its server was in time too is printed: where other tests run, long requests keep that busy as well.
async function beside(t, gate, who, { name, perSecond, ...flood }) {
  const logins = [];
  const sockets = [];
  const mark = gate.gateway.log.length;
  const start = performance.now();
  for (let elapsed = 0; elapsed < kSeconds * 1000; elapsed = performance.now() - start) {
    while (sockets.length < (elapsed * perSecond) / 1000) sockets.push(attempt({ ...flood, from: kFlooder }));
    while (logins.length < elapsed / kInterval) logins.push(logsIn(gate, who));
    await sleep(10);
  }
  const done = await Promise.all(logins);
  for (const socket of sockets) socket.destroy();
  await until("nothing waits", async () => (await gate.do("status", "--json")).json[0].waiting.requests === 0);
  const took = [...gate.gateway.log.slice(mark).matchAll(/event=granted .*source="127.0.0.1" .*us="(\d+)"/g)].map(([, us]) => us / 1e6);
  const inTime = took.filter((seconds) => seconds < kTimeout).length;
  const letIn = done.filter((is) => is).length;
  t.diagnostic(`${name}: ${sockets.length} attempts of one address; of another's ${done.length} ${inTime} were granted in time, ${letIn} let in`);
  assert.ok(sockets.length > perSecond, "there was a flood");
  return inTime / done.length;
}

test("an address that sends long logins keeps no more of the others out than with short ones", async (t) => {
  const mqtt = await freePort();
  const gate = await Gate.make(t, { timeout: kTimeout, host: "127.0.0.1", server: `server_name: s1\nmqtt { listen: "127.0.0.1:${mqtt}" }` });
  const who = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const short = await beside(t, gate, who, { name: "short", port: gate.port, bytes: connectLine("<".repeat(20), "x"), perSecond: 150 });
  const long = await beside(t, gate, who, { name: "long", port: gate.port, bytes: connectLine("<".repeat(3900), "x"), perSecond: 150 });
  const name = "<".repeat(7000);
  const overMqtt = await beside(t, gate, who, { name: "long, MQTT", port: mqtt, greets: false, bytes: connectPacket("device-1", name, name), perSecond: 40 });

  assert.ok(short > 0.5, `${short} beside short ones`);
  assert.ok(long > 0.8 * short, `${long} beside long ones, ${short} beside short ones`);
  assert.ok(overMqtt > 0.8 * short, `${overMqtt} beside long ones over MQTT, ${short} beside short ones`);
  // Most of what overload drops comes back as events, which no subscription loses for their length.
  const lost = gate.gateway.lines(/event=messages_lost/);
  assert.ok(lost.length <= 3 * (kSeconds + kTimeout), `${lost.length} lines: ${lost.at(-1)}`);
});
