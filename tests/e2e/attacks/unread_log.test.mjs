// Nobody reads the daemon's log: a journald that hangs, a pipe whose reader was stopped. Whoever can bring
// that about, or floods a log that is read slowly, keeps nobody out, and takes no line about sessions and
// administration along.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { rawConnect } from "../support/raw_connect.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--subjects", "orders.>"];
// Its lines are long, so that few of them fill what the daemon keeps.
const kName = "\u0001".repeat(256);

// The gateway's standard error is a pipe that nobody reads before `read()`, which gives all that it holds.
async function unreadGate(t, options) {
  const gate = await Gate.make(t, { ...options, start: false });
  await gate.startServer();
  const log = path.join(gate.dir, "log");
  assert.equal((await run("mkfifo", [log])).code, 0);
  const reader = fs.openSync(log, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const writer = fs.openSync(log, fs.constants.O_WRONLY);
  t.after(() => fs.closeSync(reader));
  gate.spawnGateway({ stdio: ["ignore", "ignore", writer] });
  fs.closeSync(writer);
  gate.shop = await gate.create("shop", ...kTraffic);
  await until("it answers", async () => (await login(gate)) === "in");
  const buffer = Buffer.alloc(1 << 20);
  gate.unread = "";
  gate.read = () => {
    try {
      for (let n = 1; n > 0;) gate.unread += buffer.toString("utf8", 0, (n = fs.readSync(reader, buffer)));
    } catch (error) {
      assert.equal(error.code, "EAGAIN");
    }
    return gate.unread;
  };
  return gate;
}

async function login(gate) {
  const lines = await rawConnect(gate, { user: gate.shop.id, pass: gate.shop.secret, name: kName });
  return lines.includes("PONG") ? "in" : lines.join(" ");
}

// More than the pipe holds, with some left for the daemon's queue.
async function fillPipe(gate) {
  for (let i = 0; i < 100; i++) assert.equal(await login(gate), "in", `login ${i}`);
}

test("a log that nobody reads keeps nobody out; what is lost is told, and no line of another event is", async (t) => {
  const kLogins = 600;
  const gate = await unreadGate(t);
  let logins = 1;
  const refused = [];
  await Promise.all(Array.from({ length: 10 }, async () => {
    while (logins < kLogins && refused.length === 0) {
      logins++;
      const answer = await login(gate);
      if (answer !== "in") refused.push(answer);
    }
  }));
  assert.deepEqual(refused, []);
  const others = [];
  for (let i = 0; i < 5; i++) others.push(await gate.create(`other${i}`, ...kTraffic));
  const connections = [];
  for (const other of others) connections.push(await gate.connect(t, other));
  for (const { name } of others) await gate.do("revoke", name, "--yes");
  for (const connection of connections) await connection.closed();

  const count = (pattern) => (gate.read().match(pattern) ?? []).length;
  const lost = (event) => [...gate.read().matchAll(new RegExp(`event=log_lost lines="(\\d+)" of="${event}"`, "g"))]
    .reduce((sum, [, lines]) => sum + Number(lines), 0);
  const mine = new RegExp(`event=(granted|denied) .*id="${gate.shop.id}"`, "g");
  await until("each line was written or counted", () => {
    assert.ok(count(/event=granted/g) + lost("granted") <= logins + others.length);
    return count(/event=granted/g) + lost("granted") === logins + others.length;
  });
  assert.ok(lost("granted") > 0, "more room than this test fills");
  assert.ok(count(mine) > 0);
  await until("each kick is there", () => count(/event=kicked/g) === others.length);
  assert.doesNotMatch(gate.read(), /event=log_lost .*of="(?!granted)/);
});

for (const [what, end, exit] of [
  ["SIGTERM", (gate) => gate.gateway.signal("SIGTERM"), 0],
  ["a store that is lost", (gate) => fs.rmSync(gate.store("data.mdb")), 1],
  ["a store that is truncated", async (gate) => {
    fs.truncateSync(gate.store("data.mdb"), 4096);
    await login(gate).catch(() => {});
  }, 1],
]) {
  test(`${what} ends a daemon whose log nobody reads`, async (t) => {
    const gate = await unreadGate(t, { timeout: 1 });
    await fillPipe(gate);
    await end(gate);
    assert.deepEqual(await until("it ends", () => gate.gateway.exit), { code: exit, signal: null });
  });
}
