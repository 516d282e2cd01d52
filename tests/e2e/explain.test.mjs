// What `explain` says of subjects is what nats-server does, and what it says is needed is enough.

import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { serverVersion } from "./support/programs.mjs";
import { RawClient } from "./support/raw_client.mjs";

const connect = async (t, gate, who) => {
  const client = await RawClient.connect(net.connect(gate.port, "127.0.0.1"), who);
  t.after(() => client.close());
  return client;
};

// Whether the server lets the client do this.
async function allows(client, act) {
  client.error = undefined;
  act();
  await client.flush();
  if (client.error !== undefined) assert.match(client.error, /Permissions Violation/);
  return client.error === undefined;
}

const explain = async (gate, name, verb, subjects) =>
  (await gate.command("explain", name, ...subjects.flatMap((subject) => [`--${verb}`, subject]), "--json")).json.subjects;

// Of a shell's words those that our texts have.
const words = (text) => text.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'|'$/g, ""));

const kPublished = [
  "a", "a.x", "a.*", "a.>", "a.x*", "a.x.y", "b.x", "b.>", "b.*", "b.>.y", "b.*.secret", "b.>.secret", "b.no", "b.no.>", "b.no.*", "c.x", "c.*", "c.>", "*", ">",
  "$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.app.>", "$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.app.*", "$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.>",
  "$JS.API.CONSUMER.CREATE.KV_cfg.x", "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port", "$JS.API.STREAM.INFO.KV_cfg", "$JS.API.INFO", "_INBOX.x",
];
const kSubscribed = ["a.x", "a.*", "a.>", "a.x.>", "a", "b.>", "b.*", "b.secret", "b.no.>", "b.no.*", "b.no.x", "b.*.*", "b.x.>", "*.x", ">", "*", "_INBOX.>", "b.> workers", "b.no.x workers", "a.> workers"];
const kSent = ["a.x", "a.x.y", "a.secret", "b.secret", "b.x", "b.no.x", "b.no.x.y", "b.x.y"];

test("explain says of subjects what the server does", async (t) => {
  const gate = await Gate.make(t);
  const who = await gate.create("shop", "--allow-pub", "a.*,b.>,c.x", "--deny-pub", "b.*.secret,b.no.>", "--kv-read", "cfg:app.>",
    "--allow-sub", "a.*,b.>", "--deny-sub", "*.secret,b.no.*");
  const other = await connect(t, gate, await gate.create("other", "--allow-pub", ">"));

  await t.test("of what a client publishes, with wildcards in the subject too", async () => {
    const client = await connect(t, gate, who);
    const verdicts = new Set();
    for (const { subject, verdict } of await explain(gate, "shop", "publish", kPublished)) {
      verdicts.add(verdict);
      assert.equal(await allows(client, () => client.publish(subject)), verdict === "allowed", `${subject}: ${verdict}`);
    }
    assert.deepEqual(verdicts, new Set(["allowed", "refused"]));
  });

  await t.test("of what it subscribes to, and of what is delivered there", async () => {
    for (const answer of await explain(gate, "shop", "subscribe", kSubscribed)) {
      const { subject, queue, verdict, reason } = answer;
      const client = await connect(t, gate, who);
      assert.equal(await allows(client, () => client.subscribe(subject, queue)), verdict !== "refused", `${subject}: ${verdict}`);
      for (const sent of kSent) other.publish(sent);
      await other.flush();
      await client.flush();
      const got = client.received.map(({ subject }) => subject);
      if (verdict === "refused") assert.deepEqual(got, [], subject);
      if (subject === "a.>") assert.ok(got.includes("a.x.y"), `${got}`); // deeper than a.*
      const denied = got.filter((one) => /^\w+\.secret$|^b\.no\.\w+$/.test(one));
      if (denied.length > 0) {
        assert.match(reason, /but by nats-server 2\.10 it is/);
        assert.equal(serverVersion[1], 10, `${subject}: ${denied}`);
      }
      if (subject.startsWith("a.>") || subject === "a.*") assert.match(reason, /^deny \*\.secret, from permissions: .*2\.10/);
      client.close();
    }
  });

  await t.test("in words", async () => {
    const { stdout, code } = await gate.command("explain", "shop", "--publish", "b.no.1", "--publish", "$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.>", "--subscribe", "b.> workers");
    assert.equal(code, 5);
    assert.match(stdout, /publish {2}b\.no\.1: refused \(deny b\.no\.>, from permissions\)\n {4}needs {2}without --deny-pub 'b\.no\.>'\n/);
    assert.match(stdout, /\$KV\.cfg\.>: refused \(not allowed by any entry\)\n {4}needs {2}--kv-read cfg\n {7}or {2}--receive --streams KV_cfg --consumers x\n/);
    assert.match(stdout, /subscribe {2}b\.> in the queue group workers: partly \(deny b\.no\.\*, from permissions: what that matches is not delivered\)\n/);
  });
});

const kNeeded = {
  publish: [
    "orders.1", "adder.add", "$SRV.PING", "$SRV.PING.adder", "$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.INFO.ORDERS", "$JS.API.STREAM.CREATE.ORDERS",
    "$JS.API.CONSUMER.CREATE.ORDERS.w", "$JS.ACK.ORDERS.w.1.1.1.1.0", "$JS.API.CONSUMER.CREATE.KV_cfg.x.$KV.cfg.>", "$KV.cfg.app.x",
    "$JS.API.CONSUMER.CREATE.OBJ_pics.x.$O.pics.M.>", "$O.pics.C.n", "$JS.hub.API.STREAM.INFO.KV_cfg", "$SYS.REQ.USER.INFO",
  ],
  subscribe: ["orders.>", "adder.add", "$SRV.PING", "$SRV.INFO.adder", "$SYS.ACCOUNT.x"],
};

test("what explain says is needed is enough", async (t) => {
  const gate = await Gate.make(t);
  await gate.create("bare", "--publish", "--subjects", "bare");
  for (const [verb, subjects] of Object.entries(kNeeded)) {
    for (const [i, subject] of subjects.entries()) {
      await t.test(`to ${verb} ${subject}`, async (t) => {
        const [{ verdict, needed }] = await explain(gate, "bare", verb, [subject]);
        assert.equal(verdict, "refused");
        assert.ok(needed.length > 0);
        for (const [j, right] of needed.entries()) {
          assert.doesNotMatch(right, /in a second/);
          const client = await connect(t, gate, await gate.create(`${verb}-${i}-${j}`, ...words(right)));
          assert.ok(await allows(client, () => client[verb](subject)), right);
        }
      });
    }
  }
  await t.test("and for a reply the client's inbox prefix is", async () => {
    const [{ needed }] = await explain(gate, "bare", "subscribe", ["_INBOX.x"]);
    assert.match(needed[0], /^the inbox prefix _CG\.CG\w{18} in the client$/);
  });
});
