// Clients that cost little: a raw socket, and the moments at which it was let in, refused and closed.

import net from "node:net";

export const now = () => Number(process.hrtime.bigint());

// Resolves once it is let in or refused; `end` is when it was closed.
export function dial(port, who) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    const at = { socket, admitted: false, end: undefined };
    let text = "";
    socket.on("data", (bytes) => {
      if (at.admitted) {
        // A server closes who does not answer.
        if (bytes.includes("PING")) socket.write("PONG\r\n");
        return;
      }
      text += bytes;
      if (!at.asked && text.includes("\r\n")) {
        at.asked = true;
        const info = JSON.parse(text.slice(text.indexOf("{"), text.indexOf("\r\n")));
        Object.assign(at, { server: info.server_id, cid: info.client_id });
        socket.write(`CONNECT ${JSON.stringify({ user: who.id, pass: who.secret, verbose: false, protocol: 1 })}\r\nPING\r\n`);
      }
      if (text.includes("PONG")) resolve(Object.assign(at, { admitted: true }));
      if (text.includes("-ERR")) resolve(Object.assign(at, { refused: now() }));
    });
    socket.on("error", () => {}).on("close", () => {
      at.end = now();
      // The PING behind a refused CONNECT may make a reset of the close, and swallow the error.
      if (!at.admitted) resolve(Object.assign(at, { refused: at.refused ?? at.end }));
      at.closed?.();
    });
  });
}

export async function dialMany(count, ports, who, atOnce = 50) {
  const all = [];
  let next = 0;
  const worker = async () => {
    while (next < count) all.push(await dial(ports[next++ % ports.length], who));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return all;
}
