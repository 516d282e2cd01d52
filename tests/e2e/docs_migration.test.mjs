// doc/from-static-users.md: what it tells people to type is typed here, while clients come and go.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { clientsOf, kHaste, Machine, Page } from "./support/pages.mjs";
import { assertMayNotPublish, assertMayPublish } from "./support/permissions.mjs";
import { until } from "./support/waiting.mjs";

const kStaticUsers = {
  till: { user: "till", pass: "a plain one" },
  desk: { user: "desk", pass: "s3cret-one" },
  robot: { id: "robot", seed: "SUAI75ULNW4TRBY7DHYKLFU52SI3FKQQYJ5PPKMP2RQD4T6U24HR6DG5UY" },
};

// Clients that come and go, and clients that stay, while `machine` changes under them.
class Crowd {
  constructor(machine) {
    this.clients = clientsOf(machine);
    this.urls = machine.urls;
    this.counts = Object.fromEntries(Object.keys(kStaticUsers).map((name) => [name, 0]));
    this.refusals = []; // each was let in at its next attempt
    this.failures = []; // those that were not
    this.strangers = 0;
    this.going = true;
  }
  async start() {
    this.staying = {};
    for (const [name, who] of Object.entries(kStaticUsers)) {
      this.staying[name] = await this.clients.dial(who, { url: this.urls, reconnect: true, maxReconnectAttempts: -1, reconnectTimeWait: 200 });
      this.staying[name].closed().then((error) => this.going && this.failures.push(`${name}, who stayed, was closed: ${error}`));
    }
    this.loops = Object.keys(kStaticUsers).map((name) => this.#loop(name));
    this.loops.push(this.#strangers());
  }
  // undefined when it was let in, or the error.
  async #once(who) {
    const connection = await this.clients.dial(who, { url: this.urls, timeout: 10_000, reconnect: true }).catch((error) => error);
    if (connection instanceof Error) return connection;
    await connection.close();
  }
  async #loop(name) {
    let before;
    while (this.going) {
      const error = await this.#once(kStaticUsers[name]);
      if (error === undefined) this.counts[name]++;
      // Of one server that restarts nothing can be had meanwhile.
      else if (this.urls.length === 1 && !/Authorization/.test(`${error.name} ${error.message}`)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      } else if (before !== undefined) this.failures.push(`${name}: ${before}, then ${error}`);
      else this.refusals.push(`${name}: ${error}`);
      before = error;
    }
  }
  async #strangers() {
    while (this.going) {
      const error = await this.#once({ user: "stranger", pass: "a plain one" });
      if (error === undefined) this.failures.push("a stranger was let in");
      else if (/Authorization/.test(`${error.name} ${error.message}`)) this.strangers++;
      await new Promise((resolve) => setTimeout(resolve, 20)); // not the whole load
    }
  }
  // Every user came and was let in, and a stranger was not, since now.
  async passes(what) {
    const before = { ...this.counts, strangers: this.strangers };
    await until(`everybody is let in, and strangers are not: ${what}; ${JSON.stringify(before)}, ${this.failures}`, () =>
      this.strangers > before.strangers && Object.entries(this.counts).every(([name, count]) => count > before[name] + 3), 60_000);
    assert.deepEqual(this.failures, [], what);
  }
  async stop() {
    if (!this.going) return;
    this.going = false;
    await Promise.all(this.loops);
    for (const connection of Object.values(this.staying)) await connection.close();
  }
}

async function serverKnows(node, count) {
  await until(`${node.unit} has its routes`, async () => {
    const { routes } = await (await fetch(`http://127.0.0.1:${node.monitoring}/routez`)).json();
    return new Set(routes.map((route) => route.remote_name)).size === count - 1;
  });
}

// Who is connected where, as the servers say it.
async function connections(machine) {
  const all = await Promise.all(machine.nodes.map(async ({ monitoring }) =>
    (await (await fetch(`http://127.0.0.1:${monitoring}/connz?auth=1&limit=10000`)).json()).connections));
  return all.flat();
}

for (const servers of [3, 1]) {
  test(`from-static-users.md, ${servers} server(s): nobody notices`, async (t) => {
    const page = new Page("from-static-users.md");
    const machine = await Machine.make(t, { servers });
    const gate = clientsOf(machine);
    const shown = page.shown();
    const example = servers === 1 ? shown.replace(/^cluster \{[^]*?^\}\n/m, "") : shown;
    for (const [i, node] of machine.nodes.entries()) {
      const config = machine.here(example, i + 1)
        .replace(/^listen: .*$/m, `listen: "127.0.0.1:${node.port}"`)
        .replace("server_name: nats-1", `server_name: nats-${i + 1}`)
        .replace("0.0.0.0:6222", `127.0.0.1:${node.route}`);
      fs.writeFileSync(node.config, `${config}\nhttp: "127.0.0.1:${node.monitoring}"\n${kHaste}`);
    }
    for (const [i] of machine.nodes.entries()) await machine.sh("systemctl start nats-server", { node: i + 1 });
    if (servers > 1) for (const node of machine.nodes) await serverKnows(node, servers);
    const onEach = async (block, act = () => {}) => {
      for (const [i, node] of machine.nodes.entries()) {
        await machine.sh(block, { node: i + 1 });
        if (servers > 1) await serverKnows(node, servers);
        await act(node, i);
      }
    };
    const crowd = new Crowd(machine);
    t.after(() => crowd.stop());
    await crowd.start();
    const heard = [];
    crowd.staying.robot.subscribe("orders.>", { callback: (_, message) => heard.push(message.subject) });
    await crowd.staying.robot.flush();
    const passesOn = (subject) => until(`a message to ${subject} arrives`, () => {
      crowd.staying.till.publish(subject);
      return heard.includes(subject);
    });
    await passesOn("orders.before");

    // 1, 2
    const edit = (text) => (servers === 1 ? text.replace(/, "nats:\/\/nats-[23]:4222"/g, "") : text);
    await machine.sh(page.next("credgate init"), { edit });
    const imported = await machine.sh(page.next("credgate import"));
    assert.match(imported.stdout, /imported 4 of 4/);
    assert.match(imported.stdout, /old-till +password +SHOP/);
    await crowd.passes("import");

    // 3
    await machine.sh(page.next("sed -n"));
    for (const { etc } of machine.nodes.slice(1)) {
      for (const part of ["accounts", "system", "callout"]) {
        fs.copyFileSync(path.join(machine.nodes[0].etc, `credgate-${part}.conf`), path.join(etc, `credgate-${part}.conf`));
      }
    }
    const before = (await connections(machine)).filter(({ lang, start }) => lang && start).map(({ cid }) => cid).sort((a, b) => a - b).slice(0, 3);
    await onEach(page.next("cp /etc/nats/nats-server.conf"));
    await crowd.passes("the accounts are known");
    const after = (await connections(machine)).map(({ cid }) => cid);
    for (const cid of before) assert.ok(after.includes(cid), "the reload closed a connection");

    // 4
    await machine.sh(page.next("systemctl start credgate"));
    const status = page.next("credgate status");
    const waits = await machine.shUntil(status, /callout +connected to/, { code: 1 });
    assert.match(waits.stdout, /ready +NO:/);
    assert.match(waits.stdout, /system +not connected/);

    // 5
    const edits = page.next("sed -i");
    const ready = page.next("credgate status");
    await onEach(edits, async (node, i) => {
      await crowd.passes(`server ${i + 1} asks credgate`);
      await machine.shUntil(ready, /ready +yes/);
    });
    await machine.shUntil(ready, /system +connected/);
    await passesOn("orders.after");

    // 6: everybody is let in by credgate, and may do what they might do before.
    const later = page.next("credgate status");
    const unused = await machine.shUntil(later, /old-till/, { edit: (text) => text.replace("--unused 1d", "--unused 12s") });
    assert.doesNotMatch(unused.stdout.split("SERVER")[0], / till +password/);
    assert.match(unused.stdout, /127\.0\.0\.1/, "a session of till");
    assert.equal(crowd.failures.length, 0, crowd.failures.join("\n"));
    for (const [name, login] of [["till", "till"], ["desk", "desk"], ["robot", "UCCQ4EHD7E4LSZCBHBLO55ZA3KQFAT57AFPJRNNCTXVEAFMGFT6XHUCK"]]) {
      await until(`${name} came through credgate`, async () => (await gate.do("show", login, "--json")).json.uses > 0);
      const connection = await gate.connect(t, kStaticUsers[name]);
      if (name === "robot") await assertMayNotPublish(connection, "orders.1");
      else await assertMayPublish(connection, "orders.1");
      if (name === "till") await assertMayNotPublish(connection, "others.1");
    }
    await gate.denied({ ...kStaticUsers.till, pass: "a wrong one" }, "bad_proof");
    await until("bcrypt became Argon2id", async () => (await gate.do("show", "desk", "--json")).json.secrets[0].scheme === "argon2id");

    // The way back.
    await onEach(page.next("cp /etc/nats/nats-server.conf.static"), (node, i) => crowd.passes(`server ${i + 1} asks nobody again`));
    await machine.sh("systemctl stop credgate");
    await passesOn("orders.back");
    await crowd.passes("the way back");
    await crowd.stop();
    const tries = Object.values(crowd.counts).reduce((a, b) => a + b);
    // A client that knows several servers goes on to the next by itself.
    const unseen = machine.nodes.flatMap(({ unit }) => machine.log(unit).split("\n")).filter((line) => /authentication error - (User "(till|desk)"|Nkey "UCCQ4)/.test(line));
    t.diagnostic(`${unseen.length} refusals in the servers' logs: ${unseen.slice(0, 5).join("\n")}`);
    t.diagnostic(`${tries} let in at once, ${crowd.refusals.length} at the second attempt (${crowd.refusals}), ${crowd.strangers} strangers refused`);
    page.end();
  });
}

test("from-static-users.md: users of the system account, and of no account", async (t) => {
  const machine = await Machine.make(t);
  const gate = clientsOf(machine);
  const [{ config, port }] = machine.nodes;
  const authorization = 'users: [ { user: nobody-s, password: "in no account" } ]';
  const watcher = '{ user: watcher, password: "of the system" }';
  const conf = (accounts, more) => fs.writeFileSync(config, `listen: "127.0.0.1:${port}"
accounts { ${accounts} }
system_account: SYS
${more}
${kHaste}`);
  conf(`SYS { users: [ ${watcher} ] }`, `authorization { ${authorization} }`);
  await machine.sh("systemctl start nats-server");
  await gate.admitted({ user: "nobody-s", pass: "in no account" });
  await machine.sh("credgate init --account SHOP");
  fs.writeFileSync(machine.config, fs.readFileSync(machine.config, "utf8").replace('"accounts": ["SHOP"', '"accounts": ["$G", "SHOP"').replace(/127\.0\.0\.1:4222/, `127.0.0.1:${port}`));
  const refused = await machine.sh("credgate import --nats-config /etc/nats/nats-server.conf --account '$G'", { code: 2 });
  assert.match(refused.stderr, /watcher.*"SYS" is not configured[^]*nothing was imported/);
  const imported = await machine.sh("credgate import --nats-config /etc/nats/nats-server.conf --account '$G' --continue", { code: 2 });
  assert.match(imported.stdout, /imported 1 of 2/);

  const made = fs.readFileSync(path.join(machine.etc, "nats-server.conf"), "utf8");
  const block = (name) => new RegExp(`^  ${name} \\{[^]*?^  \\}$`, "m").exec(made)[0];
  const system = /users: \[ (\{[^]*\}) \]/.exec(block("SYS"))[1];
  const callout = /^authorization \{[^]*?^\}$/m.exec(made)[0].replace("auth_users: [ ", "auth_users: [ watcher, ");
  conf(`${block("AUTH")}\n${block("ADMIN")}\nSYS { users: [ ${watcher}\n${system} ] }`, callout);
  await machine.sh("systemctl restart nats-server; systemctl start credgate");
  await machine.gateway.line(/event=ready/);
  await machine.gateway.line(/event=system_connected/);
  const mark = machine.gateway.log.length;
  await gate.admitted({ user: "nobody-s", pass: "in no account" });
  assert.match(await machine.gateway.line(/event=granted/, mark), /account="\$G"/);
  const watching = await gate.connect(t, { user: "watcher", pass: "of the system" });
  assert.match((await watching.request("$SYS.REQ.SERVER.PING", "", { timeout: 5_000 })).string(), /"server"/);
  await gate.refused({ user: "watcher", pass: "another" });
});
