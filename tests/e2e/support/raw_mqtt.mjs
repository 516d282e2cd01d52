// MQTT without a client library.

import net from "node:net";

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

// An MQTT 3.1.1 CONNECT with the id and secret of `who`, or with neither; gives the return code of the
// CONNACK.
export async function mqttConnect(port, who) {
  const flags = 0b10 | (who === undefined ? 0 : 0b11000000); // clean session, user, password
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([4, flags, 0, 60]), // level, flags, keep-alive
    text("device-1"),
    ...(who === undefined ? [] : [text(who.id), text(who.secret)]),
  ]);
  const socket = net.connect({ port, host: "127.0.0.1" });
  socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
  const answer = await new Promise((resolve, reject) => {
    socket.once("data", resolve).once("error", reject);
    socket.once("close", () => reject(new Error("closed without a CONNACK")));
  });
  socket.destroy();
  return answer[3];
}
