// Curves over a logarithmic axis, as SVG.

import fs from "node:fs";

const [kWidth, kHeight] = [640, 360];
const kPlot = { left: 56, right: 168, top: 40, bottom: 48 };
const kColours = ["#1f6feb", "#d1570a", "#2e8b57", "#8250df"];
const kText = 'font-family="sans-serif" font-size="12" fill="#333"';

// curves: [{ name, points: [[x, y], …] }]; y is a share, drawn from 0 to 100 %.
export function plot(file, { title, xLabel, yLabel, curves }) {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const [low, high] = [Math.log2(xs[0]), Math.log2(xs.at(-1))];
  const top = Math.max(1, ...curves.flatMap(({ points }) => points.map(([, y]) => y)));
  const xOf = (x) => kPlot.left + ((Math.log2(x) - low) / Math.max(high - low, 1)) * (kWidth - kPlot.left - kPlot.right);
  const yOf = (y) => kHeight - kPlot.bottom - (y / top) * (kHeight - kPlot.top - kPlot.bottom);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${kWidth} ${kHeight}" role="img" aria-label="${title}">`,
    `<rect width="${kWidth}" height="${kHeight}" fill="#fff"/>`,
    `<text x="${kPlot.left}" y="20" ${kText} font-weight="bold">${title}</text>`,
  ];
  for (let share = 0; share <= 1; share += 0.25) {
    const y = yOf(share).toFixed(1);
    out.push(`<line x1="${kPlot.left}" y1="${y}" x2="${kWidth - kPlot.right}" y2="${y}" stroke="#ddd"/>`);
    out.push(`<text x="${kPlot.left - 8}" y="${y}" dy="4" text-anchor="end" ${kText}>${100 * share} %</text>`);
  }
  for (const x of xs) out.push(`<text x="${xOf(x).toFixed(1)}" y="${kHeight - kPlot.bottom + 18}" text-anchor="middle" ${kText}>${x}×</text>`);
  out.push(`<text x="${xOf(xs[0]).toFixed(1)}" y="${kHeight - 10}" ${kText}>${xLabel}</text>`);
  out.push(`<text x="14" y="${yOf(0).toFixed(1)}" transform="rotate(-90 14 ${yOf(0).toFixed(1)})" ${kText}>${yLabel}</text>`);
  curves.forEach(({ name, points }, i) => {
    const colour = kColours[i % kColours.length];
    out.push(`<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([x, y]) => `${xOf(x).toFixed(1)},${yOf(y).toFixed(1)}`).join(" ")}"/>`);
    for (const [x, y] of points) out.push(`<circle cx="${xOf(x).toFixed(1)}" cy="${yOf(y).toFixed(1)}" r="3" fill="${colour}"/>`);
    const y = kPlot.top + 20 * i + 10;
    out.push(`<rect x="${kWidth - kPlot.right + 16}" y="${y - 9}" width="12" height="4" fill="${colour}"/>`);
    out.push(`<text x="${kWidth - kPlot.right + 34}" y="${y - 3}" ${kText}>${name}</text>`);
  });
  fs.writeFileSync(file, `${out.join("\n")}\n</svg>\n`);
}
