// Who is let in and who is not, by each kind of proof, with the official JavaScript client and with
// nats.c, with sealed and with plain requests.

import assert from "node:assert/strict";
import test from "node:test";
import { createUser } from "@nats-io/nkeys";
import { nkeyAuthenticator } from "@nats-io/transport-node";
import { Gate } from "./support/gate.mjs";
import { rawConnect } from "./support/raw_connect.mjs";

const kWrongSecret = "A".repeat(40);
const kUnknownId = "CGAAAAAAAAAAAAAAAAAA";
const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

function publicKey(pair) {
  return pair.getPublicKey();
}

function seedOf(pair) {
  return new TextDecoder().decode(pair.getSeed());
}

for (const xkey of [true, false]) {
  test(`with ${xkey ? "sealed" : "plain"} requests`, async (t) => {
    const gate = await Gate.make(t, { xkey });
    const shop = await gate.create("shop", ...kTraffic);
    const other = await gate.create("other", ...kTraffic);
    const keyed = await gate.create("keyed", "--kind", "nkey", ...kTraffic);
    const own = createUser();
    const registered = {
      ...(await gate.create("registered", "--kind", "nkey", "--public-key", publicKey(own), ...kTraffic)),
      seed: seedOf(own),
    };

    await t.test("the gateway says whether it seals", () => {
      assert.match(gate.gateway.log, xkey ? /event=serving .*xkey="X/ : /event=serving .*xkey="none"/);
    });

    for (const who of [shop, keyed, registered]) {
      await t.test(`"${who.name}" is let in with the JavaScript client, and its messages pass`, async (t) => {
        const connection = await gate.connect(t, who);
        const subscription = connection.subscribe("orders.new", { max: 1 });
        connection.publish("orders.new", "one");
        for await (const message of subscription) assert.equal(message.string(), "one");
      });

      await t.test(`"${who.name}" is let in with nats.c, and its messages pass`, async (t) => {
        const listener = await gate.connect(t, shop);
        const subscription = listener.subscribe("orders.c", { max: 1 });
        await listener.flush();
        const done = await gate.client(who, "pub", "orders.c", "from C");
        assert.deepEqual([done.code, done.line], [0, "published orders.c"]);
        for await (const message of subscription) assert.equal(message.string(), "from C");
      });
    }

    await t.test("nats.c receives what the JavaScript client publishes", async (t) => {
      const receiving = gate.client(shop, "sub", "orders.to-c", "1", "15");
      const connection = await gate.connect(t, other);
      // Until the subscription is there, a message to it goes nowhere.
      const repeat = setInterval(() => connection.publish("orders.to-c", "hello"), 20);
      t.after(() => clearInterval(repeat));
      const done = await receiving;
      clearInterval(repeat);
      assert.deepEqual([done.code, done.line], [0, "received orders.to-c hello"]);
    });

    await t.test("an answer reaches whoever asked, in its own inbox", async (t) => {
      const replier = await gate.create("replier", "--receive", "--subjects", "orders.ask", "--allow-responses");
      const server = await gate.connect(t, replier);
      server.subscribe("orders.ask", { callback: (_, message) => message.respond("answer") });
      await server.flush();
      const asked = await (await gate.connect(t, shop)).request("orders.ask", "?", { timeout: 5000 });
      assert.equal(asked.string(), "answer");
      const done = await gate.client(shop, "request", "orders.ask", "?");
      assert.equal(done.code, 0, done.stdout);
      assert.match(done.line, /^received _CG\.CG\w{18}\..* answer$/);
    });

    const refusals = [
      ["a wrong secret", { ...shop, secret: kWrongSecret }, "bad_proof"],
      ["a secret that lacks its last character", { ...shop, secret: shop.secret.slice(0, -1) }, "bad_proof"],
      ["a secret with one character more", { ...shop, secret: `${shop.secret}A` }, "bad_proof"],
      ["another credential's secret", { ...shop, secret: other.secret }, "bad_proof"],
      ["an id that nobody has", { ...shop, id: kUnknownId }, "unknown_credential"],
      ["the name instead of the id", { user: "shop", pass: shop.secret }, "unknown_credential"],
      ["an id in lower case", { ...shop, id: shop.id.toLowerCase() }, "unknown_credential"],
      ["an id with one letter in lower case", { ...shop, id: `Cg${shop.id.slice(2)}` }, "unknown_credential"],
      ["an id and secret as a token", { token: `${shop.id}.${shop.secret}` }, "bad_proof"],
      ["the secret alone as a token", { token: shop.secret }, "unknown_credential"],
      ["an nkey credential's id with a password", { ...keyed, secret: kWrongSecret, seed: undefined }, "bad_proof"],
      ["no credentials", {}, "no_proof"],
    ];
    for (const [what, who, reason] of refusals) {
      await t.test(`${what} is refused: ${reason}`, () => gate.denied(who, reason));
    }

    for (const [what, who] of [
      ["a wrong secret", { ...shop, secret: kWrongSecret }],
      ["an id that nobody has", { ...shop, id: kUnknownId }],
      ["no credentials", { name: "nobody" }],
    ]) {
      await t.test(`${what} is refused with nats.c`, async () => {
        const done = await gate.client(who, "connect");
        assert.equal(done.code, 1, done.stdout);
        assert.match(done.line, /^refused: .*Authorization Violation/);
      });
    }

    await t.test("an nkey that nobody registered is refused: unknown_credential", async () => {
      const stranger = createUser();
      await gate.denied({ authenticator: nkeyAuthenticator(stranger.getSeed()) }, "unknown_credential");
      const done = await gate.client(
        { id: "stranger", seed: seedOf(stranger), publicKey: publicKey(stranger) },
        "connect",
      );
      assert.equal(done.code, 1, done.stdout);
    });

    await t.test("a known nkey with another key's signature is refused: bad_proof", async () => {
      const stranger = createUser();
      const forged = (nonce) => ({
        nkey: keyed.publicKey,
        sig: Buffer.from(stranger.sign(new TextEncoder().encode(nonce))).toString("base64url"),
      });
      await gate.denied({ authenticator: forged }, "bad_proof");
    });

    await t.test("a signature over another nonce is refused: bad_proof", async () => {
      const stale = () => ({
        nkey: registered.publicKey,
        sig: Buffer.from(own.sign(new TextEncoder().encode("AAAAAAAAAAAAAAA"))).toString("base64url"),
      });
      await gate.denied({ authenticator: stale }, "bad_proof");
    });

    await t.test("a good nkey does not fall through to a good password, nor the other way", async () => {
      const both = (sign) => (info) => ({
        user: shop.id,
        pass: shop.secret,
        nkey: registered.publicKey,
        sig: Buffer.from(own.sign(new TextEncoder().encode(sign(info)))).toString("base64url"),
      });
      assert.deepEqual(await rawConnect(gate, both((info) => info.nonce)), ["PONG"]);
      const refused = await rawConnect(gate, both(() => "another nonce"));
      assert.match(refused[0], /Authorization Violation/);
    });

    await t.test("an id alone is refused: unknown_credential", async () => {
      const mark = gate.gateway.log.length;
      assert.match((await rawConnect(gate, { user: shop.id }))[0], /Authorization Violation/);
      await gate.gateway.line(/event=denied reason="unknown_credential"/, mark);
    });

    await t.test("the gateway's own name without its key is refused", async () => {
      const gatewayKey = /nkey: (U\w{55})/.exec(gate.serverText())[1];
      const lines = await rawConnect(gate, { nkey: gatewayKey, sig: "AAAA" });
      assert.match(lines[0], /Authorization Violation/);
      const named = await rawConnect(gate, { user: gatewayKey, pass: "x" });
      assert.match(named[0], /Authorization Violation/);
    });
  });
}
