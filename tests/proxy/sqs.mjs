// The operations of SQS, on JetStream. What comes in and goes out is the JSON protocol's; the query
// protocol is put into that shape, and back.

import { createHash, randomUUID } from "node:crypto";
import { headers } from "@nats-io/transport-node";
import { AwsError, invalid } from "./errors.mjs";
import { membersOf } from "./query.mjs";
import { demand } from "./actions.mjs";
import { ackPattern, pullSubject, queueStream, queueSubject } from "./tenants.mjs";

export const kNamespace = "http://queue.amazonaws.com/doc/2012-11-05/";
export const kTarget = "AmazonSQS.";
const kMessageId = "Message-Id";
const kMostBody = 256 * 1024;

export const md5 = (text) => createHash("md5").update(text).digest("hex");

const noQueue = () => new AwsError(400, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", "QueueDoesNotExist");

function nameOf(name) {
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,80}$/.test(name)) throw invalid("QueueName must be 1 to 80 letters, digits, - and _.");
  return name;
}

function queueOf({ QueueUrl: url }) {
  if (typeof url !== "string") throw new AwsError(400, "MissingParameter", "The request must contain the parameter QueueUrl.");
  return nameOf(url.slice(url.lastIndexOf("/") + 1));
}

function number(value, otherwise, least, most, name) {
  const n = value === undefined ? otherwise : Number(value);
  if (!Number.isInteger(n) || n < least || n > most) throw invalid(`${name} must be ${least} to ${most}.`);
  return n;
}

// What would be silently ignored was meant to do something.
function only(input, ...names) {
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || names.includes(name)) continue;
    throw new AwsError(400, "AWS.SimpleQueueService.UnsupportedOperation", `${name} is not supported.`, "UnsupportedOperation");
  }
}

async function send(context, queue, { Id, QueueUrl, MessageBody: body, ...rest }) {
  if (typeof body !== "string" || body === "" || Buffer.byteLength(body) > kMostBody) throw invalid("MessageBody must be 1 byte to 256 KiB.");
  only(rest);
  if (!(await context.tenant.exists(queueStream(queue)))) throw noQueue();
  const id = randomUUID();
  const with_ = headers();
  with_.set(kMessageId, id);
  await context.asCaller(async (connection) => {
    const stored = (await connection.request(queueSubject(queue), body, { headers: with_, timeout: 5000 })).json();
    if (stored.error !== undefined) throw new Error(stored.error.description);
  });
  return { MessageId: id, MD5OfMessageBody: md5(body) };
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

function described(message) {
  const body = message.string();
  const [, , , , delivered, , , nanoseconds] = message.reply.split(".");
  return {
    MessageId: message.headers?.get(kMessageId) || randomUUID(),
    ReceiptHandle: Buffer.from(message.reply).toString("base64url"),
    MD5OfBody: md5(body),
    Body: body,
    Attributes: { ApproximateReceiveCount: delivered, SentTimestamp: nanoseconds.slice(0, -6) },
  };
}

async function batch(entries, act) {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > 10) {
    throw new AwsError(400, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "A batch has 1 to 10 entries.", "TooManyEntriesInBatchRequest");
  }
  const result = { Successful: [], Failed: [] };
  for (const entry of entries) {
    try {
      result.Successful.push({ Id: entry.Id, ...(await act(entry)) });
    } catch (error) {
      if (!(error instanceof AwsError) || error.status !== 400) throw error;
      result.Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return result;
}

export const kOperations = {
  async CreateQueue(context, { QueueName, Attributes: attributes = {}, ...rest }) {
    only(rest);
    const queue = nameOf(QueueName);
    for (const name of Object.keys(attributes)) {
      if (name !== "VisibilityTimeout") throw new AwsError(400, "InvalidAttributeName", `The attribute ${name} is not supported.`);
    }
    demand(context.verdict, `$JS.API.STREAM.CREATE.${queueStream(queue)}`);
    await context.tenant.createQueue(queue, number(attributes.VisibilityTimeout, 30, 1, 43_200, "VisibilityTimeout"));
    return { QueueUrl: context.url(queue) };
  },
  async DeleteQueue(context, input) {
    const queue = queueOf(input);
    demand(context.verdict, `$JS.API.STREAM.DELETE.${queueStream(queue)}`);
    if (!(await context.tenant.delete(queueStream(queue)))) throw noQueue();
    return {};
  },
  async GetQueueUrl(context, { QueueName }) {
    const queue = nameOf(QueueName);
    if (!(await context.tenant.exists(queueStream(queue)))) throw noQueue();
    return { QueueUrl: context.url(queue) };
  },
  async ListQueues(context, { QueueNamePrefix: prefix = "" }) {
    const queues = await context.tenant.names(queueStream);
    return { QueueUrls: queues.filter((queue) => queue.startsWith(prefix)).map((queue) => context.url(queue)) };
  },
  async SendMessage(context, input) {
    return send(context, queueOf(input), input);
  },
  async SendMessageBatch(context, input) {
    const queue = queueOf(input);
    return batch(input.Entries, (entry) => send(context, queue, entry));
  },
  async ReceiveMessage(context, input) {
    only(input, "QueueUrl", "MaxNumberOfMessages", "WaitTimeSeconds", "AttributeNames", "MessageSystemAttributeNames", "MessageAttributeNames");
    const queue = queueOf(input);
    const most = number(input.MaxNumberOfMessages, 1, 1, 10, "MaxNumberOfMessages");
    const wait = number(input.WaitTimeSeconds, 0, 0, 20, "WaitTimeSeconds");
    if (!(await context.tenant.exists(queueStream(queue)))) throw noQueue();
    demand(context.verdict, pullSubject(queue)); // else it would wait for what never comes
    return context.asCaller(async (connection) => {
      const messages = await pull(connection, queue, most, 0);
      if (messages.length === 0 && wait > 0) messages.push(...(await pull(connection, queue, most, wait)));
      return messages.length === 0 ? {} : { Messages: messages.map(described) };
    });
  },
  async DeleteMessage(context, input) {
    const queue = queueOf(input);
    const subject = Buffer.from(String(input.ReceiptHandle ?? ""), "base64url").toString();
    // Whatever else it names, the proxy would publish to it.
    if (!ackPattern(queue).test(subject)) throw new AwsError(400, "ReceiptHandleIsInvalid", "The receipt handle is not of this queue.");
    await context.asCaller((connection) => connection.request(subject, "+ACK", { timeout: 5000 }));
    return {};
  },
};

// ----------------------------------------------------------------------- the query protocol

export function fromForm(form) {
  const { Attribute, SendMessageBatchRequestEntry: entries, ...input } = membersOf(form);
  if (Attribute !== undefined) input.Attributes = Object.fromEntries(Attribute.map(({ Name, Value }) => [Name, Value]));
  if (entries !== undefined) input.Entries = entries;
  return input;
}

// Lists have names of their own in XML.
export function toElements(action, { QueueUrls, Messages, Successful, Failed, ...rest }) {
  return {
    ...rest,
    QueueUrl: rest.QueueUrl ?? QueueUrls,
    Message: Messages?.map(({ Attributes, ...message }) => ({
      ...message,
      Attribute: Object.entries(Attributes).map(([Name, Value]) => ({ Name, Value })),
    })),
    [`${action}ResultEntry`]: Successful,
    BatchResultErrorEntry: Failed,
  };
}
