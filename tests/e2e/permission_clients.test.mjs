// What the client for Go can do with the options of doc/permissions.md, and what it is refused.
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
  const done = await run("go", ["build", "-o", "client", path.join(root, "tests/e2e/support/permission_client.go")], { cwd: dir, env, patience: 300_000 });
  assert.equal(done.code, 0, done.stderr);
}

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
async function tryAll(gate, who, operations) {
  const done = await run(path.join(gate.dir, "client"), [gate.url, who.id, who.secret, who.inbox, ...operations], { patience: 60_000 });
  assert.equal(done.code, 0, done.stderr);
  return Object.fromEntries(done.stdout.split("\n").filter(Boolean).map((line) => line.split("\t").slice(0, 2)));
}

test("what the client for Go can do, and what it is refused", async (t) => {
  assert.ok(rows.length > 15, `only ${rows.length} rows were found`);
  const { gate, jsm } = await world(t);
  await compile(gate.dir);
  const seeder = await gate.create("seeder", "--object-write", "pics", "--shared-inbox");
  const tries = async ([options, works, refused], i) => {
    const who = await gate.create(`row-${i}`, ...words(spans(options)[0]));
    const expected = Object.fromEntries([...spans(works).map((name) => [name, "yes"]), ...spans(refused).map((name) => [name, "no"])]);
    const said = await tryAll(gate, who, Object.keys(expected));
    return t.test(`Go with ${options}`, () => assert.deepEqual(said, expected));
  };
  const ofBucket = ([options]) => options.includes("--kv");
  // Who watched a bucket waits for four seconds; the others take each other's consumers and objects.
  const buckets = Promise.all(rows.map((row, i) => ofBucket(row) && tries(row, i)));
  for (const [i, row] of rows.entries()) {
    if (ofBucket(row)) continue;
    if (row[0].includes("--object")) assert.deepEqual(await tryAll(gate, seeder, ["seed"]), { seed: "yes" });
    for (const name of ["mine", "pushed"]) await jsm.consumers.delete("ORDERS", name).catch(() => {});
    await tries(row, i);
  }
  await buckets;
});
