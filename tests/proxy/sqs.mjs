// The operations of SQS, on JetStream. What comes in and goes out is the JSON protocol's; the query
// protocol is put into that shape, and back.

import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { headers } from "@nats-io/transport-node";
import { AwsError } from "./errors.mjs";
import { attributes, decimal, emptyMap, integer, list, only, required, string, structure } from "./parameters.mjs";
import { demand } from "./actions.mjs";
import { ackPattern, kAccount, pullSubject, queueStream, queueSubject } from "./tenants.mjs";

export const kNamespace = "http://queue.amazonaws.com/doc/2012-11-05/";
export const kVersion = "2012-11-05";
export const kTarget = "AmazonSQS.";
const kMessageId = "Message-Id";
const kMostBody = 256 * 1024;

export const md5 = (text) => createHash("md5").update(text).digest("hex");

// ------------------------------------------------------------------------------ errors

// Most have the name of the service before their own in the query protocol.
const ofSqs = (type, message) => new AwsError(400, `AWS.SimpleQueueService.${type}`, message, type);
const noQueue = () => new AwsError(400, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", "QueueDoesNotExist");
const invalidAddress = (what) => new AwsError(404, "InvalidAddress", `${what} must be that of a queue: …/${kAccount}/NAME.`);

const notAs = (name, supported) => `${name} is not supported${supported === undefined ? "" : `, but as ${supported}`}.`;
export const kFaults = {
  missing: (name) => new AwsError(400, "MissingParameter", `The request must contain the parameter ${name}.`),
  invalid: (name, rule) => new AwsError(400, "InvalidParameterValue", `${name} ${rule}.`),
  unsupported: (name, supported) => ofSqs("UnsupportedOperation", notAs(name, supported)),
};
const kAttributeFaults = {
  invalid: (name, rule) => new AwsError(400, "InvalidAttributeValue", `${name} ${rule}.`),
  unsupported: (name, supported) => new AwsError(400, supported === undefined ? "InvalidAttributeName" : "InvalidAttributeValue", notAs(name, supported)),
};

// ------------------------------------------------------------------------------ parameters

const kName = /^[A-Za-z0-9_-]{1,80}$/;
const kRule = "must be 1 to 80 letters, digits, - and _";
const queueName = string({ fits: (it) => kName.test(it), rule: kRule });
const entryId = string({ fits: (it) => kName.test(it), rule: kRule, refuse: (name, rule) => ofSqs("InvalidBatchEntryId", `${name} ${rule}.`) });

const kQueuePath = new RegExp(`^/${kAccount}/([A-Za-z0-9_-]{1,80})/?$`);
// Read as the queue's name. Clients may know the proxy by several hosts.
const queueUrl = {
  ...string(),
  read(value, name, faults) {
    const queue = kQueuePath.exec(string().read(value, name, faults).replace(/^https?:\/\/[^/]+/, ""))?.[1];
    if (queue === undefined) throw invalidAddress(name);
    return queue;
  },
};

// Those that XML can write, of which AWS has no other either.
const kCharacters = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const messageBody = {
  ...string(),
  read(value, name, faults) {
    const body = string({ fits: (it) => it !== "" && Buffer.byteLength(it) <= kMostBody, rule: "must be 1 byte to 256 KiB" }).read(value, name, faults);
    if (!kCharacters.test(body)) throw new AwsError(400, "InvalidMessageContents", `${name} has a character that is not allowed.`);
    return body;
  },
};

const kMessage = {
  MessageBody: required(messageBody),
  DelaySeconds: only(integer(0, 900), 0),
  MessageAttributes: emptyMap,
  MessageSystemAttributes: emptyMap,
};

const kQueueAttributes = {
  VisibilityTimeout: decimal(1, 43_200), // the consumer's ack_wait
  DelaySeconds: only(decimal(0, 900), 0),
  ReceiveMessageWaitTimeSeconds: only(decimal(0, 20), 0),
  MaximumMessageSize: only(decimal(1024, kMostBody), kMostBody),
};

// What the proxy knows of a message besides its body.
const kSystemAttributes = ["ApproximateReceiveCount", "SentTimestamp"];
const systemAttribute = string({
  fits: (it) => ["All", ...kSystemAttributes].includes(it),
  rule: `must be All, ${kSystemAttributes.join(" or ")}`,
  refuse: (name, rule) => new AwsError(400, "InvalidAttributeName", `${name} ${rule}.`),
});

// The name of the queue whose URL this path is of; undefined for "/". A signature covers the normalised path,
// and anybody can make another of it: /x/../y is signed as /y. Those that are not normalised are refused.
export function readPath(path) {
  if (path === "/") return undefined;
  const queue = kQueuePath.exec(path)?.[1];
  if (queue === undefined) throw invalidAddress("The path");
  return queue;
}

// ------------------------------------------------------------------------------ messages

async function send(context, queue, bodies) {
  if ((await context.tenant.queue(queue)) === undefined) throw noQueue();
  return context.asCaller(async (connection) => {
    const sent = [];
    for (const body of bodies) {
      const id = randomUUID();
      const with_ = headers();
      with_.set(kMessageId, id);
      const stored = (await connection.request(queueSubject(queue), body, { headers: with_, timeout: 5000 })).json();
      if (stored.error !== undefined) throw new Error(stored.error.description);
      sent.push({ MessageId: id, MD5OfMessageBody: md5(body) });
    }
    return sent;
  });
}

// At most `batch` messages, once there is one or `wait` seconds are over.
async function pull(connection, queue, batch, wait) {
  const inbox = `${connection.options.inboxPrefix}.${randomUUID()}`;
  const subscription = connection.subscribe(inbox, { timeout: wait * 1000 + 5000 });
  const how = wait === 0 ? { batch, no_wait: true } : { batch: 1, expires: wait * 1e9 };
  connection.publish(pullSubject(queue), JSON.stringify(how), { reply: inbox });
  const messages = [];
  try {
    for await (const message of subscription) {
      if (message.headers?.code > 0) break; // nothing (more) is there
      messages.push(message);
      if (messages.length === how.batch) break;
    }
  } finally {
    subscription.unsubscribe();
  }
  return messages;
}

// The subject of the acknowledgement, signed with what only the queue's own consumer has: else a caller could write
// the number of a message that it has not received. A queue that is made anew counts its messages from one again, and
// has another instance: the handle of a message of the old one acknowledges none of the new.
function receiptHandle(instance, subject) {
  const mac = createHmac("sha256", instance).update(subject).digest("base64url");
  return Buffer.from(`${mac} ${subject}`).toString("base64url");
}

// The subject. Whatever else a handle names, the proxy would publish to it.
function readReceiptHandle(handle, queue, instance) {
  const [, subject = ""] = Buffer.from(handle, "base64url").toString().split(" ");
  const [given, right] = [handle, receiptHandle(instance, subject)].map((text) => Buffer.from(text));
  const same = given.length === right.length && timingSafeEqual(given, right);
  if (!same || !ackPattern(queue).test(subject)) {
    throw new AwsError(400, "ReceiptHandleIsInvalid", "The ReceiptHandle is not of a message of this queue.");
  }
  return subject;
}

function described(message, instance, wanted) {
  const body = message.string();
  const [, , , , delivered, , , nanoseconds] = message.reply.split(".");
  const known = { ApproximateReceiveCount: delivered, SentTimestamp: nanoseconds.slice(0, -6) };
  const asked = Object.entries(known).filter(([name]) => wanted.includes("All") || wanted.includes(name));
  return {
    MessageId: message.headers?.get(kMessageId) || randomUUID(),
    ReceiptHandle: receiptHandle(instance, message.reply),
    MD5OfBody: md5(body),
    Body: body,
    Attributes: asked.length === 0 ? undefined : Object.fromEntries(asked),
  };
}

function checkBatch(entries) {
  if (entries.length === 0) throw ofSqs("EmptyBatchRequest", "Entries must have at least one entry.");
  if (entries.length > 10) throw ofSqs("TooManyEntriesInBatchRequest", "Entries must have 10 entries at most.");
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw ofSqs("BatchEntryIdsNotDistinct", "The Ids of Entries must differ.");
}

// ------------------------------------------------------------------------------ operations

export const kOperations = {
  CreateQueue: {
    parameters: {
      QueueName: required(queueName),
      Attributes: attributes(kQueueAttributes, { form: "Attribute", key: "Name", value: "Value", faults: kAttributeFaults }),
      tags: emptyMap,
    },
    async run(context, { QueueName: queue, Attributes: { VisibilityTimeout: timeout } = {} }) {
      demand(context.verdict, `$JS.API.STREAM.CREATE.${queueStream(queue)}`);
      if (!(await context.tenant.createQueue(queue, timeout))) {
        throw new AwsError(400, "QueueAlreadyExists", "The queue is there already, with another VisibilityTimeout.", "QueueNameExists");
      }
      return { QueueUrl: context.url(queue) };
    },
  },
  DeleteQueue: {
    parameters: { QueueUrl: required(queueUrl) },
    async run(context, { QueueUrl: queue }) {
      demand(context.verdict, `$JS.API.STREAM.DELETE.${queueStream(queue)}`);
      if (!(await context.tenant.delete(queueStream(queue)))) throw noQueue();
      return {};
    },
  },
  GetQueueUrl: {
    parameters: { QueueName: required(queueName), QueueOwnerAWSAccountId: only(string(), kAccount) },
    async run(context, { QueueName: queue }) {
      if ((await context.tenant.queue(queue)) === undefined) throw noQueue();
      return { QueueUrl: context.url(queue) };
    },
  },
  ListQueues: {
    // NextToken is the name of the last queue of the page before.
    parameters: { QueueNamePrefix: string(), MaxResults: integer(1, 1000), NextToken: string({ fits: (it) => kName.test(it), rule: "is not of this proxy" }) },
    async run(context, { QueueNamePrefix: prefix = "", MaxResults: most = 1000, NextToken: after = "" }) {
      const queues = (await context.tenant.names(queueStream)).filter((queue) => queue.startsWith(prefix) && queue > after);
      return { QueueUrls: queues.slice(0, most).map((queue) => context.url(queue)), NextToken: queues.length > most ? queues[most - 1] : undefined };
    },
  },
  SendMessage: {
    parameters: { QueueUrl: required(queueUrl), ...kMessage },
    async run(context, { QueueUrl: queue, MessageBody }) {
      return (await send(context, queue, [MessageBody]))[0];
    },
  },
  SendMessageBatch: {
    parameters: { QueueUrl: required(queueUrl), Entries: required(list(structure({ Id: required(entryId), ...kMessage }), "SendMessageBatchRequestEntry")) },
    async run(context, { QueueUrl: queue, Entries: entries }) {
      checkBatch(entries);
      const sent = await send(context, queue, entries.map(({ MessageBody }) => MessageBody));
      return { Successful: sent.map((one, i) => ({ Id: entries[i].Id, ...one })), Failed: [] };
    },
  },
  ReceiveMessage: {
    parameters: {
      QueueUrl: required(queueUrl),
      MaxNumberOfMessages: integer(1, 10),
      WaitTimeSeconds: integer(0, 20),
      AttributeNames: list(systemAttribute, "AttributeName"), // the old name of the next
      MessageSystemAttributeNames: list(systemAttribute, "MessageSystemAttributeName"),
      MessageAttributeNames: list(string(), "MessageAttributeName"), // no message has one
    },
    async run(context, { QueueUrl: queue, MaxNumberOfMessages: most = 1, WaitTimeSeconds: wait = 0, AttributeNames = [], MessageSystemAttributeNames = [] }) {
      const there = await context.tenant.queue(queue);
      if (there === undefined) throw noQueue();
      demand(context.verdict, pullSubject(queue)); // else it would wait for what never comes
      return context.asCaller(async (connection) => {
        const messages = await pull(connection, queue, most, 0);
        if (messages.length === 0 && wait > 0) messages.push(...(await pull(connection, queue, most, wait)));
        const wanted = [...AttributeNames, ...MessageSystemAttributeNames];
        return messages.length === 0 ? {} : { Messages: messages.map((message) => described(message, there.instance, wanted)) };
      });
    },
  },
  DeleteMessage: {
    parameters: { QueueUrl: required(queueUrl), ReceiptHandle: required(string()) },
    async run(context, { QueueUrl: queue, ReceiptHandle: handle }) {
      const there = await context.tenant.queue(queue);
      if (there === undefined) throw noQueue();
      const subject = readReceiptHandle(handle, queue, there.instance);
      await context.asCaller((connection) => connection.request(subject, "+ACK", { timeout: 5000 }));
      return {};
    },
  },
};

// ------------------------------------------------------------------------------ the query protocol

// Lists have names of their own in XML.
export function toElements(action, { QueueUrls, Messages, Successful, Failed, ...rest }) {
  return {
    ...rest,
    QueueUrl: rest.QueueUrl ?? QueueUrls,
    Message: Messages?.map(({ Attributes = {}, ...message }) => ({
      ...message,
      Attribute: Object.entries(Attributes).map(([Name, Value]) => ({ Name, Value })),
    })),
    [`${action}ResultEntry`]: Successful,
    BatchResultErrorEntry: Failed,
  };
}
