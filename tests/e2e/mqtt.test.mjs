// MQTT with mosquitto's clients and a credential as the documentation makes it: every QoS, retained
// messages, persistent sessions and wills.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { assertMayNotSubscribe } from "./support/permissions.mjs";
import { freePort } from "./support/ports.mjs";
import { Daemon, run } from "./support/processes.mjs";
import { serverVersion } from "./support/programs.mjs";

// nats-server 2.10.27 sends no PUBREL for a message of QoS 2 that it stored while the client was away, not
// even to a client that may do everything.
const kCompletesStored = serverVersion[1] > 10;

test("MQTT", { concurrency: 3 }, async (t) => {
  const port = await freePort();
  const gate = await Gate.make(t, { server: `server_name: mqtt\nmqtt { listen: "127.0.0.1:${port}" }` });
  const both = ["--publish", "--receive", "--subjects", "orders,orders.>"];
  const who = await gate.create("device", ...both);
  const listed = await gate.create("listed", ...both, "--connection-types", "MQTT");
  const writer = await gate.create("writer", "--publish", "--subjects", "orders.>");

  let clients = 0;
  const login = (as, id = `client-${clients++}`) => ["-h", "127.0.0.1", "-p", `${port}`, "-i", id, "-u", as.id, "-P", as.secret];
  const publish = async (as, ...args) => {
    const done = await run("mosquitto_pub", [...login(as), ...args]);
    assert.equal(done.code, 0, done.stderr);
  };
  // A running mosquitto_sub, once its subscriptions are acknowledged: `granted` are their codes.
  const subscribe = async (t, as, args, id) => {
    const daemon = new Daemon("stdbuf", ["-oL", "mosquitto_sub", ...login(as, id), "-d", "-F", "got qos=%q retain=%r %t %p", ...args],
      { stdio: ["ignore", "pipe", "pipe"] });
    t.after(() => daemon.stop("SIGKILL"));
    const line = await daemon.line(/^Subscribed \(mid: \d+\): /);
    daemon.granted = line.replace(/^Subscribed \(mid: \d+\): /, "").split(", ").map(Number);
    return daemon;
  };
  const kRefused = 128;

  for (const as of [who, listed]) {
    await t.test(`${as.name} receives with each QoS what was published with it`, async (t) => {
      for (const qos of [0, 1, 2]) {
        const topic = `orders/${as.name}/${qos}`;
        const subscriber = await subscribe(t, as, ["-q", `${qos}`, "-t", topic, "-t", "orders/#"]);
        assert.deepEqual(subscriber.granted, [qos, qos]);
        await publish(writer, "-q", `${qos}`, "-t", topic, "-m", "hello");
        await subscriber.line(new RegExp(`^got qos=${qos} retain=0 ${topic} hello$`));
        await subscriber.stop();
      }
    });
  }

  await t.test("what it may not receive is refused with each QoS", async (t) => {
    for (const qos of [0, 1, 2]) {
      const subscriber = await subscribe(t, who, ["-q", `${qos}`, "-t", "audit/x", "-t", "orders/y"]);
      assert.deepEqual(subscriber.granted, [kRefused, qos]);
      await subscriber.stop();
    }
  });

  await t.test("a retained message comes with the subscription", async (t) => {
    for (const qos of [1, 2]) {
      const topic = `orders/retained/${qos}`;
      await publish(writer, "-q", `${qos}`, "-r", "-t", topic, "-m", "kept");
      const subscriber = await subscribe(t, who, ["-q", `${qos}`, "-t", topic]);
      await subscriber.line(new RegExp(`^got qos=${qos} retain=1 ${topic} kept$`));
      await subscriber.stop();
    }
  });

  await t.test("a persistent session keeps what is published while its client is away", async (t) => {
    for (const qos of [1, 2]) {
      const [topic, id] = [`orders/away/${qos}`, `sleeper-${qos}`];
      const args = ["-c", "-q", `${qos}`, "-t", topic];
      const first = await subscribe(t, who, args, id);
      await first.stop();
      await publish(writer, "-q", `${qos}`, "-t", topic, "-m", "meanwhile");
      const second = await subscribe(t, who, args, id);
      await second.line(new RegExp(`received PUBLISH \\(d0, q${qos}, r0, m\\d+, '${topic}'`));
      if (qos === 1 || kCompletesStored) await second.line(new RegExp(`^got qos=${qos} retain=0 ${topic} meanwhile$`));
      await second.stop();
    }
  });

  await t.test("a will is sent where its client may publish, and nowhere else", async (t) => {
    const watcher = await subscribe(t, who, ["-q", "1", "-t", "orders/will/#"]);
    const plain = await gate.connect(t, await gate.create("auditor", "--receive", "--subjects", "audit.>,orders.>"));
    const heard = [];
    for (const subject of ["audit.>", "orders.will.>"]) plain.subscribe(subject, { callback: (_, { subject: at }) => heard.push(at) });
    await plain.flush();
    for (const topic of ["audit/will", "orders/will/gone"]) {
      const dying = await subscribe(t, who, ["-t", "orders/x", "--will-topic", topic, "--will-payload", "gone", "--will-qos", "1"]);
      await dying.stop("SIGKILL");
    }
    await watcher.line(/^got qos=1 retain=0 orders\/will\/gone gone$/);
    await plain.flush();
    assert.deepEqual(heard, ["orders.will.gone"]);
  });

  await t.test("nobody reads what other clients are sent with QoS 1 and 2", async (t) => {
    const subscriber = await subscribe(t, who, ["-q", "0", "-t", "$MQTT/sub/#", "-t", "$MQTT/#", "-t", "orders/z"]);
    assert.deepEqual(subscriber.granted, [kRefused, kRefused, 0]);
    const releases = await subscribe(t, who, ["-q", "0", "-t", "$MQTT/deliver/pubrel/+", "-t", "orders/z"]);
    assert.deepEqual(releases.granted, [serverVersion[1] > 10 ? kRefused : 0, 0]);
    const connection = await gate.connect(t, who);
    await assertMayNotSubscribe(connection, "$MQTT.sub.>");
    await assertMayNotSubscribe(connection, "$MQTT.deliver.pubrel.>");
  });
});
