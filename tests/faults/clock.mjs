// The clock jumps an hour ahead and an hour back while a gateway decides: of the whole machine, with
// nats-server's part played by this program, and of the gateway alone. Every decision is compared with
// what the clock says. Exit code 1 where one was granted that must not be, or refused that must be granted,
// where the gateway stood still, or where its watchdog was not fed.
//   node tests/faults/clock.mjs [--rounds N] [--rate DECISIONS_PER_SECOND]
// with the variables of tests/e2e/support/programs.mjs.

import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { movableClock } from "../e2e/support/clock.mjs";
import { Daemon } from "../e2e/support/processes.mjs";
import { natsClient } from "../e2e/support/programs.mjs";
import { RawClient } from "../e2e/support/raw_client.mjs";
import { kPlayer, kSubject, makeServerPart, ServerKey } from "../e2e/support/server_part.mjs";
import { password, question, sign } from "../e2e/support/sigv4_signer.mjs";
import { until } from "../e2e/support/waiting.mjs";
import { scope } from "../bench/statistics.mjs";
import { end, limit, sleep } from "./limits.mjs";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "1" }, rate: { type: "string", default: "100" } },
});
const kHour = 3600;
const kTimeout = 5; // seconds that the server waits
const kOnItsWay = 500; // milliseconds, of a request
const kHost = "sqs.example.org";
const kSource = "192.0.2.1";
const kWatchdog = 2_000; // milliseconds
const kTraffic = ["--publish", "--subjects", "a"];

const t = scope();
const gate = await makeServerPart(t, { xkey: false });
gate.editConfig((text) => text.replace('"master_key"', `"sigv4_hosts": ["${kHost}"],\n  "master_key"`));
const clock = await movableClock(gate.dir);
const socket = path.join(gate.dir, "notify");
const listener = new Daemon(path.join(path.dirname(natsClient), "notify_listener"), [socket]);
gate.daemons.push(listener);
await listener.line(/^listening/);
await gate.startServer();
await gate.startGateway({ env: { ...process.env, ...clock.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: String(kWatchdog * 1000) } });

// The clock of this program, which plays the server, and of the gateway.
const ahead = { server: 0, gateway: 0 };
const jumps = []; // { at, agree }: when, and whether both say the same since then
function jump({ server = ahead.server, gateway = ahead.gateway }) {
  Object.assign(ahead, { server, gateway });
  clock.set(gateway);
  jumps.push({ at: performance.now(), agree: server === gateway });
}
// Of a request that was asked then: whether both clocks said the same, and went on doing so until it was read.
const agreed = (at) => (jumps.findLast((one) => one.at <= at)?.agree ?? true) && !jumps.some((one) => one.at > at && one.at < at + kOnItsWay);
const serverKey = new ServerKey();
const client = await RawClient.connect(net.connect({ port: gate.port, host: gate.host }), { id: kPlayer.user, secret: kPlayer.pass });
client.subscribe("$SYS._INBOX.clock.*");
let asked = 0;

// "granted", "denied" or "no answer".
async function ask(who, patience = 2_000) {
  const reply = `$SYS._INBOX.clock.${asked++}`;
  const request = serverKey.request(gate.init.issuer, kSource, { user: who.user ?? who.id, pass: who.secret }, kTimeout, ahead.server);
  client.publish(kSubject, request, { reply });
  const came = await until("an answer", () => client.received.find(({ subject }) => subject === reply), patience).catch(() => undefined);
  if (came === undefined) return "no answer";
  client.received.splice(client.received.indexOf(came), 1);
  const { nats } = JSON.parse(Buffer.from(came.payload.split(".")[1], "base64url"));
  return nats.jwt ? "granted" : "denied";
}

const wrong = [];
async function expect(when, who, what, wanted, patience) {
  const is = await ask(who, patience);
  if (!wanted.split(" or ").includes(is)) wrong.push(`${when}: ${what}: ${is}, not ${wanted}`);
  return is;
}

// A signature of the machine's time.
function signature(who) {
  const date = new Date(Date.now() + ahead.server * 1000);
  const request = { host: kHost, accessKey: who.id, secret: who.secret, body: "Action=ListQueues", source: kSource, date };
  return { id: who.id, secret: password(question(request, sign(request))) };
}

const shop = await gate.create("shop", ...kTraffic);
const soon = await gate.create("soon", ...kTraffic, "--expires", new Date(Date.now() + kHour * 500).toISOString().replace(/\.\d+/, ""));
const later = await gate.create("later", ...kTraffic, "--not-before", new Date(Date.now() + kHour * 500).toISOString().replace(/\.\d+/, ""));
const revoked = await gate.create("revoked", ...kTraffic);
await gate.do("revoke", "revoked", "--yes");
const signer = await gate.create("signer", ...kTraffic, "--sigv4", "--sigv4-connect");
const person = await gate.create("person", "--kind", "password", "--login", "person", ...kTraffic);
const guesser = { user: "person", secret: "wrong-but-long-enough" };
await until("it answers", async () => (await ask(shop)) === "granted");
await sleep(8_000); // what was signed in the seconds of the gateway's beginning may have been used before

// A steady rate of decisions through all jumps.
const steady = { granted: 0, denied: 0, "no answer": 0, lost: 0 };
let stopped = false;
const traffic = (async () => {
  const open = new Set();
  while (!stopped) {
    const at = performance.now();
    const one = ask(shop, kTimeout * 1000).then((how) => {
      steady[how]++;
      if (how === "no answer" && agreed(at)) steady.lost++;
      open.delete(one);
    });
    open.add(one);
    await sleep(1000 / Number(options.rate));
  }
  await Promise.all(open);
})();

async function fed(when) {
  const beats = () => listener.lines(/^WATCHDOG=1$/).length;
  const before = beats();
  await until("the watchdog is fed", () => beats() > before, kWatchdog).catch(() => wrong.push(`${when}: the watchdog was not fed for ${kWatchdog} ms`));
}

// What holds whenever both clocks say the same.
async function holds(when) {
  const time = ahead.gateway;
  await expect(when, shop, "who may", "granted");
  await expect(when, revoked, "who is revoked", "denied");
  await expect(when, soon, "who expires in half an hour", time > 0 ? "denied" : "granted");
  await expect(when, later, "who may from in half an hour on", time > 0 ? "granted" : "denied");
  await expect(when, person, "a password", "granted", 4_000);
  await expect(when, guesser, "a wrong password, which is answered late", "denied", 4_000);
  await fed(when);
}

const findings = new Map();
const found = (what, is) => findings.set(what, [...(findings.get(what) ?? []), is]);
for (let i = 0; i < Number(options.rounds); i++) {
  const used = signature(signer);
  found("a first signature", await ask(used));
  await holds("before");
  await expect("before", used, "a signature that was used", "denied");

  jump({ server: kHour, gateway: kHour });
  await holds("an hour ahead");
  await expect("an hour ahead", used, "a signature that was used", "denied");
  const ahead_ = signature(signer);
  found("an hour ahead, a new signature", await ask(ahead_));

  jump({ server: 0, gateway: 0 });
  await holds("back again");
  await expect("back again", used, "a signature that was used", "denied");
  await expect("back again", ahead_, "a signature of the future that was used", "denied");
  found("back again, a new signature", await ask(signature(signer)));

  jump({ server: -kHour, gateway: -kHour });
  await holds("an hour back");
  await expect("an hour back", used, "a signature that was used", "denied");
  found("an hour back, a new signature", await ask(signature(signer)));

  jump({ server: 0, gateway: 0 });
  await holds("right at last");
  await expect("right at last", used, "a signature that was used", "denied");
  found("right at last, a new signature", await ask(signature(signer)));

  // What a gateway with a wrong clock does not believe, it does not answer.
  for (const gateway of [kHour, -kHour]) {
    const when = `the gateway alone ${gateway > 0 ? "ahead" : "back"}`;
    jump({ gateway });
    await expect(when, shop, "who may", "no answer", 500);
    await expect(when, soon, "who expires in half an hour", "no answer", 500);
    await expect(when, revoked, "who is revoked", "no answer", 500);
    await fed(when);
    jump({ gateway: 0 });
    await holds(`${when}, and right again`);
  }
}
stopped = true;
await traffic;

// nats-server is gone, and back, while the clock goes back: what waits for a moment must not wait for an hour.
jump({ server: -kHour, gateway: -kHour });
const mark = gate.gateway.log.length;
await gate.server.stop("SIGKILL");
await gate.gateway.line(/event=disconnected/, mark, 10_000).catch(() => wrong.push("an hour back: the gateway did not notice that nats-server was gone"));
await gate.startServer();
await gate.gateway.line(/event=connected/, mark, 20_000).catch(() => wrong.push("an hour back: the gateway did not connect again"));
await fed("an hour back, connected again");
const { json } = await gate.do("status", "--json");
const { waiting } = json[0];

for (const line of wrong) console.log(line);
console.log(`decisions at a steady rate: ${steady.granted} granted, ${steady.denied} denied, ${steady["no answer"]} without an answer, ${steady.lost} of them while both clocks said the same`);
for (const [what, is] of findings) console.log(`${what}: ${[...new Set(is)].join(", ")}`);
console.log(`waiting at the end: ${JSON.stringify(waiting)}`);
limit(`${wrong.length} of the expectations not met`, wrong.length === 0);
limit(`${steady.denied} denied of who may, none`, steady.denied === 0);
limit(`${steady.lost} without an answer while both clocks said the same, none`, steady.lost === 0);
limit("nothing waits at the end", Object.values(waiting ?? {}).every((count) => count === 0));
limit("the daemon runs", gate.gateway.exit === null);
await t.end();
end();
