/* Where things are on the ring. */

import { round } from "../shared/values.js";

/** @type {(angle: number) => number} to a tenth */
export const degrees = (angle) => Math.round(angle * 572.95779513) / 10;
/** @type {(curve: number[]) => string} the curve as the path of an SVG */
export const pathOf = (p) =>
  `M${round(p[0])} ${round(p[1])}Q${round(p[2])} ${round(p[3])} ${round(p[4])} ${round(p[5])}`;
/** @type {(n: number) => number} */
export const nodeRadius = (n) => (n <= 5 ? 25 : n <= 7 ? 21 : n <= 10 ? 18 : 15);

/**
 * Where n nodes stand in a picture of a width, and how tall that is.
 *
 * @param {number} n
 * @param {number} W
 * @param {boolean} small for a phone
 * @param {boolean} named whether some name stands outside its node
 * @returns {Ring}
 */
export function ringGeometry(n, W, small, named) {
  const r = nodeRadius(n) - (small ? 2 : 0);
  const label = r + (named ? 66 : 53);
  const corner = n > 7 ? 26 : 0;
  const ry =
    n === 1
      ? 0
      : small
        ? Math.max(0, Math.min(W / 2 - r - 24, 132))
        : 142 + (n > 5 ? 10 : 0) + (n > 9 ? 14 : 0);
  const rx = n === 1 ? 0 : Math.max(0, Math.min(W / 2 - r - (small ? 22 : 34), ry * 1.32));
  const angles = Array.from(
    { length: n },
    (_, i) => (2 * Math.PI * i) / n - (n === 2 ? Math.PI / 2 : 0),
  );
  const ups = angles.map(Math.cos);
  const low = -Math.min(...ups);
  const high = -Math.max(...ups);
  const H = Math.max(small ? 240 : 300, Math.round(ry * (low - high) + 2 * label + corner));
  const cx = W / 2;
  const cy = (H + corner) / 2 - (ry * (low + high)) / 2;
  const nodes = angles.map((a, i) => ({
    x: cx + rx * Math.sin(a),
    y: cy - ry * ups[i],
    up: ups[i] > 0.01,
  }));
  return { n, W, H, r, rx, ry, cx, cy, nodes };
}

/**
 * The bent way from one node to another; lanes bend inwards and outwards by turns.
 *
 * @param {{ from: number, to: number, lane: number }} m
 * @param {Ring} ring
 * @returns {number[]} x and y of the start, of the control point and of the end
 */
export function curveOf(m, { n, r, cx, cy, nodes }) {
  const a = nodes[m.from];
  const b = nodes[m.to];
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const len = Math.hypot(dx, dy) || 1;
  const mx = (a.x + b.x) / 2;
  const my = (a.y + b.y) / 2;
  const side = (cx - mx) * dy - (cy - my) * dx;
  const sign = Math.abs(side) < len ? (m.from < m.to ? 1 : -1) : Math.sign(side);
  const rim = n > 2 && [1, n - 1].includes((m.to - m.from + n) % n); // between neighbors the words lie outside: bend inwards first
  const bow =
    len *
    (rim ? [0.06, 0.22, -0.06, 0.38, 0.5] : [0.06, -0.12, 0.24, -0.28, 0.38])[m.lane % 5] *
    sign;
  const qx = mx + (dy / len) * bow;
  const qy = my - (dx / len) * bow;
  /** @type {(p: { x: number, y: number }, d: number) => number[]} */
  const trim = (p, d) => {
    const l = Math.hypot(qx - p.x, qy - p.y) || 1;
    return [p.x + ((qx - p.x) / l) * d, p.y + ((qy - p.y) / l) * d];
  };
  return [...trim(a, r), qx, qy, ...trim(b, r + 8)];
}

/** @type {(reach: number, turn: number) => number} */
export const pillRadius = (reach, turn) => {
  // from the middle of a label to its edge, in one direction
  const c = Math.abs(Math.cos(turn));
  const q = Math.abs(Math.sin(turn));
  const d = 11 / Math.max(q, 1e-6);
  return d * c <= reach ? d : reach * c + Math.sqrt(Math.max(0, 121 - reach * reach * q * q));
};
