// What rights on buckets and services let a client do with a real nats-server, and what they do not.

import assert from "node:assert/strict";
import test from "node:test";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Svcm } from "@nats-io/services";
import { headers } from "@nats-io/transport-node";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, refusals } from "./support/permissions.mjs";

const kEntries = { "app.port": "1", "app.x.deep": "2", "db.password": "3" };

// The key-value buckets `cfg` and `other`, as their clients make them, with the entries; the object store `pics`.
async function withBuckets(t) {
  const gate = await Gate.make(t);
  const owner = await gate.create("owner", "--manage", "--streams", "KV_cfg,KV_other,OBJ_pics", "--kv-write", "cfg,other");
  const connection = await gate.connect(t, owner);
  const jsm = await jetstreamManager(connection);
  for (const bucket of ["cfg", "other"]) {
    await jsm.streams.add({
      name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`], max_msgs_per_subject: 5, allow_direct: true, allow_rollup_hdrs: true,
    });
    for (const [key, value] of Object.entries(kEntries)) await jetstream(connection).publish(`$KV.${bucket}.${key}`, value);
  }
  await jsm.streams.add({ name: "OBJ_pics", subjects: ["$O.pics.C.>", "$O.pics.M.>"], allow_direct: true, allow_rollup_hdrs: true });
  return { gate, jsm };
}

const latest = async (connection, key) =>
  (await connection.request(`$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.${key}`, "", { timeout: 5000 })).string();

// The keys that a watch is delivered first.
async function watch(connection, filter) {
  const consumer = await jetstream(connection).consumers.getPushConsumer("KV_cfg", { filter_subjects: filter });
  const count = (await consumer.info(true)).num_pending;
  const keys = [];
  if (count === 0) return keys;
  for await (const message of await consumer.consume()) {
    keys.push(message.subject.slice("$KV.cfg.".length));
    if (keys.length === count) break;
  }
  return keys.sort();
}

async function createConsumer(connection, subject, config) {
  const body = JSON.stringify({ stream_name: "KV_cfg", config: { ack_policy: "none", ...config } });
  return (await connection.request(`$JS.API.CONSUMER.CREATE.KV_cfg${subject}`, body, { timeout: 5000 })).json();
}

test("a client that may read a bucket", async (t) => {
  const { gate } = await withBuckets(t);
  const connection = await gate.connect(t, await gate.create("reader", "--kv-read", "cfg"));
  await t.test("gets the latest entry, an entry by revision, and watches", async () => {
    const jsm = await jetstreamManager(connection);
    assert.equal((await jsm.streams.info("KV_cfg")).state.messages, 3);
    assert.equal(await latest(connection, "app.port"), "1");
    assert.equal((await jsm.direct.getMessage("KV_cfg", { seq: 2 })).string(), "2");
    assert.deepEqual(await watch(connection, "$KV.cfg.>"), Object.keys(kEntries).sort());
    assert.deepEqual(await watch(connection, ["$KV.cfg.app.*", "$KV.cfg.db.>"]), ["app.port", "db.password"]);
  });
  await t.test("writes nothing, reads no other bucket, and takes no other client's consumer", async () => {
    for (const subject of [
      "$KV.cfg.app.port", "$JS.API.STREAM.PURGE.KV_cfg", "$JS.API.STREAM.DELETE.KV_cfg", "$JS.API.STREAM.MSG.GET.KV_other",
      "$JS.API.DIRECT.GET.KV_other.$KV.other.app.port", "$JS.API.CONSUMER.CREATE.KV_other", "$JS.API.CONSUMER.DELETE.KV_other.x",
      "$JS.API.CONSUMER.DURABLE.CREATE.KV_cfg.x", "$JS.API.CONSUMER.MSG.NEXT.KV_cfg.x", "$JS.API.CONSUMER.NAMES.KV_cfg",
      "$JS.ACK.KV_cfg.x.1.1.1.1.0",
    ]) {
      await assertMayNotPublish(connection, subject);
    }
    await assertMayNotSubscribe(connection, "$KV.cfg.>");
  });
});

test("a client that may read some keys of a bucket", async (t) => {
  const { gate } = await withBuckets(t);
  const who = await gate.create("reader", "--kv-read", "cfg:app.>");
  const connection = await gate.connect(t, who);
  await t.test("gets and watches those", async () => {
    assert.equal(await latest(connection, "app.port"), "1");
    assert.deepEqual(await watch(connection, "$KV.cfg.app.>"), ["app.port", "app.x.deep"]);
  });
  await t.test("gets and watches no others", async () => {
    for (const subject of [
      "DIRECT.GET.KV_cfg.$KV.cfg.db.password", "DIRECT.GET.KV_cfg.$KV.cfg.>", "DIRECT.GET.KV_cfg", "STREAM.MSG.GET.KV_cfg",
      "CONSUMER.CREATE.KV_cfg", "CONSUMER.CREATE.KV_cfg.x", "CONSUMER.CREATE.KV_cfg.x.$KV.cfg.>", "STREAM.NAMES",
    ]) {
      await assertMayNotPublish(connection, `$JS.API.${subject}`);
    }
  });
  await t.test("has no other filter in the body of a request than in its subject", async () => {
    const deliver = { deliver_subject: `${who.inbox}.x` };
    for (const [config, code] of [
      [{ filter_subject: "$KV.cfg.db.>" }, 10131], [{}, 10131], [{ filter_subjects: ["$KV.cfg.db.>"] }, 10137],
      [{ filter_subject: "$KV.cfg.app.>", filter_subjects: ["$KV.cfg.db.>"] }, 10137],
    ]) {
      assert.equal((await createConsumer(connection, ".x.$KV.cfg.app.>", { ...config, ...deliver })).error?.err_code, code);
    }
    const answer = await connection.request("$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port", '{"multi_last":["$KV.cfg.>"]}');
    assert.equal(answer.headers.code, 408);
  });
});

// These are what unconfined() says: where nats-server begins to confine one of them, the page may say less.
test("what subjects do not confine is so, and is said", async (t) => {
  const { gate, jsm } = await withBuckets(t);
  const says = async (...args) => (await gate.do("create", ...args, "--json")).json.warnings.join("\n");
  await t.test("keys that end in * are read as if they ended in >", async (t) => {
    assert.match(await says("star", "--kv-read", "cfg:app.*"), /reads what is below these keys/);
    const connection = await gate.connect(t, await gate.create("star-2", "--kv-read", "cfg:app.*"));
    assert.equal(await latest(connection, "app.>"), "2");
  });
  await t.test("whoever watches can end the consumer of another", async (t) => {
    assert.match(await says("watcher", "--kv-read", "cfg:app.>"), /change and delete those whose names it knows/);
    await jsm.consumers.add("KV_cfg", { durable_name: "theirs", ack_policy: AckPolicy.Explicit });
    const connection = await gate.connect(t, await gate.create("watcher-2", "--kv-read", "cfg:app.>"));
    const config = { durable_name: "theirs", ack_policy: "explicit", filter_subject: "$KV.cfg.app.>", inactive_threshold: 1_000_000 };
    assert.equal((await createConsumer(connection, ".theirs.$KV.cfg.app.>", config)).error, undefined);
    await jsm.consumers.add("KV_cfg", { durable_name: "second", ack_policy: AckPolicy.Explicit });
    assert.equal(await (await jetstreamManager(connection)).consumers.delete("KV_cfg", "second"), true);
    while (await jsm.consumers.info("KV_cfg", "theirs").then(() => true, () => false)) await new Promise((again) => setTimeout(again, 50));
  });
  await t.test("whoever writes a key can remove all others", async (t) => {
    assert.match(await says("writer", "--kv-write", "cfg:app.>"), /Nats-Rollup: all/);
    const connection = await gate.connect(t, await gate.create("writer-2", "--kv-write", "cfg:app.>"));
    const rollup = headers();
    rollup.set("Nats-Rollup", "all");
    await jetstream(connection).publish("$KV.cfg.app.port", "4", { headers: rollup });
    assert.equal((await jsm.streams.info("KV_cfg")).state.messages, 1);
  });
});

test("a client that may write a bucket, or some keys of it", async (t) => {
  const { gate, jsm } = await withBuckets(t);
  await t.test("puts into it, purges it, and reads nothing", async (t) => {
    const connection = await gate.connect(t, await gate.create("writer", "--kv-write", "cfg"));
    assert.equal((await jetstream(connection).publish("$KV.cfg.new", "5")).stream, "KV_cfg");
    assert.equal((await (await jetstreamManager(connection)).streams.purge("KV_cfg", { filter: "$KV.cfg.new" })).purged, 1);
    for (const subject of ["$KV.other.new", "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.new", "$JS.API.CONSUMER.CREATE.KV_cfg"]) {
      await assertMayNotPublish(connection, subject);
    }
  });
  await t.test("puts no other keys", async (t) => {
    const connection = await gate.connect(t, await gate.create("key-writer", "--kv-write", "cfg:app.>"));
    await jetstream(connection).publish("$KV.cfg.app.new", "6");
    for (const subject of ["$KV.cfg.db.new", "$KV.cfg.app", "$JS.API.STREAM.PURGE.KV_cfg"]) await assertMayNotPublish(connection, subject);
  });
  await t.test("of objects reads what it replaces, and purges chunks", async (t) => {
    const connection = await gate.connect(t, await gate.create("object-writer", "--object-write", "pics"));
    const js = jetstream(connection);
    await js.publish("$O.pics.C.nuid", "chunk");
    await js.publish("$O.pics.M.bmFtZQ==", "meta");
    const own = await jetstreamManager(connection);
    assert.equal((await own.streams.getMessage("OBJ_pics", { last_by_subj: "$O.pics.M.bmFtZQ==" })).string(), "meta");
    await own.streams.purge("OBJ_pics", { filter: "$O.pics.C.nuid" });
    assert.equal((await jsm.streams.info("OBJ_pics")).state.messages, 1);
    for (const subject of ["$O.other.M.x", "$JS.API.CONSUMER.CREATE.OBJ_pics"]) await assertMayNotPublish(connection, subject);
  });
});

test("a service and its caller", async (t) => {
  const gate = await Gate.make(t);
  const serving = await gate.connect(t, await gate.create("adder-1", "--serve", "adder"));
  const calling = await gate.connect(t, await gate.create("caller", "--call", "adder"));
  const service = await new Svcm(serving).add({ name: "adder", version: "1.0.0" });
  service.addGroup("adder").addEndpoint("add", { handler: (_, request) => request.respond("3") });
  await serving.flush();

  await t.test("meet, and discover each other", async () => {
    assert.equal((await calling.request("adder.add", "", { timeout: 5000 })).string(), "3");
    const client = new Svcm(calling).client({ strategy: "count", maxMessages: 1, maxWait: 5000 });
    for (const answers of [await client.ping(), await client.info("adder"), await client.stats("adder", service.info().id)]) {
      for await (const answer of answers) assert.equal(answer.name, "adder");
    }
  });
  await t.test("do no more", async () => {
    for (const subject of ["other.add", "$SRV.PING.other", "adder2"]) await assertMayNotPublish(calling, subject);
    for (const subject of ["adder.>", "$SRV.>"]) await assertMayNotSubscribe(calling, subject);
    for (const subject of ["adder.add", "other.add", "$SRV.PING"]) await assertMayNotPublish(serving, subject);
    for (const subject of ["other.add", "$SRV.>", "$SRV.PING.other", "_CG.>"]) await assertMayNotSubscribe(serving, subject);
  });
});

test("with a domain a bucket is that of the domain alone", async (t) => {
  const { gate } = await withBuckets(t);
  const connection = await gate.connect(t, await gate.create("far", "--kv-read", "cfg", "--kv-write", "cfg", "--domain", "hub"));
  for (const subject of ["$JS.API.INFO", "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port", "$KV.cfg.app.port"]) {
    await assertMayNotPublish(connection, subject);
  }
  // This server is of no domain, so nobody is there: the server allows it, and has nobody to hand it to.
  const errors = await refusals(connection, () =>
    assert.rejects(connection.request("$JS.hub.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port", "", { timeout: 5000 }), /no responders/));
  assert.deepEqual(errors, []);
});
