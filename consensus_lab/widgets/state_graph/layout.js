/* Where the dots of a state graph stand: a layer for each number of events, from the top. */

import { round as one } from "../shared/values.js";

const TOP = 24;
const TALL = 440; // the margin at the top and the bottom; and how tall a plot is if it can be
const SIDES = { dots: [38, 18], circles: [46, 52] }; // the margins at the left and the right
const NEAR = 9.5;
const FAR = 46;
const ROW = 10; // from dot to dot in a layer, and from row to row of one that needs several
const APART = [58, 150]; // the same from circle to circle, where each stands for many

/**
 * The places of all dots in a plot of a width: { x, y, labels, radius, height }; `labels` are the heights of the layers.
 *
 * @param {{ layers: number[], count?: number[] | null }} payload
 * @param {number} width
 */
export function layout({ layers, count }, width) {
  const [LEFT, RIGHT] = count ? SIDES.circles : SIDES.dots;
  const room = width - LEFT - RIGHT;
  const [near, far] = count ? APART : [NEAR, FAR];
  const plan = layers.map((n) => {
    const rows = Math.ceil(n / (Math.floor(room / near) + 1));
    return { n, rows, dx: n > 1 ? Math.min(far, room / (n - 1)) : 0 };
  });
  const pitch = count ? 36 : ROW;
  const folded = plan.reduce((sum, { rows }) => sum + (rows - 1) * pitch, 0);
  const band = Math.max(count ? 44 : 30, Math.min(56, (TALL - folded) / layers.length));
  const room1 = Math.min(
    ...plan.map(({ n, rows, dx }) =>
      n < 2 ? 99 : rows > 1 ? Math.min(dx * rows, Math.hypot(dx, pitch)) : dx,
    ),
  );
  const r = one(Math.max(2.6, Math.min(7.5, room1 * 0.42)));
  const x = [];
  const y = [];
  const labels = [];
  let top = TOP;
  for (const { n, rows, dx } of plan) {
    const left = LEFT + (room - dx * (n - 1)) / 2;
    for (let i = 0; i < n; i++) {
      x.push(one(left + i * dx));
      y.push(one(top + (i % rows) * pitch));
    }
    labels.push(one(top + ((rows - 1) * pitch) / 2));
    top += (rows - 1) * pitch + band;
  }
  /** @type {(at: number) => number} */
  const radius = (at) => (count ? one(5 + 2.4 * Math.log10(count[at])) : r);
  return { x, y, labels, radius, height: Math.ceil(top - band + TOP) };
}
