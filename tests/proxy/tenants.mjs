// What AWS users do not see: the streams and consumers that queues and topics are made of. The proxy makes
// them with a credential of its own in each account.
//
//   queue Q   stream SQS_Q of the subject sqs.Q, which an acknowledged message leaves; consumer sqs
//   topic T   stream SNS_T of the subject sns.T; a queue that subscribes has it as a source

import { randomUUID } from "node:crypto";
import { AckPolicy, jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";

const kConsumer = "sqs";
const kNotFound = [10059, 10014]; // a stream, a consumer
const kInstance = "sqs_queue"; // metadata of the consumer
const kConsumerExists = 10148; // with another configuration
const kVisibilityTimeout = 30; // seconds, as AWS has it
// A source whose queue is empty begins anew where nats-server was restarted: so old are the messages then.
const kTopicAge = 120e9; // nanoseconds

// In URLs and ARNs. A caller's account is its credential's, and is nowhere in a request.
export const kAccount = "000000000000";

export const queueStream = (queue) => `SQS_${queue}`;
export const topicStream = (topic) => `SNS_${topic}`;
export const queueSubject = (queue) => `sqs.${queue}`;
export const topicSubject = (topic) => `sns.${topic}`;
export const pullSubject = (queue) => `$JS.API.CONSUMER.MSG.NEXT.${queueStream(queue)}.${kConsumer}`;
// Of an acknowledgement of a message of this queue.
export const ackPattern = (queue) => new RegExp(`^\\$JS\\.ACK\\.${queueStream(queue)}\\.${kConsumer}(\\.\\d+){5}$`);

const codeOf = (error) => error.apiError?.().err_code ?? error.code;

export class Tenant {
  static async make(connection) {
    const tenant = new Tenant();
    tenant.streams = (await jetstreamManager(connection)).streams;
    tenant.consumers = (await jetstreamManager(connection)).consumers;
    return tenant;
  }

  // The queue that there is: its visibility timeout in seconds, and its `instance`, which no other queue has, not
  // even one that is made anew under this name.
  async queue(queue) {
    const there = await this.#orNothing(this.consumers.info(queueStream(queue), kConsumer));
    if (there === undefined) return undefined;
    // Not `created`: a restart of nats-server 2.10 changes that.
    return { instance: there.config.metadata?.[kInstance] ?? there.created, visibilityTimeout: there.config.ack_wait / 1e9 };
  }

  // Whether the queue is there now and has this timeout. Where it is undefined, any will do.
  async createQueue(queue, visibilityTimeout) {
    const there = await this.queue(queue);
    if (there !== undefined) return visibilityTimeout === undefined || visibilityTimeout === there.visibilityTimeout;
    await this.#add({ name: queueStream(queue), subjects: [queueSubject(queue)], retention: RetentionPolicy.Workqueue });
    const adding = this.consumers.add(queueStream(queue), {
      durable_name: kConsumer, ack_policy: AckPolicy.Explicit, ack_wait: (visibilityTimeout ?? kVisibilityTimeout) * 1e9, metadata: { [kInstance]: randomUUID() },
    });
    return adding.then(() => true, (error) => {
      if (codeOf(error) !== kConsumerExists) throw error;
      return this.createQueue(queue, visibilityTimeout); // somebody has made it meanwhile
    });
  }

  // Its messages are not counted from one: a queue that had those of a deleted topic of this name would miss as
  // many of the new one. (With nats-server 2.10, a queue that still has messages of the old one begins with the
  // first message of the new one, whenever it subscribes.)
  async createTopic(topic) {
    await this.#add({ name: topicStream(topic), subjects: [topicSubject(topic)], max_age: kTopicAge, first_seq: Date.now() });
  }

  // With all its subscriptions, as AWS has it.
  async deleteTopic(topic) {
    for await (const { config } of this.streams.list(queueSubject("*"))) {
      const sources = (config.sources ?? []).filter(({ name }) => name !== topicStream(topic));
      if (sources.length < (config.sources ?? []).length) await this.streams.update(config.name, { ...config, sources });
    }
    await this.delete(topicStream(topic));
  }

  // Messages that are published to the topic from now on reach the queue.
  async subscribe(topic, queue) {
    const { config } = await this.streams.info(queueStream(queue));
    const { state } = await this.streams.info(topicStream(topic));
    const sources = config.sources ?? [];
    if (sources.some(({ name }) => name === topicStream(topic))) return;
    sources.push({ name: topicStream(topic), opt_start_seq: state.last_seq + 1 });
    await this.streams.update(queueStream(queue), { ...config, sources });
  }

  async exists(stream) {
    return (await this.#orNothing(this.streams.info(stream))) !== undefined;
  }
  // Whether there was one.
  async delete(stream) {
    return (await this.#orNothing(this.streams.delete(stream))) === true;
  }
  // The names of queues or topics.
  async names(streamOf) {
    const names = [];
    for await (const name of this.streams.names()) if (name.startsWith(streamOf(""))) names.push(name.slice(streamOf("").length));
    return names.sort();
  }

  async #add(config) {
    // As AWS has it, what is there already is as good as made.
    if (!(await this.exists(config.name))) await this.streams.add(config);
  }
  async #orNothing(request) {
    return request.catch((error) => {
      if (kNotFound.includes(codeOf(error))) return undefined;
      throw error;
    });
  }
}
