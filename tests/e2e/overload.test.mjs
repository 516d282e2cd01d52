// More requests than can be decided: what is decided is decided in time, and one source that floods
// does not take the door from the others. All limits are ratios of what the same run has measured.

import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { RawClient } from "./support/raw_client.mjs";
import { kPlayer, kSubject, makeServerPart, ServerKey } from "./support/server_part.mjs";
import { until } from "./support/waiting.mjs";

const kTimeout = 2; // seconds that the server waits
const kSeconds = 4;
const kTimes = 4; // as much as can be decided
const [kFlooder, kVictim] = ["192.0.2.1", "192.0.2.2"];

const play = (gate) => RawClient.connect(net.connect({ port: gate.port, host: gate.host }), { id: kPlayer.user, secret: kPlayer.pass });

// What requests have been sent and answered, by one client of the server's part.
class Asker {
  #sent = new Map(); // reply subject → when
  #seen = 0;
  took = []; // milliseconds, of those that were answered
  constructor(client, name, requests) {
    Object.assign(this, { client, requests, name: `$SYS._INBOX.${name}` });
    client.subscribe(`${this.name}.*`);
  }
  get sent() {
    return this.#sent.size;
  }
  send(count = 1) {
    let text = "";
    for (let i = 0; i < count; i++) {
      const request = this.requests[this.#sent.size % this.requests.length];
      const reply = `${this.name}.${this.#sent.size}`;
      this.#sent.set(reply, performance.now());
      text += `PUB ${kSubject} ${reply} ${request.length}\r\n${request}\r\n`;
    }
    this.client.write(text);
  }
  look() {
    for (const { subject, at } of this.client.received.slice(this.#seen)) this.took.push(at - this.#sent.get(subject));
    this.#seen = this.took.length;
    return this.took.length;
  }
  inTime() {
    this.look();
    return this.took.filter((took) => took < kTimeout * 1000).length;
  }
}

test("a source that floods keeps nobody else out, and what is answered is answered in time", async (t) => {
  const gate = await makeServerPart(t, { xkey: false });
  await gate.startServer();
  await gate.startGateway();
  const who = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const other = await gate.create("other", "--publish", "--subjects", "orders.>");
  const server = new ServerKey();
  const asker = async (name, host, count) =>
    new Asker(await play(gate), name, Array.from({ length: count }, () => server.request(gate.init.issuer, host, { user: who.id, pass: who.secret }, kTimeout)));
  const [warm, flood, victim] = [await asker("warm", kFlooder, 50), await asker("flood", kFlooder, 200), await asker("victim", kVictim, 50)];

  // What can be decided: a thousand, a few at a time.
  const kWarm = 1_000;
  const began = performance.now();
  while (warm.look() < kWarm) {
    if (warm.sent < kWarm && warm.sent - warm.took.length < 40) warm.send(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const capacity = kWarm / (performance.now() - began); // in a millisecond

  const start = performance.now();
  let revoked;
  for (let elapsed = 0; elapsed < kSeconds * 1000; elapsed = performance.now() - start) {
    flood.send(Math.floor(elapsed * capacity * kTimes) - flood.sent);
    victim.send();
    if (elapsed > kSeconds * 500) revoked ??= gate.do("revoke", other.id, "--yes");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await revoked;
  await until("nothing waits", async () => (await gate.do("status", "--json")).json[0].waiting.requests === 0);
  for (const { client } of [flood, victim]) await client.flush();

  const seconds = kSeconds * 1000;
  t.diagnostic(
    `${(capacity * 1000).toFixed(0)}/s can be decided; ${flood.sent} came from one source, ${flood.inTime()} answered in time; ` +
      `${victim.sent} from another, ${victim.inTime()} in time`,
  );
  // The gateway answers none whose server has given up, by its own clock; this program's is slower.
  assert.ok(victim.took.length > victim.sent * 0.8, `${victim.took.length} of ${victim.sent} were answered`);
  assert.ok(flood.inTime() > (capacity * seconds) / 4, `${flood.inTime()} of the flood, ${(capacity * seconds).toFixed(0)} can be decided`);
  const late = flood.took.length - flood.inTime();
  assert.ok(late < flood.took.length / 10, `${late} of ${flood.took.length} answers came too late`);
  await gate.gateway.line(/warning event=overloaded dropped="[1-9]\d*" waiting="\d+" oldest_ms="\d+"/);
  assert.match((await gate.do("status")).stdout, /waiting +\d+ requests, 0 passwords; [1-9]\d* dropped, too many came/);
});
