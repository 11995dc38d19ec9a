/* The ring: the nodes, the messages between them, what has just happened, and where a property is broken. */

import { circle, dress, g, h, move, path, put, s, show, translate } from "../shared/dom.js";
import { dots, PALETTE, signDisc, tipOf } from "../shared/glyphs.js";
import { clamp, round } from "../shared/values.js";
import { curveOf, degrees, nodeRadius, pathOf, ringGeometry } from "./geometry.js";
import { inFlight } from "./model.js";
import { createMessages } from "./ring_messages.js";
import { createNodes } from "./ring_nodes.js";

const FRESH = 0.5; // units of display time for which the last event is marked

/** @param {Stage} stage */
export function createRing(stage) {
  const el = h("div.cl-svg");
  const nodes = createNodes(stage);
  const messages = createMessages(stage);
  /** @type {MeasuredRing} */
  let G;
  /** @type {Run} */
  let run;
  let svg = s("svg");
  let under = g(); // layers for rooms
  let over = g();
  let way = path(""); // of the message that is pointed at or selected
  let done = g(); // what has just happened
  let doneLine = path("");
  let doneTip = path("");
  let pulse = g();
  let clash = g(); // what is broken

  /** @param {Flight} m */
  const curve = (m) => (m.curve ??= curveOf(m, G));

  /**
   * @param {number} W
   * @param {boolean} small
   */
  function layout(W, small) {
    run = stage.run;
    G = measure(W, small);
    const { n } = run;
    const room = Math.floor((W * G.H * (small ? 0.06 : 0.08)) / 1250);
    const nodeElements = nodes.layout(G);
    const { trails, layer } = messages.layout(G, room);
    doneLine = path("done");
    doneTip = path("tip");
    [under, over, done, clash] = [
      g({ class: "room" }),
      g({ class: "room" }),
      g(doneLine, doneTip),
      g({ class: "clash" }),
    ];
    way = path("road");
    pulse = circle("pulse");
    const look = {
      viewBox: `0 0 ${W} ${G.H}`,
      height: G.H,
      role: "group",
      "aria-label": "Nodes and messages in flight",
    };
    svg = s(
      "svg",
      look,
      s("defs", PALETTE.slice(0, 4).map(hatching)),
      n > 2 && s("ellipse.orbit", { cx: G.cx, cy: G.cy, rx: G.rx, ry: G.ry }),
      under,
      way,
      done,
      trails,
      pulse,
      layer,
      clash,
      g({ class: "nodes" }, nodeElements),
      over,
    );
    for (const hidden of [way, done, pulse]) show(hidden, false);
    el.replaceChildren(svg);
  }
  /**
   * Where the nodes stand, how wide words beside them may be, and the size of each name in its node (0: it stands outside).
   *
   * @param {number} W
   * @param {boolean} small
   */
  function measure(W, small) {
    const { width } = stage.ruler;
    const { n, names } = run;
    /**
     * @param {string} name
     * @param {number} size
     * @param {number} room
     */
    /** @type {(name: string, size: number, room: number) => boolean} */
    const fits = (name, size, room) => width(name, size, 650) <= room;
    /** @param {number} r */
    const sizes = (r) =>
      names.map((name) => (fits(name, 18, 1.4 * r) ? 18 : fits(name, 12.5, 1.75 * r) ? 12.5 : 0));
    const geometry = ringGeometry(n, W, small, sizes(nodeRadius(n)).includes(0));
    return { ...geometry, wide: n > 6 ? 112 : small ? 128 : 160, sizes: sizes(geometry.r) };
  }
  /**
   * @param {{ hatch?: string }} given
   * @param {number} slot
   */
  function hatching({ hatch = "" }, slot) {
    const look = {
      id: `${stage.id}h${slot}`,
      width: 6,
      height: 6,
      patternUnits: "userSpaceOnUse",
      "data-slot": slot,
    };
    return s("pattern", look, path(`hatching${dots(slot)}`, hatch));
  }

  /* -- a step -- */
  /**
   * @param {number} k
   * @param {number} crowd
   */
  function step(k, crowd) {
    const clashes = run.clashes.filter((p) => k >= p.broken);
    run.states[k].forEach(nodes.show);
    messages.step(crowd);
    if (clash.childElementCount !== clashes.length)
      clash.replaceChildren(...clashes.map(clashView));
    if (k) showEvent(run.steps[k - 1]);
  }
  /** @param {Step} given */
  function showEvent({ kind, msg, node }) {
    const { x, y } = G.nodes[node] ?? { x: 0, y: 0 };
    move(pulse, x, y);
    if (kind !== "deliver") return;
    const m = run.messages[msg];
    const c = curve(m);
    const turn = degrees(Math.atan2(c[5] - c[3], c[4] - c[2]));
    dress(done, m);
    put(doneLine, "d", pathOf(c));
    put(doneTip, "d", tipOf(m.slot));
    put(doneTip, "transform", `${translate(c[4], c[5])}rotate(${turn})scale(1.2)`);
  }
  /**
   * @param {Property} given
   * @param {number} j
   * @param {Property[]} all
   */
  function clashView({ sign, between }, j, all) {
    const [a, b] = between.map((i) => G.nodes[i]);
    if (!b)
      return g({ transform: translate(a.x - G.r * 0.8, a.y - G.r * 0.8) }, signDisc(sign, 11));
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const l = Math.hypot(dx, dy) || 1;
    const q = (G.r + 12) / l;
    const f = 0.5 + ((j - (all.length - 1) / 2) * 34) / l;
    return g(
      s("line", { x1: a.x + dx * q, y1: a.y + dy * q, x2: b.x - dx * q, y2: b.y - dy * q }),
      g({ transform: translate(a.x + dx * f, a.y + dy * f) }, signDisc(sign, 15)),
    );
  }

  /* -- a frame: what has just happened fades; timers run on -- */
  /** @param {number[]} parked */
  function frame(parked) {
    const { u, k } = stage;
    const { kind } = run.steps[k - 1] ?? {};
    const age = u - run.U[k];
    const fresh = kind && age < FRESH;
    messages.frame();
    nodes.frame(u, parked);
    show(done, fresh && kind === "deliver");
    show(
      pulse,
      fresh && !["drop", "duplicate"].includes(kind) && (kind !== "deliver" || stage.playing),
    );
    if (!fresh) return;
    put(done, "opacity", clamp((FRESH - age) / 0.25, 0, 1).toFixed(2));
    put(pulse, "opacity", clamp((FRESH - age) / 0.4, 0, 1).toFixed(2));
    put(pulse, "r", round(G.r + 14 + (stage.still() ? 0 : 14 * Math.min(1, age * 2))));
  }

  /* -- pointing and selecting -- */
  function showWay() {
    const m = run.messages[stage.hot ?? stage.selected?.msg ?? -1];
    const on = m && (stage.hot !== null || inFlight(m, stage.k));
    show(way, on);
    if (!on) return;
    dress(way, m);
    put(way, "d", pathOf(curve(m)));
  }
  function press() {
    nodes.press(stage.selected?.node);
    messages.press(stage.selected?.msg);
  }

  return {
    el,
    layout,
    step,
    frame,
    showWay,
    press,
    place: messages.place,
    tabStops: messages.tabStops,
    size: messages.size,
    light: nodes.light,
    corner: nodes.corner,
    node: nodes.el,
    svg: () => svg,
    room: () => ({ G, under, over, node: nodes.el }),
  };
}
