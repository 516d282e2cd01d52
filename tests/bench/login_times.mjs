// Whether the time of a refusal tells that a login or an id exists. Members and strangers in turn, in
// one run. node tests/bench/login_times.mjs, with the variables of tests/e2e/support/programs.mjs.

import { distance, row, scope, timed } from "./statistics.mjs";

process.env.CREDGATE_LONGEST_FILE ??= "3000000"; // a refusal takes a second
const { Gate } = await import("../e2e/support/gate.mjs");
const { until } = await import("../e2e/support/waiting.mjs");

const kRounds = 150;
const t = scope();
const gate = await Gate.make(t, { cheapPasswords: false, throttle: { login: 0, source: 0 } });
const key = await gate.create("key", "--publish", "--subjects", "a");
await gate.create("member", "--kind", "password", "--publish", "--subjects", "a");
const wrong = "A".repeat(40);

async function compare(what, member, stranger) {
  const times = { member: [], stranger: [] };
  const inside = { member: [], stranger: [] };
  for (let i = 0; i < kRounds; i++) {
    for (const [who, options] of i % 2 === 0 ? [["member", member], ["stranger", stranger]] : [["stranger", stranger], ["member", member]]) {
      const mark = gate.gateway.log.length;
      times[who].push(await timed(() => gate.refused(options)));
      const line = await until("the decision's line", () => /event=denied .*us="(\d+)"/.exec(gate.gateway.log.slice(mark)));
      inside[who].push(Number(line[1]) / 1000);
    }
  }
  for (const [where, list] of [["client", times], ["gateway", inside]]) {
    row(`${what}, ${where}: member, wrong proof`, list.member);
    row(`${what}, ${where}: stranger`, list.stranger);
    const { distance: d, chance } = distance(list.member, list.stranger);
    console.log(`${what}, ${where}: distance ${d.toFixed(3)}; chance alone exceeds ${chance.toFixed(3)} once in a hundred runs\n`);
  }
}

await compare("id", { user: key.id, pass: wrong }, { user: "CGAAAAAAAAAAAAAAAAAA", pass: wrong });
await compare("login", { user: "member", pass: wrong }, { user: "nobody", pass: wrong });
await t.end();
process.exit(0);
