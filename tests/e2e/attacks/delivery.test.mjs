// Whoever may read a stream chooses where its messages are delivered, and nats-server does not ask
// whether that client may publish there. No permission prevents it, so it is said.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { assertMayNotPublish } from "../support/permissions.mjs";
import { until } from "../support/waiting.mjs";

test("a stream's messages reach another client's private inbox", async (t) => {
  const gate = await Gate.make(t);
  const owner = await gate.connect(t, await gate.create("owner", "--publish", "--receive", "--manage", "--subjects", "s.x", "--streams", "S", "--consumers", "*"));
  const api = async (subject, body, as = owner) => {
    const answer = (await as.request(`$JS.API.${subject}`, JSON.stringify(body), { timeout: 10_000 })).json();
    assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  };
  await api("STREAM.CREATE.S", { name: "S", subjects: ["s.x"] });
  await api("CONSUMER.DURABLE.CREATE.S.C", { stream_name: "S", config: { durable_name: "C", ack_policy: "explicit" } });
  await owner.request("s.x", "stored", { timeout: 10_000 });

  const victim = await gate.create("victim", "--publish", "--subjects", "other.>");
  const inbox = await gate.connect(t, victim);
  const heard = [];
  inbox.subscribe(`${victim.inbox}.>`, { callback: (_, message) => heard.push(`${message.subject} ${message.string()}`) });
  await inbox.flush();

  await t.test("by a pull", async (t) => {
    const reader = await gate.connect(t, await gate.create("reader", "--receive", "--streams", "S"));
    await assertMayNotPublish(reader, `${victim.inbox}.pull`);
    reader.publish("$JS.API.CONSUMER.MSG.NEXT.S.C", "1", { reply: `${victim.inbox}.pull` });
    await until("the pulled message", () => heard.includes("s.x stored"));
  });
  await t.test("by a push consumer", async (t) => {
    const pusher = await gate.connect(t, await gate.create("pusher", "--receive", "--streams", "S", "--consumers", "P"));
    const config = { name: "P", durable_name: "P", deliver_subject: `${victim.inbox}.push`, ack_policy: "none" };
    // nats-server waits for a subscription to the very subject, not to a wildcard.
    const pushed = [];
    inbox.subscribe(config.deliver_subject, { callback: (_, message) => pushed.push(message.string()) });
    await inbox.flush();
    await api("CONSUMER.DURABLE.CREATE.S.P", { stream_name: "S", config }, pusher);
    await until("the pushed message", () => pushed.includes("stored"));
  });
  await t.test("and create says so", async () => {
    const said = /warning: streams: the client chooses the subject that a stream's messages are delivered to/;
    assert.match((await gate.do("create", "one", "--receive", "--streams", "S")).stderr, said);
    assert.doesNotMatch((await gate.do("create", "two", "--receive", "--subjects", "s.>")).stderr, said);
  });
});
