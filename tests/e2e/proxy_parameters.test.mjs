// The proxy of tests/proxy does what a request says, all of it, or refuses it by name. AWS's own clients, and
// requests by hand where a client would not send it, against a real credgate and a real nats-server.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as sns from "../proxy/sns.mjs";
import * as sqs from "../proxy/sqs.mjs";
import { awsCli, boto3, javascript } from "./support/aws_clients.mjs";
import { call, proxyWorld } from "./support/proxy_world.mjs";

const errorOf = (promise) => promise.then((output) => assert.fail(`no error, but ${JSON.stringify(output)}`), (error) => error);
const receive = async (client, QueueUrl, more = {}) => (await client("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, ...more })).Messages ?? [];

// What a client calls an error of the query protocol.
const kOfJavascript = {
  "AWS.SimpleQueueService.UnsupportedOperation": "UnsupportedOperation", QueueAlreadyExists: "QueueNameExists", InvalidParameter: "InvalidParameterException",
};

async function withClients(t, here, shop) {
  const [js, boto, cli] = [javascript, boto3, awsCli].map((make) => make(t, shop, here));
  const clients = { js, boto, cli }; // the last has boto3's way of writing requests, and takes seconds for each
  const [QueueUrl, TopicArn] = [here.url("shop"), here.arn("sns", "shop")];
  const [topic, queue] = [{ TopicArn }, { QueueUrl }];
  await js("sqs", "CreateQueue", { QueueName: "shop" });
  await js("sns", "CreateTopic", { Name: "shop" });

  const unsupported = "AWS.SimpleQueueService.UnsupportedOperation";
  const subscription = { ...topic, Protocol: "sqs", Endpoint: here.arn("sqs", "shop") };
  const attribute = { a: { DataType: "String", StringValue: "1" } };
  const refused = [
    ["sns", "Subscribe", { ...subscription, Attributes: { FilterPolicy: '{"kind":["a"]}' } }, "InvalidParameter", "Attributes.FilterPolicy"],
    ["sns", "Publish", { ...topic, Message: '{"default":"x"}', MessageStructure: "json" }, "InvalidParameter", "MessageStructure"],
    ["sqs", "CreateQueue", { QueueName: "shop", tags: { a: "b" } }, unsupported, "[tT]ags?"],
    ["sqs", "SendMessage", { ...queue, MessageBody: "x", MessageAttributes: attribute }, unsupported, "MessageAttributes?"],
    ["sns", "Subscribe", { ...subscription, Attributes: { RawMessageDelivery: "true" } }, "InvalidParameter", "Attributes.RawMessageDelivery"],
    ["sns", "Publish", { ...topic, Message: "x", MessageAttributes: attribute }, "InvalidParameter", "MessageAttributes"],
    ["sns", "Publish", { ...topic, Message: "x", MessageGroupId: "a" }, "InvalidParameter", "MessageGroupId"],
    ["sns", "CreateTopic", { Name: "shop", Tags: [{ Key: "a", Value: "b" }] }, "InvalidParameter", "Tags"],
    ["sns", "CreateTopic", { Name: "shop", Attributes: { FifoTopic: "true" } }, "InvalidParameter", "Attributes.FifoTopic"],
    ["sns", "ListTopics", { NextToken: "x" }, "InvalidParameter", "NextToken"],
    ["sqs", "CreateQueue", { QueueName: "shop", Attributes: { FifoQueue: "true" } }, "InvalidAttributeName", "Attributes.FifoQueue"],
    ["sqs", "CreateQueue", { QueueName: "shop", Attributes: { DelaySeconds: "5" } }, "InvalidAttributeValue", "Attributes.DelaySeconds"],
    ["sqs", "CreateQueue", { QueueName: "shop", Attributes: { VisibilityTimeout: "0" } }, "InvalidAttributeValue", "Attributes.VisibilityTimeout"],
    ["sqs", "SendMessage", { ...queue, MessageBody: "x", DelaySeconds: 5 }, unsupported, "DelaySeconds"],
    ["sqs", "SendMessage", { ...queue, MessageBody: "x", MessageGroupId: "a" }, unsupported, "MessageGroupId"],
    ["sqs", "SendMessageBatch", { ...queue, Entries: [{ Id: "a", MessageBody: "1" }, { Id: "b", MessageBody: "2", DelaySeconds: 5 }] }, unsupported, "Entries.2.DelaySeconds"],
    ["sqs", "ReceiveMessage", { ...queue, VisibilityTimeout: 5 }, unsupported, "VisibilityTimeout"],
    ["sqs", "ReceiveMessage", { ...queue, AttributeNames: ["SenderId"] }, "InvalidAttributeName", "AttributeNames.1"],
  ];
  await Promise.all(Object.entries(clients).map(([name, client]) => t.test(`by name, to ${name}`, async () => {
    for (const [service, operation, input, code, parameter] of name === "cli" ? refused.slice(0, 2) : refused) {
      const error = await errorOf(client(service, operation, input));
      assert.equal(error.code, name === "js" ? kOfJavascript[code] ?? code : code, `${operation} ${parameter}: ${error.message}`);
      assert.match(error.message, new RegExp(`\\b${parameter}\\b`), operation);
    }
  })));
  await t.test("and nothing of it was done", async () => {
    assert.deepEqual(await receive(js, QueueUrl), []);
    await js("sns", "Publish", { ...topic, Message: "nobody has subscribed" });
    assert.deepEqual(await receive(js, QueueUrl, { WaitTimeSeconds: 1 }), []);
  });

  await t.test("what asks for nothing passes, and so do the names of attributes", async () => {
    const wanted = { AttributeNames: ["All"], MessageAttributeNames: ["All"], WaitTimeSeconds: 5 };
    for (const [name, client] of Object.entries({ js, boto })) {
      await client("sqs", "CreateQueue", { QueueName: "shop", Attributes: { DelaySeconds: "0", MaximumMessageSize: "262144" }, tags: {} });
      await client("sqs", "SendMessage", { ...queue, MessageBody: name, DelaySeconds: 0, MessageAttributes: {} });
      const [message] = await receive(client, QueueUrl, wanted);
      assert.deepEqual([message.Body, message.Attributes?.ApproximateReceiveCount], [name, "1"]);
      await client("sqs", "DeleteMessage", { ...queue, ReceiptHandle: message.ReceiptHandle });
      await client("sqs", "SendMessageBatch", { ...queue, Entries: [{ Id: "a", MessageBody: name, DelaySeconds: 0, MessageAttributes: {} }] });
      const [plain] = await receive(client, QueueUrl, { ...wanted, AttributeNames: [] });
      assert.equal(plain.Attributes, undefined, name);
      await client("sqs", "DeleteMessage", { ...queue, ReceiptHandle: plain.ReceiptHandle });
      await client("sns", "CreateTopic", { Name: "shop", Attributes: { FifoTopic: "false" }, Tags: [] });
      await client("sns", "Publish", { ...topic, Message: "x", MessageAttributes: {} });
    }
    await js("sqs", "SendMessage", { ...queue, MessageBody: "cli" });
    const [message] = await receive(cli, QueueUrl, wanted);
    assert.deepEqual([message.Body, message.Attributes?.ApproximateReceiveCount], ["cli", "1"]);
    await js("sqs", "DeleteMessage", { ...queue, ReceiptHandle: message.ReceiptHandle });
    await js("sqs", "ReceiveMessage", { ...queue, MessageSystemAttributeNames: ["SentTimestamp"] });
    await js("sns", "Subscribe", { ...subscription, Attributes: { RawMessageDelivery: "false" }, ReturnSubscriptionArn: true });
  });

  await t.test("CreateQueue of a queue that is there needs its attributes", async () => {
    for (const [name, client] of Object.entries({ js, boto })) {
      const create = (attributes) => client("sqs", "CreateQueue", { QueueName: "shop", ...attributes });
      assert.equal((await create({ Attributes: { VisibilityTimeout: "30" } })).QueueUrl, QueueUrl);
      assert.equal((await create({})).QueueUrl, QueueUrl);
      assert.equal((await errorOf(create({ Attributes: { VisibilityTimeout: "31" } }))).code, name === "js" ? "QueueNameExists" : "QueueAlreadyExists");
    }
  });

  await t.test("a topic that is made anew has no subscription of the old one, and takes its own", async () => {
    const messages = async () => {
      const received = await receive(js, QueueUrl, { WaitTimeSeconds: 20 });
      for (const { ReceiptHandle } of received) await js("sqs", "DeleteMessage", { ...queue, ReceiptHandle });
      return received.map(({ Body }) => JSON.parse(Body).Message);
    };
    for (const Message of ["1", "2"]) await js("sns", "Publish", { ...topic, Message });
    const got = await messages();
    if (got.length < 2) got.push(...(await messages()));
    assert.deepEqual(got, ["1", "2"]);
    await js("sns", "DeleteTopic", topic);
    await js("sns", "CreateTopic", { Name: "shop" });
    await js("sns", "Publish", { ...topic, Message: "nobody has subscribed" });
    await js("sns", "Subscribe", subscription);
    await js("sns", "Publish", { ...topic, Message: "new" });
    assert.deepEqual(await messages(), ["new"]);
  });

  await t.test("a receipt handle of a deleted queue is not one of the next queue of that name", async () => {
    const fresh = async (body) => {
      await js("sqs", "CreateQueue", { QueueName: "shop", Attributes: { VisibilityTimeout: "1" } });
      await js("sqs", "SendMessage", { ...queue, MessageBody: body });
      const [message] = await receive(js, QueueUrl, { WaitTimeSeconds: 5 });
      assert.equal(message.Body, body);
      return message;
    };
    await js("sqs", "DeleteQueue", queue);
    const old = await fresh("old");
    await js("sqs", "DeleteQueue", queue);
    await fresh("new");
    const error = await errorOf(js("sqs", "DeleteMessage", { ...queue, ReceiptHandle: old.ReceiptHandle }));
    assert.equal(error.code, "ReceiptHandleIsInvalid");
    const [again] = await receive(js, QueueUrl, { WaitTimeSeconds: 5 });
    assert.equal(again?.Body, "new", "the old handle has acknowledged it");
    await js("sqs", "DeleteMessage", { ...queue, ReceiptHandle: again.ReceiptHandle });
    await js("sqs", "DeleteQueue", queue);
    assert.equal((await errorOf(js("sqs", "DeleteMessage", { ...queue, ReceiptHandle: again.ReceiptHandle }))).code, "QueueDoesNotExist");
  });
}

// ------------------------------------------------------------------------------ by hand

const kBad = [null, -1, true, [], {}, [null], ""];
const kFine = { // ... of which these are good
  AttributeNames: [[]], MessageSystemAttributeNames: [[]], MessageAttributeNames: [[]], QueueNamePrefix: [""],
  Attributes: [{}], tags: [{}], MessageAttributes: [{}], MessageSystemAttributes: [{}],
};
const isFine = (name, value) => (kFine[name] ?? []).some((one) => JSON.stringify(one) === JSON.stringify(value));

const kMessage = { MessageBody: "x", DelaySeconds: 0, MessageAttributes: {}, MessageSystemAttributes: {} };
const inputs = ({ url }) => ({
  CreateQueue: { QueueName: "shop", Attributes: { VisibilityTimeout: "30", DelaySeconds: "0", ReceiveMessageWaitTimeSeconds: "0", MaximumMessageSize: "262144" }, tags: {} },
  DeleteQueue: { QueueUrl: url("shop") },
  GetQueueUrl: { QueueName: "shop", QueueOwnerAWSAccountId: "000000000000" },
  ListQueues: { QueueNamePrefix: "s", MaxResults: 1, NextToken: "a" },
  SendMessage: { QueueUrl: url("shop"), ...kMessage },
  SendMessageBatch: { QueueUrl: url("shop"), Entries: [{ Id: "a", ...kMessage }] },
  ReceiveMessage: { QueueUrl: url("shop"), MaxNumberOfMessages: 1, WaitTimeSeconds: 0, AttributeNames: ["All"], MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] },
  DeleteMessage: { QueueUrl: url("shop"), ReceiptHandle: "x" },
});

// The input with one thing in it replaced, each: [name, input].
function* broken(input, path = "") {
  for (const [name, value] of Object.entries(input)) {
    for (const bad of kBad) if (!isFine(name, bad)) yield [path + name, { ...input, [name]: bad }];
    if (name === "Attributes") for (const [at, inner] of broken(value, "Attributes.")) yield [at, { ...input, Attributes: inner }];
    if (name === "Entries") for (const [at, inner] of broken(value[0], "Entries.1.")) yield [at, { ...input, Entries: [inner] }];
  }
  const [before, after] = JSON.stringify(input).split(/(?<=^\{)/);
  for (const name of ["Other", "__proto__", "constructor"]) yield [path + name, JSON.parse(`${before}"${name}":1,${after}`)];
}

async function byHand(t, here, shop) {
  const good = inputs(here);
  assert.equal((await call(here, shop, "CreateQueue", { json: JSON.stringify(good.CreateQueue) })).status, 200);
  assert.deepEqual(Object.keys(good), Object.keys(sqs.kOperations));

  await t.test("in the JSON protocol", async () => {
    for (const [action, input] of Object.entries(good)) {
      assert.deepEqual(Object.keys(input).sort(), Object.keys(sqs.kOperations[action].parameters).sort(), action);
      if (!action.startsWith("Delete")) assert.equal((await call(here, shop, action, { json: JSON.stringify(input) })).status, 200, action);
      for (const [name, bad] of broken(input)) {
        const json = JSON.stringify(bad);
        const got = await call(here, shop, action, { json });
        const status = /QueueUrl/.test(name) && typeof bad.QueueUrl === "string" ? 404 : 400;
        assert.equal(got.status, status, `${action} ${json}: ${got.text}`);
        assert.ok(got.text.includes(name), `${action} ${json}: ${got.text}`);
      }
    }
    const twice = '{"QueueName":"shop","QueueName":"other"}';
    for (const json of [twice, '{"QueueName":"shop","Queue\\u004eame":"shop"}', '{"QueueName":"shop","Attributes":{"QueueName":"1","QueueName":"2"}}']) {
      const got = await call(here, shop, "CreateQueue", { json });
      assert.deepEqual([got.code, /QueueName must be there once/.test(got.text)], ["InvalidParameterValue", true], `${json}: ${got.text}`);
    }
    for (const json of ["null", "[]", "1", '"x"', "{"]) assert.equal((await call(here, shop, "CreateQueue", { json })).code, "SerializationException", json);
    assert.equal((await call(here, shop, "GetQueueUrl", { json: '{"QueueName":"shop"}', query: "QueueName=other" })).code, "UnsupportedOperation");
  });

  await t.test("in the query protocol", async () => {
    const named = { Attributes: "Attribute", Entries: "SendMessageBatchRequestEntry", AttributeNames: "AttributeName", MessageSystemAttributeNames: "MessageSystemAttributeName", MessageAttributeNames: "MessageAttributeName" };
    const needed = {
      QueueName: "QueueName=shop", QueueUrl: `QueueUrl=${encodeURIComponent(here.url("shop"))}`, MessageBody: "MessageBody=x", ReceiptHandle: "ReceiptHandle=x",
      Entries: "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x",
      Name: "Name=shop", TopicArn: `TopicArn=${here.arn("sns", "shop")}`, Message: "Message=x", Protocol: "Protocol=sqs", Endpoint: `Endpoint=${here.arn("sqs", "shop")}`,
    };
    for (const [service, { kOperations }] of Object.entries({ sqs, sns })) {
      for (const [action, { parameters }] of Object.entries(kOperations)) {
        for (const name of [...Object.keys(parameters), "Other", "__proto__"]) {
          const key = service === "sqs" ? named[name] ?? name : name;
          const others = Object.keys(parameters).filter((other) => other !== name && parameters[other].required).map((other) => needed[other]);
          for (const wrong of [`${key}.1.2=x`, `${key}.x=1`, `${key}=1&${key}=2`, `${key}=1&${key}.1=2`, `${key}.1.Name=a&${key}.1.Value=b&${key}.1.Other=c`]) {
            const form = [...others, wrong].join("&");
            const got = await call(here, shop, action, { service, form });
            assert.equal(got.status, 400, `${action} ${form}: ${got.text}`);
            assert.ok(got.text.includes(name) || got.text.includes(key), `${action} ${form}: ${got.text}`);
          }
        }
      }
    }
    const [entry, pair] = [(at) => `SendMessageBatchRequestEntry.${at}.Id=a${at}&SendMessageBatchRequestEntry.${at}.MessageBody=x`, (at) => `Attribute.${at}.Name=VisibilityTimeout&Attribute.${at}.Value=30`];
    for (const at of ["0", "01", "2", "-1", "foo", "__proto__", ""]) {
      for (const [action, form] of [["SendMessageBatch", `${needed.QueueUrl}&${entry(at)}`], ["CreateQueue", `QueueName=shop&${pair(at)}`]]) {
        assert.equal((await call(here, shop, action, { form })).code, "MalformedQueryString", form);
      }
    }
    assert.equal((await call(here, shop, "CreateQueue", { form: `QueueName=shop&${pair("1")}` })).status, 200);
    for (const form of ["QueueName=%FF", "QueueName=%"]) assert.equal((await call(here, shop, "GetQueueUrl", { form })).code, "SerializationException");
    assert.equal((await call(here, shop, "GetQueueUrl", { form: "QueueName=shop&AWSAccessKeyId=x" })).code, "AWS.SimpleQueueService.UnsupportedOperation");
    assert.equal((await call(here, shop, "ListTopics", { service: "sns", form: "Foo=1" })).code, "InvalidParameter");
  });

  await t.test("by another method", async () => {
    for (const method of ["HEAD", "DELETE", "PUT"]) {
      const got = await call(here, shop, "ListQueues", { method });
      assert.deepEqual([got.status, got.headers.allow, got.code], [405, "GET, POST", method === "HEAD" ? undefined : "MethodNotAllowed"], method);
    }
  });

  await t.test("of a batch, and of a message", async () => {
    const entry = (Id, MessageBody = "x") => ({ Id, MessageBody });
    for (const [Entries, code] of [
      [[], "EmptyBatchRequest"], [Array.from({ length: 11 }, (_, i) => entry(`${i}`)), "TooManyEntriesInBatchRequest"], [[entry("a"), entry("a")], "BatchEntryIdsNotDistinct"],
      [[entry("a b")], "InvalidBatchEntryId"], [[entry("a"), entry("b", "\u0000")], "InvalidMessageContents"], [[entry("a"), entry("b", "\ud800")], "InvalidMessageContents"],
      [[entry("a"), entry("b", "x".repeat(256 * 1024 + 1))], "InvalidParameterValue"],
    ]) {
      assert.equal((await call(here, shop, "SendMessageBatch", { json: JSON.stringify({ QueueUrl: here.url("shop"), Entries }) })).code, code);
    }
    const Subject = "two\nlines";
    assert.equal((await call(here, shop, "Publish", { service: "sns", form: { TopicArn: here.arn("sns", "shop"), Message: "x", Subject } })).code, "InvalidParameter");
    const got = await call(here, shop, "ReceiveMessage", { json: JSON.stringify({ QueueUrl: here.url("shop"), MaxNumberOfMessages: 10 }) });
    const { Messages = [] } = JSON.parse(got.text);
    assert.deepEqual(Messages.map(({ Body }) => Body), ["x"], "two were sent by right requests, and one of them was received");
  });
}

test("what a request says is done, or refused by name", async (t) => {
  const here = await proxyWorld(t);
  const shop = await here.owner("shop");
  await here.ready();
  await t.test("with AWS's own clients", (t) => withClients(t, here, shop));
  await t.test("in requests that no client sends", (t) => byHand(t, here, shop));
});

