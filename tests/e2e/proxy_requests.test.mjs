// How a request to the proxy of tests/proxy reaches its queue.

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

test("a request reaches its queue", async (t) => {
  const here = await proxyWorld(t);
  await here.ready();
  await t.test("a queue is named by QueueUrl or by the path, and its URL is where clients reach it", (t) => addresses(t, here));
});
