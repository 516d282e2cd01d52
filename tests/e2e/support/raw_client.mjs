// A NATS client without a library, over any stream.

import { RawConnection } from "./raw_connection.mjs";
import { until } from "./waiting.mjs";

export class RawClient extends RawConnection {
  #ids = new Map(); // "subject queue" → sid
  #last = 0;

  // Logs in with what Gate.create() gave. Throws where the server refuses it.
  // greeted: the server's INFO came before this stream did.
  static async connect(stream, who, { greeted = false } = {}) {
    const client = new RawClient(stream);
    if (!greeted) await until("INFO", () => client.info ?? client.closed);
    await client.login({ user: who.id, pass: who.secret, verbose: false, pedantic: false, lang: "raw", version: "0", protocol: 1, headers: true });
    return client;
  }

  subscribe(subject, queue) {
    const id = ++this.#last;
    this.#ids.set(`${subject} ${queue}`, id);
    this.write(queue === undefined ? `SUB ${subject} ${id}\r\n` : `SUB ${subject} ${queue} ${id}\r\n`);
  }
  unsubscribe(subject, queue) {
    this.write(`UNSUB ${this.#ids.get(`${subject} ${queue}`)}\r\n`);
  }
  publish(subject, payload = "", { reply = "" } = {}) {
    const to = reply === "" ? subject : `${subject} ${reply}`;
    this.write(`PUB ${to} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
  }
}
