// The recipes of doc/permissions.md: typed as they stand, then tried by clients.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Svcm } from "@nats-io/services";
import { Page, testParts } from "./support/pages.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish, refusals } from "./support/permissions.mjs";
import { freePort } from "./support/ports.mjs";
import { run } from "./support/processes.mjs";
import { until } from "./support/waiting.mjs";

// What a command printed into a file.
function made(machine, name) {
  const { credential, secret, inbox_prefix: inbox } = JSON.parse(fs.readFileSync(path.join(machine.dir, "root", `${name}.json`), "utf8"));
  return { id: credential.id, name, secret, inbox };
}
const connects = ({ machine, gate, t }) => (name) => gate.connect(t, made(machine, name));

async function fleet({ page, machine, gate, t }) {
  const connect = connects({ machine, gate, t });
  await machine.sh(page.next("credgate role create device"));
  const [one, two, control] = [await connect("pump-1"), await connect("pump-2"), await connect("control")];
  const heard = [];
  control.subscribe("sensors.>", { callback: (_, { subject }) => heard.push(subject) });
  one.subscribe("commands.pump-1.>", { callback: (_, { subject }) => heard.push(subject) });
  await control.flush();
  await one.flush();
  await assertMayPublish(one, "sensors.berlin.pump-1.heat");
  await assertMayPublish(control, "commands.pump-1.stop");
  await until("both arrive", () => heard.length === 2);
  for (const subject of ["sensors.berlin.pump-2.heat", "sensors.paris.pump-1.heat", "commands.pump-1.stop"]) await assertMayNotPublish(one, subject);
  for (const subject of ["commands.pump-2.>", "commands.>", "sensors.>"]) await assertMayNotSubscribe(one, subject);
  await assertMayNotPublish(control, "sensors.berlin.pump-1.heat");
  await machine.sh(page.next("credgate update"));
  await two.closed();
  const moved = await connect("pump-2");
  await assertMayPublish(moved, "sensors.paris.pump-2.heat");
  await assertMayNotPublish(moved, "sensors.berlin.pump-2.heat");
  await assertMayPublish(one, "sensors.berlin.pump-1.heat");
  await assertMayNotSubscribe(moved, "alarms");
  await machine.sh(page.next("credgate role update"));
  await Promise.all([one.closed(), moved.closed()]);
  for (const name of ["pump-1", "pump-2"]) {
    const again = await connect(name);
    assert.deepEqual(await refusals(again, () => again.subscribe("alarms", { callback() {} })), []);
    await assertMayNotPublish(again, "alarms");
  }
}

async function workers({ page, machine, gate, t }) {
  const connect = connects({ machine, gate, t });
  await machine.sh(page.next("credgate create owner"));
  const owner = await jetstreamManager(await connect("owner"));
  await owner.streams.add({ name: "JOBS", subjects: ["jobs.>"], retention: "workqueue" });
  const desk = await connect("desk");
  for (const job of ["one", "two", "three", "four"]) await jetstream(desk).publish("jobs.new", job);
  const done = [];
  const workers = [await connect("worker"), await connect("worker")];
  for (const worker of workers) {
    await (await jetstreamManager(worker)).consumers.add("JOBS", { durable_name: "worker", ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(worker).consumers.get("JOBS", "worker");
    for await (const message of await consumer.fetch({ max_messages: 2, expires: 5000 })) {
      done.push(message.string());
      assert.equal(await message.ackAck(), true);
    }
  }
  assert.deepEqual(done.sort(), ["four", "one", "three", "two"]);
  assert.equal((await owner.streams.info("JOBS")).state.messages, 0);
  for (const subject of ["jobs.new", "$JS.API.CONSUMER.CREATE.JOBS.mine", "$JS.API.CONSUMER.DELETE.JOBS.worker", "$JS.API.STREAM.PURGE.JOBS"]) {
    await assertMayNotPublish(workers[0], subject);
  }
  for (const subject of ["$JS.API.STREAM.INFO.JOBS", "$JS.API.CONSUMER.MSG.NEXT.JOBS.worker"]) await assertMayNotPublish(desk, subject);
  await assertMayNotSubscribe(desk, "jobs.>");
}

async function service({ page, machine, gate, t }) {
  const connect = connects({ machine, gate, t });
  await machine.sh(page.next("credgate create prices-1"));
  const [serving, calling] = [await connect("prices-1"), await connect("till")];
  const added = await new Svcm(serving).add({ name: "prices", version: "1.0.0" });
  added.addGroup("prices").addEndpoint("coffee", { handler: (_, request) => request.respond("3") });
  await serving.flush();
  assert.equal((await calling.request("prices.coffee", "", { timeout: 5000 })).string(), "3");
  const client = new Svcm(calling).client({ strategy: "count", maxMessages: 1, maxWait: 5000 });
  const names = [];
  for (const answers of [await client.ping("prices"), await client.info("prices"), await client.stats("prices")]) {
    for await (const { name } of answers) names.push(name);
  }
  assert.deepEqual(names, ["prices", "prices", "prices"]);
  await assertMayNotSubscribe(calling, "prices.>");
  await assertMayNotPublish(calling, "stock.count");
  await assertMayNotPublish(serving, "prices.coffee");

  await machine.sh(page.next("credgate create plain"));
  const [plain, asker] = [await connect("plain"), await connect("asker")];
  plain.subscribe("stock.count", { callback: (_, message) => message.respond("7") });
  await plain.flush();
  assert.equal((await asker.request("stock.count", "", { timeout: 5000 })).string(), "7");
  await assertMayNotPublish(plain, `${made(machine, "asker").inbox}.x`);
  await assertMayNotSubscribe(asker, "stock.count");
}

async function configuration({ page, machine, gate, t }) {
  const connect = connects({ machine, gate, t });
  await machine.sh(page.next("credgate create owner"));
  const owner = await jetstreamManager(await connect("owner"));
  await owner.streams.add({ name: "KV_cfg", subjects: ["$KV.cfg.>"], max_msgs_per_subject: 5, allow_direct: true, allow_rollup_hdrs: true });
  const [editor, shop] = [await connect("editor"), await connect("shop")];
  for (const key of ["shop.open", "bank.pin"]) await jetstream(editor).publish(`$KV.cfg.${key}`, key);
  const get = async (connection, key) =>
    (await connection.request(`$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.${key}`, "", { timeout: 5000 })).string();
  assert.equal(await get(editor, "bank.pin"), "bank.pin");
  assert.equal(await get(shop, "shop.open"), "shop.open");
  const errors = await refusals(shop, () => assert.rejects(get(shop, "bank.pin")));
  assert.match(errors.join(), /Permissions Violation for Publish/i);
  for (const subject of ["$KV.cfg.shop.open", "$JS.API.STREAM.MSG.GET.KV_cfg", "$JS.API.STREAM.DELETE.KV_cfg"]) await assertMayNotPublish(shop, subject);
  await assertMayNotPublish(editor, "$JS.API.STREAM.DELETE.KV_cfg");
}

async function tenant({ page, machine, gate, t }) {
  await machine.sh(page.next("sed -i"));
  await machine.sh(page.next("credgate --context"));
  const till = await gate.connect(t, made(machine, "till"));
  await assertMayPublish(till, "orders.1");
  // The same subjects in the other account are others.
  const app = await gate.connect(t, await gate.create("app", "--account", "APP", "--receive", "--subjects", "orders.>"));
  const seen = [];
  app.subscribe("orders.>", { callback: (_, { subject }) => seen.push(subject) });
  await app.flush();
  await assertMayPublish(till, "orders.2");
  await app.flush();
  assert.deepEqual(seen, []);
  const context = ["--context", path.join(machine.dir, "root/tenant.json")];
  const ask = (...args) => run("credgate", [...args, ...context], { env: machine.environment() });
  assert.match((await ask("list", "--account", "TENANT")).stdout, /till/);
  for (const args of [["create", "x", "--account", "APP", "--publish", "--subjects", "a"], ["list"], ["show", "app", "--account", "APP"], ["revoke", "app", "--account", "APP", "--yes"]]) {
    assert.notEqual((await ask(...args)).code, 0, args.join(" "));
  }
  assert.equal((await gate.do("show", "app", "--account", "APP", "--json")).json.status, "active");
}

async function mqtt({ page, machine, gate, t }) {
  const port = await freePort();
  const edit = (text) => text.replaceAll("1883", port);
  await machine.sh(page.next("cat >>"), { edit });
  const display = await until("a login", () => gate.connect(t, made(machine, "display")).catch(() => false));
  const got = [];
  display.subscribe("sensors.>", { callback: (_, message) => got.push(`${message.subject} ${message.string()}`) });
  await display.flush();
  const { text, where } = page.next("id=$(sed");
  await machine.sh({ text, where }, { edit });
  await until("the message", () => got.length === 1);
  // What the sensor may not publish does not arrive, and a client without MQTT is not let in.
  await machine.sh({ text: text.replace("sensors/sensor-1/heat", "sensors/sensor-2/heat"), where }, { edit: (all) => `${edit(all)} || true` });
  await machine.sh({ text: text.replace("-m 21", "-m 22"), where }, { edit });
  await until("the next message", () => got.length > 1);
  assert.deepEqual(got, ["sensors.sensor-1.heat 21", "sensors.sensor-1.heat 22"]);
  await gate.denied(made(machine, "sensor-1"), "connection_type_not_allowed");
  await assertMayNotPublish(display, "sensors.sensor-1.heat");
}

testParts(new Page("permissions.md"), [
  { heading: "A fleet of devices", play: fleet },
  { heading: "A worker queue", play: workers },
  { heading: "A request-reply service", play: service },
  { heading: "Configuration in a key-value bucket", play: configuration },
  { heading: "A tenant with an operator of its own", play: tenant },
  { heading: "MQTT sensors", play: mqtt },
]);
