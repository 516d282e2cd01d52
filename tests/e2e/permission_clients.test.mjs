// What the clients for Go and C can do with the options of doc/permissions.md, and what they are refused.
// buckets.test.mjs and permissions.test.mjs are about that for JavaScript.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Svcm } from "@nats-io/services";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { root } from "./support/programs.mjs";

const page = fs.readFileSync(path.join(root, "doc/permissions.md"), "utf8");
const rows = page.split("## What clients can do\n")[1].split("\n## ")[0].split("\n").filter((line) => line.startsWith("| `--"))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
const spans = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
const words = (options) => [...options.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);

async function compile(dir) {
  const env = { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode" };
  const source = (end) => path.join(root, `tests/e2e/support/permission_client.${end}`);
  const done = await Promise.all([
    run("go", ["build", "-o", "Go", source("go")], { cwd: dir, env, patience: 300_000 }),
    run("cc", ["-Wall", "-Wextra", "-Werror", "-o", "C", source("c"), "-lnats"], { cwd: dir }),
  ]);
  for (const { code, stderr } of done) assert.equal(code, 0, stderr);
}
// What nats.c has.
const kOfC = ["get", "other key", "by revision", "put", "put other key", "delete", "purge", "watch all", "list keys", "history",
  "pull", "ordered", "push", "publish", "message", "serve", "call", "ping"];

// The bucket `cfg`, the object store `pics`, the stream ORDERS and the service `adder`, for the operations.
async function world(t) {
  const gate = await Gate.make(t);
  const owner = await gate.create("owner", "--manage", "--streams", "KV_cfg,KV_other,OBJ_pics,ORDERS", "--kv-write", "cfg", "--object-write", "pics", "--publish", "--subjects", "orders.>");
  const connection = await gate.connect(t, owner);
  const jsm = await jetstreamManager(connection);
  const js = jetstream(connection);
  for (const bucket of ["cfg", "other"]) {
    await jsm.streams.add({ name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`], max_msgs_per_subject: 5, allow_direct: true, allow_rollup_hdrs: true });
  }
  for (const key of ["app.port", "app.delete", "app.purge", "db.password"]) await js.publish(`$KV.cfg.${key}`, "1");
  await jsm.streams.add({ name: "OBJ_pics", subjects: ["$O.pics.C.>", "$O.pics.M.>"], allow_direct: true, allow_rollup_hdrs: true });
  await jsm.streams.add({ name: "ORDERS", subjects: ["orders.>"], allow_direct: true });
  for (const text of ["one", "two", "three"]) await js.publish("orders.new", text);
  await jsm.consumers.add("ORDERS", { durable_name: "made", ack_policy: AckPolicy.Explicit });
  const service = await new Svcm(await gate.connect(t, await gate.create("adder", "--serve", "adder"))).add({ name: "adder", version: "1.0.0" });
  service.addGroup("adder").addEndpoint("add", { handler: (_, request) => request.respond("3") });
  return { gate, jsm };
}

// What a client says of each operation: { get: "yes", … }.
async function tryAll(gate, client, who, operations) {
  const done = await run(path.join(gate.dir, client), [gate.url, who.id, who.secret, who.inbox, ...operations], { patience: 60_000 });
  assert.equal(done.code, 0, done.stderr);
  return Object.fromEntries(done.stdout.split("\n").filter(Boolean).map((line) => line.split("\t").slice(0, 2)));
}

test("what the clients for Go and C can do, and what they are refused", async (t) => {
  assert.ok(rows.length > 15, `only ${rows.length} rows were found`);
  const { gate, jsm } = await world(t);
  await compile(gate.dir);
  const seeder = await gate.create("seeder", "--object-write", "pics", "--shared-inbox");
  const ofBucket = ([options]) => options.includes("--kv");
  // Consumers that clients took.
  const forget = async (options) => {
    if (ofBucket([options])) return;
    for (const name of ["mine", "pushed"]) await jsm.consumers.delete("ORDERS", name).catch(() => {});
  };
  const tries = async ([options, works, refused], i) => {
    const who = await gate.create(`row-${i}`, ...words(spans(options)[0]));
    const expected = Object.fromEntries([...spans(works).map((name) => [name, "yes"]), ...spans(refused).map((name) => [name, "no"])]);
    assert.equal(Object.keys(expected).length, spans(works).length + spans(refused).length, `${options}: something is in both cells`);
    const names = Object.keys(expected);
    const ofC = names.filter((name) => kOfC.includes(name));
    const runs = { Go: () => tryAll(gate, "Go", who, names), C: () => tryAll(gate, "C", who, ofC) };
    const said = {};
    for (const client of ["Go", "C"]) {
      await forget(options);
      said[client] = runs[client]();
      if (!ofBucket([options])) await said[client];
    }
    for (const client of ["Go", "C"]) said[client] = await said[client];
    await t.test(`clients with ${options}`, () => {
      assert.deepEqual(said.Go, expected, "Go");
      assert.deepEqual(said.C, Object.fromEntries(ofC.map((name) => [name, expected[name]])), "C");
    });
  };
  // The others take each other's consumers and objects.
  const buckets = Promise.all(rows.map((row, i) => ofBucket(row) && tries(row, i)));
  for (const [i, row] of rows.entries()) {
    if (ofBucket(row)) continue;
    if (row[0].includes("--object")) assert.deepEqual(await tryAll(gate, "Go", seeder, ["seed"]), { seed: "yes" });
    await tries(row, i);
  }
  await buckets;
});
