// What those who watch the daemon see: metrics, health, `credgate status`, the log's reference.

import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { freePort } from "./support/ports.mjs";
import { Daemon, daemonCommand, run } from "./support/processes.mjs";
import { root } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

async function get(gate, what) {
  const response = await fetch(`http://${gate.metrics}${what}`);
  return { status: response.status, text: await response.text() };
}
// The HTTP server begins on a thread of its own, which may be after the connection is up.
const isReady = (gate) => until("it is ready", async () => (await get(gate, "/readyz").catch(() => ({}))).status === 200);

// { 'name{labels}': value }
async function metrics(gate) {
  const { text } = await get(gate, "/metrics");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => line.split(/ (?=\S+$)/)).map(([name, value]) => [name, Number(value)]));
}
const sum = (all, name) => Object.entries(all).reduce((n, [key, value]) => n + (key.startsWith(name) ? value : 0), 0);

for (const mode of ["config", "operator"]) {
  test(`a probe comes through and leaves no trace, mode ${mode}`, async (t) => {
    const gate = await Gate.make(t, { mode, metrics: true, admins: true });
    await isReady(gate);
    await gate.gateway.line(/event=ready/);
    const before = (await gate.do("history", "--json")).json;
    await until("two more probes", async () => (await metrics(gate))['credgate_probes_total{result="succeeded"}'] >= 3);
    const all = await metrics(gate);
    assert.equal(all["credgate_ready"], 1);
    assert.equal(all['credgate_probes_total{result="failed"}'], 0);
    assert.equal(sum(all, "credgate_decisions_total"), 0);
    assert.equal(all["credgate_sessions"], 0);
    assert.equal(sum(all, "credgate_dropped_requests_total"), 0);
    assert.deepEqual(gate.gateway.lines(/event=(granted|denied|fault)/), []);
    assert.deepEqual((await gate.do("list", "--json")).json.map(({ uses }) => uses), [0, 0, 0]);
    assert.deepEqual((await gate.do("history", "--json")).json, before);
    assert.equal(await gate.gateway.stop().then(({ code }) => code), 0);
  });
}

test("what is counted is what happened", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const bob = await gate.create("bob", "--kind", "password", "--login", "bob", "--publish", "--subjects", "orders.>");
  const gone = await gate.create("gone", "--publish", "--subjects", "orders.>");
  await gate.do("revoke", "gone", "--yes");
  await gate.connect(t, shop);
  await gate.admitted(bob);
  await gate.denied({ ...shop, secret: gone.secret }, "bad_proof");
  await gate.denied(gone, "revoked");
  const all = await until("the server has told of the connection, and all is counted", async () => {
    const now = await metrics(gate);
    return now["credgate_sessions"] >= 1 && sum(now, "credgate_decisions_total") === 4 && now;
  });
  const decided = (labels) => all[`credgate_decisions_total{${labels}}`];
  assert.equal(decided('result="granted",reason="",kind="key"'), 1);
  assert.equal(decided('result="granted",reason="",kind="password"'), 1);
  assert.equal(decided('result="denied",reason="bad_proof",kind="key"'), 1);
  assert.equal(decided('result="denied",reason="revoked",kind="key"'), 1);
  assert.equal(all['credgate_decision_duration_seconds_count{queue="requests"}'], 3);
  assert.equal(all['credgate_decision_duration_seconds_count{queue="passwords"}'], 1);
  assert.equal(all['credgate_decision_duration_seconds_bucket{queue="requests",le="+Inf"}'], 3);
  assert.ok(all['credgate_decision_duration_seconds_sum{queue="requests"}'] > 0);
  assert.equal(all['credgate_credentials{status="active"}'], 2);
  assert.equal(all['credgate_credentials{status="revoked"}'], 1);
  assert.equal(all.credgate_roles, 0);
  assert.equal(all["credgate_journal_sequence"], 4);
  assert.equal(all["credgate_store_map_bytes"], 64 * 2 ** 30);
  assert.ok(all["credgate_store_used_bytes"] > 0 && all["credgate_store_used_bytes"] < 2 ** 20);
  assert.equal(all['credgate_connected{connection="callout"}'], 1);
  assert.equal(all["credgate_faults_total"], 0);
});

test("metrics are as Prometheus wants them, and each is in the documentation", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  await isReady(gate);
  await gate.refused({ id: "CGAAAAAAAAAAAAAAAAAA", name: "a stranger", secret: "x" });
  const { text } = await get(gate, "/metrics");
  const checked = await run("promtool", ["check", "metrics"], { input: text });
  assert.equal(checked.code, 0, checked.stderr);
  assert.equal(checked.stderr, "");
  const described = fs.readFileSync(path.join(root, "doc/metrics.md"), "utf8");
  const inText = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]).sort();
  const inPage = [...described.matchAll(/^\| `((?:credgate|process)_\w+)`/gm)].map((match) => match[1]).sort();
  assert.deepEqual(inText, inPage);
});

test("a gateway that can let nobody in says so", async (t) => {
  const gate = await Gate.make(t, { metrics: true, start: false });
  // Another issuer than the gateway's: it is connected, and everything it answers is refused.
  const issuer = gate.init.issuer;
  const good = fs.readFileSync(gate.config);
  const other = (await gate.do("keys", "add", "issuer", "--json")).json.key;
  fs.writeFileSync(gate.config, good);
  gate.editServerConfig((text) => text.replace(issuer, other));
  await gate.startServer();
  await gate.startGateway();
  await until("a probe has failed", async () => (await metrics(gate))['credgate_probes_total{result="failed"}'] > 0);
  const { status, text } = await get(gate, "/readyz");
  assert.equal(status, 503);
  assert.match(text, /no self-probe succeeded yet/);
  assert.equal((await get(gate, "/healthz")).status, 200);
  assert.ok(sum(await metrics(gate), 'credgate_dropped_requests_total{reason="wrong_') > 0);
  const shown = await gate.command("status");
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /ready +NO: no self-probe succeeded/);
});

test("readiness follows the server, and health does not", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  await isReady(gate);
  await gate.server.stop();
  await until("it is not ready", async () => (await get(gate, "/readyz")).status === 503);
  assert.match((await get(gate, "/readyz")).text, /not connected to nats-server/);
  assert.equal((await get(gate, "/healthz")).status, 200);
  assert.equal((await metrics(gate))['credgate_connected{connection="callout"}'], 0);
  await gate.startServer();
  await isReady(gate);
});

test("an HTTP port that is taken keeps nobody from being let in, and is used once it is free", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  await isReady(gate);
  const first = gate.gateway;
  const second = await gate.startGateway();
  await second.line(/event=metrics_not_served listen="127.0.0.1:\d+"/);
  await first.stop();
  await second.line(/event=metrics_served/);
  await isReady(gate);
});

test("slow and idle watchers keep nobody from being let in, and no daemon from ending", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  await isReady(gate);
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const [host, port] = gate.metrics.split(":");
  const sockets = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const open = async (text) => {
    const socket = net.connect({ host, port: Number(port) }).on("error", () => {});
    sockets.push(socket);
    await new Promise((resolve) => socket.once("connect", resolve).once("error", resolve));
    socket.write(text);
    return socket;
  };
  for (let i = 0; i < 20; i++) await open("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  assert.equal((await get(gate, "/healthz")).status, 200);
  // More than are taken, and one whose head has no end.
  for (let i = 0; i < 400; i++) await open("G");
  const endless = await open("GET / HTTP/1.1\r\nX-Long: ");
  for (let i = 0; i < 20; i++) endless.write("x".repeat(1 << 20));
  await gate.admitted(shop);
  const files = fs.readdirSync(`/proc/${gate.gateway.pid}/fd`).length;
  assert.ok(files < 256 + 64, `${files} open files`);
  const memory = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${gate.gateway.pid}/status`, "utf8"))[1];
  if (!process.env.ASAN_OPTIONS && !process.env.TSAN_OPTIONS) assert.ok(Number(memory) < 100_000, `${memory} kB`);
  sockets.push(net.connect(path.join(gate.dir, "run", "credgate.sock")).on("error", () => {})); // says nothing
  assert.deepEqual(await gate.gateway.stop(), { code: 0, signal: null });
});

test("what is asked but read is refused", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  await isReady(gate);
  assert.equal((await get(gate, "/")).status, 404);
  assert.equal((await get(gate, "/metrics/")).status, 404);
  for (const method of ["POST", "PUT", "DELETE"]) {
    const response = await fetch(`http://${gate.metrics}/metrics`, { method, body: method === "DELETE" ? undefined : "x".repeat(1 << 20) }).catch(() => undefined);
    assert.ok(response === undefined || response.status === 405, `${method}: ${response?.status}`);
  }
  assert.equal((await fetch(`http://${gate.metrics}/readyz`, { method: "HEAD" })).status, 200);
});

test("status shows each daemon, and whom it denied", async (t) => {
  const gate = await Gate.make(t, { metrics: true, start: false });
  const none = await gate.command("status");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no daemon answers in .*\/run; start one/);
  await gate.startServer();
  await gate.startGateway();
  await isReady(gate);
  const other = new Daemon(...daemonCommand(["--config", gate.config, "--instance", "two", "--metrics", `127.0.0.1:${await freePort()}`]));
  gate.daemons.push(other);
  await other.line(/event=ready/);
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  await gate.admitted(shop);
  await gate.refused({ ...shop, secret: "no" });
  const both = await until("the denial is known", async () => {
    const { json } = await gate.do("status", "--json");
    return json.some(({ recent }) => recent.denied.some(({ id }) => id === shop.id)) && json;
  });
  assert.deepEqual(both.map(({ instance }) => instance), ["credgate", "two"]);
  for (const one of both) {
    assert.equal(one.ready, true);
    assert.equal(one.healthy, true);
    assert.equal(one.connections.callout.up, true);
    assert.equal(one.store.active, 1);
  }
  const denied = both.flatMap(({ recent }) => recent.denied).find(({ id }) => id === shop.id);
  assert.equal(denied.reason, "bad_proof");
  assert.equal(denied.id, shop.id);
  assert.equal(both.reduce((n, { decisions }) => n + decisions.granted, 0), 1);
  const text = (await gate.do("status")).stdout;
  assert.match(text, /^credgate: credgate \d/m);
  assert.match(text, /^two: credgate \d/m);
  assert.match(text, /bad_proof/);
  assert.ok(!text.includes(shop.secret));
  assert.equal((await gate.do("status", "--instance", "two", "--json")).json.length, 1);
  await other.stop();
  assert.deepEqual((await gate.do("status", "--json")).json.map(({ instance }) => instance), ["credgate"]);

  // The next daemon of that name gets the socket once this one has gone.
  const next = await gate.startGateway();
  await next.line(/event=control_unavailable .*another daemon/);
  await gate.daemons.find((daemon) => daemon !== next && daemon.lines(/event=serving/).length > 0 && !daemon.exit).stop();
  await until("it is found", async () => (await gate.command("status", "--json")).json?.[0]?.pid === next.pid);
});

test("a real Prometheus scrapes it under load; rules and dashboard find what they look for", async (t) => {
  const gate = await Gate.make(t, { metrics: true });
  await isReady(gate);
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const listen = `127.0.0.1:${await freePort()}`;
  const file = path.join(gate.dir, "prometheus.yml");
  fs.writeFileSync(file, `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${path.join(root, "conf/prometheus-alerts.yml")}"]
scrape_configs:
  - job_name: credgate
    static_configs: [{ targets: ["${gate.metrics}"] }]
`);
  const prometheus = new Daemon("prometheus", [`--config.file=${file}`, `--storage.tsdb.path=${path.join(gate.dir, "tsdb")}`, `--web.listen-address=${listen}`]);
  gate.daemons.push(prometheus);
  await prometheus.line(/ready to receive web requests/i);
  const query = async (expr) => {
    const response = await fetch(`http://${listen}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const answer = await response.json();
    assert.equal(answer.status, "success", `${expr}: ${answer.error}`);
    return answer.data.result;
  };

  let loaded = true;
  const load = Promise.all([1, 2, 3, 4].map(async () => {
    for (let i = 0; loaded; i++) await (i % 3 ? gate.admitted(shop) : gate.refused({ ...shop, secret: "no" }));
  }));
  t.after(() => (loaded = false));
  await until("rates can be told", async () => (await query("count_over_time(credgate_ready[1m]) >= 4")).length > 0);
  const dashboard = JSON.parse(fs.readFileSync(path.join(root, "conf/grafana-dashboard.json"), "utf8"));
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 20);
  for (const expression of expressions) {
    const expr = expression.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "10s");
    assert.ok((await query(expr)).length > 0, `${expr} gives nothing`);
  }
  assert.ok(Number((await query('sum(rate(credgate_decisions_total{result="granted"}[10s]))'))[0].value[1]) > 0);
  assert.ok(Number((await query('sum(rate(credgate_decisions_total{reason="bad_proof"}[10s]))'))[0].value[1]) > 0);
  loaded = false;
  await load;

  const rules = await (await fetch(`http://${listen}/api/v1/rules`)).json();
  const all = rules.data.groups.flatMap((group) => group.rules);
  assert.ok(all.length >= 11);
  await until("all were evaluated", async () => {
    const { data } = await (await fetch(`http://${listen}/api/v1/rules`)).json();
    return data.groups.every((group) => group.rules.every((rule) => rule.health === "ok"));
  });
  const checked = await run("promtool", ["check", "rules", path.join(root, "conf/prometheus-alerts.yml")]);
  assert.equal(checked.code, 0, checked.stderr);
  // A rule that can fire: without its server nobody is let in.
  await gate.server.stop();
  await until("the alert is pending", async () => (await query('ALERTS{alertname="CredgateNotReady"}')).length > 0);
});

test("every event of the log is in its reference, and none beside them", () => {
  const files = fs.readdirSync(path.join(root, "gateway"), { recursive: true }).filter((file) => /\.(cc|h)$/.test(file));
  const source = files.map((file) => fs.readFileSync(path.join(root, "gateway", file), "utf8")).join("\n");
  const logged = [...source.matchAll(/\b(?:log|note|notices\.push_back)\(\{?[^;"{]*"([a-z_]+)"/g)].map((match) => match[1]);
  // Those that are chosen by a condition.
  logged.push(...[...source.matchAll(/\b(?:log|note)\([^;"{]*"[a-z_]+"\s*: "([a-z_]+)"/g)].map((match) => match[1]));
  const page = fs.readFileSync(path.join(root, "doc/log.md"), "utf8").split("## Reasons")[0];
  const described = new Set([...page.matchAll(/^\| (.*?) \|/gm)].flatMap((match) => [...match[1].matchAll(/`([a-z_]+)`/g)].map((word) => word[1])));
  assert.ok(new Set(logged).size > 30, `only ${logged}`);
  for (const event of new Set(logged)) assert.ok(described.has(event), `${event} is not in doc/log.md`);
  for (const event of described) assert.ok(source.includes(`"${event}"`), `${event} of doc/log.md is logged nowhere`);
});

test("the log as JSON: one object on each line", async (t) => {
  const gate = await Gate.make(t, { start: false });
  gate.editConfig((text) => text.replace('"master_key"', '"log": { "format": "json" },\n  "master_key"'));
  await gate.startServer();
  gate.spawnGateway();
  const connected = await gate.gateway.line(/"event":"connected"/);
  assert.equal(JSON.parse(connected).level, "info");
  await gate.refused({ id: "CGAAAAAAAAAAAAAAAAAA", secret: "x" }, { name: 'a "client"\n of mine' });
  const denied = JSON.parse(await gate.gateway.line(/"event":"denied"/));
  assert.equal(denied.reason, "unknown_credential");
  assert.equal(denied.client, 'a "client"\n of mine');
  for (const line of gate.gateway.log.split("\n").filter(Boolean)) assert.ok(JSON.parse(line).event, line);
});
