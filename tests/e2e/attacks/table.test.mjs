// Who × door × attempt: every cell is tried on a real nats-server. What is not listed here as passing is
// refused, and what passes has its reason here.

import assert from "node:assert/strict";
import test from "node:test";
import { adminOf, gateWithTwoAccounts } from "../support/admins.mjs";
import { heardFrom, heardWhere, kAttempts, kPublishes, kSubscribes } from "../support/attempts.mjs";
import { kDoors, openDoors } from "../support/doors.mjs";
import { checksLeafnodes, serverVersion } from "../support/programs.mjs";

const [, minor, patch] = serverVersion;
// Before, nats-server takes an MQTT subscription to it where there is the permission, which QoS 2 needs.
const kHidesMqtt = minor >= 15 || (minor === 14 && patch >= 3) || (minor === 12 && patch >= 12);

// ------------------------------------------------------------------------------------- what is expected

const kAtTheDoor = "refused at the door";
const kRefused = {};
const kItsDuty = "its credential allows it";
const publishes = (names, why) => Object.fromEntries(names.map((name) => [`publish ${name}`, why]));
const subscribes = (names, why) => Object.fromEntries(names.map((name) => [`subscribe ${name}`, why]));
const kEveryPublish = kPublishes.map(([name]) => name);
const kEverySubscribe = kSubscribes.map(([name]) => name);

const kDoor = Object.fromEntries(Object.keys(kDoors).map((door) => [door, kAtTheDoor]));
// The doors that are not named refuse.
const throughEach = (doors, cells) => ({ ...kDoor, ...Object.fromEntries(doors.map((door) => [door, cells])) });
const kStandard = ["TCP", "TLS"];
const kClients = [...kStandard, "WebSocket", "MQTT"];

const kViews = {
  ...publishes(["credgate.v1.credentials.get.APP"], kItsDuty),
  ...subscribes(["credgate.v1.events.>"], kItsDuty),
};

// No permission can deny these, so LEAFNODE is for those who are trusted with the account.
const kLeafnodePublishes = checksLeafnodes
  ? publishes(["$JS.ACK of another's message", "_R_.x.y"], "nats-server does not check these of a leafnode")
  : publishes(kEveryPublish, "this nats-server does not check what a leafnode publishes");

// --everything denies the rest.
const kAllButDenied = {
  ...publishes(["other.x", ...kEveryPublish.filter((name) => name.startsWith("credgate."))], kItsDuty),
  ...publishes(["_INBOX_<id>.x"], "no pattern denies inboxes with the old prefix"),
};

const kExpected = {
  stranger: kDoor,
  viewer: throughEach([...kStandard, "WebSocket"], kViews),
  "security officer": throughEach([...kStandard, "WebSocket"], { ...kViews, ...publishes(["credgate.v1.credentials.revoke.APP"], kItsDuty) }),
  "confined operator": throughEach(kStandard, kRefused),
  "publish-only": throughEach(kClients, kRefused),
  "receive-only": {
    ...throughEach(kClients, kRefused),
    MQTT: kHidesMqtt ? kRefused : subscribes(["$MQTT.deliver.pubrel.*"], "QoS 2 needs it of this nats-server, which does not hide it"),
  },
  "publish-everything": throughEach(kClients, kAllButDenied),
  "SigV4 proxy": throughEach(kStandard, publishes(["credgate.v1.sigv4.verify"], kItsDuty)),
  "leaf-publish": throughEach(["leafnode"], kLeafnodePublishes),
  "leaf-receive": throughEach(["leafnode"], kLeafnodePublishes),
  "leaf-everything": throughEach(["leafnode"], { ...kLeafnodePublishes, ...kAllButDenied }),
};

// Whoever may do everything shows that each attempt is one that would be seen to pass.
const kEverything = { ...publishes(kEveryPublish, kItsDuty), ...subscribes(kEverySubscribe, kItsDuty) };
const without = (cells, ...names) => Object.fromEntries(Object.entries(cells).filter(([name]) => !names.includes(name)));
const kControls = {
  "everything in APP": {
    ...throughEach(kClients, kEverything),
    MQTT: without(kEverything, "subscribe $MQTT.sub.>", ...(kHidesMqtt ? ["subscribe $MQTT.>", "subscribe $MQTT.deliver.pubrel.*"] : [])),
    leafnode: without(kEverything, "subscribe $JS.API.>"), // each side has a JetStream of its own
  },
  "everything in ADMIN": throughEach(kStandard, kEverything),
};

// ------------------------------------------------------------------------------------------- the world

const kTypes = (types) => ["--connection-types", types];
const kAllows = (account, types) => ["--account", account, "--allow-pub", ">", "--allow-sub", ">", ...kTypes(types)];
const kPublishOnly = ["--account", "APP", "--publish", "--subjects", "orders.>"];
const kPublishEverything = ["--account", "APP", "--publish", "--everything"];
const kReceiveOnly = ["--account", "APP", "--receive", "--subjects", "orders.>"];

// mayPublish: a subject that it may publish to.
async function whoever(gate) {
  const admin = (name) => ({ account: "ADMIN", mayPublish: "credgate.v1.credentials.get.SHOP", ...adminOf(gate, name) });
  const make = async (name, mayPublish, ...args) => ({ account: args[1], mayPublish, ...(await gate.create(name, ...args)) });
  return {
    stranger: { account: "APP" },
    viewer: admin("viewer"),
    "security officer": admin("security-officer"),
    // As doc/admin-service.md and doc/sigv4.md make them.
    "confined operator": await make("tenant", "credgate.v1.credentials.get.SHOP", "--account", "ADMIN", "--allow-pub", "credgate.v1.credentials.*.SHOP", ...kTypes("STANDARD")),
    "SigV4 proxy": await make("proxy", "credgate.v1.sigv4.verify", "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify",
      "--allow-sub", "credgate.v1.events.*.*", ...kTypes("STANDARD")),
    "publish-only": await make("publish-only", "orders.x", ...kPublishOnly),
    "receive-only": await make("receive-only", undefined, ...kReceiveOnly),
    "publish-everything": await make("publish-everything", "any.x", ...kPublishEverything),
    "leaf-everything": await make("leaf-everything", "any.x", ...kPublishEverything, ...kTypes("LEAFNODE")),
    "leaf-publish": await make("leaf-publish", "orders.x", ...kPublishOnly, ...kTypes("LEAFNODE")),
    "leaf-receive": await make("leaf-receive", undefined, ...kReceiveOnly, ...kTypes("LEAFNODE")),
    "everything in APP": await make("all-app", "any.x", ...kAllows("APP", "STANDARD,WEBSOCKET,MQTT,LEAFNODE")),
    "everything in ADMIN": await make("all-admin", "any.x", ...kAllows("ADMIN", "STANDARD")),
  };
}

// Streams S and VICTIM, and a worker that holds messages of S. `acks` are the subjects that acknowledge
// them, `ask` asks JetStream.
async function jetStream(gate, t) {
  const owner = await gate.connect(t, await gate.create("owner", "--account", "APP", "--publish", "--receive", "--manage", "--subjects", "s.x", "--streams", "S,VICTIM", "--consumers", "*"), { tls: null });
  const ask = async (subject, body = "") => (await owner.request(`$JS.API.${subject}`, body && JSON.stringify(body), { timeout: 10_000 })).json();
  const done = async (...args) => assert.equal((await ask(...args)).error, undefined);
  await done("STREAM.CREATE.S", { name: "S", subjects: ["s.x"], storage: "memory" });
  await done("STREAM.CREATE.VICTIM", { name: "VICTIM", subjects: ["victim.x"], storage: "memory" });
  await done("CONSUMER.DURABLE.CREATE.S.C", { stream_name: "S", config: { durable_name: "C", ack_policy: "explicit", ack_wait: 3600e9 } });
  const count = Object.keys(kExpected).length * Object.keys(kDoors).length + 20;
  for (let i = 0; i < count; i++) owner.publish("s.x", `${i}`);
  await owner.flush();
  const acks = [];
  const inbox = owner.subscribe(`${owner.options.inboxPrefix}.held`, { max: count });
  owner.publish("$JS.API.CONSUMER.MSG.NEXT.S.C", JSON.stringify({ batch: count, expires: 10e9 }), { reply: inbox.getSubject() });
  for await (const message of inbox) acks.push(message.reply);
  assert.match(acks[0], /^\$JS\.ACK\.S\.C\./);
  return { owner, ask, acks, held: acks.length };
}

class World {
  #number = 0;

  static async make(t) {
    const world = new World();
    const { ports, server } = await openDoors();
    world.gate = await gateWithTwoAccounts(t, { server });
    world.ports = { ...ports, client: world.gate.port };
    world.who = await whoever(world.gate);
    world.victims = {
      APP: (await world.gate.create("victim", ...kPublishOnly)).id,
      ADMIN: adminOf(world.gate, "editor").id,
    };
    world.js = await jetStream(world.gate, t);
    world.privileged = {};
    for (const account of ["APP", "ADMIN"]) {
      const one = await kDoors.TCP(world.ports, world.who[`everything in ${account}`]);
      t.after(() => one.close());
      one.subscribe(">");
      await one.flush();
      world.privileged[account] = one;
    }
    return world;
  }

  // Tries every attempt: { "publish other.x": [accounts where it was heard], … } without those that are
  // refused, or kAtTheDoor. All go through one connection while the server leaves it open.
  async tryAll(name, door) {
    const who = this.who[name];
    let attacker;
    const open = async () => {
      if (attacker === undefined || attacker.closed) attacker = await kDoors[door](this.ports, who, `device-${this.#number}`);
      return attacker;
    };
    try {
      await open();
    } catch (error) {
      assert.match(error.message, /Authorization Violation|^closed$/);
      return kAtTheDoor;
    }
    // What it may do is seen, so what is refused is not merely unseen.
    const own = { number: ++this.#number };
    assert.deepEqual(await heardFrom(attacker, [, `${who.inbox}.>`, `${who.inbox}.own`], this.privileged, own), [who.account]);
    if (who.mayPublish !== undefined) {
      assert.deepEqual(await heardWhere(attacker, [who.mayPublish], this.privileged, own), [who.account]);
    }
    const passed = {};
    const cell = async (key, attempt, attempts) => {
      const facts = { victim: this.victims[who.account], number: ++this.#number, ack: this.js.acks[0] };
      const mark = this.gate.server.log.length;
      const accounts = await attempt(await open(), attempts, this.privileged, facts, `${who.inbox}.reply`);
      if (attacker.closed) await this.gate.server.line(/(Publish|Subscription) Violation on "/, mark);
      if (accounts.length > 0) passed[key] = accounts;
    };
    for (const attempt of kPublishes) await cell(`publish ${attempt[0]}`, heardWhere, attempt);
    for (const attempt of kSubscribes) await cell(`subscribe ${attempt[0]}`, heardFrom, attempt);
    this.js.acks.shift();
    attacker.close();
    return passed;
  }
}

// One line of a table in Markdown.
function row(who, door, passed, expected) {
  if (passed === kAtTheDoor) return `| ${who} | ${door} | ${kAtTheDoor} | | |`;
  const cells = Object.keys(passed);
  const list = (what, all) => {
    const names = all.filter((name) => cells.includes(`${what} ${name}`));
    const rest = all.filter((name) => !names.includes(name));
    if (names.length === 0) return [];
    if (rest.length === 0) return [`${what} each`];
    const quote = (some) => some.map((name) => `\`${name}\``).join(", ");
    return [names.length > rest.length ? `${what} each but ${quote(rest)}` : `${what} ${quote(names)}`];
  };
  const reasons = new Set(cells.map((cell) => expected[cell] ?? "**not expected**"));
  const passes = [...list("publish", kEveryPublish), ...list("subscribe", kEverySubscribe)].join("; ");
  return `| ${who} | ${door} | ${kAttempts - cells.length} | ${passes || "none"} | ${[...reasons].join("; ")} |`;
}

// ------------------------------------------------------------------------------------------- the test

test("who may do what through which door", async (t) => {
  const world = await World.make(t);
  t.diagnostic(`nats-server ${serverVersion.join(".")}, ${kAttempts} attempts through each door`);
  t.diagnostic("| who | door | refused | passes | because |");
  t.diagnostic("| --- | --- | --- | --- | --- |");
  const found = [];
  const rows = async (expected) => {
    for (const [who, doors] of Object.entries(expected)) {
      for (const [door, cells] of Object.entries(doors)) {
        await t.test(`${who} over ${door}`, async () => {
          const passed = await world.tryAll(who, door);
          found.push(passed);
          t.diagnostic(row(who, door, passed, cells));
          if (cells === kAtTheDoor || passed === kAtTheDoor) return assert.equal(passed, cells);
          assert.deepEqual(Object.keys(passed).sort(), Object.keys(cells).sort());
          // Nothing leaves the account.
          for (const [cell, accounts] of Object.entries(passed)) assert.deepEqual(accounts, [world.who[who].account], cell);
        });
      }
    }
  };
  const times = (cell) => found.filter((passed) => passed !== kAtTheDoor && passed[cell]?.includes("APP")).length;

  await rows(kExpected);
  await t.test("what was refused had no effect, and what passed had its own", async () => {
    const { owner, ask, acks, held } = world.js;
    // The consumer takes acknowledgements in their order, and answers the last one.
    await owner.request(acks.at(-1), "+ACK", { timeout: 10_000 });
    const { num_ack_pending } = await ask("CONSUMER.INFO.S.C");
    assert.equal(num_ack_pending, held - 1 - times("publish $JS.ACK of another's message"));
    const { error } = await ask("STREAM.INFO.VICTIM");
    assert.equal(error?.code, times("publish $JS.API.STREAM.DELETE.VICTIM") === 0 ? undefined : 404);
    const names = (await world.gate.do("list", "--json")).json.map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.startsWith("stolen")), []);
    assert.deepEqual(world.gate.gateway.lines(/event=dropped/), []);
  });

  await rows(kControls);
});
