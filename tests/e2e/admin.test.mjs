// Operations over NATS: the same results as on the gateway's machine, for those alone who may.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { headers } from "@nats-io/nats-core";
import { Svcm } from "@nats-io/services";
import { adminOf } from "./support/admins.mjs";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kPrefix = "credgate.v1.credentials";

// As one of the three that init makes: { context, who } for commands and for connections.
function admin(gate, name) {
  return { context: path.join(gate.init.admins, `${name}.json`), who: adminOf(gate, name) };
}

async function remote(gate, name, ...args) {
  const done = await run(credgate, [...args, "--context", admin(gate, name).context]);
  try {
    done.json = JSON.parse(done.stdout);
  } catch {
    done.json = undefined;
  }
  return done;
}

const ask = async (connection, subject, body, options = {}) => {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await connection.request(`${kPrefix}.${subject}`, payload, { timeout: 10_000, ...options });
  return answer.json();
};

// A sanitizer makes each of the many commands a second long.
for (const mode of process.env.CREDGATE_QUICK ? ["config"] : ["config", "operator"]) {
  test(`admins, mode ${mode}`, async (t) => {
    const gate = await Gate.make(t, { mode, admins: true });
    await gate.gateway.line(/event=admin_connected/);
    const shop = await gate.create("shop", ...kTraffic, "--tag", "team=a");
    const open = await gate.connect(t, shop);

    await t.test("each command gives the same as locally", async () => {
      await until("its use is noted", async () => (await gate.do("show", "shop", "--json")).json.uses === 1);
      for (const args of [
        ["list", "--account", "APP"],
        ["list", "--tag", "team=a", "--account", "APP"],
        ["list", "--unused", "1h", "--account", "APP"],
        ["show", "shop"],
        ["show", shop.id, "--account", "APP"],
        ["history", "shop"],
        ["history", "--action", "create", "--actor", "nobody"],
        ["explain", "shop", "--publish", "orders.1", "--subscribe", "orders.>"],
      ]) {
        const [here, there] = [await gate.do(...args, "--json"), await remote(gate, "viewer", ...args, "--json")];
        assert.equal(there.code, 0, there.stderr);
        assert.equal(there.stdout, here.stdout, args.join(" "));
        const [text, sameText] = [await gate.do(...args), await remote(gate, "viewer", ...args)];
        assert.equal(sameText.stdout, text.stdout, args.join(" "));
      }
      const sessions = [await gate.do("sessions", "shop", "--json"), await remote(gate, "viewer", "sessions", "shop", "--json")];
      for (const { json } of sessions) {
        assert.equal(json.sessions.length, 1);
        assert.equal(json.sessions[0].cid, open.info.client_id);
        assert.equal(json.sessions[0].account, "APP");
      }
      for (const args of [["show", "nobody"], ["explain", "shop", "--publish", "a..b"], ["history", "nobody"]]) {
        const [here, there] = [await gate.command(...args, "--json"), await remote(gate, "viewer", ...args, "--json")];
        assert.equal(there.code, here.code, args.join(" "));
        assert.equal(there.stderr, here.stderr);
      }
    });

    await t.test("the editor's changes are the same as local ones, and the journal says whose they are", async () => {
      const { who } = admin(gate, "editor");
      const [here, there] = [
        await gate.do("create", "here", ...kTraffic, "--json"),
        await remote(gate, "editor", "create", "there", ...kTraffic, "--json"),
      ];
      assert.equal(there.code, 0, there.stderr);
      assert.deepEqual(Object.keys(there.json), Object.keys(here.json));
      assert.deepEqual(Object.keys(there.json.credential), Object.keys(here.json.credential));
      const made = { id: there.json.credential.id, secret: there.json.secret, inbox: there.json.inbox_prefix };
      await gate.admitted(made);

      const steps = [
        ["update", "--no-publish"],
        ["suspend", "--reason", "a while"],
        ["resume"],
        ["rotate", "--overlap", "0"],
        ["kick"],
        ["revoke", "--yes"],
      ];
      for (const [command, ...options] of steps) {
        const [mine, theirs] = [
          await gate.do(command, "here", ...options, "--json"),
          await remote(gate, "editor", command, "there", ...options, "--json"),
        ];
        assert.equal(theirs.code, 0, theirs.stderr);
        assert.deepEqual(Object.keys(theirs.json), Object.keys(mine.json), command);
      }
      await gate.denied(made, "revoked");
      const { json } = await gate.do("history", made.id, "--json");
      assert.deepEqual(
        json.map(({ action, actor }) => `${action} ${actor}`),
        ["create", "update", "suspend", "resume", "rotate", "kick", "revoke"].map((action) => `${action} nats:${who.id}`),
      );
    });

    await t.test("the viewer changes nothing, the security officer only suspends and revokes", async () => {
      const before = (await gate.do("history", "--json")).stdout;
      for (const [role, commands] of [
        ["viewer", ["suspend", "resume", "revoke", "kick", "rotate"]],
        ["security-officer", ["resume", "kick", "rotate"]],
      ]) {
        for (const command of commands) {
          const refused = await remote(gate, role, command, "shop", ...(command === "revoke" ? ["--yes"] : []), "--json");
          assert.equal(refused.code, 5, `${role} ${command}: ${refused.stderr}`);
          assert.equal(JSON.parse(refused.stderr).error.code, "forbidden");
        }
        for (const args of [["create", "more", ...kTraffic], ["update", "shop", "--no-publish"]]) {
          assert.equal((await remote(gate, role, ...args)).code, 5, `${role} ${args[0]}`);
        }
      }
      assert.equal((await gate.do("history", "--json")).stdout, before);
      for (const args of [["suspend", "shop"], ["revoke", "shop", "--yes"]]) {
        const done = await remote(gate, "security-officer", ...args);
        assert.equal(done.code, 0, done.stderr);
      }
      await until("its connection is closed", () => open.isClosed());
    });

    await t.test("the viewer, subscribed to all that it may, sees nothing of what the editor makes", async () => {
      const viewer = await gate.connect(t, admin(gate, "viewer").who);
      const seen = [];
      for (const subject of ["credgate.v1.events.>", `${admin(gate, "viewer").who.inbox}.>`]) {
        viewer.subscribe(subject, { callback: (_, message) => seen.push(message.string()) });
      }
      for (const subject of [">", "_INBOX.>", `${kPrefix}.>`, "_R_.>", `${admin(gate, "editor").who.inbox}.>`]) {
        viewer.subscribe(subject, { callback: (error, message) => error ?? seen.push(`${subject}: ${message.string()}`) });
      }
      await viewer.flush();
      const { json } = await remote(gate, "editor", "create", "unseen", ...kTraffic, "--json");
      await until("the event of it", () => seen.some((text) => text.includes('"credential.create"') && text.includes(json.credential.id)));
      assert.ok(!seen.some((text) => text.includes(json.secret)), "the secret was seen");
      assert.ok(!seen.some((text) => /^(>|_|credgate\.v1\.credentials)/.test(text)), seen.join("\n"));
    });

    await t.test("what belongs to the admins is changed on the gateway's machine alone", async () => {
      for (const args of [
        ["create", "mine", "--account", "ADMIN", "--allow-pub", `${kPrefix}.>`],
        ["rotate", "viewer"],
        ["update", "viewer", "--allow-pub", `${kPrefix}.>`],
        ["resume", "viewer"],
      ]) {
        const refused = await remote(gate, "editor", ...args);
        assert.equal(refused.code, 5, args.join(" "));
        assert.match(refused.stderr, /admin account/);
      }
      for (const account of ["AUTH", "SYS", "NOWHERE"]) {
        const refused = await remote(gate, "editor", "create", "x", "--account", account, ...kTraffic);
        assert.equal(refused.code, 5, refused.stderr);
      }
    });

    await t.test("an operator of one account can do nothing in another", async () => {
      await gate.do("create", "tenant", "--account", "ADMIN", "--allow-pub", `${kPrefix}.*.OTHER`);
      const { json } = await gate.do("rotate", "tenant", "--overlap", "0", "--json");
      const tenant = await gate.connect(t, { id: json.credential.id, secret: json.secret, inbox: json.inbox_prefix });
      assert.deepEqual((await ask(tenant, "list.OTHER", {})).credentials, []);
      assert.equal((await ask(tenant, "get.OTHER", { credential: shop.id })).error.code, "not_found");
      assert.equal((await ask(tenant, "suspend.OTHER", { credential: shop.id })).error.code, "not_found");
      assert.equal((await ask(tenant, "history.OTHER", { credential: shop.id })).error.code, "not_found");
      assert.deepEqual((await ask(tenant, "history.OTHER", {})).entries, []);
      const elsewhere = { credential: { name: "x", account: "APP", capabilities: ["publish"], subjects: ["a"] } };
      assert.equal((await ask(tenant, "create.OTHER", elsewhere)).error.code, "refused");
      for (const subject of ["list", "list.APP", "get.APP", "create.APP"]) {
        await assert.rejects(ask(tenant, subject, {}, { timeout: 1_000 }), /ermission|timeout/i, subject);
      }
    });

    await t.test("discovery finds the gateway, and reads its statistics", async () => {
      const viewer = await gate.connect(t, admin(gate, "viewer").who);
      const client = new Svcm(viewer).client({ maxMessages: 5, stall: 500 });
      const gather = async (iterator) => {
        const all = [];
        for await (const one of await iterator) all.push(one);
        return all;
      };
      const [ping] = await gather(client.ping("credgate"));
      assert.equal(ping.name, "credgate");
      assert.equal(ping.type, "io.nats.micro.v1.ping_response");
      const [info] = await gather(client.info("credgate", ping.id));
      assert.deepEqual(info.endpoints.map(({ name }) => name), ["credentials", "roles", "sigv4", "callout"]);
      const [stats] = await gather(client.stats("credgate"));
      assert.ok(stats.endpoints[0].num_requests > 10, JSON.stringify(stats));
      assert.ok(stats.endpoints[3].num_requests > 10, JSON.stringify(stats));
      assert.match(stats.endpoints[3].data.store_id, /^ST/);
      assert.deepEqual(await gather(client.ping("other")), []);
    });
  });
}

test("events have the form that their schema says, and no secret is in them or in the store", async (t) => {
  const schema = JSON.parse(fs.readFileSync(new URL("../../doc/events.schema.json", import.meta.url), "utf8"));
  const gate = await Gate.make(t, { admins: true });
  await gate.gateway.line(/event=admin_connected/);
  const viewer = await gate.connect(t, admin(gate, "viewer").who);
  const events = [];
  viewer.subscribe("credgate.v1.events.>", { callback: (_, message) => events.push([message.subject, message.string()]) });
  await viewer.flush();

  const printed = [];
  for (const kind of ["key", "password", "token", "nkey"]) {
    const args = ["create", `a-${kind}`, "--kind", kind, ...kTraffic, "--json"];
    const made = kind === "password" ? (await remote(gate, "editor", ...args)).json : (await gate.do(...args)).json;
    const turned = (await gate.do("rotate", `a-${kind}`, "--json")).json;
    for (const { secret, token, seed } of [made, turned]) printed.push(...[secret, token?.split(".")[1], seed].filter(Boolean));
    if (kind === "key") {
      await gate.admitted({ id: made.credential.id, secret: made.secret, inbox: made.inbox_prefix });
      await gate.refused({ id: made.credential.id, secret: "x".repeat(40), inbox: made.inbox_prefix });
      printed.push("x".repeat(40));
    }
  }
  const given = path.join(gate.dir, "password");
  fs.writeFileSync(given, "a password of one's own");
  printed.push("a password of one's own");
  await gate.do("create", "given", "--kind", "password", "--password-file", given, ...kTraffic);
  for (const role of ["viewer", "editor", "security-officer"]) printed.push(admin(gate, role).who.secret);
  await gate.do("kick", "given");
  await gate.do("revoke", "given", "--yes", "--reason", "left");
  assert.equal(printed.length, 13);

  await until("the last event", () => events.some(([subject]) => subject.endsWith("credential.revoke")));
  await until("both decisions", () => ["granted", "denied"].every((type) => events.some(([subject]) => subject.endsWith(`.${type}`))));
  const sequences = [];
  for (const [subject, text] of events) {
    const event = JSON.parse(text);
    assert.equal(subject, `credgate.v1.events.${event.type}`);
    const form = event.sequence === undefined ? schema.$defs.decision : schema.$defs.change;
    for (const name of form.required) assert.ok(name in event, `${subject} lacks ${name}`);
    for (const [name, value] of Object.entries(event)) {
      const { type, pattern, enum: values } = form.properties[name] ?? assert.fail(`${subject} has ${name}`);
      if (pattern !== undefined) assert.match(value, new RegExp(pattern));
      if (values !== undefined) assert.ok(values.includes(value), value);
      const actual = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
      assert.equal(actual, type ?? "string", `${subject} ${name}`);
    }
    if (event.sequence !== undefined) sequences.push(event.sequence);
  }
  assert.deepEqual(sequences, sequences.map((_, i) => sequences[0] + i), "no gap");
  await gate.gateway.stop();
  const kept = [fs.readFileSync(gate.store("data.mdb"), "latin1"), JSON.stringify(events), String(gate.gateway.log)];
  for (const secret of printed) {
    for (const text of kept) assert.ok(!text.includes(secret), `found ${secret}`);
    for (const text of kept) assert.ok(!text.includes(Buffer.from(secret).toString("base64url")), `found ${secret}, encoded`);
  }
  const { stdout } = await gate.do("history", "--json");
  for (const secret of printed) assert.ok(!stdout.includes(secret));
});

test("requests that are not as they should be", async (t) => {
  const gate = await Gate.make(t, { admins: true });
  await gate.gateway.line(/event=admin_connected/);
  const shop = await gate.create("shop", ...kTraffic);
  const { who } = admin(gate, "editor");
  const editor = await gate.connect(t, who);
  const before = (await gate.do("history", "--json")).stdout;
  const record = { name: "new", capabilities: ["publish"], subjects: ["a"] };

  const bad = [
    ["no JSON", "get", "{", "usage", /JSON object/],
    ["another JSON", "get", "[1]", "usage", /JSON object/],
    ["a member twice", "get", '{"credential":"shop","credential":"other"}', "usage", /twice/],
    ["too large a body", "get", JSON.stringify({ credential: "x".repeat(40_000) }), "usage", /32 KiB/],
    ["too large a record", "create", JSON.stringify({ credential: "x".repeat(300_000) }), "usage", /256 KiB/],
    ["brackets without end", "update", `{"set":${"[".repeat(120_000)}${"]".repeat(120_000)}}`, "usage", /JSON object/],
    ["an unknown member", "get", { credential: "shop", more: 1 }, "usage", /more: unknown key/],
    ["a wrong type", "get", { credential: 7 }, "usage", /credential: must be a string/],
    ["no such credential", "get", { credential: "CGAAAAAAAAAAAAAAAAAA" }, "not_found", /CGAAAAAAAAAAAAAAAAAA/],
    ["no such operation", "drop", {}, "usage", /drop/],
    ["a stale revision", "suspend", { credential: "shop", revision: 7 }, "conflict", /revision/],
    ["a number below zero", "suspend", { credential: "shop", revision: -1 }, "usage", /revision/],
    ["nothing to set", "update", { credential: "shop", set: {} }, "usage", /no change was given/],
    ["an unknown field", "update", { credential: "shop", set: { colour: "red" } }, "usage", /colour: unknown key/],
    ["a field that is not to be set", "update", { credential: "shop", set: { status: "active" } }, "usage", /status: can't be set/],
    ["secrets of one's own", "create", { credential: { ...record, secrets: [] } }, "usage", /secrets: can't be set/],
    ["an id of one's own", "create", { credential: { ...record, id: shop.id } }, "usage", /id: can't be set/],
    ["no record", "create", {}, "usage", /credential/],
    ["a bad subject", "create", { credential: { ...record, subjects: ["a..b"] } }, "usage", /a\.\.b/],
    ["a password for a key", "create", { credential: record, proof: { password: "12345678" } }, "usage", /password/],
    ["a password that is not a string", "create", { credential: { ...record, kind: "password" }, proof: { password: 7 } }, "usage", /password/],
    ["a name that is taken", "create", { credential: { ...record, name: "shop" } }, "conflict", /taken/],
    ["too large a page", "list", { limit: 100_000 }, "usage", /limit/],
    ["an unknown action", "history", { action: "eat" }, "usage", /action/],
    ["no request id", "create", { credential: record, request_id: "" }, "usage", /request_id/],
  ];
  for (const [what, operation, body, code, message] of bad) {
    await t.test(what, async () => {
      const { error } = await ask(editor, operation, body);
      assert.equal(error?.code, code, JSON.stringify(error));
      assert.match(error.message, message);
    });
  }

  await t.test("a forged header, a doubled one, or none that says who asks", async () => {
    const forged = JSON.stringify({ acc: "ADMIN", user: who.id });
    const viewer = await gate.connect(t, admin(gate, "viewer").who);
    const mark = gate.gateway.log.length;
    for (const count of [1, 2]) {
      const h = headers();
      for (let i = 0; i < count; i++) h.append("Nats-Request-Info", forged);
      const { error, credentials } = await ask(viewer, "list", {}, { headers: h });
      // A server that strips what was forged leaves its own, which is good.
      if (error) assert.equal(error.code, "forbidden");
      else assert.equal(credentials.length, 4);
    }
    await until("both are logged", () => gate.gateway.log.slice(mark).split("event=admin ").length === 3);
    assert.ok(!gate.gateway.log.slice(mark).includes(`actor="nats:${who.id}"`), "the forged caller was believed");
  });

  await t.test("nothing of it changed anything", async () => {
    assert.equal((await gate.do("history", "--json")).stdout, before);
  });

  await t.test("a request that is repeated makes one credential, and shows its secret once", async () => {
    const body = { credential: record, request_id: "7b0c" };
    const first = await ask(editor, "create", body);
    assert.equal(first.secret.length, 40, JSON.stringify(first));
    const again = await ask(editor, "create", body);
    assert.equal(again.replayed, true);
    assert.equal(again.secret, undefined);
    assert.deepEqual(again.credential, first.credential);
    const other = await ask(editor, "create", { ...body, credential: { ...record, name: "other" } });
    assert.equal(other.error.code, "conflict");
    assert.equal((await gate.do("list", "--json")).json.filter(({ name }) => name === "new").length, 1);
  });

  await t.test("an admin that was revoked asks for nothing more", async () => {
    const late = await gate.connect(t, admin(gate, "viewer").who);
    await gate.do("revoke", "viewer", "--yes");
    await until("it is closed", () => late.isClosed());
    assert.equal((await remote(gate, "viewer", "list")).code, 5);
  });

  await t.test("other commands say that they are local", async () => {
    for (const args of [["export"], ["check"], ["serve"], ["keys", "list"]]) {
      const refused = await remote(gate, "editor", ...args);
      assert.equal(refused.code, 2, args[0]);
      assert.match(refused.stderr, /local command/);
    }
  });

  await t.test("a gateway without admins is not asked", async () => {
    await gate.gateway.stop();
    gate.editConfig((text) => text.replace(/^ *"admin": .*\n/m, ""));
    await gate.startGateway();
    const unanswered = await remote(gate, "editor", "list");
    assert.equal(unanswered.code, 1, unanswered.stderr);
    assert.match(unanswered.stderr, /no gateway answers/);
  });
});
