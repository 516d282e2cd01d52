// What each capability lets a client do with the official JetStream client, and what it does not.

import assert from "node:assert/strict";
import test from "node:test";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish, refusals, violations } from "./support/permissions.mjs";

const kOrders = ["--subjects", "orders.>"];
// It asks for $JS.API.INFO before anything else.
const manager = (connection) => jetstreamManager(connection, { timeout: 5000 });

// The streams ORDERS (orders.>) with three messages, and OTHER (other.>) with one.
async function withStreams(t) {
  const gate = await Gate.make(t);
  const owner = await gate.create("owner", "--manage", "--streams", "ORDERS,OTHER");
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>,other.>");
  const jsm = await manager(await gate.connect(t, owner));
  await jsm.streams.add({ name: "ORDERS", subjects: ["orders.>"], allow_direct: true });
  await jsm.streams.add({ name: "OTHER", subjects: ["other.>"] });
  const shopConnection = await gate.connect(t, shop);
  const js = jetstream(shopConnection);
  for (const text of ["one", "two", "three"]) await js.publish("orders.new", text);
  await js.publish("other.new", "secret");
  return { gate, jsm, shop: shopConnection, js };
}

// The server refuses what `ask` sends, and so nothing comes of it.
async function assertForbidden(connection, what, ask) {
  const errors = await refusals(connection, () => assert.rejects(ask(), undefined, `${what} was answered`));
  assert.ok(errors.some((error) => /Permissions Violation/i.test(error)), `${what}: ${errors}`);
}

test("a client that may only publish", async (t) => {
  const { gate, jsm, js } = await withStreams(t);
  const spy = await gate.create("spy", "--publish", "--subjects", "spy.>");
  const reader = await gate.create("reader", "--receive", "--streams", "ORDERS", "--consumers", "reader");
  const asker = await gate.create("asker", "--publish", "--receive", "--subjects", "ask.>");
  const answerer = await gate.create("answerer", "--receive", "--subjects", "ask.>,orders.>", "--allow-responses");

  await t.test("sees nothing of what others receive, pull and are answered", async (t) => {
    const connection = await gate.connect(t, spy);
    const seen = [];
    const callback = (refused, message) => refused ?? seen.push(`${message.subject} ${message.string()}`);
    const wanted = [">", "*", "*.>", "*.*", "*.*.>", "orders.>", "orders.new", "ask.>", "spy.>", "_INBOX.>", "_INBOX.*"];
    wanted.push("_INBOX_*.>", "_R_.>", "$JS.>", "$JS.ACK.>", "$JS.API.>", "$JS.EVENT.>", "$SYS.>", "$SYS.REQ.USER.AUTH", "$KV.>");
    wanted.push("$SYS.ACCOUNT.>", "$SYS._INBOX.>", "$SRV.>", "credgate.>", "_INBOX_CG*.>", "_CG.>", "_CG.*.>");
    for (const other of [reader, asker, answerer]) wanted.push(`${other.inbox}.>`, `${other.inbox}.*`, other.inbox);
    for (const subject of wanted) {
      await t.test(`may not subscribe to ${subject.replace(/CG\w{18}/, "ID")}`, async () => {
        const errors = await refusals(connection, () => connection.subscribe(subject, { callback }));
        assert.match(errors[0] ?? "not refused", /Permissions Violation for Subscription/i);
      });
    }
    await t.test("nor with a queue group", async () => {
      const errors = await refusals(connection, () => connection.subscribe(">", { queue: "q", callback }));
      assert.match(errors[0] ?? "not refused", /Permissions Violation for Subscription/i);
    });
    connection.subscribe(`${spy.inbox}.>`, { callback }); // all that it may
    await connection.flush();

    const answering = await gate.connect(t, answerer);
    const got = [];
    answering.subscribe("ask.price", { callback: (_, message) => message.respond("42") });
    answering.subscribe("orders.>", { callback: (_, message) => got.push(message.string()) });
    await answering.flush();
    assert.equal((await (await gate.connect(t, asker)).request("ask.price")).string(), "42");
    await js.publish("orders.new", "four");
    const reading = await gate.connect(t, reader);
    const readerJsm = await manager(reading);
    await readerJsm.consumers.add("ORDERS", { durable_name: "reader", ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(reading).consumers.get("ORDERS", "reader");
    let pulled = 0;
    for await (const message of await consumer.fetch({ max_messages: 4, expires: 5000 })) {
      assert.equal(await message.ackAck(), true);
      pulled += 1;
    }
    assert.equal(pulled, 4);
    await answering.flush();
    assert.deepEqual(got, ["four"]); // all that the spy might have seen did happen
    await connection.flush();
    assert.deepEqual(seen, []);
  });

  await t.test("publishes to its subjects and to no other", async (t) => {
    const connection = await gate.connect(t, spy);
    await assertMayPublish(connection, "spy.here");
    for (const subject of ["spy", "orders.new", "ask.price", `${asker.inbox}.x`, "_INBOX.x", "$SYS.REQ.USER.AUTH"]) {
      await assertMayNotPublish(connection, subject);
    }
    for (const subject of ["STREAM.LIST", "STREAM.INFO.ORDERS", "STREAM.DELETE.ORDERS", "CONSUMER.MSG.NEXT.ORDERS.reader"]) {
      await assertMayNotPublish(connection, `$JS.API.${subject}`);
    }
    await assertMayNotPublish(connection, "$JS.ACK.ORDERS.reader.1.1.1.1.0");
    assert.equal((await jsm.streams.info("ORDERS")).state.messages, 4);
  });

  await t.test("gets the acknowledgement of what it publishes into a stream", async (t) => {
    const writer = await gate.create("writer", "--publish", ...kOrders);
    const ack = await jetstream(await gate.connect(t, writer)).publish("orders.new", "five");
    assert.equal(ack.stream, "ORDERS");
  });
});

test("a client that may only receive", async (t) => {
  const { gate, shop } = await withStreams(t);
  const who = await gate.create("listener", "--receive", ...kOrders);

  await t.test("receives its subjects", async (t) => {
    const connection = await gate.connect(t, who);
    const subscription = connection.subscribe("orders.>", { max: 1 });
    await connection.flush();
    shop.publish("other.new", "not for it");
    shop.publish("orders.new", "for it");
    for await (const message of subscription) assert.equal(message.string(), "for it");
  });

  await t.test("publishes nothing at all", async (t) => {
    const connection = await gate.connect(t, who);
    for (const subject of ["orders.new", "a", "_INBOX.x", `${who.inbox}.x`, "$JS.API.INFO", "$SYS.REQ.USER.INFO"]) {
      await assertMayNotPublish(connection, subject);
    }
  });

  await t.test("subscribes to nothing else", async (t) => {
    const connection = await gate.connect(t, who);
    for (const subject of [">", "*.>", "other.>", "orders", "_INBOX.>"]) {
      await assertMayNotSubscribe(connection, subject);
    }
  });

  await t.test("does not answer requests", async (t) => {
    // Where no stream listens, which would answer too.
    const asker = await gate.create("asker", "--publish", "--subjects", "ask.>");
    const mute = await gate.create("mute", "--receive", "--subjects", "ask.>");
    const connection = await gate.connect(t, mute);
    const errors = violations(connection);
    connection.subscribe("ask.it", { callback: (_, message) => message.respond("!") });
    await connection.flush();
    const asking = await gate.connect(t, asker);
    await assert.rejects(asking.request("ask.it", "?", { timeout: 300 }), /timeout/i);
    assert.match(errors[0], /Permissions Violation for Publish/i);
  });
});

test("a client that may receive a stream with a consumer of its own", async (t) => {
  const { gate, jsm, js } = await withStreams(t);
  const who = await gate.create("worker", "--receive", "--streams", "ORDERS", "--consumers", "worker");
  await jsm.consumers.add("ORDERS", { durable_name: "theirs", ack_policy: AckPolicy.Explicit });
  await jsm.consumers.add("OTHER", { durable_name: "worker", ack_policy: AckPolicy.Explicit });

  await t.test("creates it, fetches, acknowledges", async (t) => {
    const connection = await gate.connect(t, who);
    await (await manager(connection)).consumers.add("ORDERS", { durable_name: "worker", ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(connection).consumers.get("ORDERS", "worker");
    const texts = [];
    for await (const message of await consumer.fetch({ max_messages: 3, expires: 5000 })) {
      texts.push(message.string());
      assert.equal(await message.ackAck(), true);
    }
    assert.deepEqual(texts, ["one", "two", "three"]);
    const info = await jsm.consumers.info("ORDERS", "worker");
    assert.deepEqual([info.num_ack_pending, info.num_pending], [0, 0]);
  });

  await t.test("consumes what comes later", async (t) => {
    const connection = await gate.connect(t, who);
    const consumer = await jetstream(connection).consumers.get("ORDERS", "worker");
    const messages = await consumer.consume({ max_messages: 10 });
    await js.publish("orders.new", "later");
    for await (const message of messages) {
      assert.equal(message.string(), "later");
      await message.ackAck();
      break;
    }
  });

  await t.test("touches neither other streams nor other consumers", async (t) => {
    const connection = await gate.connect(t, who);
    const own = await manager(connection);
    const ownJs = jetstream(connection);
    const pull = async (stream, name) => {
      const answer = await connection.request(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, '{"batch":1}', { timeout: 1000 });
      return answer;
    };
    const forbidden = {
      "STREAM.DELETE": () => own.streams.delete("ORDERS"),
      "STREAM.PURGE": () => own.streams.purge("ORDERS"),
      "STREAM.UPDATE": () => own.streams.update("ORDERS", { subjects: ["orders.>"], max_msgs: 1 }),
      "STREAM.CREATE": () => own.streams.add({ name: "MINE", subjects: ["mine.>"] }),
      "STREAM.LIST": () => own.streams.list().next(),
      "STREAM.INFO of another": () => own.streams.info("OTHER"),
      "STREAM.MSG.DELETE": () => own.streams.deleteMessage("ORDERS", 1),
      "STREAM.MSG.GET": () => own.streams.getMessage("ORDERS", { seq: 1 }),
      "DIRECT.GET": () => connection.request("$JS.API.DIRECT.GET.ORDERS", '{"seq":1}', { timeout: 1000 }),
      "CONSUMER.DELETE of its own": () => own.consumers.delete("ORDERS", "worker"),
      "CONSUMER.DELETE of another": () => own.consumers.delete("ORDERS", "theirs"),
      "CONSUMER.INFO of another": () => own.consumers.info("ORDERS", "theirs"),
      "CONSUMER.CREATE under another name": () => own.consumers.add("ORDERS", { durable_name: "more", ack_policy: "none" }),
      "CONSUMER.CREATE without a name": () =>
        connection.request("$JS.API.CONSUMER.CREATE.ORDERS", '{"stream_name":"ORDERS","config":{}}', { timeout: 1000 }),
      "CONSUMER.CREATE on another stream": () => own.consumers.add("OTHER", { durable_name: "worker", ack_policy: "none" }),
      "an ordered consumer": async () => (await ownJs.consumers.get("ORDERS")).next({ expires: 1000 }),
      "pulling from another consumer": () => pull("ORDERS", "theirs"),
      "pulling from another stream": () => pull("OTHER", "worker"),
      "publishing into the stream": () => ownJs.publish("orders.new", "forged", { timeout: 1000 }),
      "acknowledging for another": () => connection.request("$JS.ACK.ORDERS.theirs.1.1.1.1.0", "", { timeout: 1000 }),
    };
    for (const [what, ask] of Object.entries(forbidden)) {
      await t.test(`${what} is refused`, () => assertForbidden(connection, what, ask));
    }
    const { state } = await jsm.streams.info("ORDERS");
    assert.deepEqual([state.messages, state.consumer_count], [4, 2]);
    assert.equal((await jsm.consumers.info("OTHER", "worker")).delivered.consumer_seq, 0);
  });
});

test("a client that may receive a stream, without consumers of its own", async (t) => {
  const { gate, jsm } = await withStreams(t);
  const who = await gate.create("bound", "--receive", "--streams", "ORDERS");
  await jsm.consumers.add("ORDERS", { durable_name: "made", ack_policy: AckPolicy.Explicit });
  const connection = await gate.connect(t, who);

  await t.test("binds to a consumer that is there", async () => {
    const consumer = await jetstream(connection).consumers.get("ORDERS", "made");
    const message = await consumer.next({ expires: 5000 });
    assert.equal(message.string(), "one");
    assert.equal(await message.ackAck(), true);
  });

  await t.test("creates none", async () => {
    const own = await manager(connection);
    await assertForbidden(connection, "CONSUMER.CREATE", () =>
      own.consumers.add("ORDERS", { durable_name: "mine", ack_policy: AckPolicy.Explicit }));
  });
});

test("a client that may receive a stream with any consumer", async (t) => {
  const { gate } = await withStreams(t);
  const who = await gate.create("replayer", "--receive", "--streams", "ORDERS", "--consumers", "*");
  const connection = await gate.connect(t, who);

  await t.test("reads it with an ordered consumer", async () => {
    const consumer = await jetstream(connection).consumers.get("ORDERS");
    const texts = [];
    for await (const message of await consumer.fetch({ max_messages: 3, expires: 5000 })) texts.push(message.string());
    assert.deepEqual(texts, ["one", "two", "three"]);
  });

  await t.test("gets single messages", async () => {
    const own = await manager(connection);
    assert.equal((await own.streams.getMessage("ORDERS", { seq: 2 })).string(), "two");
    assert.equal((await own.direct.getMessage("ORDERS", { seq: 3 })).string(), "three");
  });

  await t.test("reads no other stream, and deletes nothing", async () => {
    const own = await manager(connection);
    await assertForbidden(connection, "CONSUMER.CREATE on another", () => own.consumers.add("OTHER", { ack_policy: "none" }));
    await assertForbidden(connection, "STREAM.MSG.GET of another", () => own.streams.getMessage("OTHER", { seq: 1 }));
    await assertForbidden(connection, "STREAM.PURGE", () => own.streams.purge("ORDERS"));
    await assertForbidden(connection, "STREAM.DELETE", () => own.streams.delete("ORDERS"));
  });
});

test("a client that may manage a stream", async (t) => {
  const { gate, jsm } = await withStreams(t);
  const who = await gate.create("admin", "--manage", "--streams", "MINE");
  const connection = await gate.connect(t, who);
  const own = await manager(connection);

  await t.test("creates, updates, purges and deletes it, and its consumers", async () => {
    await own.streams.add({ name: "MINE", subjects: ["mine.>"] });
    await own.streams.update("MINE", { max_msgs: 10 });
    await own.consumers.add("MINE", { durable_name: "c", ack_policy: AckPolicy.Explicit });
    assert.equal((await own.consumers.info("MINE", "c")).name, "c");
    assert.equal((await own.consumers.list("MINE").next()).length, 1);
    assert.equal(await own.consumers.delete("MINE", "c"), true);
    assert.equal((await own.streams.purge("MINE")).success, true);
    assert.equal((await own.streams.info("MINE")).config.max_msgs, 10);
    assert.equal(await own.streams.delete("MINE"), true);
  });

  await t.test("touches no other stream", async () => {
    for (const [what, ask] of Object.entries({
      "STREAM.DELETE": () => own.streams.delete("ORDERS"),
      "STREAM.PURGE": () => own.streams.purge("ORDERS"),
      "STREAM.INFO": () => own.streams.info("ORDERS"),
      "STREAM.CREATE": () => own.streams.add({ name: "THEIRS", subjects: ["theirs.>"] }),
      "STREAM.MSG.GET": () => own.streams.getMessage("ORDERS", { seq: 1 }),
      "CONSUMER.CREATE": () => own.consumers.add("ORDERS", { durable_name: "c", ack_policy: "none" }),
      "CONSUMER.LIST": () => own.consumers.list("ORDERS").next(),
    })) {
      await assertForbidden(connection, what, ask);
    }
    assert.equal((await jsm.streams.info("ORDERS")).state.messages, 3);
  });
});

test("everything but the reserved subjects, and permissions by hand", async (t) => {
  const { gate, shop } = await withStreams(t);

  await t.test("--everything publishes anywhere but to the reserved subjects", async (t) => {
    const who = await gate.create("wide", "--publish", "--everything");
    const connection = await gate.connect(t, who);
    for (const subject of ["a", "orders.new", "any.thing.at.all"]) await assertMayPublish(connection, subject);
    for (const root of ["$JS.API.INFO", "$SYS.REQ.USER.INFO", "$KV.b.k", "$O.b.c", "$SRV.PING", "_INBOX.x", "_CG.CGX.x", "_R_.x"]) {
      await assertMayNotPublish(connection, root);
    }
  });

  await t.test("permissions by hand add, and their denials win", async (t) => {
    const by = ["--allow-pub", "extra.>", "--deny-pub", "extra.not", "--deny-sub", "orders.secret"];
    const who = await gate.create("hand", "--receive", ...kOrders, ...by);
    const connection = await gate.connect(t, who);
    await assertMayPublish(connection, "extra.yes");
    await assertMayNotPublish(connection, "extra.not");
    await assertMayNotPublish(connection, "orders.new");
    await assertMayNotSubscribe(connection, "orders.secret");
    const got = [];
    connection.subscribe("orders.*", { callback: (_, message) => got.push(message.subject) });
    await connection.flush();
    shop.publish("orders.secret", "");
    shop.publish("orders.open", "");
    await shop.flush();
    await connection.flush();
    assert.deepEqual(got, ["orders.open"]);
  });

  await t.test("a client in another account sees nothing of this one", async (t) => {
    gate.editConfig((text) => text.replace('["APP", "ADMIN"]', '["APP", "SECOND", "ADMIN"]'));
    gate.editServerConfig((text) => text.replace("APP { jetstream: enabled }", "APP { jetstream: enabled }\n  SECOND { }"));
    await gate.server.stop();
    await gate.startServer();
    await gate.gateway.stop();
    await gate.startGateway();
    const here = await gate.create("here", "--account", "APP", "--publish", ...kOrders);
    const there = await gate.create("there", "--account", "SECOND", "--receive", ...kOrders);
    const listening = await gate.connect(t, there);
    const seen = [];
    listening.subscribe("orders.>", { callback: (_, message) => seen.push(message.subject) });
    await listening.flush();
    const publishing = await gate.connect(t, here);
    publishing.publish("orders.new", "x");
    await publishing.flush();
    await listening.flush();
    assert.deepEqual(seen, []);
  });
});
