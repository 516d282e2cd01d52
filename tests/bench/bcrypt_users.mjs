// A nats-server configuration with many bcrypt users, imported in one command, who then log in
// unchanged. node tests/bench/bcrypt_users.mjs [USERS], with the variables of tests/e2e/support/programs.mjs.

import fs from "node:fs";
import path from "node:path";
import { row, scope, timed } from "./statistics.mjs";

const kUsers = Number(process.argv[2] ?? 1000);
// Made with libxcrypt, at the cost that nats-server's own tool uses.
const kHashes = [
  ["s3cret-one", "$2a$11$abcdefghijklmnopqrstu.0x818UrHoQ/PE9lDY0yfwHcjUYsOALS"],
  ["s3cret-two", "$2a$11$abcdefghijklmnopqrstu.onofFlQLjEwLCJjPd8XRDcHIuY16XHG"],
  ["s3cret-three", "$2a$11$abcdefghijklmnopqrstu.tdsxSzrITHTCgpVBizhoCJ0P6gszhee"],
  ["s3cret-four", "$2a$11$abcdefghijklmnopqrstu.rnQV5v5BKUZfNmjk5gFDEjwJf9eqgHu"],
];
process.env.CREDGATE_LONGEST_FILE ??= "3000000";
const { Gate } = await import("../e2e/support/gate.mjs");
const { until } = await import("../e2e/support/waiting.mjs");
const t = scope();
const gate = await Gate.make(t, { cheapPasswords: false });
const config = path.join(gate.dir, "old.conf");
const users = Array.from({ length: kUsers }, (_, i) =>
  `    { user: user${i}, password: "${kHashes[i % 4][1]}", permissions: { publish: "orders.${i}.>", subscribe: ["orders.>", "_INBOX.>"] } }`);
fs.writeFileSync(config, `accounts {\n  APP { users: [\n${users.join("\n")}\n  ] }\n}\n`);
console.log(`import of ${kUsers} users: ${(await timed(() => gate.do("import", "--nats-config", config))).toFixed(0)} ms`);

const times = { first: [], second: [] };
const failed = [];
let next = 0;
const logIn = async (which) => {
  for (let i = next++; i < kUsers; i = next++) {
    const who = { user: `user${i}`, pass: kHashes[i % 4][0], timeout: 30_000 };
    times[which].push(await timed(() => gate.admitted(who).catch((error) => failed.push(`${who.user}: ${error.message}`))));
  }
};
for (const which of ["first", "second"]) {
  next = 0;
  const seconds = (await timed(() => Promise.all([1, 2, 3, 4].map(() => logIn(which))))) / 1000;
  row(`${which} login of each, 4 at a time`, times[which]);
  console.log(`${which} logins: ${(kUsers / seconds).toFixed(1)}/s, ${failed.length} failed ${failed.slice(0, 3)}`);
  const rehashed = () => gate.gateway.lines(/event=rehashed/).length;
  await until("all have become Argon2id", () => rehashed() === kUsers, 60_000).catch(() => {});
  console.log(`${rehashed()} of ${kUsers} have become Argon2id`);
}
await t.end();
process.exit(failed.length);
