// The operations of SNS, on JetStream: the query protocol.

import { randomUUID } from "node:crypto";
import { AwsError, invalid } from "./errors.mjs";
import { membersOf } from "./query.mjs";
import { demand } from "./actions.mjs";
import { pullSubject, queueStream, topicStream, topicSubject } from "./tenants.mjs";

export const kNamespace = "http://sns.amazonaws.com/doc/2010-03-31/";
const kAccount = "000000000000";

const notFound = (what) => new AwsError(404, "NotFound", `${what} does not exist.`);

function nameOf(name) {
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalid("Name must be 1 to 256 letters, digits, - and _.");
  return name;
}

// The last part of arn:aws:sns:REGION:ACCOUNT:NAME.
function nameIn(arn, service, { region }) {
  const prefix = `arn:aws:${service}:${region}:${kAccount}:`;
  if (typeof arn !== "string" || !arn.startsWith(prefix)) throw invalid(`An ARN must begin with ${prefix}`);
  return nameOf(arn.slice(prefix.length));
}

const topicArn = ({ region }, topic) => `arn:aws:sns:${region}:${kAccount}:${topic}`;

// What a subscribed queue gets. Signing it, as AWS does, would need a certificate of the proxy's.
function envelope(context, topic, id, { Message, Subject }) {
  return JSON.stringify({ Type: "Notification", MessageId: id, TopicArn: topicArn(context, topic), Subject, Message, Timestamp: new Date().toISOString() });
}

export const kOperations = {
  async CreateTopic(context, { Name }) {
    const topic = nameOf(Name);
    demand(context.verdict, `$JS.API.STREAM.CREATE.${topicStream(topic)}`);
    await context.tenant.createTopic(topic);
    return { TopicArn: topicArn(context, topic) };
  },
  async DeleteTopic(context, { TopicArn }) {
    const topic = nameIn(TopicArn, "sns", context);
    demand(context.verdict, `$JS.API.STREAM.DELETE.${topicStream(topic)}`);
    await context.tenant.delete(topicStream(topic)); // one that is not there is as good as deleted
    return {};
  },
  async ListTopics(context) {
    const topics = await context.tenant.names(topicStream);
    return { Topics: { member: topics.map((topic) => ({ TopicArn: topicArn(context, topic) })) } };
  },
  async Publish(context, input) {
    const topic = nameIn(input.TopicArn, "sns", context);
    if (!input.Message) throw invalid("Message must not be empty.");
    if (input.MessageAttributes !== undefined) throw invalid("Message attributes are not supported.");
    if (!(await context.tenant.exists(topicStream(topic)))) throw notFound("The topic");
    const id = randomUUID();
    await context.asCaller(async (connection) => {
      const stored = (await connection.request(topicSubject(topic), envelope(context, topic, id, input), { timeout: 5000 })).json();
      if (stored.error !== undefined) throw new Error(stored.error.description);
    });
    return { MessageId: id };
  },
  async Subscribe(context, { TopicArn, Protocol, Endpoint }) {
    const topic = nameIn(TopicArn, "sns", context);
    if (Protocol !== "sqs") throw invalid("Protocol must be sqs.");
    const queue = nameIn(Endpoint, "sqs", context);
    demand(context.verdict, `$JS.API.STREAM.INFO.${topicStream(topic)}`);
    demand(context.verdict, pullSubject(queue));
    if (!(await context.tenant.exists(topicStream(topic)))) throw notFound("The topic");
    if (!(await context.tenant.exists(queueStream(queue)))) throw notFound("The queue");
    await context.tenant.subscribe(topic, queue);
    return { SubscriptionArn: `${topicArn(context, topic)}:${queue}` };
  },
};

export const fromForm = membersOf;

export const toElements = (_, result) => result;
