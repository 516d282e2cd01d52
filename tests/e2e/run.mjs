// Runs files of tests, so many at once, and begins them in the order given: `node --test` sorts them, and
// a long one that begins last has the machine to itself. Then says how long each took.
//   node run.mjs AT_ONCE FILE...

import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const [atOnce, ...files] = process.argv.slice(2);
const seconds = new Map();
const note = ({ file, nesting, details }) => {
  if (file !== undefined && nesting === 0) seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000);
};

const tests = run({ files: files.map((file) => path.resolve(file)), concurrency: Number(atOnce) });
tests.on("test:pass", note);
tests.on("test:fail", (event) => {
  note(event);
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
process.on("exit", () => {
  const longest = [...seconds].sort(([, a], [, b]) => b - a).map(([file, s]) => `${path.basename(file, ".test.mjs")} ${Math.round(s)}`);
  console.log(`seconds: ${longest.slice(0, 20).join(", ")}`);
});
