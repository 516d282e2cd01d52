// The tables of doc/permissions.md: what the options of each row come to, and what a client may then do.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish, refusals } from "./support/permissions.mjs";
import { root } from "./support/programs.mjs";

const page = fs.readFileSync(path.join(root, "doc/permissions.md"), "utf8");

// The rows of the tables with these heads: arrays of cells.
function rowsUnder(...heads) {
  const rows = [];
  let inside = false;
  for (const line of page.split("\n")) {
    const cells = line.startsWith("|") ? line.split("|").slice(1, -1).map((cell) => cell.trim()) : [];
    if (cells.join() === heads.join()) inside = true;
    else if (cells.length === 0) inside = false;
    else if (inside && !cells[0].startsWith("---")) rows.push(cells);
  }
  return rows;
}
const spans = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
// As a shell takes it apart.
const words = (options) => [...options.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);

// How the page writes the lists of `show`. The inbox stands last.
function written({ allow, deny }, inbox) {
  const own = allow.filter((subject) => subject !== inbox).map((subject) => `\`${subject}\``);
  if (allow.includes(inbox)) own.push("inbox");
  if (own.length === 0) {
    assert.deepEqual(deny, [">"], "a list without an entry allows everything");
    return "nothing";
  }
  return own.join(" ") + (deny.length === 0 ? "" : `, not ${deny.map((subject) => `\`${subject}\``).join(" ")}`);
}
const writtenResponses = (responses) =>
  responses === null ? "" : `, and ${responses.max} response${responses.max === 1 ? "" : "s"} to a message within ${responses.ttl} s`;

async function assertMaySubscribe(connection, subject) {
  assert.deepEqual(await refusals(connection, () => connection.subscribe(subject, { callback() {} })), [], subject);
}
const kTries = {
  pub: { may: assertMayPublish, mayNot: assertMayNotPublish },
  sub: { may: assertMaySubscribe, mayNot: assertMayNotSubscribe },
};

// Tries each cell, whose `{name}` is the name of the credential.
async function tryCells(connection, who, title, may, mayNot) {
  for (const [cell, right] of [[may, "may"], [mayNot, "mayNot"]]) {
    assert.notEqual(spans(cell).length, 0, `${title}: nothing to try`);
    for (const attempt of spans(cell)) {
      const [verb, subject] = attempt.replaceAll("{name}", who.name).split(" ");
      await kTries[verb][right](connection, subject === "inbox" ? `${who.inbox}.x` : subject);
    }
  }
}

test("what the options of doc/permissions.md come to", { concurrency: 4 }, async (t) => {
  const rows = rowsUnder("options", "publish", "subscribe", "may", "may not");
  assert.ok(rows.length > 25, `only ${rows.length} rows were found`);
  const gate = await Gate.make(t);
  await Promise.all(rows.map(([options, publish, subscribe, may, mayNot], i) => t.test(`the row of ${options}`, async (t) => {
    const who = await gate.create(`row-${i}`, ...words(spans(options)[0]));
    const { json } = await gate.do("show", who.name, "--json");
    const inbox = `_CG.${who.id}.>`;
    assert.equal(written(json.expanded.publish, inbox) + writtenResponses(json.expanded.responses), publish);
    assert.equal(written(json.expanded.subscribe, inbox), subscribe);
    const connection = await gate.connect(t, who);
    await tryCells(connection, who, options, may, mayNot);
  })));
});

test("what the roles of doc/permissions.md come to", { concurrency: 4 }, async (t) => {
  const alone = rowsUnder("role", "publish", "subscribe", "may", "may not");
  const together = rowsUnder("its own", "role", "another role", "may", "may not");
  assert.ok(alone.length > 4 && together.length > 5, `only ${alone.length} and ${together.length} rows were found`);
  const gate = await Gate.make(t);
  const role = (name, options) => gate.do("role", "create", name, ...words(spans(options)[0]));
  const parts = alone.map(([options, publish, subscribe, may, mayNot], i) => t.test(`the role ${options}`, async (t) => {
    await role(`alone-${i}`, options);
    const who = await gate.create(`of-${i}`, "--role", `alone-${i}`);
    const { json } = await gate.do("show", who.name, "--json");
    const inbox = `_CG.${who.id}.>`;
    const named = (cell) => cell.replaceAll("{name}", who.name);
    assert.equal(written(json.expanded.publish, inbox) + writtenResponses(json.expanded.responses), named(publish));
    assert.equal(written(json.expanded.subscribe, inbox), named(subscribe));
    await tryCells(await gate.connect(t, who), who, options, may, mayNot);
  }));
  parts.push(...together.map(([own, first, second, may, mayNot], i) => t.test(`${own}, and the roles ${first} ${second}`, async (t) => {
    const names = [];
    for (const [letter, options] of [["a", first], ["b", second]]) {
      if (options === "–") continue;
      names.push(`with-${i}-${letter}`);
      await role(names.at(-1), options);
    }
    const who = await gate.create(`together-${i}`, "--role", names.join(), ...(own === "nothing" ? [] : words(spans(own)[0])));
    await tryCells(await gate.connect(t, who), who, `${own} ${first}`, may, mayNot);
  })));
  await Promise.all(parts);
});

// As the page says, which is what nats-server does and not what one would think.
test("who may subscribe to what ends in * gets what is below it", async (t) => {
  const gate = await Gate.make(t);
  const listening = await gate.connect(t, await gate.create("listener", "--receive", "--subjects", "news.*"));
  const publishing = await gate.connect(t, await gate.create("publisher", "--publish", "--subjects", "news.>"));
  const narrow = await gate.connect(t, await gate.create("narrow", "--publish", "--subjects", "news.*"));
  const got = [];
  listening.subscribe("news.>", { callback: (_, { subject }) => got.push(subject) });
  await listening.flush();
  for (const subject of ["news.a", "news.a.b"]) publishing.publish(subject);
  await publishing.flush();
  await listening.flush();
  assert.deepEqual(got, ["news.a", "news.a.b"]);
  await assertMayPublish(narrow, "news.a");
  await assertMayNotPublish(narrow, "news.a.b");
});

// `\x01` and `""` stand for what cannot be written there.
const valueOf = (cell) => (spans(cell)[0] === '""' ? "" : spans(cell)[0].replace(/\\x(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))));

test("what the values of a tag come to", { concurrency: 4 }, async (t) => {
  const options = ["--publish --subjects 'a.{tag.site}.x'", "--publish --subjects 'a.>' --deny-pub 'a.{tag.site}.x'"];
  const rows = rowsUnder("the tag `site`", ...options.map((text) => `\`${text}\``));
  assert.ok(rows.length > 9, `only ${rows.length} rows were found`);
  const gate = await Gate.make(t);
  await Promise.all(rows.map(([tag, allowed, denied], i) => t.test(`the tag ${tag}`, async (t) => {
    const tags = tag === "not set" ? [] : ["--tag", `site=${valueOf(tag)}`];
    const create = (name, text) => gate.command("create", name, ...words(text), ...tags, "--json");
    const given = { allowed: await create(`allow-${i}`, options[0]), denied: await create(`deny-${i}`, options[1]) };
    if (allowed === "refused by `create`") {
      assert.equal(denied, allowed);
      for (const { code, stderr } of Object.values(given)) {
        assert.equal(code, 2);
        assert.match(stderr, /"--tag: .*printable/);
      }
      for (const name of [`allow-${i}`, `deny-${i}`]) assert.equal((await gate.command("show", name)).code, 3);
      return;
    }
    const who = ({ json }) => ({ id: json.credential.id, secret: json.secret, inbox: json.inbox_prefix });
    // What would be let through if the value were taken as it is.
    const subjects = ["a.berlin.x", "a.paris.x", "a._INBOX.x", "a.a.b.x", "a.*.x", "a.>.x", "a.x", "a.{name}.x", `a.allow-${i}.x`, "a.{tag.site}.x", "a.ä.x"];
    const mayPublish = async (connection, list) => {
      for (const subject of subjects) await (list.includes(subject) ? assertMayPublish : assertMayNotPublish)(connection, subject);
    };
    const connection = await gate.connect(t, who(given.allowed));
    await mayPublish(connection, allowed === "nothing" ? [] : spans(allowed));
    assert.equal(allowed === "nothing", /gives nothing: /.test((given.allowed.json.warnings ?? []).join()));
    if (denied === "not let in") return gate.denied(who(given.denied), "template_unusable");
    const [, except] = /^all of `a\.>` but `([^`]+)`$/.exec(denied);
    return mayPublish(await gate.connect(t, who(given.denied)), subjects.filter((subject) => subject !== except));
  })));
});

test("what `create` refuses makes nothing", async (t) => {
  const rows = rowsUnder("options", "it says");
  assert.ok(rows.length > 9, `only ${rows.length} rows were found`);
  const gate = await Gate.make(t, { start: false });
  for (const [options, says] of rows) {
    const done = await gate.command("create", "refused", ...words(spans(options)[0]));
    assert.equal(done.code, 2, options);
    assert.ok(done.stderr.replace(/\s+/g, " ").includes(says), `${options}: ${done.stderr}`);
    assert.equal((await gate.command("show", "refused")).code, 3, options);
  }
});
