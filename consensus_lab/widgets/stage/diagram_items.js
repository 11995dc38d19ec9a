/* What lies in the space-time diagram: each thing knows the steps between which it can be seen, and is made when it is. */

import { circle, g, path, s, translate } from "../shared/dom.js";
import { crossed, MARKS, mini, tipOf } from "../shared/glyphs.js";
import { present, round } from "../shared/values.js";
import { degrees } from "./geometry.js";
import { lives, looks, LOST_AT, waits } from "./model.js";

/**
 * All things of a run: { a, b, layer, make() }, from step a to step b. `X(u)` and `Y(node)` give places; `thick()` says
 * whether there are so many that arrows are mere lines. Arrows are found by their message, marks by their step.
 *
 * @param {Stage} stage
 * @param {DiagramPlaces & { top: number, thick: () => boolean }} given
 */
export function diagramItems(stage, { X, Y, top, thick }) {
  const { run } = stage;

  /** @type {(i: number) => DiagramItem[]} */
  const lifeItems = (i) =>
    lives(run, i).map(({ a, b, view: { state, value } }) => ({
      a,
      b: Math.min(b, run.N),
      layer: "lives",
      make() {
        const x0 = (a && X(run.U[a])) + (state === "crashed" ? 12 : 0);
        const x1 = X(b > run.N ? run.uB : run.U[b]);
        /** @param {number} y */
        const line = (y) => `M${x0} ${Y(i) + y}H${x1}`;
        return path(`life.${state}`, state === "decided" ? line(-2.75) + line(2.75) : line(0), {
          "data-slot": run.slot(value),
        });
      },
    }));
  /** @param {number} i */
  const calls = (i) => run.logs?.calls.some(([node]) => node === i);
  /** @type {(i: number) => DiagramItem[]} */
  const waitItems = (i) =>
    calls(i)
      ? []
      : waits(run, i).map(({ a, b, due, over, level }) => ({
          a,
          b,
          layer: "waits",
          make() {
            const end = over ? run.U[b] : present(due) ? Math.min(run.toU(due), run.uB) : run.uB;
            const y = Y(i) - 9 - 2.5 * (level % 3);
            return path(
              present(due) ? "timerline" : "timerline.anytime",
              `M${X(run.U[a])} ${y + 4}V${y}H${X(end)}V${y + 3}`,
            );
          },
        }));
  /** @type {() => DiagramItem[]} */
  const arrowItems = () =>
    run.messages.map((m) => {
      const end = m.u1 ?? Math.min(m.u0 + 0.95, run.uB);
      return { a: m.sent, b: m.end ?? run.stepAt(end), layer: "arrows", make: () => arrow(m, end) };
    });
  /** @type {() => DiagramItem[]} */
  const markItems = () =>
    run.steps.map((event, j) => ({
      a: j + 1,
      b: j + 1,
      layer: "marks",
      make: () => mark(event, j + 1),
    }));
  /** @type {() => DiagramItem[]} */
  const breakItems = () =>
    run.clashes.map(({ broken, between }) => ({
      a: broken,
      b: broken,
      layer: "waits",
      make: () =>
        path("brk", `M${X(run.U[broken])} ${top - 18}V${Math.max(...between.map(Y)) - 12}`),
    }));

  /**
   * @param {Flight} m
   * @param {number} end
   */
  function arrow(m, end) {
    const x0 = X(m.u0);
    const y0 = Y(m.from);
    const dx = X(end) - x0;
    const dy = Y(m.to) - y0;
    const whole = m.fate === "deliver";
    const f = whole ? 1 - 5 / (Math.hypot(dx, dy) || 1) : m.fate ? LOST_AT : 0.72;
    const x = round(x0 + dx * f);
    const y = round(y0 + dy * f);
    const transform = translate(x, y);
    const d = `M${x0} ${y0}L${x} ${y}`;
    const line = m.fate ? "arrow" : "arrow.open";
    if (thick()) return path(line, d, looks(m));
    const turned = { transform: `${transform}rotate(${degrees(Math.atan2(dy, dx))})scale(.92)` };
    const tip = whole
      ? path("tip", tipOf(m.slot), turned)
      : m.fate
        ? path("mkx", crossed(3.5), { transform })
        : circle("ring", 3, { transform });
    const hot = m.id === stage.hot ? ".hot" : "";
    const sel = m.id === stage.selected?.msg ? ".sel" : "";
    return s(
      `g.arr${hot}${sel}`,
      { "data-m": m.id, ...looks(m) },
      path(line, d),
      tip,
      path("grab", d),
    );
  }

  /**
   * What happened at a node lies over the veil, so that no mark is ever cut in half.
   *
   * @param {Step} event
   * @param {number} k
   */
  function mark(event, k) {
    const what = MARKS[event.mark];
    const copied = event.kind === "duplicate" && run.messages[event.msg];
    const node = copied ? copied.from : event.node;
    const transform = translate(X(run.U[k]), Y(node));
    const later = k > stage.k ? ".later" : "";
    if (event.kind === "drop") return g();
    if (!what) return circle(`mark.dot${later}`, 2.25, { transform });
    return s(
      `g.mark${later}`,
      { transform },
      what !== "down" && circle("disc", what === "decided" ? 10.5 : 7.5),
      mini(what, run.slot(run.states[k][node]?.value), 6),
    );
  }

  const arrows = arrowItems();
  const marks = markItems();
  const lines = run.names.flatMap((_, i) => [...lifeItems(i), ...waitItems(i)]);
  return { arrows, marks, all: [...lines, ...arrows, ...marks, ...breakItems()] };
}
