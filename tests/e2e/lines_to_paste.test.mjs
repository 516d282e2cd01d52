// What `create` prints to paste is executed, for each kind, in both modes, by each client that Debian or
// npm has. The nats command line and nats.py are in neither: support/absent_clients stands in for their
// logins. Nor is Java's client, whose lines are not executed. Where a client has no lines, its login is
// refused.

import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { gateWithAdmins } from "./support/admins.mjs";
import { certificates } from "./support/certificates.mjs";
import { Gate } from "./support/gate.mjs";
import { freePort } from "./support/ports.mjs";
import { run } from "./support/processes.mjs";
import { credgate, root } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kKinds = ["key", "password", "token", "nkey", "creds", "cert"];
// The others read a variable, as the first.
const kSnippetKinds = ["key", "nkey", "creds", "cert"];
const kLabels = { "nats CLI": "cli", JavaScript: "js", Go: "go", Python: "python", C: "c", Java: "java", MQTT: "mqtt" };
// One after the other. Go's are compiled together.
const kExecuted = ["cli", "js", "python", "c", "mqtt"];
const kAbsent = path.join(root, "tests/e2e/support/absent_clients");

let executed = 0;

// ---------------------------------------------------------------------------- what was printed

// { shell, cli, js, … }: the lines of each as they are copied, the first without its label; or
// { none: why }.
function printed(stdout) {
  const rows = {};
  let at;
  for (const row of stdout.split("\nTo connect:\n")[1].split("\n")) {
    const label = /^ {2}(shell|nats CLI|JavaScript|Go|Python|C|Java|MQTT) {2,}(.*)$/.exec(row);
    if (label !== null) {
      at = kLabels[label[1]] ?? label[1];
      rows[at] = label[2];
    } else if (/^ {14}/.test(row)) rows[at] += `\n${row}`;
    else break;
  }
  for (const [client, text] of Object.entries(rows)) {
    if (text.startsWith("none: ")) rows[client] = { none: text };
  }
  return rows;
}

// The row of a kind and a mode in doc/credentials.md: { cli: "yes", … }.
function documented(kind, mode) {
  const section = fs.readFileSync(path.join(root, "doc/credentials.md"), "utf8").split("## Kinds and clients\n")[1];
  const rows = section.split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const row = rows.find(([rowKind, rowMode]) => rowKind === kind && rowMode === (mode === "config" ? "configuration" : mode));
  return Object.fromEntries(rows[0].map((head, i) => [kLabels[head], row[i]]).slice(2));
}

// ------------------------------------------------------------------------------- the clients

// Where the lines are pasted: a directory with the files that they name.
function place(gate, name) {
  const dir = path.join(gate.dir, `paste-${name}`.replace(/[^\w-]/g, "_"));
  fs.mkdirSync(path.join(dir, "bin"), { recursive: true });
  fs.rmSync(path.join(dir, "node_modules"), { force: true });
  fs.symlinkSync(path.join(root, "tests/e2e/node_modules"), path.join(dir, "node_modules"));
  fs.writeFileSync(path.join(dir, "bin/nats"), `#!/bin/sh\nprintf '%s\\n' "$@" > arguments\nexec node ${kAbsent}/nats_cli.mjs "$@"\n`, { mode: 0o755 });
  if (gate.certificates !== undefined) {
    for (const file of ["client.pem", "client.key"]) fs.copyFileSync(gate.certificates.file(file), path.join(dir, file));
  }
  return dir;
}

const kPrograms = {
  cli: (text) => text,
  mqtt: (text) => text,
  js: (text) => ({
    file: "line.mjs",
    run: "node line.mjs",
    text: `import { readFile } from "node:fs/promises";
import { connect, credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
const connection = await
${text};
await connection.close();
`,
  }),
  python: (text) => ({
    file: "line.py",
    run: "python3 line.py",
    text: `import asyncio, os, ssl
import nats
async def main():
    ${text.replace("nats.connect(", "connection = await nats.connect(")}
    await connection.close()
asyncio.run(main())
`,
  }),
  c: (text) => ({
    file: "line.c",
    run: "cc line.c -lnats -o line && ./line",
    text: `#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  natsOptions *opts = NULL;
  natsConnection *connection = NULL;
  natsOptions_Create(&opts);
  ${text}
  if (natsConnection_Connect(&connection, opts) == NATS_OK) return 0;
  nats_PrintLastErrorStack(stderr);
  return 1;
}
`,
  }),
};
const kSnippets = {
  cli: { run: "sh connect.sh", file: "connect.sh" },
  mqtt: { run: "sh connect.sh", file: "connect.sh" },
  js: { run: "node connect.mjs", file: "connect.mjs", says: /^connected to 127\.0\.0\.1:\d+$/m },
  python: { run: "python3 connect.py", file: "connect.py", says: /^connected to \w+:\/\/127\.0\.0\.1:\d+$/m },
  go: { run: "./connect", file: "connect.go", says: /^connected to \w+:\/\/127\.0\.0\.1:\d+$/m },
  c: { run: "cc -Wall -Wextra -Werror connect.c -lnats -o connect && ./connect", file: "connect.c", says: /^connected to \w+:\/\/127\.0\.0\.1:\d+$/m },
};

// In a shell, after the line that it is for. input: what is typed into it.
async function inShell(gate, dir, shell, program, input = "") {
  let command = program;
  if (typeof program === "object") {
    fs.writeFileSync(path.join(dir, program.file), port(gate, program.text));
    command = program.run;
  }
  const env = { ...process.env, PATH: `${dir}/bin:${process.env.PATH}`, PYTHONPATH: kAbsent, PYTHONDONTWRITEBYTECODE: "1" };
  for (const variable of ["NATS_PASSWORD", "NATS_TOKEN"]) delete env[variable];
  if (gate.systemCa !== undefined) env.SSL_CERT_FILE = env.NODE_EXTRA_CA_CERTS = gate.systemCa;
  return run("bash", ["--norc", "-c", `${shell ?? ":"}\n${port(gate, command)}`], { cwd: dir, env, input });
}

// That of the mqtt block, as is said below the lines.
function port(gate, text) {
  return text.replace(/^(mosquitto_sub .*)-p \d+/m, `$1-p ${gate.mqtt}`);
}

// Fails unless it gets in, as `name`, in the account APP.
async function getsIn(gate, dir, what, shell, program, { name, input, says }) {
  let done;
  // nats.c before 3.8 leaves out a signature that begins with a zero.
  for (let tries = 0; tries < (what.includes(" c ") ? 3 : 1) && done?.code !== 0; tries++) {
    const mark = gate.gateway.log.length;
    done = await inShell(gate, dir, shell, program, input);
    if (done.code !== 0) continue;
    const line = await gate.gateway.line(/event=granted/, mark);
    assert.ok(line.includes(`name="${name}"`) && line.includes('account="APP"'), `${what}: ${line}`);
  }
  assert.equal(done.code, 0, `${what}: ${JSON.stringify(program)}\n${done.stdout}${done.stderr}`);
  if (says !== undefined) assert.match(done.stdout, says, what);
  executed++;
}

// ------------------------------------------------------------------------------------ the gates

// own: the gateway's own URL and what stands with it, of a server with certificates.
async function gateFor(t, mode, kind, more = "", own = (url, { caFile, certFile, keyFile }) =>
  `"url": "${url.replace("nats:", "tls:")}", "ca_file": "${caFile}", "cert_file": "${certFile}", "key_file": "${keyFile}"`) {
  const made = kind === "cert" ? certificates() : undefined;
  const mqtt = await freePort();
  const tls = made === undefined ? "" : `tls ${made.server(true)}`;
  const gate = await Gate.make(t, { mode, start: false, server: `server_name: paste\n${more}\n${tls}\nmqtt { listen: "127.0.0.1:${mqtt}"${tls === "" ? "" : `, ${tls}`} }` });
  gate.mqtt = mqtt;
  if (made !== undefined) {
    gate.certificates = made;
    gate.editConfig((config) => config.replace(`"url": "${gate.url}"`, own(gate.url, made.options("gateway"))));
  }
  await gate.startServer();
  await gate.startGateway();
  return gate;
}

// As a reader types it, at the width that output has where nobody says another. The files that it tells of
// are put into `dir`. Gives { stdout, stderr, text }, `text` having the secret.
async function create(gate, dir, name, kind, { out, cert = "client", code = 0 }, ...more) {
  const proof = kind === "cert" ? ["--cert", gate.certificates.file(`${cert}.pem`)] : [];
  const file = out === undefined ? [] : ["--out", path.join(dir, out)];
  const done = await run(credgate, ["create", name, "--kind", kind, ...proof, ...kTraffic, ...more, ...file, "--config", gate.config],
    { env: { ...process.env, COLUMNS: "80" } });
  assert.equal(done.code, code, done.stderr);
  if (code !== 0) return done;
  done.text = out === undefined ? done.stdout : fs.readFileSync(path.join(dir, out), "utf8");
  const put = (text, where) => fs.writeFileSync(path.join(dir, where), text, { mode: 0o600 });
  const seed = /^ +seed +(S\w+)$/m.exec(done.text)?.[1];
  if (seed !== undefined) put(`${seed}\n`, "client.nk"); // with the line end that an editor leaves
  const creds = /save it as (\S+), mode 0600:\n\n([^]*?)\n\n?To connect:/.exec(done.stdout);
  if (creds !== null) put(creds[2], creds[1]);
  return done;
}

// A program with the lines of every kind, one of which it executes.
function goProgram(lines) {
  const statements = (text) => text.replace(/^option, err := .*$/m, "$&\n\t\tcheck(err)").replace(/^ *nats\.Connect/m, "finish(nats.Connect").concat(")");
  const cases = Object.entries(lines).map(([kind, text]) => `\tcase "${kind}":\n\t\t${statements(text)}\n`);
  return `package main

import (
	"log"
	"os"

	"github.com/nats-io/nats.go"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func finish(connection *nats.Conn, err error) {
	check(err)
	connection.Close()
}

func main() {
	switch os.Args[1] {
${cases.join("")}	}
}
`;
}

async function compileGo(dir, file) {
  const env = { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode" };
  const done = await run("go", ["build", "-o", file.replace(/\.go$/, ""), file], { cwd: dir, env, patience: 300_000 });
  assert.equal(done.code, 0, `${done.stderr}\n${fs.readFileSync(path.join(dir, file), "utf8")}`);
}

for (const mode of ["config", "operator"]) {
  test(`lines to paste in ${mode} mode`, async (t) => {
    const gates = { plain: await gateFor(t, mode, "key"), secure: await gateFor(t, mode, "cert") };
    const gateOf = (kind) => (kind === "cert" ? gates.secure : gates.plain);
    const made = {}; // by kind: { dir, name, rows }
    for (const kind of kKinds) {
      await t.test(`what create --kind ${kind} prints gets in`, async () => {
        const gate = gateOf(kind);
        const dir = place(gate, kind);
        const name = `all-${kind}`;
        const { stdout } = await create(gate, dir, name, kind, {});
        const rows = printed(stdout);
        made[kind] = { dir, name, rows, publicKey: /^ +public key +(U\w+)$/m.exec(stdout)?.[1] };
        const { shell, ...clients } = rows;
        const has = Object.entries(clients).map(([client, text]) => [client, text.none === undefined ? "yes" : "no"]);
        assert.deepEqual(Object.fromEntries(has), documented(kind, mode));
        assert.equal(shell === undefined, ["nkey", "creds", "cert"].includes(kind));
        for (const client of kExecuted) {
          if (rows[client].none !== undefined) continue;
          await getsIn(gate, dir, `${mode} ${client} ${kind}`, rows.shell, kPrograms[client](rows[client]), { name });
        }
        if (kind !== "token") return;
        // An earlier line may have exported it.
        await getsIn(gate, dir, `${mode} cli token after a password`, `export NATS_PASSWORD=x\n${rows.shell}`, rows.cli, { name });
        const token = /^ +token +(\S+)$/m.exec(stdout)[1];
        assert.ok(!fs.readFileSync(path.join(dir, "arguments"), "utf8").includes(token));
      });
    }

    await t.test("hostile names and passwords break no line", async () => {
      const gate = gates.plain;
      const dir = place(gate, "hostile");
      const login = `-a'b"c$(d)\\e \`f\` %25?\u00e4`;
      const password = ` -p'q"r$(s)\\t \`u\` \u00fc`;
      const file = path.join(dir, "password");
      fs.writeFileSync(file, `${password}\n`);
      const name = "hostile";
      const rows = printed((await create(gate, dir, name, "password", {}, "--login", login, "--password-file", file)).stdout);
      made.hostile = { dir, name, rows };
      for (const client of kExecuted) {
        if (rows[client].none !== undefined) continue;
        await getsIn(gate, dir, `${mode} ${client} hostile`, rows.shell, kPrograms[client](rows[client]), { name });
      }
      // nats.c writes the two characters as they are into its JSON.
      assert.match(rows.c.none, /with " or \\ in it wrongly/);
      fs.writeFileSync(path.join(dir, "quoted"), "quo\"ted");
      const quoted = printed((await create(gate, dir, "quoted", "password", {}, "--password-file", path.join(dir, "quoted"))).stdout);
      assert.match(quoted.c.none, /with " or \\ in it wrongly/);
      const mark = gate.gateway.log.length;
      const ticket = mode === "operator" ? [`SetUserCredentialsFromFiles(opts, "${gate.sentinel}", NULL)`] : [];
      const asked = cProgram(`SetURL(opts, "${gate.url}")`, "SetUserInfo(opts, \"quoted\", getenv(\"NATS_PASSWORD\"))", ...ticket);
      assert.notEqual((await inShell(gate, dir, quoted.shell, asked)).code, 0);
      assert.doesNotMatch(gate.gateway.log.slice(mark), /event=granted/);
      // One that is typed.
      const input = ` p'a$(s) \`u\` \u00fc\n`;
      const typed = await run(credgate, ["create", "typed", "--kind", "password", ...kTraffic, "--password-file", "-", "--config", gate.config], { input });
      const lines = printed(typed.stdout);
      await getsIn(gate, dir, `${mode} c typed`, lines.shell, kPrograms.c(lines.c), { name: "typed", input });
      // The file of a Windows editor, a pipe that is read once, and a shell that is not bash.
      const windows = path.join(dir, "windows");
      fs.writeFileSync(windows, "its own line\r\n");
      const crlf = printed((await create(gate, dir, "crlf", "password", {}, "--password-file", windows)).stdout);
      await getsIn(gate, dir, `${mode} c crlf`, crlf.shell, kPrograms.c(crlf.c), { name: "crlf" });
      const piped = await run("bash", ["-c", '"$0" create piped --kind password --publish --subjects a --config "$1" --password-file <(echo a long password)', credgate, gate.config]);
      assert.equal(piped.code, 0, piped.stderr);
      const redirected = await run("bash", ["-c", `"$0" create redirected --kind password --publish --subjects a --config "$1" --password-file /dev/stdin < '${windows}'`, credgate, gate.config]);
      assert.match(printed(redirected.stdout).shell, /read/);
      const asks = printed(piped.stdout).shell;
      assert.match(asks, /read/);
      assert.equal((await run("sh", ["-c", `${asks}\nprintf %s "$NATS_PASSWORD"`], { input: " a\\b \n" })).stdout, " a\\b ");
      // Its file is not named after it.
      const { stdout } = await create(gate, dir, "../$(touch x)'", "creds", {});
      const creds = printed(stdout);
      assert.match(creds.cli, /=CG\w{18}\.creds\b/);
      await getsIn(gate, dir, `${mode} cli creds of a hostile name`, undefined, creds.cli, { name: "../$(touch x)'" });
      assert.ok(!fs.existsSync(path.join(dir, "x")));
    });

    await t.test("what it prints for Go gets in", async () => {
      const dir = place(gates.plain, "go");
      const lines = Object.entries(made).map(([kind, { rows }]) => [kind, rows.go]).filter(([, text]) => typeof text === "string");
      fs.writeFileSync(path.join(dir, "lines.go"), goProgram(Object.fromEntries(lines)));
      await compileGo(dir, "lines.go");
      for (const [kind] of lines) {
        await getsIn(gateOf(kind), made[kind].dir, `${mode} go ${kind}`, made[kind].rows.shell, `${dir}/lines ${kind}`, made[kind]);
      }
    });

    await t.test("a snippet is a whole program, has no secret, and gets in", async () => {
      for (const kind of kSnippetKinds) {
        const gate = gateOf(kind);
        // There is one more certificate, so there is one more credential.
        for (const client of kind === "cert" ? ["python"] : Object.values(kLabels)) {
          const name = `snippet-${client}-${kind}`;
          const dir = place(gate, name);
          if (made[kind].rows[client].none !== undefined) {
            const { stdout, stderr } = await create(gate, dir, name, kind, { out: "made", cert: "other", code: 2 }, "--snippet", client);
            assert.equal(stdout, "");
            assert.match(stderr, new RegExp(`^credgate: --snippet ${client}: none: .*; nothing was made$`, "m"));
            assert.ok(!fs.existsSync(path.join(dir, "made")));
            assert.equal((await gate.command("show", name)).code, 3);
            continue;
          }
          if (kind === "cert") for (const end of ["pem", "key"]) fs.copyFileSync(gate.certificates.file(`other.${end}`), path.join(dir, `client.${end}`));
          const { stdout, text } = await create(gate, dir, name, kind, { out: "made", cert: "other" }, "--snippet", client);
          const rows = kind === "creds" ? {} : printed(text);
          for (const [secret] of text.matchAll(/\bS[A-Z2-7]{57}\b|(?<=secret +|token +)\S{40,}$/gm)) assert.ok(!stdout.includes(secret), stdout);
          const program = kSnippets[client];
          if (client === "java" || (client === "go" && kind !== "key" && kind !== "nkey")) continue;
          fs.writeFileSync(path.join(dir, program.file), port(gate, stdout));
          if (client === "go") await compileGo(dir, program.file);
          await getsIn(gate, dir, `${mode} ${client} ${kind} snippet`, rows.shell, program.run, { name, says: program.says });
        }
      }
    });

    await t.test("where there are no lines, the login is refused", async () => {
      const logins = mode === "config" ? refusedInConfigMode(made) : refusedInOperatorMode(made, gates);
      const none = kKinds.map((kind) => [kind, made[kind]]).flatMap(([kind, { rows }]) => Object.keys(rows).filter((client) => rows[client].none !== undefined).map((client) => `${client} ${kind}`));
      // Java's client is not at hand.
      for (const cell of none.filter((cell) => !cell.startsWith("java"))) assert.ok(logins.some(([what]) => what === cell), cell);
      for (const [what, program] of logins) {
        const [, kind] = what.split(" ");
        const gate = gateOf(kind);
        if (what === "go nkey") {
          fs.writeFileSync(path.join(made.nkey.dir, "none-go.go"), goProgram({ nkey: goNkeyAndSentinel(gate) }));
          await compileGo(made.nkey.dir, "none-go.go");
        }
        const mark = gate.gateway.log.length;
        const done = await inShell(gate, made[kind].dir, made[kind].rows.shell, program);
        assert.notEqual(done.code, 0, `${what}: ${JSON.stringify(program)}`);
        assert.match(done.stdout + done.stderr, /Authorization Violation|not authori[sz]ed|user callback and nkey defined/i, what);
        assert.doesNotMatch(gate.gateway.log.slice(mark), /event=granted/, what);
      }
    });
    t.diagnostic(`${executed} lines executed`);
  });
}

test("rotate prints a snippet for the new secret, alone with --out, and as a member with --json", async (t) => {
  const gate = await Gate.make(t);
  await gate.create("turned", ...kTraffic);
  const dir = place(gate, "turned");
  const out = path.join(dir, "new");
  const alone = await gate.do("rotate", "turned", "--snippet", "js", "--out", out);
  assert.match(alone.stdout, /^\/\/ npm install [^]*close\(\);\n$/);
  assert.match(alone.stderr, /its secret is in [^]*The old secret is valid until/);
  fs.writeFileSync(path.join(dir, kSnippets.js.file), alone.stdout);
  const { shell } = printed(fs.readFileSync(out, "utf8"));
  await getsIn(gate, dir, "rotated js", shell, kSnippets.js.run, { name: "turned", says: kSnippets.js.says });
  const { json } = await gate.do("rotate", "turned", "--overlap", "0", "--snippet", "js", "--json");
  assert.equal(json.snippet, alone.stdout);
  const { json: nkey } = await gate.do("create", "nkey", "--kind", "nkey", ...kTraffic, "--json");
  const none = await gate.command("rotate", "nkey", "--snippet", "mqtt");
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--snippet mqtt: none: MQTT has no nonce .*; nothing was made/);
  const { json: now } = await gate.do("show", "nkey", "--json");
  assert.equal(now.revision, nkey.credential.revision);
  const both = await gate.do("create", "both", ...kTraffic, "--snippet", "python");
  assert.match(both.stdout, /^created "both" [^]*\n  secret [^]*\n  shell [^]*\n# pip install [^]*\nasyncio\.run\(main\(\)\)\n$/);
  assert.match((await gate.command("create", "x", "--snippet", "jav")).stderr, /--snippet: must be .*did you mean/i);
});

test("lines of a create over NATS have the server and the sentinel of the admin", async (t) => {
  const gate = await gateWithAdmins(t, { mode: "operator" });
  const dir = place(gate, "far");
  const admin = ["--context", path.join(gate.init.admins, "editor.json")];
  const done = await run(credgate, ["create", "far", ...kTraffic, ...admin]);
  assert.equal(done.code, 0, done.stderr);
  const rows = printed(done.stdout);
  assert.ok(rows.js.includes(`"${gate.url}"`) && rows.js.includes(`"${gate.sentinel}"`), rows.js);
  await getsIn(gate, dir, "far js key", rows.shell, kPrograms.js(rows.js), { name: "far" });
  // The lines say it.
  assert.doesNotMatch(done.stderr, /must also present the sentinel/);
  // What the gateway's mode is, its answer says first.
  const none = await run(credgate, ["create", "none", ...kTraffic, "--snippet", "mqtt", "--json", ...admin]);
  assert.equal(none.code, 0, none.stderr);
  const { snippet, warnings } = JSON.parse(none.stdout);
  assert.equal(snippet, undefined);
  assert.match(warnings.join("\n"), /^--snippet mqtt: none: MQTT has no place/m);
  assert.match(warnings.join("\n"), /must also present the sentinel/);
});

test("lines for a certificate have TLS where nats.url does not", async (t) => {
  const gate = await gateFor(t, "config", "cert");
  gate.editConfig((text) => text.replace(/"url": "tls:([^"]+)", "ca_file.*"key_file": "[^"]+"/, '"url": "nats:$1"'));
  gate.systemCa = gate.certificates.file("ca.pem");
  const dir = place(gate, "cert");
  const rows = printed((await create(gate, dir, "cert", "cert", {})).stdout);
  for (const client of ["cli", "js", "c", "python"]) await getsIn(gate, dir, client, undefined, kPrograms[client](rows[client]), { name: "cert" });
});

test("and where the server takes connections without it too, those of nats.py and nats.c do without", async (t) => {
  const gate = await gateFor(t, "config", "cert", "allow_non_tls: true", (url) => `"url": "${url}"`);
  gate.systemCa = gate.certificates.file("ca.pem");
  const dir = place(gate, "cert");
  const rows = printed((await create(gate, dir, "cert", "cert", {})).stdout);
  for (const client of ["cli", "js"]) await getsIn(gate, dir, client, undefined, kPrograms[client](rows[client]), { name: "cert" });
  assert.match((await inShell(gate, dir, undefined, kPrograms.python(rows.python))).stderr, /Authorization Violation/);
  assert.notEqual((await inShell(gate, dir, undefined, kPrograms.c(rows.c))).code, 0);
});

test("a client that was given tls:// tells its password to no server without TLS", async (t) => {
  const gate = await Gate.make(t, { start: false });
  let heard = "";
  const server = net.createServer((socket) => {
    socket.on("error", () => {}).on("data", (data) => {
      heard += data;
      socket.destroy();
    });
    socket.write(`INFO ${JSON.stringify({ server_id: "N", version: "2.11.0", proto: 1, headers: true, max_payload: 1_048_576 })}\r\n`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  gate.editConfig((text) => text.replace(/"url": "nats:[^"]+"/, `"url": "tls://127.0.0.1:${server.address().port}"`));
  const dir = place(gate, "no-tls");
  const rows = printed((await create(gate, dir, "no-tls", "key", {})).stdout);
  gate.mqtt = server.address().port;
  for (const client of ["cli", "js", "c", "mqtt"]) {
    assert.notEqual((await inShell(gate, dir, rows.shell, kPrograms[client](rows[client]))).code, 0, client);
    assert.doesNotMatch(heard, /CONNECT|MQTT/, client);
  }
  await inShell(gate, dir, rows.shell, kPrograms.cli(rows.cli.replace("tls://", "nats://")));
  assert.match(heard, /CONNECT .*"pass":/);
});

// ----------------------------------------------------------------------- what is refused

const goNkeyAndSentinel = ({ url, sentinel }) => `option, err := nats.NkeyOptionFromSeed("client.nk")
nats.Connect("${url}", option, nats.UserCredentials("${sentinel}"))`;
const cProgram = (...calls) => kPrograms.c(calls.map((text) => `if (natsOptions_${text} != NATS_OK) return 2;`).join("\n  "));

// What a reader of the clients' own pages would write.
function refusedInConfigMode({ creds, nkey, key }) {
  const url = /nats:\/\/[\d.:]+/.exec(key.rows.cli)[0];
  const file = /--nkey=(\S+)/.exec(creds.rows.cli)[1];
  const mqtt = (user, password) => `mosquitto_sub -h 127.0.0.1 -p 1883 -u ${user} -P "${password}" -t a -E`;
  return [
    ["mqtt nkey", mqtt(nkey.publicKey, "$(cat client.nk)")],
    ["mqtt creds", mqtt("U", "$(sed -n 2p " + file + ")")],
    // The next two have lines, which take the seed alone: the user JWT is discarded.
    ["cli creds", `nats --server=${url} --creds=${file} rtt`],
    ["python creds", kPrograms.python(`nats.connect("${url}", user_credentials="${file}")`)],
    // It has none, as it reads a seed from a file of its own.
    ["c creds", cProgram(`SetURL(opts, "${url}")`, `SetUserCredentialsFromFiles(opts, "${file}", NULL)`)],
  ];
}

function refusedInOperatorMode({ key, password, nkey }, { plain: { sentinel, url }, secure }) {
  const id = /"(CG\w+)"/.exec(key.rows.js)[1];
  const logins = [["cli nkey", `nats --server=${url} --nkey=client.nk --creds=${sentinel} rtt`]];
  for (const [kind, user] of [["key", id], ["password", /user: "([^"]+)"/.exec(password.rows.js)[1]]]) {
    logins.push(
      [`cli ${kind}`, `nats --server=${url} --user=${user} --creds=${sentinel} rtt`],
      [`python ${kind}`, kPrograms.python(`nats.connect("${url}", user="${user}", password=os.environ["NATS_PASSWORD"], user_credentials="${sentinel}")`)],
      [`mqtt ${kind}`, `mosquitto_sub -h 127.0.0.1 -p 1883 -u ${user} -P "$NATS_PASSWORD" -t a -E`],
    );
  }
  logins.push(
    ["python token", kPrograms.python(`nats.connect("${url}", token=os.environ["NATS_TOKEN"], user_credentials="${sentinel}")`)],
    ["mqtt token", `mosquitto_sub -h 127.0.0.1 -p 1883 -u "$NATS_TOKEN" -t a -E`],
    ["mqtt nkey", `mosquitto_sub -h 127.0.0.1 -p 1883 -u U -P "$(cat client.nk)" -t a -E`],
    ["mqtt creds", "mosquitto_sub -h 127.0.0.1 -p 1883 -u U -P x -t a -E"],
    ["mqtt cert", `mosquitto_sub -h 127.0.0.1 -p 8883 --cafile ${secure.certificates.file("ca.pem")} --cert client.pem --key client.key -t a -E`],
    ["python nkey", kPrograms.python(`nats.connect("${url}", nkeys_seed_str=open("client.nk").read().strip(), user_credentials="${sentinel}")`)],
    ["go nkey", { file: "none", run: "./none-go nkey", text: "" }],
    ["c nkey", cProgram(`SetURL(opts, "${url}")`, `SetNKeyFromSeed(opts, "${nkey.publicKey}", "client.nk")`)],
  );
  return logins;
}
