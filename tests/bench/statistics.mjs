// What the benches print: quantiles, and how far two distributions lie apart.

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export function row(what, milliseconds) {
  const at = (q) => quantile(milliseconds, q).toFixed(2).padStart(9);
  console.log(`${what.padEnd(44)} n ${String(milliseconds.length).padStart(4)}  p10 ${at(0.1)}  p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  ms`);
}

// Kolmogorov and Smirnov's: the largest difference between the two distribution functions, and what
// chance alone exceeds once in a hundred.
export function distance(a, b) {
  let largest = 0;
  for (const x of [...a, ...b]) {
    const below = (list) => list.filter((y) => y <= x).length / list.length;
    largest = Math.max(largest, Math.abs(below(a) - below(b)));
  }
  return { distance: largest, chance: 1.63 * Math.sqrt((a.length + b.length) / (a.length * b.length)) };
}

export async function timed(act) {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

// A `t` of node:test, for Gate.
export function scope() {
  const ends = [];
  return { after: (end) => ends.unshift(end), end: async () => { for (const end of ends) await end(); } };
}
