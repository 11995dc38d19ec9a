/* Dots: zero-length strokes with round ends, so that all dots of a kind are a few paths. */

import { s } from "../shared/dom.js";
import { round as one } from "../shared/values.js";

/** @typedef {(x: number, y: number, r: number) => string} Draw the path of a mark at a point */

/** @type {Draw[]} */
const BARS = [
  (x, y, r) =>
    `M${x} ${one(y - r * 0.62)}v${one(r * 1.24)}` +
    (r < 4.5
      ? ""
      : `M${one(x - r * 0.42)} ${one(y - r * 0.4)}v${one(r * 0.8)}m${one(r * 0.84)} 0v${one(-r * 0.8)}`),
  (x, y, r) =>
    `M${one(x - r * 0.62)} ${y}h${one(r * 1.24)}` +
    (r < 4.5
      ? ""
      : `M${one(x - r * 0.4)} ${one(y - r * 0.42)}h${one(r * 0.8)}m0 ${one(r * 0.84)}h${one(-r * 0.8)}`),
  (x, y, r) =>
    `M${x} ${y}h0` +
    (r < 4.5
      ? ""
      : `m${one(-r * 0.4)} ${one(-r * 0.4)}h0m${one(r * 0.8)} 0h0m0 ${one(r * 0.8)}h0m${one(-r * 0.8)} 0h0`),
  (x, y, r) => `M${one(x - r * 0.45)} ${one(y + r * 0.45)}l${one(r * 0.9)} ${one(-r * 0.9)}`,
  () => "",
];
/** @type {Record<string, Draw>} */
const SIGNS = {
  /**
   * @param {number} x
   * @param {number} y
   * @param {number} r
   */
  none: (x, y, r) => `M${one(x - r * 0.5)} ${one(y + r * 0.5)}l${one(r)} ${one(-r)}`,
  /**
   * @param {number} x
   * @param {number} y
   * @param {number} r
   */
  ne: (x, y, r) =>
    `M${one(x - r * 0.55)} ${one(y - r * 0.25)}h${one(r * 1.1)}m0 ${one(r * 0.5)}h${one(-r * 1.1)}`,
};
/**
 * The dots of a kind of configuration, at points [x, y]. `slots` gives the palette slot of a value.
 *
 * @param {GraphKind} kind
 * @param {Map<string, number>} slots
 * @param {Point[]} points
 * @param {number} r
 */
export function dots(kind, slots, points, r) {
  const d = points.map(([x, y]) => `M${x} ${y}h0`).join("");
  const open = kind.can?.length !== 1;
  const slot =
    kind.sign || (open && !kind.decided.length)
      ? "none"
      : (slots.get(open ? kind.decided[0] : (kind.can?.[0] ?? "")) ?? 4);
  /**
   * @param {string} name
   * @param {number} wide
   */
  const path = (name, wide) => s(`path.${name}`, { d, "stroke-width": one(wide) });
  /**
   * @param {string} name
   * @param {Draw} draw
   * @param {number} wide
   * @param {number} [size]
   */
  const marks = (name, draw, wide, size = r) =>
    s(`path.${name}`, {
      d: points.map(([x, y]) => draw(x, y, size)).join(""),
      "stroke-width": wide,
    });
  const parts = s("g", { "data-slot": slot });
  if (kind.sign)
    parts.append(path("ink", 2 * r + 2), marks("paper", SIGNS[kind.sign], r < 4.5 ? 1.2 : 1.6));
  else {
    const core = kind.decided.length ? one(r * 0.62) : r;
    const rim = !kind.can ? "faint" : open ? "ink" : "line";
    if (core < r) parts.append(path(rim, 2 * r + 1.4), path("paper", 2 * r - 1));
    if (slot !== "none")
      parts.append(path("fill", 2 * core), marks("bars", BARS[slot], r < 4.5 ? 1 : 1.3, core));
    else
      parts.append(
        path(kind.can ? "dim" : "faint", 2 * r),
        path("paper", 2 * r - (r < 4.5 ? 2.2 : 3)),
      );
    if (slot === "none" && !kind.can) parts.append(path("faint", 2.4));
  }
  return parts;
}

/**
 * An open dot where one node's next step settles the outcome either way.
 *
 * @param {Point[]} points
 * @param {number} r
 */
export function pivots(points, r) {
  const d = points.map(([x, y]) => `M${x} ${y}h0`).join("");
  return s(
    "g",
    /** @type {[string, number][]} */ ([
      ["ink", 2 * r + 0.8],
      ["paper", 2 * r - 2],
      ["ink", r * 0.8],
    ]).map(([name, wide]) => s(`path.${name}`, { d, "stroke-width": one(wide) })),
  );
}
