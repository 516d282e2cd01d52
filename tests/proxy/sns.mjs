// The operations of SNS, on JetStream: the query protocol.

import { randomUUID } from "node:crypto";
import { AwsError } from "./errors.mjs";
import { attributes, boolean, emptyList, emptyMap, only, required, string } from "./parameters.mjs";
import { demand } from "./actions.mjs";
import { kAccount, pullSubject, queueStream, topicStream, topicSubject } from "./tenants.mjs";

export const kNamespace = "http://sns.amazonaws.com/doc/2010-03-31/";
export const kVersion = "2010-03-31";
const kMostMessage = 256 * 1024;

const notFound = (what) => new AwsError(404, "NotFound", `${what} does not exist.`);
const invalid = (name, reason) => new AwsError(400, "InvalidParameter", `Invalid parameter: ${name} Reason: ${reason}.`);

export const kFaults = {
  missing: (name) => invalid(name, "no value for required parameter"),
  invalid: (name, rule) => invalid(name, `it ${rule}`),
  unsupported: (name, supported) => invalid(name, `it is not supported${supported === undefined ? "" : `, but as ${supported}`}`),
};

const kName = /^[A-Za-z0-9_-]{1,256}$/;
const inEntries = { within: "entry", key: "key", value: "value" };

// The last part of arn:aws:sns:REGION:ACCOUNT:NAME.
function nameIn(input, member, service, { region }) {
  const prefix = `arn:aws:${service}:${region}:${kAccount}:`;
  const name = input[member].startsWith(prefix) ? input[member].slice(prefix.length) : "";
  if (!kName.test(name)) throw invalid(member, `it must be ${prefix}NAME`);
  return name;
}

// SNS has no paths.
export function readPath(path) {
  if (path !== "/") throw new AwsError(404, "InvalidAddress", "The path must be /.");
  return undefined;
}

const topicArn = ({ region }, topic) => `arn:aws:sns:${region}:${kAccount}:${topic}`;

// What a subscribed queue gets. Signing it, as AWS does, would need a certificate of the proxy's.
function envelope(context, topic, id, { Message, Subject }) {
  return JSON.stringify({ Type: "Notification", MessageId: id, TopicArn: topicArn(context, topic), Subject, Message, Timestamp: new Date().toISOString() });
}

export const kOperations = {
  CreateTopic: {
    parameters: {
      Name: required(string({ fits: (it) => kName.test(it), rule: "must be 1 to 256 letters, digits, - and _" })),
      Attributes: attributes({ FifoTopic: only(string(), "false") }, inEntries),
      Tags: emptyList,
    },
    async run(context, { Name: topic }) {
      demand(context.verdict, `$JS.API.STREAM.CREATE.${topicStream(topic)}`);
      await context.tenant.createTopic(topic);
      return { TopicArn: topicArn(context, topic) };
    },
  },
  DeleteTopic: {
    parameters: { TopicArn: required(string()) },
    async run(context, input) {
      const topic = nameIn(input, "TopicArn", "sns", context);
      demand(context.verdict, `$JS.API.STREAM.DELETE.${topicStream(topic)}`);
      await context.tenant.deleteTopic(topic); // one that is not there is as good as deleted
      return {};
    },
  },
  ListTopics: {
    parameters: {}, // the first page has all
    async run(context) {
      const topics = await context.tenant.names(topicStream);
      return { Topics: { member: topics.map((topic) => ({ TopicArn: topicArn(context, topic) })) } };
    },
  },
  Publish: {
    parameters: {
      TopicArn: required(string()),
      Message: required(string({ fits: (it) => it !== "" && Buffer.byteLength(it) <= kMostMessage, rule: "must be 1 byte to 256 KiB" })),
      Subject: string({ fits: (it) => /^[^\p{Cc}\u2028\u2029]{1,100}$/u.test(it), rule: "must be 1 to 100 characters in one line" }),
      MessageAttributes: emptyMap,
    },
    async run(context, input) {
      const topic = nameIn(input, "TopicArn", "sns", context);
      if (!(await context.tenant.exists(topicStream(topic)))) throw notFound("The topic");
      const id = randomUUID();
      await context.asCaller(async (connection) => {
        const stored = (await connection.request(topicSubject(topic), envelope(context, topic, id, input), { timeout: 5000 })).json();
        if (stored.error !== undefined) throw new Error(stored.error.description);
      });
      return { MessageId: id };
    },
  },
  Subscribe: {
    parameters: {
      TopicArn: required(string()),
      Protocol: required(only(string(), "sqs")),
      Endpoint: required(string()),
      Attributes: attributes({ RawMessageDelivery: only(string(), "false") }, inEntries),
      ReturnSubscriptionArn: boolean, // it is always returned: nobody has to confirm
    },
    async run(context, input) {
      const topic = nameIn(input, "TopicArn", "sns", context);
      const queue = nameIn(input, "Endpoint", "sqs", context);
      demand(context.verdict, `$JS.API.STREAM.INFO.${topicStream(topic)}`);
      demand(context.verdict, pullSubject(queue));
      if (!(await context.tenant.exists(topicStream(topic)))) throw notFound("The topic");
      if (!(await context.tenant.exists(queueStream(queue)))) throw notFound("The queue");
      await context.tenant.subscribe(topic, queue);
      return { SubscriptionArn: `${topicArn(context, topic)}:${queue}` };
    },
  },
};

export const toElements = (_, result) => result;
