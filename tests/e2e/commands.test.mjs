// The command line: its help, and that secrets are shown once and kept nowhere.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate, vectors } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const [kDone, kConflict] = [0, 4];
const kCommands = [
  "apply", "backup", "check", "completion", "create", "doctor", "explain", "export", "history", "import", "init", "keys", "kick", "list", "restore", "resume",
  "revoke", "role", "rotate", "serve", "sessions", "show", "status", "suspend", "throttle", "update",
];

test("help", async (t) => {
  const whole = await run(credgate, ["--help"]);

  await t.test("of credgate names every command, the exit codes and how to begin", () => {
    assert.equal(whole.code, kDone);
    for (const command of kCommands) assert.match(whole.stdout, new RegExp(`^  ${command} +[A-Z]`, "m"));
    assert.match(whole.stdout.replaceAll("\n", " "), /Exit codes: 0 done, 1 fault, 2 usage, 3 .*78 configuration/);
    assert.match(whole.stdout, /credgate init/);
  });

  await t.test("names no command that this test does not know", () => {
    const listed = whole.stdout.split("Subcommands:\n")[1].split("\n\n")[0];
    assert.deepEqual([...listed.matchAll(/^  (\w+)/gm)].map((match) => match[1]).sort(), [...kCommands].sort());
  });

  for (const command of kCommands) {
    await t.test(`of ${command} ends with 0 and fits a terminal`, async () => {
      const { code, stdout, stderr } = await run(credgate, [command, "--help"]);
      assert.deepEqual([code, stderr], [kDone, ""]);
      assert.match(stdout, new RegExp(`Usage: credgate ${command}`));
      assert.match(stdout, new RegExp(`Examples?:\n  credgate ${command}`));
      for (const global of ["--config FILE", "--json"]) assert.ok(stdout.includes(`\n  ${global} `), `no ${global}`);
    });
  }

  await t.test("its examples are commands that work", async (t) => {
    const gate = await Gate.make(t, { start: false });
    await gate.create("shop", ...kTraffic);
    await gate.create("sensor", ...kTraffic);
    await gate.do("update", "shop", "--name", "was-shop"); // the example makes one
    await gate.do("update", "sensor", "--name", "was-sensor");
    await gate.do("role", "create", "device", ...kTraffic);
    fs.copyFileSync(path.join(vectors, "certificates/p-256.pem"), path.join(gate.dir, "edge.pem"));
    for (const command of ["create", "update", "revoke"]) {
      const { stdout } = await run(credgate, [command, "--help"]);
      const examples = stdout.replaceAll(" \\\n", " ").match(/^ +credgate (?:create|update|revoke)\b.*/gm);
      assert.ok(examples.length > 0);
      for (const example of examples.filter((line) => /^ +credgate \w+ \w/.test(line))) {
        const done = await run("bash", ["-c", `${example.trim().replace(/\s+/g, " ").replace("credgate", '"$CREDGATE"')}`], {
          cwd: gate.dir,
          env: { ...process.env, CREDGATE: credgate, CREDGATE_CONFIG: gate.config },
        });
        assert.equal(done.code, kDone, `${example}: ${done.stderr}`);
      }
    }
  });

  await t.test("is where one looks for it", async () => {
    assert.equal((await run(credgate, ["help"])).stdout, whole.stdout);
    const create = (await run(credgate, ["create", "--help"])).stdout;
    for (const words of [["help", "create"], ["create", "-h"]]) assert.equal((await run(credgate, words)).stdout, create);
    assert.equal((await run(credgate, ["version"])).stdout, (await run(credgate, ["--version"])).stdout);
  });

  await t.test("--version says one line", async () => {
    const { code, stdout } = await run(credgate, ["--version"]);
    assert.equal(code, kDone);
    assert.match(stdout, /^credgate \d+\.\d+\.\d+\n$/);
  });
});

test("secrets", async (t) => {
  const gate = await Gate.make(t);
  const secrets = [];

  await t.test("create prints one once, with the lines to connect", async () => {
    const { stdout } = await gate.do("create", "shown", ...kTraffic);
    const secret = /^ +secret +(\S{40})$/m.exec(stdout)[1];
    const id = /^ +id +(CG\w{18})$/m.exec(stdout)[1];
    secrets.push(secret);
    for (const start of ["nats CLI", "JavaScript", "Go", "Python", "C ", "Java "]) {
      const line = stdout.match(new RegExp(`^  ${start}.*(\n {14}.*)*`, "m"))[0];
      assert.ok(line.includes(id) && line.includes(gate.url) && line.includes(`_CG.${id}`), line);
      assert.ok(!line.includes(secret), line);
    }
    assert.match(stdout, new RegExp(`^  shell +export NATS_PASSWORD=${secret}$`, "m"));
    await gate.admitted({ id, secret, inbox: `_CG.${id}` });
  });

  await t.test("--out writes it to a new file that only its owner can read", async () => {
    const file = path.join(gate.dir, "shop.secret");
    const umask = process.umask(0);
    const { stdout, stderr } = await gate.do("create", "filed", ...kTraffic, "--out", file);
    process.umask(umask);
    assert.equal((fs.statSync(file).mode & 0o777).toString(8), "600");
    const text = fs.readFileSync(file, "utf8");
    const secret = /^ +secret +(\S{40})$/m.exec(text)[1];
    secrets.push(secret);
    assert.ok(!stdout.includes(secret) && !stderr.includes(secret));
    assert.match(stdout, /^CG\w{18} "filed": its secret is in /);
  });

  await t.test("--out --json writes JSON, and a refused create leaves no file", async () => {
    const file = path.join(gate.dir, "json.secret");
    const refused = await gate.command("create", "filed", ...kTraffic, "--out", file, "--json");
    assert.equal(refused.code, kConflict);
    assert.ok(!fs.existsSync(file));
    await gate.do("create", "json", ...kTraffic, "--out", file, "--json");
    const made = JSON.parse(fs.readFileSync(file, "utf8"));
    secrets.push(made.secret);
    await gate.admitted({ id: made.credential.id, secret: made.secret });
  });

  await t.test("an nkey's seed is shown once, and a registered key has none to show", async () => {
    const keyed = await gate.create("keyed", "--kind", "nkey", ...kTraffic);
    secrets.push(keyed.seed);
    assert.match(keyed.seed, /^SU/);
    await gate.do("revoke", "keyed", "--yes");
    const other = await gate.create("registered", "--kind", "nkey", "--public-key", "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", ...kTraffic);
    assert.deepEqual([other.seed, other.secret], [undefined, undefined]);
  });

  await t.test("none of them is in any later output, in the log or in the store", async () => {
    const shown = [];
    for (const args of [["list"], ["history"], ["check"], ["list", "--all", "--quiet"], ["show", "shown"], ["show", "filed"]]) {
      for (const form of [[], ["--json"]]) shown.push((await gate.do(...args, ...form)).stdout);
    }
    await gate.denied({ id: "CGAAAAAAAAAAAAAAAAAA", secret: secrets[0] }, "unknown_credential");
    await gate.refused({ user: "not-an-id", pass: secrets[0] });
    await gate.refused({ token: secrets[1] });
    shown.push(gate.gateway.log);
    shown.push(fs.readFileSync(gate.store("data.mdb"), "latin1"));
    for (const secret of secrets) {
      assert.equal(secret.length, secret.startsWith("SU") ? 58 : 40);
      shown.forEach((text, i) => assert.ok(!text.includes(secret), `a secret is in output ${i}`));
    }
  });
});
