// What an attacker attempts on a connection, and how it is seen whether it passes: somebody who may do
// everything in the account listens, or publishes. Each proof ends with PING and PONG on both connections,
// so that what is not heard by then never comes.

const kJson = (number) => JSON.stringify({ credential: { name: `stolen-${number}`, account: "APP", capabilities: ["publish"], subjects: ["orders.>"] } });

// [name, subject, payload], each of which may be a function of { victim, number, ack }: the id of another
// credential of the account, the number of the cell, the subject that acknowledges a message which another
// worker holds.
export const kPublishes = [
  ["other.x"],
  ["$JS.API.STREAM.LIST"],
  ["$JS.API.STREAM.DELETE.VICTIM", undefined, ""],
  ["$JS.ACK of another's message", ({ ack }) => ack, "+ACK"],
  ["$MQTT.sub.x"],
  ["$MQTT.deliver.pubrel.x"],
  ["_R_.x.y"],
  ["_INBOX.x"],
  ["_INBOX_<id>.x", ({ victim }) => `_INBOX_${victim}.x`],
  ["_CG.<id>.x", ({ victim }) => `_CG.${victim}.x`],
  ["$SYS.x"],
  ["$SYS.REQ.SERVER.PING"],
  ["$SYS.REQ.USER.AUTH"],
  ["credgate.v1.credentials.create", undefined, ({ number }) => kJson(number)],
  ["credgate.v1.credentials.create.APP", undefined, ({ number }) => kJson(number)],
  ["credgate.v1.credentials.revoke.APP", undefined, ({ number }) => JSON.stringify({ credential: `nobody-${number}` })],
  ["credgate.v1.credentials.get.APP", undefined, ({ number }) => JSON.stringify({ credential: `nobody-${number}` })],
  ["credgate.v1.sigv4.verify"],
  ["credgate.v1.events.x"],
];

// [name, pattern, subject that is published to]; the name is the pattern where none is given.
export const kSubscribes = [
  [">", ">", "other.x"],
  ["other.>", "other.>", "other.x"],
  ["$JS.API.>", "$JS.API.>", "$JS.API.x"],
  ["$JS.ACK.>", "$JS.ACK.>", "$JS.ACK.x"],
  ["$MQTT.sub.>", "$MQTT.sub.>", "$MQTT.sub.x"],
  ["$MQTT.>", "$MQTT.>", "$MQTT.sub.x"],
  ["$MQTT.deliver.pubrel.*", "$MQTT.deliver.pubrel.*", "$MQTT.deliver.pubrel.x"],
  ["_R_.>", "_R_.>", "_R_.x.y"],
  ["_INBOX.>", "_INBOX.>", "_INBOX.x"],
  ["_INBOX_<id>.>", ({ victim }) => `_INBOX_${victim}.>`, ({ victim }) => `_INBOX_${victim}.x`],
  ["_CG.<id>.>", ({ victim }) => `_CG.${victim}.>`, ({ victim }) => `_CG.${victim}.x`],
  ["_CG.>", "_CG.>", ({ victim }) => `_CG.${victim}.x`],
  ["$SYS.>", "$SYS.>", "$SYS.x"],
  ["$SYS.REQ.>", "$SYS.REQ.>", "$SYS.REQ.x"],
  ["$SYS.REQ.USER.AUTH", "$SYS.REQ.USER.AUTH", "$SYS.REQ.USER.AUTH"],
  ["credgate.v1.credentials.>", "credgate.v1.credentials.>", "credgate.v1.credentials.x"],
  ["credgate.v1.sigv4.>", "credgate.v1.sigv4.>", "credgate.v1.sigv4.x"],
  ["credgate.v1.events.>", "credgate.v1.events.>", "credgate.v1.events.x"],
];

export const kAttempts = kPublishes.length + kSubscribes.length;

const given = (value, facts) => (typeof value === "function" ? value(facts) : value);

// nats-server closes a leafnode that does what it may not; its own error may be lost with the connection.
const flushOrClosed = (attacker) => attacker.flush().catch(() => {});

// Whether a message arrives at one of `listeners`, { account: connection subscribed to > }. Gives the
// accounts where it does.
export async function heardWhere(attacker, [name, subject, payload], listeners, facts, reply) {
  for (const listener of Object.values(listeners)) listener.received.length = 0;
  const [to, what] = [given(subject ?? name, facts), given(payload ?? `cell-${facts.number}`, facts)];
  attacker.publish(to, what, { reply });
  await flushOrClosed(attacker);
  for (const listener of Object.values(listeners)) await listener.flush();
  const heard = (listener) => listener.received.some((message) => message.subject === to && message.payload === what);
  return Object.keys(listeners).filter((account) => heard(listeners[account]));
}

// Whether the attacker hears what is published by one of `publishers`, { account: connection }. Gives the
// accounts whose message it hears. It subscribes alone and in a queue group, which nats-server has
// checked differently.
export async function heardFrom(attacker, [, pattern, subject], publishers, facts) {
  attacker.received.length = 0;
  const [of, to] = [given(pattern, facts), given(subject, facts)];
  attacker.subscribe(of);
  attacker.subscribe(of, "queue");
  await flushOrClosed(attacker);
  for (const [account, publisher] of Object.entries(publishers)) {
    publisher.publish(to, `${account}-${facts.number}`);
    await publisher.flush();
  }
  if (!attacker.closed) await attacker.flush();
  const heard = (account) => attacker.received.some(({ payload }) => payload === `${account}-${facts.number}`);
  const accounts = Object.keys(publishers).filter(heard);
  if (!attacker.closed) {
    attacker.unsubscribe(of);
    attacker.unsubscribe(of, "queue");
    await attacker.flush();
  }
  return accounts;
}
