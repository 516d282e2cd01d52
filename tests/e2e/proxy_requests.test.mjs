// How a request to the proxy of tests/proxy reaches its queue, and how it opens the connection of its caller.

import assert from "node:assert/strict";
import { test } from "node:test";
import { boto3, javascript } from "./support/aws_clients.mjs";
import { freePort } from "./support/ports.mjs";
import { call, proxyWorld } from "./support/proxy_world.mjs";

async function addresses(t, here) {
  const pages = ["p1", "p2", "p3"];
  const shop = await here.caller("pages", "--publish", "--receive", "--manage", "--subjects", pages.map((it) => `sqs.${it}`).join(), "--streams", pages.map((it) => `SQS_${it}`).join(), "--consumers", "sqs");
  for (const QueueName of pages) await call(here, shop, "CreateQueue", { form: { QueueName } });

  const path = "/000000000000/p1";
  const moved = (to) => (it) => ({ ...it, path: to });
  for (const [what, facts, status, code] of [
    ["the path", { path }, 200],
    ["the path, with a slash", { path: `${path}/` }, 200],
    ["the path in the JSON protocol", { path, json: '{"MessageBody":"x"}' }, 200],
    ["both", { path, form: { QueueUrl: here.url("p1") } }, 200],
    ["both, and they differ", { path, form: { QueueUrl: here.url("p2") } }, 400, "InvalidParameterValue"],
    ["an empty QueueUrl", { path, form: { QueueUrl: "" } }, 404, "InvalidAddress"],
    ["another account", { path: "/000000000001/p1" }, 404, "InvalidAddress"],
    ["the path of no queue", { path: "/p1" }, 404, "InvalidAddress"],
    // Each is signed as /000000000000/p1.
    ["a path that is not normalised", { path, change: moved("/000000000000/p2/../p1") }, 404, "InvalidAddress"],
    ["a path with two slashes", { path, change: moved("//000000000000/p1") }, 404, "InvalidAddress"],
    ["neither", {}, 400, "MissingParameter"],
  ]) {
    const { form, ...rest } = facts;
    const got = await call(here, shop, "SendMessage", { form: { MessageBody: "x", ...form }, ...rest });
    assert.deepEqual([got.status, got.code], [status, code], `${what}: ${got.text}`);
  }
  assert.equal((await call(here, shop, "ListQueues", { path })).code, "InvalidParameterValue");
  assert.equal((await call(here, shop, "ListTopics", { service: "sns", path })).code, "InvalidAddress");

  await t.test("equal names in a query, whose order is not signed", async () => {
    const form = `QueueUrl=${encodeURIComponent(here.url("p1"))}&QueueUrl=${encodeURIComponent(here.url("p2"))}&MessageBody=x`;
    for (const sent of ["query", "presigned"]) {
      const got = await call(here, shop, "SendMessage", { form, sent, method: "GET" });
      assert.equal(got.code, "InvalidParameterValue", got.text);
      assert.match(got.text, /QueueUrl must be there once/);
    }
    const both = await call(here, shop, "SendMessage", { form: { QueueUrl: here.url("p1"), MessageBody: "x" }, query: "MessageBody=y" });
    assert.match(both.text, /MessageBody must be there once/);
  });
  await t.test("pages of queues", async () => {
    for (const client of [javascript(t, shop, here), boto3(t, shop, here)]) {
      const first = await client("sqs", "ListQueues", { MaxResults: 2, QueueNamePrefix: "p" });
      assert.deepEqual(first.QueueUrls, [here.url("p1"), here.url("p2")]);
      const last = await client("sqs", "ListQueues", { MaxResults: 2, QueueNamePrefix: "p", NextToken: first.NextToken });
      assert.deepEqual([last.QueueUrls, last.NextToken], [[here.url("p3")], undefined]);
    }
  });
  await t.test("the beginning of a queue's URL", async () => {
    const forwarded = { headers: [["X-Forwarded-Proto", "https"]] };
    for (const [listener, facts, base] of [
      [{}, forwarded, (host) => `http://${host}`],
      [{ trust_forwarded_proto: true }, forwarded, (host) => `https://${host}`],
      [{ trust_forwarded_proto: true }, {}, (host) => `http://${host}`],
      [{ public_url: "https://sqs.example.com/" }, {}, () => "https://sqs.example.com"],
    ]) {
      const port = await freePort();
      await here.start({ sqs: { host: "127.0.0.1", port, ...listener } });
      const got = await call(here, shop, "GetQueueUrl", { port, json: '{"QueueName":"p1"}', ...facts });
      assert.equal(JSON.parse(got.text).QueueUrl, `${base(`127.0.0.1:${port}`)}/000000000000/p1`);
    }
  });
}

// ------------------------------------------------------------------------------ connections

async function firstRequests(t, here) {
  const permissions = ["--publish", "--receive", "--manage", "--subjects", "sqs.busy", "--streams", "SQS_busy", "--consumers", "sqs"];
  const busy = await here.caller("busy", ...permissions, "--max-sessions", "1");
  const input = { QueueUrl: here.url("busy"), MessageBody: "x" };
  await call(here, busy, "CreateQueue", { form: { QueueName: "busy" } });
  const send = (facts) => call(here, busy, "SendMessage", { form: input, ...facts });

  await t.test("one that can never open one has an error of its own", async () => {
    const url = (await boto3(t, busy, here)("sqs", "presign", input)).url;
    const large = { headers: [["X-Large", "x".repeat(3500)]] };
    for (const [what, got] of [["GET", await send({ sent: "presigned", method: "GET" })], ["POST", await send({ sent: "presigned" })]]) {
      assert.deepEqual([got.status, got.code], [400, "UnsupportedOperation"], `${what}: ${got.text}`);
      assert.match(got.text, /presigned/);
    }
    assert.equal((await fetch(url, { method: "POST" })).status, 400);
    const got = await send(large);
    assert.deepEqual([got.status, got.code], [400, "RequestHeaderSectionTooLarge"], got.text);

    // Another caller's connection is of no use to them, their own is.
    const other = await here.caller("other", ...permissions);
    const opened = (facts) => call(here, other, "SendMessage", { form: input, ...facts });
    assert.equal((await opened()).status, 200);
    assert.equal((await send({ sent: "presigned" })).status, 400);
    for (const facts of [{ sent: "presigned", method: "GET" }, { sent: "presigned" }, large]) assert.equal((await opened(facts)).status, 200);
    const { url: otherUrl } = await boto3(t, other, here)("sqs", "presign", { ...input, MessageBody: "by boto3" });
    const sent = await fetch(otherUrl, { method: "POST" });
    assert.equal(sent.status, 200, await sent.text());
  });

  const mine = await here.gate.connect(t, busy);
  const client = javascript(t, busy, here, 10);
  const sending = client("sqs", "SendMessage", input);
  await here.gate.gateway.line(/event=denied reason="too_many_sessions"/);
  const { status, code, headers } = await send({});
  assert.deepEqual([status, code, headers["retry-after"]], [503, "ServiceUnavailable", "2"]);
  await mine.close();
  assert.ok((await sending).MessageId);
  assert.deepEqual([(await send({ sent: "presigned" })).status], [200]);
}

test("a request reaches its queue, and its caller's connection", async (t) => {
  const here = await proxyWorld(t);
  await here.ready();
  await t.test("a queue is named by QueueUrl or by the path, and its URL is where clients reach it", (t) => addresses(t, here));
  await t.test("a first request that cannot open its connection yet is tried again by the SDK", (t) => firstRequests(t, here));
});
