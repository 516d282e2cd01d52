// What the fault tests hold. A limit that is broken is printed, and ends the process with code 1.

let broken = 0;

// `what`: the limit in words, with the figure that was measured.
export function limit(what, kept) {
  if (!kept) broken++;
  console.log(`${kept ? "kept" : "BROKEN"}: ${what}`);
}

export function end() {
  process.exit(broken > 0 ? 1 : 0);
}

export const percent = (share) => `${(100 * share).toFixed(0)} %`;
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
