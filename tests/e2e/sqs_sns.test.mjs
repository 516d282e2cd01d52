// The proxy of tests/proxy between AWS's own clients and a real nats-server: SQS and SNS for callers whose
// credentials credgate has.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { kActions, mayDo, mayPublish } from "../proxy/actions.mjs";
import { kReasons } from "../proxy/errors.mjs";
import { Verifier } from "../proxy/verify.mjs";
import { kFaults } from "../proxy/sqs.mjs";
import { readForm, treeOf, xml } from "../proxy/query.mjs";
import { awsCli, boto3, javascript } from "./support/aws_clients.mjs";
import { root } from "./support/programs.mjs";
import { listQueues, proxyWorld } from "./support/proxy_world.mjs";
import { until } from "./support/waiting.mjs";

const kClients = { "the aws command": awsCli, boto3, "the JavaScript SDK": javascript };
const kCodes = { noQueue: { "the JavaScript SDK": "QueueDoesNotExist" } };

const codeOf = (promise) => promise.then((output) => assert.fail(`no error, but ${JSON.stringify(output)}`), (error) => error.code ?? String(error));

async function everything(call, { url, arn }, name) {
  const created = await call("sqs", "CreateQueue", { QueueName: name, Attributes: { VisibilityTimeout: "60" } });
  assert.equal(created.QueueUrl, url(name));
  assert.equal((await call("sqs", "GetQueueUrl", { QueueName: name })).QueueUrl, url(name));
  const { QueueUrls } = await call("sqs", "ListQueues", {});
  assert.ok(QueueUrls.includes(url(name)), QueueUrls);

  const QueueUrl = url(name);
  const body = 'hello <&> "Zürich" \u{1F600}\n';
  const sent = await call("sqs", "SendMessage", { QueueUrl, MessageBody: body });
  const { Successful } = await call("sqs", "SendMessageBatch", { QueueUrl, Entries: [{ Id: "a", MessageBody: "1" }, { Id: "b", MessageBody: "2" }] });
  assert.deepEqual(Successful.map(({ Id }) => Id), ["a", "b"]);
  const received = await call("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
  assert.deepEqual(received.Messages.map(({ Body }) => Body), [body, "1", "2"]);
  assert.equal(received.Messages[0].MessageId, sent.MessageId);
  for (const { ReceiptHandle } of received.Messages) await call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
  const empty = await call("sqs", "ReceiveMessage", { QueueUrl, WaitTimeSeconds: 0 });
  assert.equal(empty.Messages?.length ?? 0, 0);

  const { TopicArn } = await call("sns", "CreateTopic", { Name: name });
  assert.equal(TopicArn, arn("sns", name));
  assert.ok((await call("sns", "ListTopics", {})).Topics.some((topic) => topic.TopicArn === TopicArn));
  await call("sns", "Subscribe", { TopicArn, Protocol: "sqs", Endpoint: arn("sqs", name) });
  const { MessageId } = await call("sns", "Publish", { TopicArn, Message: "extra, extra", Subject: "news" });
  const { Messages } = await call("sqs", "ReceiveMessage", { QueueUrl, WaitTimeSeconds: 10 });
  const envelope = JSON.parse(Messages[0].Body);
  assert.deepEqual([envelope.Message, envelope.Subject, envelope.MessageId], ["extra, extra", "news", MessageId]);
  await call("sns", "DeleteTopic", { TopicArn });
  await call("sqs", "DeleteQueue", { QueueUrl });
}

test("AWS's own clients", { concurrency: true }, async (t) => {
  const here = await proxyWorld(t);
  const names = { "the aws command": "cli", boto3: "boto", "the JavaScript SDK": "js" };
  const owners = Object.fromEntries(await Promise.all(Object.entries(names).map(async ([client, name]) => [client, await here.owner(name)])));
  const revoked = await here.caller("revoked", "--publish", "--subjects", "sqs.any");
  await here.gate.do("revoke", "revoked", "--yes");
  const reader = await here.caller("reader", "--receive", "--subjects", "sqs.any", "--streams", "SQS_any", "--consumers", "sqs");
  await here.ready();

  // Side by side: most of the time is their start.
  await Promise.all(Object.entries(kClients).map(([client, make]) => t.test(client, async (t) => {
    const who = owners[client];
    const as = (one) => make(t, one, here);
    await everything(as(who), here, names[client]);
    const owner = as(who);
    assert.equal(await codeOf(owner("sqs", "GetQueueUrl", { QueueName: "none" })), kCodes.noQueue[client] ?? "AWS.SimpleQueueService.NonExistentQueue");
    assert.equal(await codeOf(owner("sqs", "CreateQueue", { QueueName: "any" })), "AccessDenied");

    const wrong = as({ ...who, secret: "wrong" });
    const stranger = as({ ...who, id: "CGAAAAAAAAAAAAAAAAAA" });
    const [gone, reads] = [as(revoked), as(reader)];
    for (const [service, operation, input] of [["sqs", "SendMessage", { QueueUrl: here.url("any"), MessageBody: "x" }], ["sns", "Publish", { TopicArn: here.arn("sns", "any"), Message: "x" }]]) {
      assert.equal(await codeOf(wrong(service, operation, input)), "SignatureDoesNotMatch");
      assert.equal(await codeOf(stranger(service, operation, input)), "InvalidClientTokenId");
      assert.equal(await codeOf(gone(service, operation, input)), "InvalidClientTokenId");
      assert.equal(await codeOf(reads(service, operation, input)), "AccessDenied");
    }
  })));
});

// ------------------------------------------------------------------------------ requests by hand

const header = (name, value) => (it) => ({ ...it, headers: it.headers.map(([one, old]) => (one === name ? [one, value(old)] : [one, old])) });
const without = (name) => (it) => ({ ...it, headers: it.headers.filter(([one]) => one !== name) });
const ago = (seconds) => new Date(Date.now() - seconds * 1000);

test("what is wrong with a request is told in its protocol, as AWS tells it", async (t) => {
  const here = await proxyWorld(t);
  const shop = await here.owner("shop");
  const plain = await here.gate.create("plain", "--manage", "--streams", "SQS_plain");
  const asleep = await here.owner("asleep");
  const inside = await here.caller("inside", "--manage", "--streams", "SQS_inside", "--sources", "10.0.0.0/8");
  const elsewhere = await here.caller("elsewhere", "--manage", "--streams", "SQS_elsewhere", "--region", "us");
  const gone = await here.owner("gone");
  await here.gate.do("suspend", "asleep");
  await here.gate.do("revoke", "gone", "--yes");
  const rows = [
    ["nothing", shop, {}, 200, undefined],
    ["nothing, with a header in UTF-8", shop, { headers: [["X-Extra", "Zürich"]], change: header("X-Extra", (it) => Buffer.from(it).toString("latin1")) }, 200, undefined],
    ["no Authorization", shop, { change: without("Authorization") }, 403, "MissingAuthenticationToken"],
    ["Authorization twice", shop, { change: (it) => ({ ...it, headers: [...it.headers, it.headers.at(-1)] }) }, 400, "IncompleteSignature"],
    ["a malformed one", shop, { change: header("Authorization", (it) => it.replace("Signature=", "Sig=")) }, 400, "IncompleteSignature"],
    ["another algorithm", shop, { change: header("Authorization", (it) => it.replace("SHA256", "SHA512")) }, 400, "IncompleteSignature"],
    ["another region", shop, { region: "us-east-1" }, 403, "SignatureDoesNotMatch"],
    ["another service", shop, { service: "sns" }, 403, "SignatureDoesNotMatch"],
    ["a date that disagrees", shop, { change: header("X-Amz-Date", () => "20200101T000000Z") }, 403, "SignatureDoesNotMatch"],
    ["a signed header that is absent", shop, { headers: [["X-Extra", "1"]], change: without("X-Extra") }, 400, "IncompleteSignature"],
    ["a header that is not signed", shop, { change: (it) => ({ ...it, headers: [...it.headers, ["X-Amz-Acl", "x"]] }) }, 400, "IncompleteSignature"],
    ["another path", shop, { change: (it) => ({ ...it, path: "/other" }) }, 403, "SignatureDoesNotMatch"],
    ["another query", shop, { change: (it) => ({ ...it, query: "a=1" }) }, 403, "SignatureDoesNotMatch"],
    ["another header", shop, { change: header("Content-Type", (it) => `${it};x`) }, 403, "SignatureDoesNotMatch"],
    ["another body", shop, { change: (it) => ({ ...it, body: `${it.body} ` }) }, 403, "SignatureDoesNotMatch"],
    ["an old request", shop, { date: ago(16 * 60) }, 400, "RequestExpired"],
    ["one from ahead", shop, { date: ago(-16 * 60) }, 400, "RequestExpired"],
    ["an expired URL", shop, { presign: true, expires: 5, date: ago(7) }, 400, "RequestExpired"],
    ["a revoked key", gone, {}, 403, "InvalidClientTokenId"],
    ["a suspended key", asleep, {}, 403, "InvalidClientTokenId"],
    ["an unknown key", { ...shop, id: "AKIAIOSFODNN7EXAMPLE" }, {}, 403, "InvalidClientTokenId"],
    ["a key of another region", elsewhere, {}, 403, "InvalidClientTokenId"],
    ["a key that was not made for it", plain, {}, 403, "InvalidClientTokenId"],
    ["from another address", inside, {}, 403, "AccessDenied"],
  ];
  for (const json of [false, true]) {
    for (const [what, who, facts, status, code] of rows) {
      const got = await listQueues(here, who, { json, ...facts });
      assert.deepEqual([got.status, got.code], [status, code], `${what}: ${got.text}`);
      if (status === 200) continue;
      if (json) {
        assert.equal(got.headers["x-amzn-query-error"], `${code};Sender`, what);
        assert.match(got.headers["content-type"], /^application\/x-amz-json-1\.0/);
      } else {
        assert.match(got.text, /^<ErrorResponse xmlns="http:\/\/queue.amazonaws.com\/doc\/2012-11-05\/"><Error><Type>Sender<\/Type>/, what);
      }
    }
  }
  await t.test("a body that is too large is not read, and others are answered", async () => {
    const large = await listQueues(here, shop, { change: (it) => ({ ...it, body: "x".repeat(2 * 1024 * 1024) }) }).catch(({ code }) => ({ code }));
    assert.ok(large.status === 413 || large.code === "EPIPE" || large.code === "ECONNRESET", JSON.stringify(large));
    assert.equal((await listQueues(here, shop)).status, 200);
  });
  await t.test("without the gateway nobody is served", async () => {
    await here.gate.gateway.stop();
    // Not the request before: within the same second it is that again, and its verdict may be kept.
    const got = await listQueues(here, shop, { headers: [["X-Extra", "another"]] });
    assert.deepEqual([got.status, got.code], [503, "ServiceUnavailable"]);
  });
});

test("a change holds for the next request, and a verdict is kept until then", async (t) => {
  const here = await proxyWorld(t);
  const shop = await here.owner("shop");
  const call = javascript(t, shop, here);
  await here.ready();
  const QueueUrl = here.url("shop");
  await call("sqs", "CreateQueue", { QueueName: "shop" });
  await call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" });

  await t.test("the same request is asked about once, until its caller is changed", async () => {
    const date = new Date();
    const again = () => listQueues(here, shop, { date });
    await again();
    const { asked } = here.proxy.verifier;
    for (let i = 0; i < 5; i++) assert.equal((await again()).status, 200);
    assert.equal(here.proxy.verifier.asked, asked);
    await here.gate.create("somebody", "--publish", "--subjects", "a");
    for (let i = 0; i < 5; i++) await again();
    assert.equal(here.proxy.verifier.asked, asked);
    await here.gate.do("update", "shop", "--tag", "a=b");
    const changed = performance.now();
    await until("it to be asked about again", async () => (await again(), here.proxy.verifier.asked > asked));
    t.diagnostic(`asked about again ${(performance.now() - changed).toFixed(1)} ms after the command's end`);
  });
  await t.test("a change while no daemon runs is heard of when one begins", async () => {
    const date = new Date();
    const again = () => listQueues(here, shop, { date });
    assert.equal((await again()).status, 200);
    await here.gate.gateway.stop();
    await here.gate.do("suspend", "shop");
    assert.equal((await again()).status, 200, "the verdict was not kept");
    await here.gate.startGateway();
    await until("it is refused", async () => (await again()).status === 403, 20_000); // it was good for a minute
    await here.gate.do("resume", "shop");
    await until("it is let again", async () => (await again()).status === 200);
  });

  // The one that was on its way may meet the end of its connection.
  const kRefused = /^(AccessDenied|InvalidClientTokenId|ServiceUnavailable)$/;

  // Sends until it is refused; with the time from the command's end.
  const refusedAfter = async (...command) => {
    let ended;
    const done = here.gate.do(...command).then(() => (ended = performance.now()));
    for (;;) {
      const error = await call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" }).then(() => undefined, ({ code }) => code);
      if (error === undefined) continue;
      const refused = performance.now();
      await done;
      return { error, milliseconds: refused - ended };
    }
  };
  await t.test("without publish", async () => {
    const { error, milliseconds } = await refusedAfter("update", "shop", "--no-publish", "--receive");
    assert.match(error, kRefused);
    assert.equal(await codeOf(call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" })), "AccessDenied");
    t.diagnostic(`updated: refused ${milliseconds.toFixed(1)} ms after the command's end`);
    await here.gate.do("update", "shop", "--publish");
    await until("it to be let again", () => call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" }).then(() => true, () => false));
  });
  await t.test("once revoked, it is refused", async () => {
    const { error, milliseconds } = await refusedAfter("revoke", "shop", "--yes");
    assert.match(error, kRefused);
    assert.equal(await codeOf(call("sqs", "SendMessage", { QueueUrl, MessageBody: "x" })), "InvalidClientTokenId");
    t.diagnostic(`revoked: refused ${milliseconds.toFixed(1)} ms after the command's end`);
  });
});

test("a proxy that would hear of no change does not start", async (t) => {
  const here = await proxyWorld(t);
  const { id, secret, inbox } = await here.gate.create("deaf", "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify");
  const connection = await here.gate.connect(t, { id, secret, inbox });
  await assert.rejects(Verifier.make(connection), /may not subscribe credgate\.v1\.events/);
});

test("a caller reaches what its credential covers, and no more", async (t) => {
  const here = await proxyWorld(t);
  const [mine, theirs] = [await here.owner("mine"), await here.owner("theirs")];
  const quiet = await here.gate.create("quiet", "--publish", "--subjects", "sqs.theirs", "--sigv4");
  const [me, them, silent] = [mine, theirs, quiet].map((who) => javascript(t, who, here));
  await here.ready();
  await me("sqs", "CreateQueue", { QueueName: "mine" });
  await them("sqs", "CreateQueue", { QueueName: "theirs" });
  const QueueUrl = here.url("theirs");
  await them("sqs", "SendMessage", { QueueUrl, MessageBody: "secret" });
  for (const [operation, input] of [
    ["SendMessage", { QueueUrl, MessageBody: "x" }], ["ReceiveMessage", { QueueUrl }], ["DeleteQueue", { QueueUrl }], ["CreateQueue", { QueueName: "theirs" }],
  ]) {
    assert.equal(await codeOf(me("sqs", operation, input)), "AccessDenied", operation);
  }
  const { Messages } = await them("sqs", "ReceiveMessage", { QueueUrl });
  assert.equal(Messages[0].Body, "secret");
  assert.equal(await codeOf(silent("sqs", "SendMessage", { QueueUrl, MessageBody: "x" })), "AccessDenied");

  await t.test("a receipt handle is of a message of that queue, or none", async () => {
    const { ReceiptHandle } = Messages[0];
    const forged = (subject) => Buffer.from(subject).toString("base64url");
    for (const handle of [
      ReceiptHandle, forged("$JS.API.STREAM.DELETE.SQS_theirs"), forged("sqs.mine"), forged("$JS.ACK.SQS_mine.sqs.1.1.1.1.1.$JS"), forged("$JS.ACK.SQS_mine.sqs.*.1.1.1.1"), "x", "",
    ]) {
      assert.equal(await codeOf(me("sqs", "DeleteMessage", { QueueUrl: here.url("mine"), ReceiptHandle: handle })), "ReceiptHandleIsInvalid", handle);
    }
    const began = Date.now();
    const [mac, subject] = Buffer.from(ReceiptHandle, "base64url").toString().split(" ");
    const numbered = (number) => subject.split(".").with(5, number).join(".");
    const forgedOf = (text) => forged(`${mac} ${text}`);
    for (const handle of [forgedOf(numbered("2")), forgedOf(numbered("999")), forgedOf(numbered("9".repeat(400))), `!!${ReceiptHandle}==`, `${ReceiptHandle}=`]) {
      assert.equal(await codeOf(them("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle: handle })), "ReceiptHandleIsInvalid", handle);
    }
    assert.ok(Date.now() - began < 5000, "an acknowledgement was waited for");
    await them("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
  });
  await t.test("names are names, and what is not supported is said so", async () => {
    assert.equal(await codeOf(me("sqs", "ReceiveMessage", { QueueUrl: here.url("mine"), VisibilityTimeout: 5 })), "UnsupportedOperation");
    assert.equal(await codeOf(me("sqs", "SendMessage", { QueueUrl: here.url("mine"), MessageBody: "x", DelaySeconds: 5 })), "UnsupportedOperation");
    for (const QueueName of ["a.b", "a*", ">", "a b", "", "x".repeat(81), "__proto__.x"]) {
      const code = await codeOf(me("sqs", "CreateQueue", { QueueName }));
      assert.ok(code === "InvalidParameterValue", `${QueueName}: ${code}`);
    }
  });
  for (const [service, operation, input] of [["sqs", "PurgeQueue", { QueueUrl: here.url("mine") }], ["sns", "ListSubscriptions", {}]]) {
    assert.equal(await codeOf(me(service, operation, input)), "InvalidAction", operation);
  }
  for (const [service, operation, input] of [["sqs", "AddPermission", { QueueUrl, Label: "a", AWSAccountIds: ["1"], Actions: ["x"] }], ["sns", "ConfirmSubscription", { TopicArn: here.arn("sns", "mine"), Token: "x" }]]) {
    assert.equal(await codeOf(me(service, operation, input)), "AccessDenied", operation);
  }
});

// ------------------------------------------------------------------------------ what is only data

const kScaleway = {
  sqs: {
    manage: ["CreateQueue", "DeleteQueue", "ListQueues", "SetQueueAttributes", "PurgeQueue", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "GetQueueUrl", "GetQueueAttributes"],
    publish: ["SendMessage", "SendMessageBatch", "GetQueueUrl", "GetQueueAttributes"],
    receive: ["ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "GetQueueUrl", "GetQueueAttributes"],
  },
  sns: {
    manage: ["CreateTopic", "DeleteTopic", "SetTopicAttributes", "ListSubscriptions", "ListSubscriptionsByTopic", "Unsubscribe", "GetTopicAttributes", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "ListTopics"],
    publish: ["Publish", "PublishBatch", "ListTopics"],
    receive: ["Subscribe", "ListSubscriptions", "ListSubscriptionsByTopic", "Unsubscribe", "GetTopicAttributes", "GetSubscriptionAttributes", "SetSubscriptionAttributes", "ListTopics"],
  },
};

test("28 actions, each for whom Scaleway says, and every other for nobody", () => {
  assert.equal(Object.values(kActions).flatMap(Object.keys).length, 28);
  for (const service of ["sqs", "sns"]) {
    for (const action of [...Object.keys(kActions.sqs), ...Object.keys(kActions.sns), "AddPermission", "", "constructor", "__proto__", "toString"]) {
      for (const capability of ["publish", "receive", "manage"]) {
        assert.equal(mayDo(service, action, [capability]), kScaleway[service][capability].includes(action), `${service} ${action} ${capability}`);
      }
      assert.equal(mayDo(service, action, []), false);
    }
  }
});

test("subjects are covered as nats-server covers them", () => {
  const permissions = { publish: { allow: ["a.b", "c.*.d", "e.>"], deny: ["e.x", "e.y.>"] } };
  for (const subject of ["a.b", "c.1.d", "e.1", "e.1.2"]) assert.ok(mayPublish(permissions, subject), subject);
  for (const subject of ["a", "a.b.c", "c.d", "c.1.2.d", "e", "e.x", "e.y.1", "f", ""]) assert.ok(!mayPublish(permissions, subject), subject);
});

test("the reasons that doc/sigv4.md has are those of the proxy", () => {
  const page = fs.readFileSync(path.join(root, "doc/sigv4.md"), "utf8");
  const table = {};
  for (const [, reasons, code, status] of page.matchAll(/^\| ((?:`\w+`[, ]*(?:no answer )?)+)\| `(\w+)` \| (\d+) \|$/gm)) {
    for (const [, reason] of reasons.matchAll(/`(\w+)`/g)) table[reason] = [Number(status), code];
  }
  assert.deepEqual(table, kReasons);
});

test("the query protocol is read and written", () => {
  const read = (text) => JSON.parse(JSON.stringify(treeOf(readForm(text, kFaults), kFaults)));
  assert.deepEqual(read("Name=a+b%26%3D=&A.1.Id=x&A.1.B.C=1&A.2.Id=z&&B"), { Name: "a b&==", A: { 1: { Id: "x", B: { C: "1" } }, 2: { Id: "z" } }, B: "" });
  const strange = treeOf(readForm("__proto__.a=1&constructor.prototype.b=1", kFaults), kFaults);
  assert.deepEqual(Object.keys(strange), ["__proto__", "constructor"]);
  assert.deepEqual([{}.a, {}.b], [undefined, undefined]);
  for (const text of ["A=1&A=1", "A=1&%41=2", "A=1&A.1=2", "A=&A.1=2", "A.1=1&A=2", "A.1.B=1&A.1=2", "1.2.3.4.5.6.7=1"]) assert.throws(() => read(text), { status: 400 }, text);
  assert.throws(() => read("A=%FF"), URIError);
  assert.equal(xml({ A: { $xmlns: "n", B: ["1", "<&>\"\r\u0000\uD800"], C: undefined } }), '<A xmlns="n"><B>1</B><B>&lt;&amp;&gt;&quot;&#13;\uFFFD\uFFFD</B></A>');
});
