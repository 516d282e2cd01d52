// A leafnode that is not a nats-server: it says on its connection what it likes.
// Source: nats-server `leafnode.go` (leafConnectInfo, processLeafMsgArgs), `parser.go`.

import net from "node:net";
import { until } from "./waiting.mjs";

export class RawLeafnode {
  received = []; // { subject, payload }
  error = undefined; // the server's first -ERR
  closed = false;
  #pongs = 0;
  #pings = 0;
  #rest = Buffer.alloc(0);

  // Logs in with what Gate.create() gave. Throws where the server refuses it.
  static async connect(port, who, claims = {}) {
    const leaf = new RawLeafnode();
    leaf.socket = net.connect({ port, host: "127.0.0.1" });
    leaf.socket.on("data", (bytes) => leaf.#take(bytes)).on("error", () => {});
    leaf.socket.on("close", () => (leaf.closed = true));
    await until("INFO", () => leaf.info ?? leaf.closed);
    const connect = { user: who.id, pass: who.secret, name: "raw", server_id: "raw", version: "2.10.27", headers: true, ...claims };
    leaf.#write(`CONNECT ${JSON.stringify(connect)}\r\n`);
    await leaf.flush().catch(() => {});
    if (leaf.closed || leaf.error) throw new Error(leaf.error ?? "closed");
    return leaf;
  }

  subscribe(subject) {
    this.#write(`LS+ ${subject}\r\n`);
  }
  // headers: [[name, value], …]
  publish(subject, payload = "", { reply = "", headers = [] } = {}) {
    const head = headers.length === 0 ? "" : `NATS/1.0\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
    const to = reply === "" ? subject : `${subject} ${reply}`;
    const sizes = head === "" ? `${Buffer.byteLength(payload)}` : `${Buffer.byteLength(head)} ${Buffer.byteLength(head + payload)}`;
    this.#write(`${head === "" ? "LMSG" : "HMSG"} ${to} ${sizes}\r\n${head}${payload}\r\n`);
  }
  // The server has taken all that was sent before.
  async flush() {
    const wanted = ++this.#pings;
    this.#write("PING\r\n");
    await until("PONG", () => this.#pongs >= wanted || this.closed);
    if (this.closed) throw new Error(this.error ?? "closed");
  }
  async message(matches) {
    return until("a message", () => this.received.find(matches));
  }
  close() {
    this.socket.destroy();
  }

  #write(text) {
    if (!this.closed) this.socket.write(text);
  }
  #take(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.indexOf("\r\n");
      if (end < 0) return;
      const [operation, ...words] = this.#rest.toString("utf8", 0, end).split(" ");
      let next = end + 2;
      if (operation === "LMSG" || operation === "HMSG") {
        const size = Number(words.at(-1));
        if (this.#rest.length < next + size + 2) return;
        const head = operation === "HMSG" ? Number(words.at(-2)) : 0;
        this.received.push({ subject: words[0], payload: this.#rest.toString("utf8", next + head, next + size) });
        next += size + 2;
      }
      if (operation === "INFO") this.info ??= JSON.parse(words.join(" "));
      if (operation === "PING") this.#write("PONG\r\n");
      if (operation === "PONG") this.#pongs++;
      if (operation === "-ERR") this.error ??= words.join(" ");
      this.#rest = this.#rest.subarray(next);
    }
  }
}
