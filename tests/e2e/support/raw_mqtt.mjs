// MQTT 3.1.1 without a client library.

import net from "node:net";

const [kConnect, kConnack, kPublish, kSubscribe, kUnsubscribe, kPingreq, kPingresp] = [1, 2, 3, 8, 10, 12, 13];

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

function packet(type, flags, body) {
  const size = [];
  let left = body.length;
  do {
    size.push((left & 127) | (left > 127 ? 128 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from([(type << 4) | flags, ...size]), body]);
}

// The packet at the start of these bytes: { type, flags, body, size }, or nothing while it is not whole.
function firstPacket(bytes) {
  let [length, at] = [0, 1];
  for (let shift = 0; ; shift += 7) {
    if (at >= bytes.length) return undefined;
    const byte = bytes[at++];
    length |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  if (bytes.length < at + length) return undefined;
  return { type: bytes[0] >> 4, flags: bytes[0] & 15, body: bytes.subarray(at, at + length), size: at + length };
}

// nats-server's own mapping, for subjects whose tokens have no dot or slash.
const topicOf = (subject) => subject.replaceAll(".", "/").replaceAll("*", "+").replaceAll(">", "#");
// Of x.> also x/+ and x/+/+: nats-server refuses x/# to whoever may not subscribe to x itself.
const topicsOf = (subject) => [subject, ...(subject.endsWith(">") ? ["*", "*.*"].map((end) => subject.replace(/>$/, end)) : [])].map(topicOf);
const subjectOf = (topic) => topic.replaceAll("/", ".");

// The CONNECT of a client with this user and password, or without both.
export function connectPacket(clientId, user, password) {
  const named = user !== undefined;
  const flags = 0b10 | (named ? 0b11000000 : 0); // clean session, user, password
  const head = [text("MQTT"), Buffer.from([4, flags, 0, 60]), text(clientId)]; // level, flags, keep-alive
  return packet(kConnect, 0, Buffer.concat([...head, ...(named ? [text(user), text(password)] : [])]));
}

export class RawMqtt {
  received = []; // { subject, payload }
  closed = false;
  #socket;
  #rest = Buffer.alloc(0);
  #waiting = []; // { type, resolve, reject }
  #packets = 0;

  // Gives { connection, code }: the return code of the CONNACK, 0 where it is let in. `who` is what
  // Gate.create() gave, or nothing.
  static async connect(port, who, clientId = "device-1") {
    const connection = new RawMqtt();
    connection.#open(port);
    const answer = await connection.#ask(connectPacket(clientId, who?.id, who?.secret), kConnack);
    return { connection, code: answer[1] };
  }

  // Subjects of NATS, here as in what is received. With QoS 0.
  subscribe(subject) {
    for (const topic of topicsOf(subject)) {
      this.#socket.write(packet(kSubscribe, 2, Buffer.concat([this.#number(), text(topic), Buffer.from([0])])));
    }
  }
  unsubscribe(subject) {
    for (const topic of topicsOf(subject)) {
      this.#socket.write(packet(kUnsubscribe, 2, Buffer.concat([this.#number(), text(topic)])));
    }
  }
  // Once with QoS 0 and once with QoS 1, which nats-server treats differently.
  publish(subject, payload = "") {
    const topic = text(topicOf(subject));
    this.#socket.write(packet(kPublish, 0, Buffer.concat([topic, Buffer.from(payload)])));
    this.#socket.write(packet(kPublish, 2, Buffer.concat([topic, this.#number(), Buffer.from(payload)])));
  }
  // The server has taken all that was sent before, and what it has sent till then has arrived.
  async flush() {
    await this.#ask(packet(kPingreq, 0, Buffer.alloc(0)), kPingresp);
  }
  close() {
    this.#socket.destroy();
  }

  #open(port) {
    this.#socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (bytes) => this.#take(bytes)).on("error", () => {});
    this.#socket.on("close", () => {
      this.closed = true;
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("closed"));
    });
  }
  #number() {
    const number = ++this.#packets;
    return Buffer.from([number >> 8, number & 255]);
  }
  async #ask(bytes, type) {
    if (this.closed) throw new Error("closed");
    return new Promise((resolve, reject) => {
      this.#waiting.push({ type, resolve, reject });
      this.#socket.write(bytes);
    });
  }
  #take(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let next; (next = firstPacket(this.#rest)) !== undefined; this.#rest = this.#rest.subarray(next.size)) {
      const { type, body } = next;
      if (type === kPublish) {
        const topicEnd = 2 + body.readUInt16BE(0); // QoS 0 has no number
        this.received.push({ subject: subjectOf(body.toString("utf8", 2, topicEnd)), payload: body.toString("utf8", topicEnd) });
      }
      if (this.#waiting[0]?.type === type) this.#waiting.shift().resolve(body);
    }
  }
}

// The return code of the CONNACK for `who`, or for nobody.
export async function mqttConnect(port, who) {
  const { connection, code } = await RawMqtt.connect(port, who);
  connection.close();
  return code;
}
