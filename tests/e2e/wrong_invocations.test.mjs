// What the command line refuses: each row is a wrong invocation, with its exit code and what its
// message says. None of them changes anything.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kWords = { 1: "fault", 2: "usage", 3: "not_found", 4: "conflict", 5: "refused", 66: "no_input", 78: "configuration" };
const [kFault, kUsage, kNotFound, kConflict, kRefused, kNoInput, kConfiguration] = [1, 2, 3, 4, 5, 66, 78];
// What only a program, or who wrote it, would say.
const kNotForPeople = /json\.exception|CLI::|std::|subcommand|RequiredError|required but received|[a-z]_[a-z]+: |proof\.|credential\.[a-z]/;

test("wrong invocations", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const shop = await gate.create("shop", ...kTraffic);
  const gone = await gate.create("gone", ...kTraffic);
  await gate.create("alice", "--kind", "password", ...kTraffic);
  await gate.do("revoke", "gone", "--yes");
  await gate.do("role", "create", "reader", "--receive", "--subjects", "news.>");
  await gate.create("member", "--role", "reader");
  const at = (name) => path.join(gate.dir, name);
  fs.writeFileSync(at("taken"), "mine");
  fs.writeFileSync(at("empty"), "\n");
  fs.writeFileSync(at("bad.jsonl"), '{"name":"x","colour":"red"}\n');
  const create = (...args) => ["create", "new", ...args];
  const traffic = (...args) => create(...kTraffic, ...args);
  const nkey = (key) => create("--kind", "nkey", "--public-key", key, ...kTraffic);
  const init = (...args) => ["init", "--dir", at("n"), ...args];

  const table = [
    // Commands, and what other programs call them.
    [[], kUsage, /^a command is missing; see: credgate --help$/],
    [["creat", "x"], kUsage, /no command "creat"; did you mean create\?/],
    [["ls"], kUsage, /no command "ls"; did you mean list\?/],
    [["rm", "shop"], kUsage, /no command "rm"; did you mean revoke\?/],
    [["delete", "shop", "--yes"], kUsage, /no command "delete"; did you mean revoke\?/],
    [["remove", "shop"], kUsage, /did you mean revoke\?/],
    [["get", "shop"], kUsage, /did you mean show\?/],
    [["add", "x"], kUsage, /did you mean create\?/],
    [["log"], kUsage, /did you mean history\?/],
    [["LIST"], kUsage, /did you mean list\?/],
    [["sess", "shop"], kUsage, /did you mean sessions\?/],
    [["frobnicate"], kUsage, /no command "frobnicate"; see: credgate --help/],
    [["help", "lst"], kUsage, /no command "lst"; did you mean list\?/],
    [["lst", "--help"], kUsage, /no command "lst"; did you mean list\?/],
    // Options, arguments.
    [["--frobnicate"], kUsage, /no option --frobnicate; see: credgate --help/],
    [["create"], kUsage, /^NAME is missing: /],
    [create("--frobnicate"), kUsage, /no option --frobnicate; see: credgate create --help/],
    [create("--publsh"), kUsage, /no option --publsh; did you mean --publish\?/],
    [create("--subject", "a.b"), kUsage, /no option --subject; did you mean --subjects\?/],
    [create("--kin=key"), kUsage, /no option --kin; did you mean --kind\?/],
    [create("--Publish"), kUsage, /did you mean --publish\?/],
    [["list", "-x"], kUsage, /no option -x/],
    // One says yes, the other no.
    [["update", "shop", "--publish", "--no-publish"], kUsage, /--publish and --no-publish contradict each other; give one of them/],
    [["update", "shop", "--no-manage", "--manage", "--manage"], kUsage, /--manage and --no-manage contradict each other/],
    [["update", "shop", "--no-shared-inbox", "--shared-inbox"], kUsage, /--shared-inbox and --no-shared-inbox contradict each other/],
    [["list", "--jsn"], kUsage, /no option --jsn; did you mean --json\?/],
    [["list", "shop"], kUsage, /"shop" is one argument too many; see: credgate list --help/],
    [["show", "shop", "alice"], kUsage, /"alice" is one argument too many/],
    [["create", "a", "b", ...kTraffic], kUsage, /"b" is one argument too many/],
    [["show"], kUsage, /^CREDENTIAL is missing: id or name of the credential/],
    [["update"], kUsage, /^CREDENTIAL is missing/],
    [["revoke", "--yes"], kUsage, /^CREDENTIAL is missing/],
    [["rotate"], kUsage, /^CREDENTIAL is missing/],
    [["keys"], kUsage, /^ACTION is missing: list, add, promote or retire/],
    [["throttle"], kUsage, /^ACTION is missing: list or clear/],
    [["completion"], kUsage, /^SHELL is missing: bash, zsh or fish/],
    [["backup"], kUsage, /^FILE is missing/],
    [["list", "--account"], kUsage, /^--account needs a value: ACCOUNT/, "last"],
    [["list", "--account", "A", "--account", "B"], kUsage, /^--account may be given once only/],
    [["list", "--quiet=yes"], kUsage, /^--quiet takes no value/],
    [create("--publish=no"), kUsage, /^--publish takes no value/],
    // What it may do.
    [create(), kUsage, /nothing is allowed yet: give --publish, --receive or --manage/],
    [create("--publish"), kUsage, /^--subjects: .* for --publish, unless --everything/],
    [create("--receive"), kUsage, /^--subjects: .*--receive/],
    [create("--manage"), kUsage, /^--streams: .*--manage/],
    [create("--subjects", "a.b"), kUsage, /nothing is allowed yet/],
    [create("--publish", "--subjects", "a..b"), kUsage, /^--subjects: "a\.\.b" must be/],
    [create("--publish", "--subjects", "a.>.b"), kUsage, /^--subjects: "a\.>\.b"/],
    [create("--publish", "--subjects", "a b"), kUsage, /^--subjects: "a b"/],
    [create("--publish", "--subjects", "a\tb"), kUsage, /^--subjects: /],
    [create("--publish", "--subjects", ">"), kUsage, /^--subjects: .*--everything/],
    [create("--publish", "--subjects", "*.b"), kUsage, /^--subjects: .*--everything/],
    [create("--publish", "--subjects", "$JS.API.>"), kUsage, /^--subjects: .*--allow-pub/],
    [create("--receive", "--subjects", "_INBOX.>"), kUsage, /^--subjects: .*--allow-sub/],
    [create("--receive", "--subjects", `${shop.inbox}.>`), kUsage, /^--subjects: .*--allow-sub/],
    [create("--receive", "--subjects", "_CG.>"), kUsage, /^--subjects: .*--allow-sub/],
    [create("--publish", "--subjects", "a,a"), kUsage, /^--subjects: .*twice/],
    [create("--publish", "--everything", "--subjects", "a"), kUsage, /^--subjects: .*--everything/],
    [create("--everything"), kUsage, /nothing is allowed yet/],
    [create("--receive", "--streams", "A.B"), kUsage, /^--streams: "A\.B"/],
    [create("--receive", "--streams", "A", "--consumers", "*,b"), kUsage, /^--consumers: /],
    [create("--receive", "--consumers", "c", "--subjects", "a"), kUsage, /^--consumers: .*streams/],
    [traffic("--ack-v2"), kUsage, /^--ack-v2: needs streams/],
    [traffic("--allow-pub", "a..b"), kUsage, /^--allow-pub: "a\.\.b"/],
    [traffic("--deny-sub", "a b"), kUsage, /^--deny-sub: "a b"/],
    [traffic("--responses", "many"), kUsage, /^--responses: "many" is not a limit; write it as 5\/30s/],
    [traffic("--responses", "0/30s"), kUsage, /^--responses: /],
    [traffic("--responses", "5/48h"), kUsage, /^--responses: must be 1 second to 24 hours/],
    // Which account, which kind.
    [traffic("--account", "NOPE"), kRefused, /NOPE.*accounts/],
    [traffic("--account", "AUTH"), kRefused, /AUTH/],
    [traffic("--account", "SYS"), kRefused, /SYS/],
    [traffic("--kind", "pigeon"), kUsage, /^--kind: must be key, password, .* or cert, not "pigeon"$/],
    [traffic("--kind", "pasword"), kUsage, /^--kind: .* did you mean password\?/],
    [traffic("--kind", "cert"), kUsage, /--cert or --fingerprint/],
    [traffic("--kind", "cert", "--cert", at("taken")), kUsage, /^--cert .*PEM/],
    [traffic("--kind", "cert", "--fingerprint", "zz"), kUsage, /^--fingerprint: /],
    [traffic("--kind", "cert", "--fingerprint", "zz", "--by-public-key"), kUsage, /^--by-public-key is only for --cert/],
    [traffic("--login", "x"), kUsage, /^--login is only for --kind password/],
    [traffic("--kind", "password", "--password-file", at("empty")), kUsage, /^--password-file: /],
    [traffic("--kind", "password", "--password-file", at("none")), kFault, /^--password-file .*No such file/],
    [traffic("--kind", "password", "--login", "alice"), kConflict, /user name "alice" is taken/],
    [traffic("--public-key", shop.id), kUsage, /--public-key is only for --kind nkey/],
    [nkey("UABC"), kUsage, /^--public-key: must be a user nkey/],
    [nkey(`U${"A".repeat(55)}`), kUsage, /^--public-key: /],
    [nkey("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"), kUsage, /--public-key.*seed.*replace it/],
    [traffic("--sigv4-connect"), kUsage, /^--sigv4-connect: needs --sigv4/],
    [traffic("--kind", "password", "--sigv4"), kUsage, /^--sigv4: is only for kind key/],
    // From where and when.
    [traffic("--sources", "10.0.0.1/8"), kUsage, /^--sources: "10\.0\.0\.1\/8"/],
    [traffic("--sources", "localhost"), kUsage, /^--sources: "localhost"/],
    [traffic("--sources", "10.0.0.0/33"), kUsage, /^--sources: /],
    [traffic("--connection-types", "standard"), kUsage, /^--connection-types: .*did you mean STANDARD\?/],
    [traffic("--connection-types", "MQTT_WS"), kUsage, /^--connection-types: /],
    [traffic("--times", "8-18"), kUsage, /^--times: .*08:00-18:00/],
    [traffic("--times", "24:01-25:00"), kUsage, /^--times: /],
    [traffic("--times-location", "Mars/Olympus"), kUsage, /^--times-location: "Mars/],
    [traffic("--times-location", "/etc/passwd"), kUsage, /^--times-location: /],
    [traffic("--expires", "soon"), kUsage, /^--expires: "soon" is not a timestamp; write /],
    [traffic("--expires", "30"), kUsage, /^--expires: /],
    [traffic("--expires", "-1d"), kUsage, /^--expires: /],
    [traffic("--not-before", "2026-13-01"), kUsage, /^--not-before: /],
    [traffic("--not-before", "2d", "--expires", "1d"), kUsage, /^--expires: must be later than --not-before/],
    [traffic("--session-ttl", "1s"), kUsage, /^--session-ttl: must be 10 seconds to 365 days/],
    [traffic("--session-ttl", "long"), kUsage, /^--session-ttl: /],
    [traffic("--max-sessions", "lots"), kUsage, /^--max-sessions: must be a number, or unlimited/],
    [traffic("--inbox", "public"), kUsage, /no option --inbox/],
    [traffic("--tag", "novalue"), kUsage, /^--tag: "novalue" must be `key=value`/],
    [traffic("--tag", "a=1", "--tag", "a=2"), kUsage, /^--tag: must contain each key once/],
    [traffic("--region", "a b"), kUsage, /^--region: "a b"/],
    [traffic("--request-id", "x".repeat(129)), kUsage, /^--request-id: /],
    // Files and names.
    [traffic("--out", at("taken")), kConflict, /^--out .*taken/],
    [traffic("--out", "/nowhere/at/all"), kFault, /^--out \/nowhere/],
    [["create", "shop", ...kTraffic], kConflict, /shop/],
    [["create", "", ...kTraffic], kUsage, /^NAME: must be 1 to 128 bytes/],
    [["create", " x", ...kTraffic], kUsage, /^NAME: .*space/],
    [["create", "a\nb", ...kTraffic], kUsage, /^NAME: .*printable/],
    [["create", "x".repeat(129), ...kTraffic], kUsage, /^NAME: .*128/],
    [["create", shop.id, ...kTraffic], kUsage, /^NAME: .*id/],
    [["show", "nobody"], kNotFound, /no credential named "nobody"/],
    [["show", "shpo"], kNotFound, /no credential named "shpo".*; did you mean shop\?/],
    [["revoke", "alise", "--yes"], kNotFound, /did you mean alice\?/],
    [["show", "gone"], kNotFound, /no credential named "gone" \(not revoked\)/],
    [["show", "CGAAAAAAAAAAAAAAAAAA"], kNotFound, /CGAAAAAAAAAAAAAAAAAA/],
    [["show", "shop", "--account", "NOPE"], kNotFound, /shop/],
    [["sessions", "nobody"], kNotFound, /nobody/],
    [["kick", "nobody"], kNotFound, /nobody/],
    // Changes.
    [["update", "shop"], kUsage, /no change was given; see: credgate update --help/],
    [["update", "nobody", "--publish"], kNotFound, /nobody/],
    [["update", gone.id, "--publish"], kRefused, /revoked/],
    [["update", "shop", "--subjects", ""], kUsage, /^--subjects: /],
    [["update", "shop", "--name", " y"], kUsage, /^--name: .*space/],
    [["update", "shop", "--name", "alice"], kConflict, /alice/],
    [["update", "shop", "--kind", "nkey"], kUsage, /no option --kind/],
    [["update", "shop", "--revision", "x", "--publish"], kUsage, /^--revision: must be a number, not "x"/],
    [["update", "shop", "--revision", "-1", "--publish"], kUsage, /--revision/],
    [["update", "shop", "--revision", "99", "--publish"], kConflict, /revision/],
    [["update", "shop", "--tag", "a=b", "--reason", "a\nb"], kUsage, /^--reason: must be at most 1024 bytes/],
    [["suspend", "nobody"], kNotFound, /nobody/],
    [["suspend", gone.id], kRefused, /revoked/],
    [["resume", gone.id], kRefused, /revoked/],
    [["revoke", "shop"], kUsage, /--yes/],
    [["rotate", "nobody"], kNotFound, /nobody/],
    [["rotate", "shop", "--overlap", "soon"], kUsage, /^--overlap: must be a duration/],
    [["rotate", "shop", "--overlap", "40000d"], kUsage, /^--overlap: must be a duration/],
    [["rotate", "shop", "--reason", "a\nb"], kUsage, /^--reason: must be at most 1024 bytes/],
    [["rotate", gone.id], kRefused, /revoked/],
    // Roles.
    [["role"], kUsage, /^ACTION is missing: create, list, show, update or delete; see: credgate role --help/],
    [["role", "make", "x"], kUsage, /^ACTION: must be create, list, show, update or delete, not "make"/],
    [["roles"], kUsage, /no command "roles"; did you mean role\?/],
    [["role", "create"], kUsage, /^ROLE is missing: .*role create ROLE/],
    [["role", "create", "a b", ...kTraffic], kUsage, /^ROLE: must be the name of a role: 1 to 64 of /],
    [["role", "create", "a/b", ...kTraffic], kUsage, /^ROLE: must be the name of a role: 1 to 64 of /],
    [["role", "create", "reader", ...kTraffic], kConflict, /there is a role reader in account APP already/],
    [["role", "create", "new", ...kTraffic, "--account", "NOPE"], kRefused, /account "NOPE" is not configured/],
    [["role", "create", "new", "--publish"], kUsage, /^--subjects: /],
    [["role", "create", "new", ...kTraffic, "--now"], kUsage, /^--now is only for role update$/],
    [["role", "create", "new", ...kTraffic, "--sources", "10.0.0.0/8"], kUsage, /no option --sources/],
    [["role", "create", "new", ...kTraffic, "--description", "a\nb"], kUsage, /^--description: must be at most 255 bytes of printable/],
    [["role", "list", "reader"], kUsage, /takes no ROLE; did you mean: credgate role show reader/],
    [["role", "list", "--publish"], kUsage, /^what a role may do is only for role create and role update$/],
    [["role", "list", "--account", "NOPE"], kNotFound, /no account "NOPE"/],
    [["role", "show", "raeder"], kNotFound, /no role .*raeder.*; did you mean reader\?/],
    [["role", "show", "NOPE/reader"], kNotFound, /reader/],
    [["role", "show", "reader", "--yes"], kUsage, /^--yes is only for role delete$/],
    [["role", "update", "reader"], kUsage, /no change was given; see: credgate role --help/],
    [["role", "update", "nobody", "--publish"], kNotFound, /nobody/],
    [["role", "update", "reader", "--no-receive"], kUsage, /^--subjects: need --publish or --receive/],
    [["role", "update", "reader", "--receive", "--no-receive"], kUsage, /contradict each other/],
    [["role", "update", "reader", "--publish", "--revision", "99"], kConflict, /revision/],
    [["role", "delete", "reader"], kUsage, /--yes/],
    [["role", "delete", "reader", "--yes"], kConflict, /CG[A-Z0-9]{18}/],
    [["role", "delete", "nobody", "--yes"], kNotFound, /nobody/],
    [create("--role", "nobody"), kUsage, /^--role: there is no role "nobody" in account APP/],
    [create("--role", "a b"), kUsage, /^--role: /],
    [create("--no-role", "reader"), kUsage, /no option --no-role/],
    [["update", "member", "--role", "x", "--no-role", "x"], kUsage, /--role x and --no-role x contradict each other; give one of them/],
    [["update", "member", "--no-role", "raeder"], kUsage, /^--no-role: "member" does not have the role "raeder"; it has reader; did you mean reader\?/],
    [["update", "shop", "--no-role", "reader"], kUsage, /^--no-role: .*; it has none/],
    [["update", "shpo", "--role", "reader"], kNotFound, /did you mean shop\?/],
    [["update", "member", "--no-role", "reader"], kUsage, /nothing is allowed yet/],
    [["list", "--role", "nobody"], kNotFound, /nobody/],
    // Reading.
    [["list", "--status", "dead"], kUsage, /^--status: must be active, suspended, expired, not_yet_valid or revoked, not "dead"/],
    [["list", "--status", "activ"], kUsage, /did you mean active\?/],
    [["list", "--account", "NOPE"], kNotFound, /no account "NOPE"; choose one of: .*APP/],
    [["list", "--account", "APPP"], kNotFound, /did you mean APP\?/],
    [["list", "--unused", "long"], kUsage, /^--unused: must be a duration \(90d, 12h\), not "long"/],
    [["list", "--sort", "nme"], kUsage, /^--sort: must be name, .*; did you mean name\?/],
    [["list", "--columns", "name,colour"], kUsage, /^--columns: must be name, .*, not "colour"/],
    [["history", "nobody"], kNotFound, /nobody/],
    [["history", "shpo"], kNotFound, /did you mean shop\?/],
    [["history", "CGAAAAAAAAAAAAAAAAAA"], kNotFound, /CGAAAAAAAAAAAAAAAAAA/],
    [["history", "--action", "eat"], kUsage, /^--action: must be create, .*, not "eat"/],
    [["history", "--action", "revok"], kUsage, /did you mean revoke\?/],
    [["history", "--account", "NOPE"], kNotFound, /no account "NOPE"/],
    [["history", "--since", "yesterday"], kUsage, /^--since: "yesterday" is not a timestamp; write /],
    [["history", "--until", "30"], kUsage, /^--until: /],
    [["history", "--verify", "--from", "3"], kUsage, /^--from: must be SEQ:HASH/],
    [["history", "--from", "3:AA"], kUsage, /^--from is only for --verify/],
    [["history", "--yes"], kUsage, /^--yes is only for --prune/],
    [["history", "--prune", "90d"], kUsage, /--yes/],
    [["history", "--prune", "soon", "--yes"], kUsage, /^--prune: "soon" is not a timestamp/],
    [["explain", "nobody"], kNotFound, /nobody/],
    [["explain", "shop", "--type", "mqtt"], kUsage, /^--type: .*did you mean MQTT\?/],
    [["explain", "shop", "--source", "here"], kUsage, /^--source: /],
    [["explain", "shop", "--at", "noon"], kUsage, /^--at: /],
    // The other commands.
    [["keys", "lst"], kUsage, /^ACTION: must be list, add, promote or retire, not "lst"; did you mean list\?/],
    [["keys", "add", "door"], kUsage, /^ROLE: must be issuer, xkey or master, not "door"/],
    [["keys", "add"], kUsage, /keys add ROLE/],
    [["keys", "retire", "xkey", "none.nk"], kNotFound, /none.nk/],
    [["throttle", "show"], kUsage, /^ACTION: must be list or clear, not "show"/],
    [["throttle", "clear", "here"], kUsage, /SOURCE "here" must be an address or a range/],
    [["completion", "tcsh"], kUsage, /^SHELL: must be bash, zsh or fish, not "tcsh"/],
    [["import"], kUsage, /FILE/],
    [["import", "/nonexistent"], kNoInput, /cannot be read/],
    [["export", "--out", at("taken")], kConflict, /taken/],
    [["backup", at("taken")], kConflict, /taken/],
    [["restore", at("none")], kConflict, /store is not empty, and nothing in it is overwritten/],
    [["doctor", at("none.conf")], kNoInput, /none\.conf/],
    [["doctor", "--server-version", "new"], kUsage, /^--server-version: must be a version such as 2\.10\.27/],
    [["serve", "--instance", "a/b"], kUsage, /^--instance: /],
    [["serve", "--metrics", "here"], kUsage, /--metrics|metrics/],
    [["create", "x", ...kTraffic, "--server", "nats://127.0.0.1:1", "--user", "CGX"], kUsage, /--inbox-prefix is missing/],
    [["backup", at("n"), "--server", "nats://127.0.0.1:1"], kUsage, /backup is a local command/],
    [init("--account", "AUTH"), kUsage, /--account/],
    [init("--account", "a b"), kUsage, /--account/],
    [init("--listen", "4222"), kUsage, /--listen/],
    [init("--listen", "127.0.0.1:http"), kUsage, /--listen/],
    [init("--mode", "operatr"), kUsage, /^--mode: must be config or operator, not "operatr"; did you mean operator\?/],
    [["init", "--dir", gate.dir], kConflict, /already exists/],
  ];
  assert.ok(table.length >= 100);

  const state = async () => [
    (await gate.do("list", "--all", "--json")).json,
    (await gate.do("history", "--json")).json,
    fs.readdirSync(gate.dir, { recursive: true }).filter((name) => !/^(run|store)\b/.test(name)).sort(),
  ];
  const before = await state();
  const runs = [];
  const kAtOnce = 4;
  for (let i = 0; i < table.length; i += kAtOnce) {
    runs.push(...await Promise.all(table.slice(i, i + kAtOnce).map(async ([args, , , last]) => {
      if (last) return [await run(credgate, args), await run(credgate, ["--json", ...args])];
      return [await gate.command(...args), await gate.command(...args, "--json")];
    })));
  }
  for (const [i, [args, code, pattern]] of table.entries()) {
    const title = ["credgate", ...args].join(" ").replaceAll(gate.dir, "DIR").slice(0, 90);
    await t.test(`${JSON.stringify(title)} is refused with ${code}, naming what is wrong`, () => {
      const [plain, json] = runs[i];
      assert.equal(plain.code, code, plain.stderr);
      assert.match(plain.stderr, /^credgate: /);
      assert.match(plain.stderr.slice("credgate: ".length).trimEnd(), pattern);
      assert.doesNotMatch(plain.stderr, kNotForPeople);
      assert.equal(plain.stdout, "");
      assert.equal(json.code, code);
      const { error } = JSON.parse(json.stderr);
      assert.deepEqual(Object.keys(error), ["code", "message"]);
      assert.equal(error.code, kWords[code]);
      assert.match(error.message, pattern);
    });
  }

  await t.test("nothing of it changed anything, nor is it in the journal", async () => {
    assert.deepEqual(await state(), before);
    assert.equal(fs.readFileSync(at("taken"), "utf8"), "mine");
  });

  await t.test("a configuration that is not there is named", async () => {
    const done = await run(credgate, ["list", "--config", "/nonexistent/credgate.conf"]);
    assert.equal(done.code, kConfiguration);
    assert.match(done.stderr, /\/nonexistent\/credgate\.conf/);
  });

  await t.test("output that can't be written is a failure", async () => {
    const done = await run("bash", ["-c", '"$0" list --json --config "$1" > /dev/full', credgate, gate.config]);
    assert.equal(done.code, kFault, done.stderr);
    assert.match(done.stderr, /standard output/);
  });
});
