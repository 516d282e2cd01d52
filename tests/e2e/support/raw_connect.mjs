// A connection without a client library.

import net from "node:net";
import { until } from "./waiting.mjs";

// What no library would send can be sent. Gives the lines that came back until the answer to a PING, or
// until the server closed.
export async function rawConnect(gate, connectOptions, { localAddress } = {}) {
  const socket = net.connect({ port: gate.port, host: gate.host, localAddress });
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => (text += data));
  const closed = new Promise((resolve) => socket.once("close", resolve).on("error", () => {}));
  let open = true;
  closed.then(() => (open = false));
  await until("INFO", () => text.includes("\r\n"));
  const info = JSON.parse(text.split("\r\n")[0].slice("INFO ".length));
  const options = typeof connectOptions === "function" ? connectOptions(info) : connectOptions;
  const connect = { verbose: false, pedantic: false, lang: "raw", version: "0", protocol: 1, ...options };
  socket.write(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`);
  await until("an answer to CONNECT", () => !open || /PONG|-ERR/.test(text));
  socket.destroy();
  await closed;
  return text.split("\r\n").filter((line) => line !== "" && !line.startsWith("INFO "));
}
