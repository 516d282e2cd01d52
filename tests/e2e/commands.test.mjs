// The command line: its help, what it refuses and how it says so, its completion, and that secrets
// are shown once and kept nowhere.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { run } from "./support/processes.mjs";
import { credgate, vectors } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const [kDone, kUsage, kNotFound, kConflict, kRefused] = [0, 2, 3, 4, 5];
const kCommands = [
  "backup", "check", "completion", "create", "doctor", "explain", "export", "history", "import", "init", "keys", "kick", "list", "restore", "resume",
  "revoke", "rotate", "serve", "sessions", "show", "status", "suspend", "throttle", "update",
];
const kWithExamples = ["backup", "completion", "create", "doctor", "explain", "export", "init", "keys", "restore", "revoke", "rotate", "throttle", "update"];

test("help", async (t) => {
  const whole = await run(credgate, ["--help"]);

  await t.test("of credgate names every command, the exit codes and how to begin", () => {
    assert.equal(whole.code, kDone);
    for (const command of kCommands) assert.match(whole.stdout, new RegExp(`^  ${command} +[A-Z]`, "m"));
    assert.match(whole.stdout, /Exit codes: 0 done, 1 fault, 2 usage, 3 .*78 configuration/);
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
      if (kWithExamples.includes(command)) assert.match(stdout, /Examples?:\n +(source <\()?credgate /);
    });
  }

  await t.test("its examples are commands that work", async (t) => {
    const gate = await Gate.make(t, { start: false });
    await gate.create("shop", ...kTraffic);
    await gate.create("sensor", ...kTraffic);
    await gate.do("update", "shop", "--name", "was-shop"); // the example makes one
    await gate.do("update", "sensor", "--name", "was-sensor");
    fs.copyFileSync(path.join(vectors, "certificates/p-256.pem"), path.join(gate.dir, "edge.pem"));
    for (const command of ["create", "update", "revoke"]) {
      const { stdout } = await run(credgate, [command, "--help"]);
      const examples = stdout.match(/^ +credgate (?:create|update|revoke)\b.*(?:\n\S.*\/\d+$)?/gm);
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

  await t.test("--version says one line", async () => {
    const { code, stdout } = await run(credgate, ["--version"]);
    assert.equal(code, kDone);
    assert.match(stdout, /^credgate \d+\.\d+\.\d+\n$/);
  });
});

test("bad input", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const shop = await gate.create("shop", ...kTraffic);
  const gone = await gate.create("gone", ...kTraffic);
  await gate.do("revoke", "gone", "--yes");
  const taken = path.join(gate.dir, "taken");
  fs.writeFileSync(taken, "mine");
  const create = (...args) => ["create", "new", ...args];
  const nkey = (key) => create("--kind", "nkey", "--public-key", key, ...kTraffic);

  // What is given, the exit code, and what the message names.
  const table = [
    [[], kUsage, /a command is missing/],
    [["creat", "x"], kUsage, /creat/],
    [["create"], kUsage, /NAME/],
    [create("--frobnicate"), kUsage, /--frobnicate/],
    [create(), kUsage, /capabilities.*publish/],
    [create("--publish"), kUsage, /subjects/],
    [create("--receive"), kUsage, /subjects.*streams|subjects/],
    [create("--manage"), kUsage, /streams/],
    [create("--subjects", "a.b"), kUsage, /capabilities: must include publish/],
    [create("--publish", "--subjects", "a..b"), kUsage, /subjects.*a\.\.b/],
    [create("--publish", "--subjects", "a.>.b"), kUsage, /subjects.*a\.>\.b/],
    [create("--publish", "--subjects", "a b"), kUsage, /subjects/],
    [create("--publish", "--subjects", "a\tb"), kUsage, /subjects/],
    [create("--publish", "--subjects", ">"), kUsage, /subjects.*everything/],
    [create("--publish", "--subjects", "*.b"), kUsage, /subjects.*everything/],
    [create("--publish", "--subjects", "$JS.API.>"), kUsage, /subjects.*permissions/],
    [create("--receive", "--subjects", "_INBOX.>"), kUsage, /subjects.*permissions/],
    [create("--receive", "--subjects", `${shop.inbox}.>`), kUsage, /subjects.*permissions/],
    [create("--receive", "--subjects", "_CG.>"), kUsage, /subjects.*permissions/],
    [create("--publish", "--subjects", "a,a"), kUsage, /subjects.*twice/],
    [create("--publish", "--everything", "--subjects", "a"), kUsage, /subjects.*everything/],
    [create("--receive", "--streams", "A.B"), kUsage, /streams.*A\.B/],
    [create("--receive", "--streams", "A", "--consumers", "*,b"), kUsage, /consumers/],
    [create("--receive", "--consumers", "c", "--subjects", "a"), kUsage, /consumers.*streams/],
    [create(...kTraffic, "--account", "NOPE"), kRefused, /NOPE.*accounts/],
    [create(...kTraffic, "--account", "AUTH"), kRefused, /AUTH/],
    [create(...kTraffic, "--account", "SYS"), kRefused, /SYS/],
    [create(...kTraffic, "--kind", "pigeon"), kUsage, /--kind/],
    [create(...kTraffic, "--kind", "cert"), kUsage, /--cert or --fingerprint/],
    [create(...kTraffic, "--login", "x"), kUsage, /--login is only for --kind password/],
    [["rotate", "nobody"], 3, /nobody/],
    [["rotate", "shop", "--overlap", "soon"], kUsage, /--overlap/],
    [["keys", "add", "door"], kUsage, /issuer, xkey or master/],
    [["keys", "retire", "xkey", "none.nk"], 3, /none.nk/],
    [["import"], kUsage, /FILE/],
    [["import", "/nonexistent"], 66, /cannot be read/],
    [create(...kTraffic, "--public-key", shop.id), kUsage, /--public-key.*nkey/],
    [nkey("UABC"), kUsage, /--public-key/],
    [nkey(`U${"A".repeat(55)}`), kUsage, /--public-key/],
    [nkey("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"), kUsage, /--public-key.*seed.*replace it/],
    [create(...kTraffic, "--sources", "10.0.0.1/8"), kUsage, /--sources.*10\.0\.0\.1\/8/],
    [create(...kTraffic, "--sources", "localhost"), kUsage, /--sources.*localhost/],
    [create(...kTraffic, "--sources", "10.0.0.0/33"), kUsage, /--sources/],
    [create(...kTraffic, "--connection-types", "standard"), kUsage, /--connection-types.*STANDARD/],
    [create(...kTraffic, "--connection-types", "MQTT_WS"), kUsage, /--connection-types/],
    [create(...kTraffic, "--times", "8-18"), kUsage, /--times.*08:00-18:00/],
    [create(...kTraffic, "--times", "24:01-25:00"), kUsage, /--times/],
    [create(...kTraffic, "--times-location", "Mars/Olympus"), kUsage, /--times-location.*Mars/],
    [create(...kTraffic, "--times-location", "/etc/passwd"), kUsage, /--times-location|times_location/],
    [create(...kTraffic, "--expires", "soon"), kUsage, /--expires.*soon/],
    [create(...kTraffic, "--expires", "30"), kUsage, /--expires/],
    [create(...kTraffic, "--expires", "-1d"), kUsage, /--expires/],
    [create(...kTraffic, "--not-before", "2026-13-01"), kUsage, /--not-before/],
    [create(...kTraffic, "--not-before", "2d", "--expires", "1d"), kUsage, /expires_at.*not_before/],
    [create(...kTraffic, "--session-ttl", "1s"), kUsage, /session_ttl.*10 seconds/],
    [create(...kTraffic, "--session-ttl", "long"), kUsage, /--session-ttl/],
    [create(...kTraffic, "--inbox", "public"), kUsage, /--inbox/],
    [create(...kTraffic, "--tag", "novalue"), kUsage, /tags/],
    [create(...kTraffic, "--tag", "a=1", "--tag", "a=2"), kUsage, /tags/],
    [create(...kTraffic, "--region", "a b"), kUsage, /regions/],
    [create(...kTraffic, "--out", taken), kConflict, /--out .*taken/],
    [create(...kTraffic, "--out", "/nowhere/at/all"), 1, /--out \/nowhere/],
    [["create", "shop", ...kTraffic], kConflict, /shop/],
    [["create", "", ...kTraffic], kUsage, /name/],
    [["create", " x", ...kTraffic], kUsage, /name.*space/],
    [["create", "a\nb", ...kTraffic], kUsage, /name.*printable/],
    [["create", "x".repeat(129), ...kTraffic], kUsage, /name.*128/],
    [["create", shop.id, ...kTraffic], kUsage, /name.*id/],
    [["show", "nobody"], kNotFound, /nobody/],
    [["show", "CGAAAAAAAAAAAAAAAAAA"], kNotFound, /CGAAAAAAAAAAAAAAAAAA/],
    [["show"], kUsage, /CREDENTIAL/],
    [["history", "nobody"], kNotFound, /nobody/],
    [["history", "CGAAAAAAAAAAAAAAAAAA"], kNotFound, /CGAAAAAAAAAAAAAAAAAA/],
    [["update", "shop"], kUsage, /no change was given/],
    [["update", "nobody", "--publish"], kNotFound, /nobody/],
    [["update", gone.id, "--publish"], kRefused, /revoked/],
    [["update", "shop", "--subjects", ""], kUsage, /subjects/],
    [["update", "shop", "--revision", "x", "--publish"], kUsage, /--revision/],
    [["update", "shop", "--revision", "99", "--publish"], kConflict, /revision/],
    [["resume", gone.id], kRefused, /revoked/],
    [["revoke", "shop"], kUsage, /--yes/],
    [["list", "--status", "dead"], kUsage, /--status/],
    [["completion", "fish"], kUsage, /SHELL|bash/],
    [["init", "--dir", path.join(gate.dir, "n"), "--account", "AUTH"], kUsage, /--account/],
    [["init", "--dir", path.join(gate.dir, "n"), "--account", "a b"], kUsage, /--account/],
    [["init", "--dir", path.join(gate.dir, "n"), "--listen", "4222"], kUsage, /--listen/],
    [["init", "--dir", path.join(gate.dir, "n"), "--listen", "127.0.0.1:http"], kUsage, /--listen/],
    [["init", "--dir", gate.dir], kConflict, /already exists/],
  ];
  const before = (await gate.do("list", "--json")).json;
  for (const [args, code, pattern] of table) {
    const title = ["credgate", ...args].join(" ").replaceAll(gate.dir, "DIR").slice(0, 90);
    await t.test(`${JSON.stringify(title)} is refused with ${code}, naming what is wrong`, async () => {
      const plain = await gate.command(...args);
      assert.equal(plain.code, code, plain.stderr);
      assert.match(plain.stderr, pattern);
      assert.match(plain.stderr, /^credgate: /);
      assert.equal(plain.stdout, "");

      const json = await gate.command(...args, "--json");
      assert.equal(json.code, code);
      const { error } = JSON.parse(json.stderr);
      assert.deepEqual(Object.keys(error), ["code", "message"]);
      const words = { 1: "fault", 2: "usage", 3: "not_found", 4: "conflict", 5: "refused", 66: "no_input", 78: "configuration" };
      assert.equal(error.code, words[code]);
      assert.match(error.message, pattern);
    });
  }

  await t.test("and nothing of it changed anything", async () => {
    assert.deepEqual((await gate.do("list", "--json")).json, before);
    assert.equal(fs.readFileSync(taken, "utf8"), "mine");
    assert.ok(!fs.existsSync(path.join(gate.dir, "n")));
  });

  await t.test("output that can't be written is a failure", async () => {
    const done = await run("bash", ["-c", '"$0" list --json --config "$1" > /dev/full', credgate, gate.config]);
    assert.equal(done.code, 1, done.stderr);
    assert.match(done.stderr, /standard output/);
  });
});

test("completion", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("shop", ...kTraffic);
  await gate.create("shuttle", ...kTraffic);
  const script = (await run(credgate, ["completion", "bash"])).stdout;
  const bin = temporaryDirectory();
  fs.symlinkSync(credgate, path.join(bin, "credgate"));

  // What bash offers after these words, the last of which is being typed.
  async function offers(...words) {
    const program = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _credgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { code, stdout, stderr } = await run("bash", ["-c", program, "bash", ...words], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, CREDGATE_CONFIG: gate.config },
    });
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.split("\n").filter(Boolean);
  }

  await t.test("is a script that bash can read", async () => {
    const { code, stderr } = await run("bash", ["-n"], { input: script });
    assert.deepEqual([code, stderr], [0, ""]);
  });
  await t.test("offers the commands", async () => {
    assert.deepEqual((await offers("credgate", "")).filter((word) => !word.startsWith("-")).sort(), [...kCommands].sort());
    assert.deepEqual(await offers("credgate", "su"), ["suspend"]);
  });
  await t.test("offers a command's options", async () => {
    assert.deepEqual((await offers("credgate", "create", "--sub")).sort(), ["--subjects"]);
    assert.deepEqual((await offers("credgate", "update", "x", "--no-pub")).sort(), ["--no-publish"]);
    assert.ok((await offers("credgate", "list", "--")).includes("--json"));
  });
  await t.test("offers the values of an option", async () => {
    assert.deepEqual(await offers("credgate", "create", "x", "--kind", ""), ["key", "password", "token", "nkey", "creds", "cert"]);
    assert.deepEqual(await offers("credgate", "list", "--status", "s"), ["suspended"]);
    assert.deepEqual(await offers("credgate", "create", "x", "--connection-types", "WEB"), ["WEBSOCKET"]);
  });
  await t.test("offers the names of credentials", async () => {
    assert.deepEqual((await offers("credgate", "show", "sh")).sort(), ["shop", "shuttle"]);
    assert.deepEqual(await offers("credgate", "revoke", "sho"), ["shop"]);
    assert.deepEqual(await offers("credgate", "--config", gate.config, "update", "shu"), ["shuttle"]);
  });
  await t.test("offers no names where a new one is meant", async () => {
    assert.deepEqual(await offers("credgate", "create", "sh"), []);
  });
  await t.test("does not offer a revoked credential's name, which names nothing any more", async () => {
    await gate.do("revoke", "shuttle", "--yes");
    assert.deepEqual(await offers("credgate", "show", "shu"), []);
  });
  await t.test("offers a name with a space whole", async () => {
    await gate.create("my shop", ...kTraffic);
    const mine = await offers("credgate", "show", "my");
    assert.equal(mine.length, 1, JSON.stringify(mine));
    assert.match(mine[0], /^["']?my\\? shop["']?$/);
  });
  await t.test("does not run what a credential is called", async () => {
    const proof = path.join(gate.dir, "ran");
    for (const name of [`$(touch ${proof})`, `\`touch ${proof}\``, `'; touch ${proof}; '`]) await gate.create(name, ...kTraffic);
    await offers("credgate", "show", "");
    assert.ok(!fs.existsSync(proof), "a credential's name was run as a command");
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
    for (const start of ["nats CLI", "JavaScript", "Go", "Python", "C "]) {
      const line = stdout.split("\n").find((candidate) => candidate.startsWith(`  ${start}`));
      assert.ok(line.includes(id) && line.includes(secret) && line.includes(`_CG.${id}`), line);
    }
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
    for (const args of [["list"], ["history"], ["check"], ["list", "--quiet"], ["show", "shown"], ["show", "filed"]]) {
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
