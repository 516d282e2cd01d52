// --domain with two real servers: this gate's is a leafnode of another one, in whose JetStream domain the
// bucket and the stream are.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, refusals } from "./support/permissions.mjs";
import { freePort } from "./support/ports.mjs";
import { Daemon } from "./support/processes.mjs";
import { natsServer } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kDomain = { domain: "hub", timeout: 5000 };

async function withHub(t) {
  const leaves = await freePort();
  const gate = await Gate.make(t, { start: false, server: `server_name: edge\nleafnodes { remotes: [ { url: "nats-leaf://127.0.0.1:${leaves}", account: APP } ] }` });
  gate.editServerConfig((text) => text.replace(/^jetstream \{/m, "jetstream { domain: edge,"));
  const file = path.join(gate.dir, "hub.conf");
  fs.writeFileSync(file, `listen: "127.0.0.1:${await freePort()}"\nserver_name: hub\njetstream { domain: hub, store_dir: "${gate.dir}/hub" }\nleafnodes { listen: "127.0.0.1:${leaves}" }\n`);
  gate.hub = new Daemon(natsServer, ["-c", file]);
  gate.daemons.push(gate.hub);
  await gate.hub.line(/Server is ready/);
  await gate.startServer();
  await gate.startGateway();
  const owner = await gate.connect(t, await gate.create("owner", "--manage", "--streams", "KV_cfg,ORDERS", "--domain", "hub"));
  const jsm = await until("the leafnode is connected", () => jetstreamManager(owner, kDomain).catch(() => false));
  await jsm.streams.add({ name: "KV_cfg", subjects: ["$KV.cfg.>"], max_msgs_per_subject: 5, allow_direct: true });
  await jsm.streams.add({ name: "ORDERS", subjects: ["orders.>"] });
  return { gate, jsm };
}

test("a client of a leafnode, with rights in the domain of another server", async (t) => {
  const { gate, jsm } = await withHub(t);
  const get = (connection, key, api = "$JS.hub.API") => connection.request(`${api}.DIRECT.GET.KV_cfg.$KV.cfg.${key}`, "", { timeout: 5000 });

  await t.test("writes and reads its keys of the bucket there, and no others", async (t) => {
    const editor = await gate.connect(t, await gate.create("editor", "--kv-write", "cfg", "--domain", "hub"));
    for (const key of ["app.port", "db.password"]) {
      const answer = (await editor.request(`$JS.hub.API.$KV.cfg.${key}`, key, { timeout: 5000 })).json();
      assert.deepEqual([answer.stream, answer.domain], ["KV_cfg", "hub"]);
    }
    const reader = await gate.connect(t, await gate.create("reader", "--kv-read", "cfg:app.>", "--domain", "hub"));
    assert.equal((await get(reader, "app.port")).string(), "app.port");
    const errors = await refusals(reader, () => assert.rejects(get(reader, "db.password")));
    assert.match(errors.join(), /Permissions Violation for Publish/i);
    for (const subject of ["$JS.hub.API.$KV.cfg.app.port", "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port", "$JS.edge.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"]) {
      await assertMayNotPublish(reader, subject);
    }
  });

  await t.test("pulls and acknowledges with its own consumer there, and with no other", async (t) => {
    const desk = await gate.connect(t, await gate.create("desk", "--publish", "--subjects", "orders.>"));
    assert.equal((await jetstream(desk).publish("orders.new", "one")).domain, "hub");
    const worker = await gate.connect(t, await gate.create("worker", "--receive", "--streams", "ORDERS", "--consumers", "mine", "--domain", "hub"));
    await (await jetstreamManager(worker, kDomain)).consumers.add("ORDERS", { durable_name: "mine", ack_policy: AckPolicy.Explicit });
    const message = await (await jetstream(worker, kDomain).consumers.get("ORDERS", "mine")).next({ expires: 5000 });
    assert.equal(message.string(), "one");
    assert.equal(await message.ackAck(), true);
    assert.equal((await jsm.consumers.info("ORDERS", "mine")).num_ack_pending, 0);
    for (const subject of ["$JS.hub.API.CONSUMER.CREATE.ORDERS.theirs", "$JS.hub.API.STREAM.DELETE.ORDERS", "$JS.API.CONSUMER.MSG.NEXT.ORDERS.mine"]) {
      await assertMayNotPublish(worker, subject);
    }
  });

  await t.test("with rights in a domain that no server has is answered by nobody", async (t) => {
    const lost = await gate.connect(t, await gate.create("lost", "--kv-read", "cfg", "--domain", "nowhere"));
    const errors = await refusals(lost, () => assert.rejects(get(lost, "app.port", "$JS.nowhere.API"), /no responders/));
    assert.deepEqual(errors, []);
    await assertMayNotPublish(lost, "$JS.hub.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port");
  });
});
