// A leafnode may send what no client may: before 2.11.16, 2.12.7 and 2.14.0 nats-server checks nothing
// that it publishes, and later not all of it. So it must not come in with every credential, nor reach the
// admin service.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { freePort } from "../support/ports.mjs";
import { checksLeafnodes } from "../support/programs.mjs";
import { RawLeafnode } from "../support/raw_leafnode.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kLeafnode = ["--connection-types", "LEAFNODE"];

async function make(t, options = {}) {
  const port = await freePort();
  const gate = await Gate.make(t, { server: `leafnodes { listen: "127.0.0.1:${port}" }`, ...options });
  const leafnode = async (who, claims) => {
    const leaf = await RawLeafnode.connect(port, who, claims);
    t.after(() => leaf.close());
    return leaf;
  };
  const denied = async (who) => {
    const mark = gate.gateway.log.length;
    await assert.rejects(leafnode(who), /Authorization Violation|closed/);
    await gate.gateway.line(/event=denied reason="connection_type_not_allowed" .*type="leafnode"/, mark);
  };
  return { gate, leafnode, denied };
}

function admin(gate, name) {
  const { user, password } = JSON.parse(fs.readFileSync(path.join(gate.dir, "admins", `${name}.json`), "utf8"));
  return { id: user, secret: password, inbox: `_INBOX_${user}` };
}

const kCreate = JSON.stringify({ credential: { name: "stolen", account: "APP", permissions: { publish: { allow: [">"] } } } });

test("a leafnode is let in with a credential that lists LEAFNODE alone", async (t) => {
  const { gate, leafnode, denied } = await make(t, { admins: true });
  await gate.gateway.line(/event=admin_connected/);

  await t.test("each admin that init makes is refused", async () => {
    for (const name of ["viewer", "editor", "security-officer"]) await denied(admin(gate, name));
  });
  await t.test("a credential without a list is refused, and lets a client in", async () => {
    const who = await gate.create("plain", ...kTraffic);
    await denied(who);
    await gate.admitted(who);
  });
  await t.test("a SigV4 proxy's credential is refused, with and without a list", async () => {
    const proxy = ["--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify"];
    await denied(await gate.create("proxy", ...proxy));
    await denied(await gate.create("listed", ...proxy, "--connection-types", "STANDARD"));
  });
  await t.test("a list without LEAFNODE refuses, and one with it lets in", async () => {
    await denied(await gate.create("clients", ...kTraffic, "--connection-types", "STANDARD,WEBSOCKET,MQTT"));
    await leafnode(await gate.create("edge", ...kTraffic, ...kLeafnode));
  });
  await t.test("check names the credentials that list it", async () => {
    const { json } = await gate.do("check", "--json");
    assert.equal(json.leafnodes.count, 1);
    assert.equal(json.leafnodes.first[0].name, "edge");
    assert.match((await gate.do("check")).stdout, /^leafnodes +1 credential lists LEAFNODE: CG\w{18} "edge"\nwarning +LEAFNODE: /m);
  });
  await t.test("whoever gives it is warned", async () => {
    assert.match((await gate.do("create", "second", ...kTraffic, ...kLeafnode)).stderr, /warning: LEAFNODE: before nats-server 2\.11\.16/);
    assert.match((await gate.do("update", "plain", ...kLeafnode)).stderr, /warning: LEAFNODE: before nats-server 2\.11\.16/);
    assert.doesNotMatch((await gate.do("update", "plain", "--connection-types", "")).stderr, /LEAFNODE/);
  });
});

test("the admin service and the SigV4 service answer no leafnode", async (t) => {
  const { gate, leafnode } = await make(t, { admins: true });
  await gate.gateway.line(/event=admin_connected/);
  const who = await gate.create("far-viewer", "--account", "ADMIN", "--connection-types", "STANDARD,LEAFNODE",
    "--allow-pub", "credgate.v1.credentials.list,credgate.v1.sigv4.verify");
  const leaf = await leafnode(who);
  leaf.subscribe(`${who.inbox}.>`);
  await leaf.flush();
  let asked = 0;
  const ask = async (subject, body, headers) => {
    const reply = `${who.inbox}.${asked++}`;
    leaf.publish(subject, body, { reply, headers });
    return JSON.parse((await leaf.message((message) => message.subject === reply)).payload);
  };
  const names = async () => (await gate.do("list", "--account", "APP", "--json")).json.map(({ name }) => name);

  await t.test("what it may ask for is forbidden", async () => {
    for (const subject of ["credgate.v1.credentials.list", "credgate.v1.sigv4.verify"]) {
      const { error } = await ask(subject, "{}");
      assert.equal(error.code, "forbidden");
      assert.match(error.message, /not through a leafnode/);
    }
  });
  await t.test("the same credential is answered as a client", async (t) => {
    const connection = await gate.connect(t, who);
    const answer = (await connection.request("credgate.v1.credentials.list", "{}", { timeout: 10_000 })).json();
    assert.ok(answer.credentials.length >= 4);
  });
  await t.test("what it may not ask for is not done", async () => {
    if (checksLeafnodes) {
      const other = await leafnode(who);
      other.publish("credgate.v1.credentials.create", kCreate, { reply: `${who.inbox}.c` });
      await assert.rejects(other.flush(), /Permissions Violation for Publish/);
    } else {
      assert.equal((await ask("credgate.v1.credentials.create", kCreate)).error.code, "forbidden");
    }
    assert.deepEqual(await names(), []);
  });
  await t.test("a sender that it names itself is not believed", async () => {
    const editor = admin(gate, "editor");
    const claim = JSON.stringify({ acc: "ADMIN", user: editor.id, kind: "Client", client_type: "nats" });
    for (let count = 1; count <= 3; count++) {
      const headers = Array.from({ length: count }, () => ["Nats-Request-Info", claim]);
      assert.equal((await ask("credgate.v1.credentials.list", "{}", headers)).error?.code, "forbidden", `${count} times`);
    }
    assert.deepEqual(await names(), []);
  });
});

test("explain says of a leafnode what this server does", async (t) => {
  const { gate, leafnode } = await make(t);
  const who = await gate.create("edge", ...kTraffic, ...kLeafnode);
  const all = await gate.create("all", "--allow-pub", ">", "--allow-sub", ">");
  const client = await gate.connect(t, all);
  const heard = new Set();
  client.subscribe(">", { callback: (_, message) => heard.add(message.subject) });
  await client.flush();
  const verdicts = async (...args) =>
    (await gate.command("explain", "edge", "--type", "LEAFNODE", ...args, "--json")).json;

  const kSubjects = ["orders.1", "other.1", "$JS.ACK.S.C.1.1.1.1.0", "_R_.a.b", "$MQTT.sub.x", "$MQTT.deliver.pubrel.x", "$KV.x", "_INBOX.x.y"];
  await t.test("of what it publishes", async () => {
    const said = await verdicts(...kSubjects.flatMap((subject) => ["--publish", subject]));
    assert.match(said.warnings[0], /before nats-server 2\.11\.16, 2\.12\.7 and 2\.14\.0 a leafnode may publish to every subject/);
    for (const subject of kSubjects) {
      const one = await leafnode(who); // a violation closes it
      one.publish(subject, "x");
      await one.flush().catch((error) => assert.match(error.message, /Permissions Violation for Publish/));
    }
    await client.flush();
    for (const { subject, verdict } of said.subjects) {
      assert.equal(heard.has(subject), !checksLeafnodes || verdict === "allowed", `${subject}: ${verdict}`);
    }
  });
  await t.test("of what it receives", async () => {
    const said = await verdicts(...kSubjects.flatMap((subject) => ["--subscribe", subject]));
    const leaf = await leafnode(who);
    leaf.subscribe(">"); // one that it may not have whole; the server looks at each message
    await leaf.flush();
    for (const subject of kSubjects) client.publish(subject, "y");
    client.publish("orders.end", "y");
    await client.flush();
    await leaf.message((message) => message.subject === "orders.end");
    const got = new Set(leaf.received.map(({ subject }) => subject));
    for (const { subject, verdict } of said.subjects) {
      assert.equal(got.has(subject), verdict === "allowed", `${subject}: ${verdict}`);
    }
  });
});
