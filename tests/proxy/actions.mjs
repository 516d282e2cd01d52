// Who may do what: the permission map that Scaleway publishes for its SQS and SNS. Each action with the
// capabilities of which a caller must have one. What is not here, nobody may do.

import { accessDenied } from "./errors.mjs";

const kAny = ["publish", "receive", "manage"];
const kNobody = [];

export const kActions = {
  sqs: {
    CreateQueue: ["manage"],
    DeleteQueue: ["manage"],
    ListQueues: ["manage"],
    SetQueueAttributes: ["manage"],
    PurgeQueue: ["manage"],
    SendMessage: ["publish"],
    SendMessageBatch: ["publish"],
    ReceiveMessage: ["receive"],
    DeleteMessage: ["receive"],
    DeleteMessageBatch: ["receive"],
    ChangeMessageVisibility: ["receive", "manage"],
    ChangeMessageVisibilityBatch: ["receive", "manage"],
    GetQueueUrl: kAny,
    GetQueueAttributes: kAny,
  },
  sns: {
    CreateTopic: ["manage"],
    DeleteTopic: ["manage"],
    SetTopicAttributes: ["manage"],
    Publish: ["publish"],
    PublishBatch: ["publish"],
    Subscribe: ["receive"],
    ListSubscriptions: ["receive", "manage"],
    ListSubscriptionsByTopic: ["receive", "manage"],
    Unsubscribe: ["receive", "manage"],
    GetTopicAttributes: ["receive", "manage"],
    GetSubscriptionAttributes: ["receive", "manage"],
    SetSubscriptionAttributes: ["receive", "manage"],
    ListTopics: kAny,
    ConfirmSubscription: kNobody,
  },
};

export function mayDo(service, action, capabilities) {
  const actions = kActions[service];
  return Object.hasOwn(actions, action) && actions[action].some((one) => capabilities.includes(one));
}

// Whether one of the subjects, with their wildcards, covers this one, which has none.
function covered(subject, patterns) {
  const tokens = subject.split(".");
  return patterns.some((pattern) => {
    const wanted = pattern.split(".");
    if (wanted.at(-1) === ">") return tokens.length >= wanted.length && wanted.slice(0, -1).every((one, i) => one === "*" || one === tokens[i]);
    return tokens.length === wanted.length && wanted.every((one, i) => one === "*" || one === tokens[i]);
  });
}

// As nats-server would judge a connection of the caller's.
export function mayPublish({ publish }, subject) {
  return covered(subject, publish.allow) && !covered(subject, publish.deny);
}

// Before the proxy does for a caller what the caller knows nothing of.
export function demand({ permissions }, subject) {
  if (!mayPublish(permissions, subject)) throw accessDenied("The credential does not cover this.");
}
