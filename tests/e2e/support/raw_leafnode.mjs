// A leafnode that is not a nats-server: it says on its connection what it likes.
// Source: nats-server `leafnode.go` (leafConnectInfo, processLeafMsgArgs), `parser.go`.

import net from "node:net";
import { RawConnection } from "./raw_connection.mjs";
import { until } from "./waiting.mjs";

export class RawLeafnode extends RawConnection {
  // Logs in with what Gate.create() gave. Throws where the server refuses it.
  static async connect(port, who, claims = {}) {
    const leaf = new RawLeafnode(net.connect({ port, host: "127.0.0.1" }));
    await until("INFO", () => leaf.info ?? leaf.closed);
    await leaf.login({ user: who.id, pass: who.secret, name: "raw", server_id: "raw", version: "2.10.27", headers: true, ...claims });
    return leaf;
  }

  subscribe(subject, queue) {
    this.write(queue === undefined ? `LS+ ${subject}\r\n` : `LS+ ${subject} ${queue} 1\r\n`);
  }
  unsubscribe(subject, queue) {
    this.write(queue === undefined ? `LS- ${subject}\r\n` : `LS- ${subject} ${queue}\r\n`);
  }
  // headers: [[name, value], …]
  publish(subject, payload = "", { reply = "", headers = [] } = {}) {
    const head = headers.length === 0 ? "" : `NATS/1.0\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
    const to = reply === "" ? subject : `${subject} ${reply}`;
    const sizes = head === "" ? `${Buffer.byteLength(payload)}` : `${Buffer.byteLength(head)} ${Buffer.byteLength(head + payload)}`;
    this.write(`${head === "" ? "LMSG" : "HMSG"} ${to} ${sizes}\r\n${head}${payload}\r\n`);
  }
}
