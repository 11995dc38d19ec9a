/* The nodes on the ring: what each holds, what it says, its timer, and the votes that it has heard. */

import { circle, g, path, put, s, translate } from "../shared/dom.js";
import { crossed, isStriped, pip } from "../shared/glyphs.js";
import { clamp, present, round } from "../shared/values.js";

/** @param {Stage} stage */
export function createNodes(stage) {
  /** @type {MeasuredRing} */
  let G;
  /** @type {Run} */
  let run;
  /** @type {ReturnType<typeof nodeView>[]} */
  let nodes = []; // a view for each

  /**
   * The elements of a run's nodes, at the places of a geometry.
   *
   * @param {MeasuredRing} geometry
   */
  function layout(geometry) {
    G = geometry;
    run = stage.run;
    nodes = run.names.map((name, i) => nodeView(stage.ruler.cut(name, G.wide, 14, 650), i));
    return nodes.map((view) => view.el);
  }

  /**
   * @param {string} name
   * @param {number} i
   */
  function nodeView(name, i) {
    const { r } = G;
    const { x, y, up } = G.nodes[i];
    const size = G.sizes[i];
    const base = up ? -r : r;
    const at = up
      ? { name: -15, words: -32, pips: size ? -21 : -49 }
      : { name: 26, words: size ? 42 : 43, pips: size ? 21 : 56 };
    const hatch = circle("hatch", r - 1);
    const turned = { pathLength: 1, "stroke-dasharray": 1, transform: "rotate(-90)" };
    const timer = circle("timer", r + 7, turned);
    const plate = size && circle("plate", Math.round(r * 0.54));
    const words = s("text.st.words", { y: base + at.words });
    const pips = g({ transform: translate(0, base + at.pips) });
    const label = size
      ? s("text.name", { "font-size": size, y: size === 18 ? 6.3 : 4.4 }, name)
      : s(
          "text.st.long",
          { x: inFrame(x, stage.ruler.width(name, 14, 650)), y: base + at.name },
          name,
        );
    const node = g(
      {
        class: "node",
        "data-node": i,
        role: "button",
        tabindex: 0,
        "aria-pressed": false,
        transform: translate(x, y),
      },
      circle("hit", r + 14),
      circle("sel", r + 10),
      circle("outer", r + 4.5),
      circle("body", r),
      hatch,
      plate,
      circle("timer0", r + 7),
      timer,
      g({ transform: translate(r * 0.74, -r * 0.74) }, circle("xb", 9), path("x", crossed(4.5))),
      words,
      label,
      pips,
    );
    return {
      el: node,
      hatch,
      timer,
      words,
      pips,
      parked: 0,
      ...nothingShown(),
    };
  }
  /**
   * @param {number} x
   * @param {number} width
   */
  const inFrame = (x, width) =>
    round(clamp(x, width / 2 + 4, Math.max(G.W - width / 2 - 4, width / 2 + 4)) - x); // words stay inside

  /**
   * The words beside a node, and the same for who cannot see it.
   *
   * @param {number} i
   */
  function tell(i) {
    const v = nodes[i];
    if (!v.view) return;
    const words = v.view.words + (v.parked ? `, ${v.parked} waiting` : "");
    if (v.told === words) return;
    v.told = words;
    const weight = v.view.state === "decided" ? 650 : 400;
    const text = stage.ruler.cut(words, G.wide, 13, weight);
    const heard = v.view.tally?.filter(present).length;
    v.words.textContent = text;
    v.words.setAttribute("x", inFrame(G.nodes[i].x, stage.ruler.width(text, 13, weight)));
    v.el.setAttribute(
      "aria-label",
      `${run.names[i]}: ${words}${heard === undefined ? "" : `. ${heard} votes heard`}`,
    );
  }

  /**
   * The state of a node, as the scene has it.
   *
   * @param {View} view
   * @param {number} i
   */
  function showNode(view, i) {
    const v = nodes[i];
    if (v.view === view) return;
    v.view = view;
    const slot = run.slot(view.value);
    const first = soonest(view.timers ?? []);
    const due = first?.[2] ?? null;
    put(v.el, "data-state", view.state);
    put(v.el, "data-slot", slot);
    put(v.el, "class", `node${first ? " armed" : ""}${first && due === null ? " anytime" : ""}`);
    v.arc = first && due !== null ? [run.toU(first[1]), run.toU(due)] : null;
    v.hatch.style.fill =
      ["voted", "decided"].includes(view.state) && isStriped(slot)
        ? `url(#${stage.id}h${slot})`
        : "none";
    const { tally = [] } = view;
    const space = run.n > 9 ? 7 : run.n > 5 ? 9 : 12;
    /** @param {number} j */
    const spot = (j) => (j - (tally.length - 1) / 2) * space;
    if (v.tally.length !== tally.length)
      v.pips.replaceChildren(...tally.map((value, j) => pip(run.slot(value), spot(j))));
    else
      tally.forEach((value, j) => {
        if (value !== v.tally[j]) v.pips.children[j].replaceWith(pip(run.slot(value), spot(j)));
      });
    v.tally = tally;
    v.told = null;
    tell(i);
  }
  /* How far to the right words may go in the upper left corner: up to those of the nodes at the top. */
  function corner() {
    /** @param {number} i */
    const wide = (i) =>
      Math.max(
        G.sizes[i] ? 2 * G.r : stage.ruler.width(run.names[i], 14, 650),
        ...[...new Set(run.states.map((row) => row[i].words))].map((words) =>
          stage.ruler.width(words, 13, 650),
        ),
      );
    return Math.min(
      G.W,
      ...G.nodes.map(({ x, y }, i) =>
        y - G.r > 130 ? G.W : x - Math.min(wide(i), G.wide) / 2 - 10,
      ),
    );
  }

  /**
   * One frame: timers run on, and what waits at a crashed node is counted in words.
   *
   * @param {number} u
   * @param {number[]} parked
   */
  function frame(u, parked) {
    nodes.forEach((v, i) => {
      if (v.parked !== parked[i]) {
        v.parked = parked[i];
        tell(i);
      }
      if (!v.arc) return;
      const [from, due] = v.arc;
      put(v.timer, "stroke-dashoffset", clamp((u - from) / (due - from || 1), 0, 1).toFixed(3));
    });
  }
  /** @param {number | null} node */
  const light = (node) => nodes.forEach((v, i) => put(v.el, "data-hot", i === node));
  /** @param {number | undefined} node */
  const press = (node) => nodes.forEach((v, i) => v.el.setAttribute("aria-pressed", i === node));

  return {
    layout,
    show: showNode,
    frame,
    light,
    press,
    corner,
    el: (/** @type {number} */ i) => nodes[i]?.el,
  };
}

/**
 * The timer that is due first; one that may fire at any moment comes last.
 *
 * @param {Timer[]} timers
 */
const soonest = (timers) =>
  timers.reduce(
    (/** @type {Timer | null} */ best, timer) =>
      !best || (timer[2] ?? Infinity) < (best[2] ?? Infinity) ? timer : best,
    null,
  );

/**
 * What of a state a node shows, before it shows any.
 *
 * @returns {{
 *   view: View | null,
 *   told: string | null,
 *   arc: [number, number] | null,
 *   tally: (string | null)[],
 * }}
 */
const nothingShown = () => ({ view: null, told: null, arc: null, tally: [] });
