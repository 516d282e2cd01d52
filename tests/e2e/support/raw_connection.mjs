// A connection to nats-server without a library: it says what it likes, and keeps what the server says.
// Clients and leafnodes differ in the operations that they send.

import { until } from "./waiting.mjs";

export class RawConnection {
  received = []; // { subject, payload, at }: at by performance.now()
  error = undefined; // the server's first -ERR
  closed = false;
  info = undefined; // the server's INFO
  #flushes = []; // { resolve, reject } of those that await a PONG
  #rest = Buffer.alloc(0);
  #stream;

  // stream: duplex, in plain text from here on.
  constructor(stream) {
    this.#stream = stream;
    stream.setNoDelay?.(true); // an operation and its PING are two writes
    stream.on("data", (bytes) => this.#take(bytes)).on("error", () => {});
    const end = () => {
      this.closed = true;
      for (const { reject } of this.#flushes.splice(0)) reject(new Error(this.error ?? "closed"));
    };
    stream.on("end", end).on("close", end); // a WebSocket's stream may end without closing
  }

  // Throws where the server refuses it.
  async login(connect) {
    this.write(`CONNECT ${JSON.stringify(connect)}\r\n`);
    await this.flush().catch(() => {});
    if (this.closed || this.error) throw new Error(this.error ?? "closed");
  }
  // The server has taken all that was sent before, and what it has sent till then has arrived.
  async flush() {
    if (this.closed) throw new Error(this.error ?? "closed");
    return new Promise((resolve, reject) => {
      this.#flushes.push({ resolve, reject });
      this.write("PING\r\n");
    });
  }
  async message(matches) {
    return until("a message", () => this.received.find(matches));
  }
  close() {
    this.#stream.destroy();
  }
  write(text) {
    if (!this.closed) this.#stream.write(text);
  }

  #take(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.indexOf("\r\n");
      if (end < 0) return;
      const [operation, ...words] = this.#rest.toString("utf8", 0, end).split(" ");
      let next = end + 2;
      if (/^[LH]?MSG$/.test(operation)) {
        const size = Number(words.at(-1));
        if (this.#rest.length < next + size + 2) return;
        const head = operation === "HMSG" ? Number(words.at(-2)) : 0;
        this.received.push({ subject: words[0], payload: this.#rest.toString("utf8", next + head, next + size), at: performance.now() });
        next += size + 2;
      }
      if (operation === "INFO") this.info ??= JSON.parse(words.join(" "));
      if (operation === "PING") this.write("PONG\r\n");
      if (operation === "PONG") this.#flushes.shift()?.resolve();
      if (operation === "-ERR") this.error ??= words.join(" ");
      this.#rest = this.#rest.subarray(next);
    }
  }
}
