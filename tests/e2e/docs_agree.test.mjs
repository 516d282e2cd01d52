// What the manuals, --help, the pages and the source say of the same thing is the same. manuals.test.mjs
// has the other direction of the first two; watch.test.mjs has the metrics and the events of the log.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { run } from "./support/processes.mjs";
import { credgate, root } from "./support/programs.mjs";

const read = (name) => fs.readFileSync(path.join(root, name), "utf8");
const pages = ["README.md", ...fs.readdirSync(path.join(root, "doc")).filter((name) => name.endsWith(".md")).map((name) => `doc/${name}`)];
const unique = (words) => [...new Set(words)].sort();

async function help(...words) {
  const { code, stdout } = await run(credgate, [...words, "--help"], { env: { ...process.env, COLUMNS: "200" } });
  assert.equal(code, 0);
  return stdout;
}
const commandsIn = (text) => text.split("Subcommands:\n")[1].split("\n\n")[0].split("\n").map((line) => line.trim().split(/\s+/)[0]).filter(Boolean);
const optionsIn = (text) => text.split("\n").filter((line) => line.startsWith("  -")).flatMap((line) => line.match(/(?<![\w-])--?[a-z][a-z0-9-]*/g) ?? []);

// ---------------------------------------------------------------------- commands and their options

// The parts of a manual under .Ss or .Sh: [heading, options that it describes].
function optionsByPart(page) {
  return page.split(/^\.S[hs] /m).slice(1).map((part) => {
    const lines = part.split("\n");
    const described = lines.filter((line) => /^\.(It|Op) .*?\bF?l /.test(line) || /^\.Fl -no-/.test(line));
    const options = described.flatMap((line) => line.match(/(?:\bFl|,|\|) (-?[a-z][\w-]*)/g) ?? []).map((word) => `-${word.split(" ")[1]}`);
    return [lines[0], options];
  });
}

test("what credgate(1) describes exists", async () => {
  const commands = commandsIn(await help());
  const known = new Map([["", optionsIn(await help())]]);
  for (const command of commands) known.set(command, optionsIn(await help(command)));
  // Flags with an opposite: --help has one or both of them in a line.
  const all = new Set([...known.values()].flat());
  const wrong = [];
  let count = 0;
  for (const [heading, options] of optionsByPart(read("doc/credgate.1"))) {
    const isCommand = /^[a-z]+$/.test(heading);
    if (isCommand && !commands.includes(heading)) wrong.push(`command ${heading}`);
    const allowed = isCommand ? new Set([...(known.get(heading) ?? []), ...known.get("")]) : all;
    count += options.length;
    wrong.push(...options.filter((option) => !allowed.has(option)).map((option) => `${heading} ${option}`));
  }
  assert.ok(count > 100, `only ${count} options were found`);
  assert.deepEqual(wrong, []);
});

// ------------------------------------------------------------------------------------------ settings

// The rows of a table of settings: the keys that share one, whether they are reloaded, the cells that follow.
function rowsIn(table) {
  return [...table.matchAll(/^\| (`[^|]*) \|([^|]*)\|([^|]*)\|/gm)].map(([, cell, second, third]) => {
    const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    const section = names[0].split(".")[0];
    const keys = names.map((name) => (name.startsWith(".") ? section + name : name));
    return { keys, reloaded: cell.trimEnd().endsWith("*"), cells: [second.trim(), third.trim()] };
  });
}
// The values of a cell, one for each key; absent where it has another number of them.
function valuesOf(cell, keys) {
  const values = cell.split(", ");
  return values.length === keys.length ? values : undefined;
}
const ofPage = rowsIn(read("doc/configuration.md").split("\n## ")[0]).flatMap(({ keys, reloaded, cells }) =>
  keys.map((key, i) => ({ key, reloaded, value: valuesOf(cells[1], keys)?.[i] ?? cells[1] })));

test("every key of credgate.conf(5) is in the table of configuration.md, and the source reads all of them", () => {
  const keys = unique(ofPage.map(({ key }) => key));
  const manual = read("doc/credgate.conf.5").split("\n").filter((line) => line.startsWith(".It Cm ")).flatMap((line) => line.slice(".It Cm ".length).split(" , "));
  assert.deepEqual(unique(manual), keys);

  const files = fs.readdirSync(path.join(root, "gateway/config")).filter((name) => name.endsWith(".cc"));
  const source = files.map((name) => read(`gateway/config/${name}`)).join("\n");
  const reads = [...source.matchAll(/\b(?:\w+\.(?:string|strings|string_or_strings|required_string|number|boolean|child|has|value|raw)|path|read_key_names)\((?:\w+, )?"([a-z_]+)"/g)].map(([, name]) => name);
  const words = new Set(keys.flatMap((key) => key.split(".")));
  // Of an account in operator mode.
  for (const name of ["id", "signing_key", "scoped"]) words.add(name);
  assert.deepEqual(unique(reads).filter((name) => !words.has(name)), [], "read by the source, not described");
  assert.deepEqual([...words].filter((word) => !source.includes(`"${word}"`)), [], "described, not read by the source");
});

test("README's table of settings says what configuration.md says", () => {
  const table = read("README.md").split("## Configuration")[1].split("\n## ")[0];
  const rows = rowsIn(table);
  assert.ok(rows.length > 12);
  const wrong = [];
  for (const { keys, reloaded, cells } of rows) {
    for (const [i, key] of keys.entries()) {
      const known = ofPage.filter((setting) => setting.key === key);
      if (known.length === 0) wrong.push(`${key} is not in configuration.md`);
      else if (reloaded !== known.some((setting) => setting.reloaded)) wrong.push(`${key}: only one of the two has *`);
      const value = valuesOf(cells[0], keys)?.[i];
      if (value?.startsWith("`") && !known.some((setting) => setting.value.startsWith(value))) wrong.push(`${key}: ${value} is not the default in configuration.md`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("the settings that SIGHUP reads are the same everywhere", async () => {
  const listed = (text) => unique(text.match(/[a-z0-9_]+(\.[a-z]+)?/g).filter((word) => ofPage.some(({ key }) => key === word || key.startsWith(`${word}.`))));
  const page = unique(ofPage.filter(({ reloaded }) => reloaded).map(({ key }) => (key.startsWith("throttle.") ? "throttle" : key)));
  assert.ok(page.length >= 5, `${page}`);
  const source = /Config with_reloadable[^]*?^}/m.exec(read("gateway/config/config_diff.cc"))[0];
  const assigned = unique([...source.matchAll(/next\.(\w+) = /g)].map(([, name]) => (name === "leeway" ? "callout.leeway" : name)));
  assert.deepEqual(assigned, page, "gateway/config/config_diff.cc");
  const told = {
    "serve --help": (await help("serve")).split("SIGHUP: ")[1].split(/; all other|\n\S/)[0],
    "credgate.1": read("doc/credgate.1").split(".It Dv SIGHUP")[1].split("All else")[0],
    "credgate.conf.5": read("doc/credgate.conf.5").split("SIGHUP rereads")[1].split("The log names")[0],
  };
  for (const [where, text] of Object.entries(told)) assert.deepEqual(listed(text.replaceAll(".Cm", " ")), page, where);
});

// ---------------------------------------------------------------------------------- warnings, the unit

test("credentials.md lists the warnings of the source, and none beside them", () => {
  const sources = ["warnings.cc", "warnings.h", "server_warnings.cc", "server_warnings.h", "reach_warnings.cc", "new_secret.cc"].map((name) => read(`gateway/admin/operations/${name}`)).join("\n");
  const texts = [...sources.matchAll(/(?:push_back\(|return |k\w+Warning =|kNothingClosed =|kPresentSentinel =)\s*((?:"[^"\n]*"\s*)+)/g)]
    .map(([, literals]) => literals.replace(/"\s*"/g, "").replace(/^"|"\s*$/g, ""))
    .filter((text) => text.length > 20);
  const composed = [...sources.matchAll(/"(\w+: )" \+ entry \+ "( [^"]*)"/g)].map(([, before, after]) => `${before}…${after}`);
  assert.equal(composed.length, 1);
  texts.push(...composed);
  assert.ok(texts.length >= 18, `only ${texts.length} warnings were found`);
  const table = read("doc/credentials.md").split("## Warnings\n")[1].split("\n## ")[0];
  const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, beginning]) => beginning);
  assert.deepEqual(texts.filter((text) => !rows.some((row) => text.startsWith(row))), [], "of the source, not in credentials.md");
  assert.deepEqual(rows.filter((row) => !texts.some((text) => text.startsWith(row))), [], "of credentials.md, not in the source");
});

test("credentials.md lists what the source says of buckets and services, and nothing beside it", () => {
  const source = ["bucket_rights.cc", "service_rights.cc"].map((name) => read(`auth/credential/${name}`)).join("\n").replace(/"\s*\n\s*"/g, "");
  const texts = [
    ...source.matchAll(/string_view k(?:Watch|StreamNames) =\s*"([^"]*)"/g), ...source.matchAll(/say\("\w+", \w+,\s*"([^"]*)"/g),
    ...source.matchAll(/" \+ name \+\s*" ([^"]*)"/g),
  ].map(([, text]) => text);
  assert.ok(texts.length >= 12, `only ${texts.length} sentences were found`);
  const table = read("doc/credentials.md").split("| of | it says |\n")[1].split("\n\n")[0];
  const rows = [...table.matchAll(/^\|[^|]*\|(.*)\|$/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text));
  assert.deepEqual(texts.filter((text) => !rows.some((row) => text.startsWith(row))), [], "of the source, not in credentials.md");
  assert.deepEqual(rows.filter((row) => !texts.some((text) => text.startsWith(row))), [], "of credentials.md, not in the source");
});

test("each page on lame duck mode leads to what Debian's unit does in its place, which a drop-in changes", () => {
  const about = pages.filter((page) => /lame duck/i.test(read(page)) && !/CHANGELOG|log\.md|service\.md/.test(page));
  assert.ok(about.length >= 6, `${about}`);
  assert.deepEqual(about.filter((page) => !read(page).includes("#the-unit-of-nats-server")), []);
  const unit = read("doc/service.md").split("## The unit of nats-server\n")[1].split("\n## ")[0];
  const dropIn = read("systemd/examples/nats-server.conf");
  for (const text of [unit, dropIn]) {
    assert.match(text, /\/etc\/nats-server\.conf/);
    assert.match(text, /SIGINT/);
    assert.match(text, /\/etc\/nats\/nats-server\.conf/);
    assert.match(text, /SIGUSR2/);
  }
  const manual = read("doc/credgate.1").split("Set up and start on a machine with nats-server:")[1].split(".Ed")[0];
  const steps = [/^credgate init /m, /^install .*\/etc\/credgate\/nats-server\.conf \/etc\/nats\/nats-server\.conf$/m, /examples\/nats-server\.conf$/m, /^systemctl daemon-reload$/m, /^systemctl restart nats-server$/m, /^systemctl enable --now credgate$/m];
  assert.deepEqual(steps.map((step) => manual.search(step)).toSorted((a, b) => a - b), steps.map((step) => manual.search(step)), "in this order");
  for (const step of steps) assert.match(manual, step);
});

// --------------------------------------------------------------------------------- exit codes, reasons

test("exit codes are the same in --help, the manual, README and the pages", async () => {
  const codes = (text) => unique(text.match(/\b\d+\b/g).map(Number)).map(String);
  const told = codes(/Exit codes: ([^]*?)\.\n/.exec(await help())[1]);
  assert.ok(told.length >= 8, `${told}`);
  const manual = read("doc/credgate.1").split(".Sh EXIT STATUS")[1].split(".Sh ")[0];
  assert.deepEqual(codes(manual.split("\n").filter((line) => line.startsWith(".It ")).join(" ")), told, "credgate.1");
  assert.deepEqual(codes(/^Exit codes: (.*)$/m.exec(read("README.md"))[1]), told, "README.md");
  const wrong = [];
  for (const page of [...pages, "doc/credgate.1", "doc/credgate.conf.5"]) {
    for (const [text, code] of read(page).matchAll(/exit (?:code|status) (\d+)/gi)) if (!told.includes(code)) wrong.push(`${page}: ${text}`);
  }
  assert.deepEqual(wrong, []);
});

test("log.md has the reasons of the source, and none beside them", () => {
  const members = (name) => {
    const body = new RegExp(`enum class ${name} [^{]*\\{([^]*?)\\};`).exec(read("auth/deny.h"))[1].replace(/\/\/.*/g, "");
    return unique(body.match(/[a-z_0-9]+/g).filter((word) => word !== "none"));
  };
  const described = (heading) => {
    const part = read("doc/log.md").split(`## ${heading}\n`)[1].split("\n## ")[0];
    const cells = [...part.matchAll(/^\| (`.*?`) \|/gm)].map(([, cell]) => cell);
    return unique(cells.flatMap((cell) => cell.match(/[a-z_0-9]+/g)));
  };
  assert.deepEqual(described("Reasons of a denial"), members("Deny"));
  assert.deepEqual(described("Details of `malformed`"), members("Detail"));
  assert.deepEqual(described("Reasons of a drop"), members("Drop"));
  assert.deepEqual(described("Reasons of nats-server"), members("ServerRefusal"));
});

// ------------------------------------------------------------------------- names that pages mention

// Whatever pages, alerts, the dashboard and units say of these, they exist.
const texts = [...pages, "doc/credgate.1", "doc/credgate.conf.5", "conf/prometheus-alerts.yml", "conf/grafana-dashboard.json", "conf/credgate.conf",
  ...["credgate.service", "credgate@.service"].map((name) => `systemd/${name}`), ...fs.readdirSync(path.join(root, "systemd/examples")).map((name) => `systemd/examples/${name}`)];
function assertKnown(pattern, known, least = 20) {
  const wrong = [];
  let count = 0;
  for (const name of texts) {
    for (const [, word] of read(name).matchAll(pattern)) {
      count++;
      if (!known(word)) wrong.push(`${name}: ${word}`);
    }
  }
  assert.ok(count > least, `only ${count} were found`);
  assert.deepEqual(unique(wrong), []);
}

test("metrics that are mentioned are in metrics.md, and events in log.md", () => {
  const first = (page) => new Set([...page.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell]) => cell.match(/[a-z_0-9]+/g)));
  const metrics = first(read("doc/metrics.md"));
  assertKnown(/\b(credgate_[a-z_0-9]+[a-z])\b/g, (word) => metrics.has(word.replace(/_(bucket|sum|count)$/, "")));
  const events = first(read("doc/log.md").split("## Reasons")[0]);
  assertKnown(/\bevent=([a-z_]+)/g, (word) => events.has(word), 5);
});

test("settings that are mentioned are in configuration.md", () => {
  const sections = new Set(ofPage.map(({ key }) => key.split(".")[0]));
  const keys = new Set(ofPage.map(({ key }) => key));
  // A library, a directory and a key file.
  const others = new Set(["nats.c", "store.head", "system.nk"]);
  assertKnown(/`([a-z_]+\.[a-z_]+)`/g, (word) => keys.has(word) || others.has(word) || !sections.has(word.split(".")[0]));
});

test("commands and options that pages show exist", async () => {
  const commands = commandsIn(await help());
  const options = new Set(optionsIn(await help()));
  for (const command of commands) for (const option of optionsIn(await help(command))) options.add(option);
  const wrong = [];
  let count = 0;
  for (const page of pages) {
    const text = read(page).replaceAll("\\\n", " ");
    const lines = [...text.matchAll(/^( *)```\w*\n([^]*?)^\1```$/gm)].flatMap(([, , block]) => block.split("\n"));
    const shown = lines.map((line) => /(?:^[ $]*|&& |; |\| |\()(credgate [^|;&]+)/.exec(line)?.[1]).filter(Boolean);
    // `credgate history --verify`, `history --verify` and `--verify`.
    for (const [, span] of prose(text).matchAll(/`([^`\n]+)`/g)) {
      if (/^(credgate |--[a-z])/.test(span) || commands.includes(span.split(" ")[0])) shown.push(span);
    }
    for (const code of shown) {
      const words = code.replace(/^credgate /, "").split("#")[0].trim().split(/\s+/);
      count++;
      if (code.startsWith("credgate ") && /^[a-z]+$/.test(words[0]) && !commands.includes(words[0])) wrong.push(`${page}: ${code}`);
      wrong.push(...words.filter((word) => /^--[a-z]/.test(word) && !options.has(word.replace(/[^a-z0-9-].*/, ""))).map((word) => `${page}: ${word}`));
    }
  }
  assert.ok(count > 100, `only ${count} commands were found`);
  assert.deepEqual(wrong, []);
});

// ------------------------------------------------------------------------------------ links and alerts

// As GitHub makes anchors of headings.
const anchor = (heading) => heading.toLowerCase().replace(/`/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
const prose = (text) => text.replace(/^( *)```[^]*?^\1```$/gm, "");
const anchorsOf = (page) => new Set([...prose(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading)));

test("every link of README and doc/ leads to a file and a heading that exist", () => {
  const broken = [];
  let count = 0;
  for (const page of pages) {
    for (const [, target] of prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      count++;
      const [file, heading] = target.split("#");
      const to = file === "" ? page : path.join(path.dirname(page), file);
      if (!fs.existsSync(path.join(root, to))) broken.push(`${page}: ${target}: no such file`);
      else if (heading !== undefined && !anchorsOf(to).has(heading)) broken.push(`${page}: ${target}: no such heading`);
    }
  }
  assert.ok(count > 100, `only ${count} links were found`);
  assert.deepEqual(broken, []);
});

test("README leads to every page", () => {
  const text = read("README.md");
  assert.deepEqual(pages.filter((page) => page !== "README.md" && !text.includes(`](${page}`)), []);
});

test("each alert has a runbook, which is a section of what-to-do-when.md", () => {
  const alerts = read("conf/prometheus-alerts.yml").split(/^ +- alert: /m).slice(1);
  const sections = anchorsOf("doc/what-to-do-when.md");
  assert.ok(alerts.length > 15);
  const wrong = [];
  for (const alert of alerts) {
    const name = alert.split("\n")[0];
    const url = /^ +runbook_url: "(.*)"$/m.exec(alert)?.[1];
    const [file, heading] = (url ?? "").split("#");
    if (file !== "file:///usr/share/doc/credgate/what-to-do-when.md" || !sections.has(heading)) wrong.push(`${name}: ${url}`);
  }
  assert.deepEqual(wrong, []);
});

test("pages that rely on the drop-in of nats-server say so, and install what it reads", () => {
  const rely = pages.filter((page) => /lame duck/i.test(prose(read(page))) && /systemctl restart nats-server/.test(read(page)));
  assert.ok(rely.length >= 3, `${rely}`);
  assert.deepEqual(rely.filter((page) => page !== "doc/service.md" && !read(page).includes("service.md#the-unit-of-nats-server")), []);
  // Whoever sets it up has to install the server's configuration where that unit reads it.
  for (const name of ["doc/credgate.1", "doc/service.md"]) {
    const setUp = read(name).slice(read(name).indexOf("credgate init --account SHOP")).split("systemctl enable")[0];
    assert.match(setUp, /install [^\n]*\/etc\/credgate\/nats-server\.conf \/etc\/nats\/nats-server\.conf/, name);
  }
});
