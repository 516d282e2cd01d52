// Ports on loopback that are free.

import net from "node:net";

// Resolves to the server that listens there, or to nothing where the port is taken.
function listenOn(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer().once("error", () => resolve(undefined));
    server.listen(port, host, () => resolve(server));
  });
}

// Below the range that the kernel takes for outgoing connections, and in a range of this process's
// own, so that nothing takes it between here and the server's start. Whoever listens on the first port
// of a range has it.
const kPorts = 250;
const kRanges = 80;
let range;
let ports = 0;
async function claimRange() {
  for (let i = 0; i < kRanges; i++) {
    const first = 10_000 + ((process.pid + i) % kRanges) * kPorts;
    const guard = await listenOn(first, "127.0.0.1");
    if (guard === undefined) continue;
    guard.unref();
    return first;
  }
  throw new Error("every range of ports is taken");
}

export async function freePort(host = "127.0.0.1") {
  range ??= claimRange();
  const first = await range;
  for (;;) {
    const port = first + 1 + (ports++ % (kPorts - 1));
    const probe = await listenOn(port, host);
    if (probe === undefined) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
