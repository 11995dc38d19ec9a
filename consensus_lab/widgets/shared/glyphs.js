import { circle, g, path, s } from "./dom.js";
import { round } from "./values.js";

/**
 * What makes a value more than a color: a hatching, in words and as a path, and the tip of its arrows. By slot; the last is
 * for all further values, which are always labeled.
 *
 * @type {{ tip: string, look?: string, hatch?: string }[]}
 */
export const PALETTE = [
  { look: "upright lines", tip: "M-7.5-4.2 0 0-7.5 4.2Z", hatch: "M3 0V6" },
  { look: "level lines", tip: "M-6-5 0 0-6 5", hatch: "M0 3H6" },
  { look: "dots", tip: "M0 0-4.2-3.1A3.4 3.4 0 1 0-4.2 3.1Z", hatch: "M1.5 1.5h.01M4.5 4.5h.01" },
  { look: "slanted lines", tip: "M-8.5-4.4 0 0-8.5 4.4Z", hatch: "M-1 1 1-1M-1 7 7-1M5 7 7 5" },
  { tip: "M-7-2.8 0 0-7 2.8Z" },
];
/** @param {Slot} slot */
export const tipOf = (slot) => PALETTE[slot === "none" ? 4 : slot].tip;
/** @param {Slot} slot */
export const dots = (slot) => (slot === 2 ? ".dots" : "");

/** @type {(slot: Slot) => boolean} whether a value has a hatching, so that it need not be labeled */
export const isStriped = (slot) => slot !== "none" && slot < 4;

/**
 * Three strokes in a value's direction, or five dots: on coins, small nodes and swatches.
 *
 * @param {Slot} slot
 * @param {number} gap
 * @param {number} long
 * @param {number} [outer]
 */
export function strokes(slot, gap, long, outer = 0.72 * long) {
  /**
   * @param {number} x
   * @param {number} y
   * @param {number} dx
   * @param {number} dy
   */
  const line = (x, y, dx, dy) =>
    `M${round(x - dx)} ${round(y - dy)}l${round(2 * dx)} ${round(2 * dy)}`;
  const q = Math.SQRT1_2;
  /** @type {(draw: (o: number, l: number) => string) => string} */
  const three = (draw) => draw(-gap, outer) + draw(0, long) + draw(gap, outer);
  /** @param {number[]} at */
  const dot = ([x, y]) => `M${round(x * gap)} ${round(y * gap)}h.01`;
  const looks = [
    () => three((o, l) => line(o, 0, 0, l)),
    () => three((o, l) => line(0, o, l, 0)),
    () =>
      [
        [0, 0],
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ]
        .map(dot)
        .join(""),
    () => three((o, l) => line(o * q, o * q, l * q, -l * q)),
  ];
  return slot === "none" ? "" : (looks[slot]?.() ?? "");
}
/** @param {Slot} slot */
export const swatch = (slot) =>
  s(
    "svg.sw",
    { viewBox: "0 0 16 16", "aria-hidden": true, "data-slot": slot },
    s("rect", { width: 16, height: 16 }),
    path(`hatching${dots(slot)}`, strokes(slot, 4, 8, 8), { transform: "translate(8 8)" }),
  );

/* ---- glyphs ---- */
/**
 * Paths in a box of 18: [d, stroke width], or [d, "f"] when filled.
 *
 * @type {Record<string, (string | [string, (number | "f")?])[]>}
 */
export const ICONS = {
  start: ["M4.5 4v10", ["M14 4.2v9.6L7 9z", "f"]],
  end: ["M13.5 4v10", ["M4 4.2v9.6L11 9z", "f"]],
  back: ["M11 4.5 6.5 9l4.5 4.5"],
  fwd: ["M7 4.5 11.5 9 7 13.5"],
  right: ["M6.5 4 11.5 9l-5 5"],
  down: ["M4 6.5 9 11.5l5-5"],
  play: [["M6 3.6v10.8L14.4 9z", "f"]],
  pause: [["M6.3 4.4v9.2M11.7 4.4v9.2", 3]],
  seed: ["M14.5 7.2A5.8 5.8 0 1 0 14.8 10M14.8 3.4v3.9h-3.9"],
  reset: ["M3.5 7.2A5.8 5.8 0 1 1 3.2 10M3.2 3.4v3.9h3.9"],
  road: ["M2.5 6h3.2c3.6 0 3.6 6 7.2 6h2.6M6 6h9.5"],
  run: ["M2.5 9h4M8.5 4.5v9L15.5 9z"],
  check: ["M3.5 9.5 7.2 13 14.5 5.2"],
  dots: [["M4 9h.01M9 9h.01M14 9h.01", 2.4]],
  close: ["M4.5 4.5l9 9M13.5 4.5l-9 9"],
  undo: ["M6.5 4 3.3 7.2l3.2 3.2M3.5 7.2h7a3.8 3.8 0 0 1 0 7.6H7.4"],
  open: ["M9 11V3M5.6 6.2 9 2.8l3.4 3.4M3.5 14.5h11"],
  link: [
    "M7.6 10.4a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2l-.8.8M10.4 7.6a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2l.8-.8",
  ],
  save: ["M9 3v8M5.6 7.8 9 11.2l3.4-3.4M3.5 14.5h11"],
  bulb: ["M6.6 12.2c0-1.6-2-2.4-2-5a4.4 4.4 0 0 1 8.8 0c0 2.6-2 3.4-2 5zM7 15h4"],
  clock: ["M9 3.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 9 3.2M9 5.8V9l2.4 1.6"],
  faster: ["M3 5.2v7.6L8.6 9zM9.4 5.2v7.6L15 9z"],
  halt: ["M5 5h8v8H5z"],
  stop: [["M5 5h8v8H5z", "f"]],
  cross: ["M5 5 13 13M13 5 5 13"],
  hold: ["M6.2 4.4v9.2M11.8 4.4v9.2"],
  join: ["M2.6 9h12.8"],
  send: ["M3 9h11M9.6 4.6 14 9l-4.4 4.4"],
  cut: ["M9 2.6v3.2M9 7.6v2.8M9 12.2v3.2M2.6 9h3.2M12.2 9h3.2"],
  question: ["M6.4 6.6a2.7 2.7 0 1 1 4 2.3c-1 .6-1.4 1.1-1.4 2M9 13.6v.01"],
  key: ["M7.9 9a2.7 2.7 0 1 1-5.4 0a2.7 2.7 0 1 1 5.4 0M10.5 9h5M10.5 5h5M10.5 13h5"],
};
/** @param {string} name */
export const icon = (name) =>
  s(
    "svg.cl-i",
    { viewBox: "0 0 18 18", "aria-hidden": true },
    ICONS[name].map((part) => {
      const [d, how] = typeof part === "string" ? [part] : part;
      return path(how === "f" ? "f" : "", d, { "stroke-width": typeof how === "number" && how });
    }),
  );
/**
 * A verdict, in ink, around 0,0.
 *
 * @type {Record<string, string>}
 */
export const SIGNS = {
  ne: "M-4-1.9H4M-4 1.9H4M2.3-4.6-2.3 4.6",
  cross: "M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2",
  bang: "M0-4.6V.8M0 4.2v.01",
  none: "M-4.2 0A4.2 4.2 0 1 0 4.2 0A4.2 4.2 0 1 0-4.2 0M-3 3 3-3",
};
/**
 * @param {string} sign
 * @param {object} [more]
 */
export const signPath = (sign, more) => path("", SIGNS[sign] ?? SIGNS.bang, more);
/** @param {string} sign */
export const signIcon = (sign) =>
  s("svg.cl-i", { viewBox: "-6 -6 12 12", "aria-hidden": true }, signPath(sign));
/**
 * @param {string} sign
 * @param {number} r
 */
export const signDisc = (sign, r) =>
  g(
    { class: "sign" },
    s("circle", { r, "stroke-width": r > 12 ? 3 : 0 }),
    signPath(sign, { transform: `scale(${round(r / 9)})` }),
  );

/**
 * The small node, the same shapes as on the ring, around 0,0; and what can happen to one.
 *
 * @param {number} d
 */
export const crossed = (d) => `M${-d} ${-d} ${d} ${d}M${d} ${-d} ${-d} ${d}`;
/**
 * @param {string} what
 * @param {Slot} slot
 * @param {number} [r]
 */
export function mini(what, slot, r = 5) {
  /** @param {number} radius */
  const disc = (radius) => [
    circle("fill", radius),
    path(`bars${dots(slot)}`, strokes(slot, r * 0.42, r * 0.62)),
  ];
  /** @type {Record<string, () => any>} */
  const shapes = {
    voted: () => disc(r),
    decided: () => [disc(r - 0.5), circle("rim", r + 2)],
    crashed: () => [circle("gone", 6.75), path("ink", crossed(2.6))],
    down: () => path("ink", crossed(4.5)),
    lost: () => path("soft", crossed(4)),
    alarm: () => [circle("empty", 6), path("soft", "M0-3V.4L2.2 1.6")],
    up: () => path("ink", "M4.6-1.6A4.8 4.8 0 1 0 4.8 1M5-4.8v3.3H1.7"),
  };
  return g({ class: "mini", "data-slot": slot }, shapes[what]?.() ?? circle("empty", r));
}
/**
 * @param {string} what
 * @param {Slot} slot
 * @param {number} [size]
 */
export const miniSvg = (what, slot, size = 16) =>
  s(
    "svg",
    { width: size, height: size, viewBox: "-8 -8 16 16", "aria-hidden": true },
    mini(what, slot),
  );
/** @type {Record<string, string>} */
export const MARKS = {
  vote: "voted",
  decide: "decided",
  drop: "lost",
  crash: "down",
  restart: "up",
};
export const MAJOR = ["decide", "crash", "restart"];

/**
 * The ticket of a ballot or a term, around 0,0.
 *
 * @param {{ ruler: Ruler }} given
 * @param {string} tag
 * @param {number | "none"} owner
 */
export function ticket({ ruler }, tag, owner) {
  const w = Math.ceil(ruler.width(tag, 10.5, 700)) + 8;
  const box = s("rect.ticket", { x: -w / 2, y: -7, width: w, height: 14, rx: 3.5 });
  return { w, el: g({ "data-owner": owner }, box, s("text.tag", { y: 3.8 }, tag)) };
}

/**
 * @param {Slot} slot
 * @param {number} x
 */
export function pip(slot, x) {
  // a vote that was heard
  if (slot === "none") return circle("pip0", 1.75, { cx: x });
  if (slot === 2) return circle("pip", 3.6, { "data-slot": slot, cx: x });
  const [width, height] = slot === 1 ? [9, 3.5] : slot === 4 ? [6, 6] : [3.5, 11];
  const transform = slot === 3 && `rotate(40 ${x} 0)`;
  return s("rect.pip", {
    "data-slot": slot,
    x: x - width / 2,
    y: -height / 2,
    width,
    height,
    rx: 1,
    transform,
  });
}
