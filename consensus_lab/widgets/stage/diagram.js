/* The space-time diagram: one line a node, time runs to the right, a cursor at the moment in view; and over it the scrubber. */

import { circle, dress, g, h, move, path, put, QUIETLY, s, translate } from "../shared/dom.js";
import { mini } from "../shared/glyphs.js";
import { clamp, round } from "../shared/values.js";
import { diagramItems } from "./diagram_items.js";
import { forks, scrubberMarks } from "./scrubber.js";
import { spanIndex } from "./timeline.js";

const WHOLE = 110;
const WINDOW = 80; // the diagram shows this many steps whole; of a longer run, a window of so many
const THICKET = 450; // with so many things in the diagram, its arrows are mere lines

/** @param {Stage} stage */
export function createDiagram(stage) {
  const el = h("div.cl-time");
  /** @type {Set<DiagramItem>} */
  const live = new Set();
  /** @type {Run} */
  let run;
  /** @type {DiagramShape} */
  let G;
  /** @type {Record<string, any>} the elements, by what they are */
  let parts;
  /** @type {(a: number, b: number) => DiagramItem[]} */
  let within;
  let from = -1;
  let to = -1;
  /** @type {DiagramItem[]} */
  let marks = [];
  /** @type {DiagramItem[]} */
  let arrows = [];
  /** @type {any[]} */
  let crossings = [];
  let used = 0;
  let thick = false;
  /** @type {number | null} */
  let held = null;
  let slack = 0; // the window while it is dragged in; how far it is from where it belongs

  /** @param {number} u */
  const X = (u) => round((u - run.uA) * G.px);
  /** @param {number} i */
  const Y = (i) => G.top + G.row * i; // in the pane, which moves
  /** @param {number} u */
  const scrubX = (u) => round(G.g0 + ((u - run.uA) / (run.uB - run.uA)) * (G.g1 - G.g0));
  /** @param {number} start */
  const inRun = (start) => clamp(start, run.uA, run.uB - G.span);
  const middle = () => inRun(stage.u - G.span / 2);
  const left = () => (!G.long ? run.uA : (held ?? inRun(middle() + slack)));

  function typicalSpan() {
    const spans = run.U.slice(0, -WINDOW)
      .map((u, k) => run.U[k + WINDOW] - u)
      .sort((a, b) => a - b);
    return Math.min(spans[spans.length >> 1], run.uB - run.uA);
  }

  /**
   * @param {number} TW
   * @param {boolean} small
   */
  function layout(TW, small) {
    run = stage.run;
    live.clear();
    crossings = [];
    from = to = -1;
    slack = 0;
    held = null;
    const { width, cut } = stage.ruler;
    const names = run.names.map((name) => cut(name, small ? 58 : 92, 13, 650));
    const edge = small ? 16 : 20;
    const wide = Math.ceil(Math.max(...names.map((name) => width(name, 13, 650))));
    const g0 = edge + wide + (small ? 26 : 34);
    const g1 = TW - 22;
    const long = run.N > WHOLE;
    const span = long ? typicalSpan() : run.uB - run.uA;
    const row = small ? 34 : 40;
    const top = stage.roads().length > 1 ? 88 : long ? 80 : 74;
    const TH = top + row * (run.n - 1) + 22;
    const y0 = top - 22;
    const bleed = long ? 3 : 12;
    G = { TW, g0, g1, row, top, TH, y0, small, long, span, px: (g1 - g0) / span };
    const items = diagramItems(stage, { X, Y, top, thick: () => thick });
    ({ arrows, marks } = items);
    within = spanIndex([...items.all, ...stage.rooms.items({ X, Y })], run.N);

    /** @param {...any} groups */
    const pane = (...groups) =>
      s(
        "svg",
        { x: g0 - bleed, y: y0, width: (long ? g1 + 10 : TW) - g0 + bleed, height: TH - y0 },
        g({ transform: translate(bleed, -y0) }, groups),
      );
    const guts = names.map((_, i) => g({ transform: translate(edge + wide + 15, Y(i)) }));
    const range = { "aria-valuemin": 0, "aria-valuemax": run.N, "aria-valuenow": 0 };
    parts = {
      lives: g(),
      waits: g(),
      arrows: g(),
      over: g(),
      dots: g(),
      guts,
      views: [],
      link: path(long ? "link.far" : "link"),
      played: path("track0"),
      lens: path("lens"),
      frame: s("rect.frame", { y: 27, height: 14, rx: 4 }),
      veil: s("rect.veil", { width: TW, height: TH - y0, y: y0 }),
      grip: g(
        { class: "grip", role: "slider", tabindex: 0, "aria-label": "Step", ...range },
        circle("touch", 20, { cy: 34 }),
        circle("fr", 13, { cy: 34 }),
        circle("handle", 8.5, { cy: 34 }),
      ),
    };
    parts.marks = parts.over;
    parts.under = g(parts.lives, parts.waits, parts.arrows);
    parts.cursor = g(path("cursor", `M0 ${y0}V${TH - 6}`), parts.dots);
    const label = "Space-time diagram: one line a node, time runs to the right";
    parts.svg = s(
      "svg",
      { viewBox: `0 0 ${TW} ${TH}`, height: TH, role: "group", "aria-label": label },
      long && parts.lens,
      names.map((name, i) => s("text.gut", { x: edge, y: Y(i) + 4.6 }, name)),
      guts,
      pane(parts.under),
      parts.veil,
      pane(parts.over),
      long && fades(),
      path("track", `M${g0} 34H${g1}`),
      scrubberMarks(run, scrubX),
      parts.played,
      long && parts.frame,
      parts.link,
      parts.cursor,
      forks(stage, scrubX, G),
      parts.grip,
    );
    el.replaceChildren(parts.svg);
  }

  function fades() {
    // a window has soft sides
    const id = `${stage.id}fade`;
    const { g0, g1, y0, TH } = G;
    /**
     * @param {number} offset
     * @param {number} opacity
     */
    const stop = (offset, opacity) => s("stop", { offset, "stop-opacity": opacity });
    /** @param {string} transform */
    const side = (transform) =>
      s("rect", { fill: `url(#${id})`, width: 16, height: TH - y0, transform });
    return [
      s("linearGradient", { id }, stop(0, 1), stop(1, 0)),
      side(translate(g0 - 3, y0)),
      side(`${translate(g1 + 10, y0)}scale(-1 1)`),
    ];
  }

  /* -- a frame -- */
  /**
   * @param {number} a
   * @param {number} b
   */
  function sync(a, b) {
    // only what is in the window is in the page
    if (a === from && b === to) return;
    from = a;
    to = b;
    const wanted = new Set(within(a, b));
    thick = wanted.size > THICKET;
    for (const item of live)
      if (!wanted.has(item)) {
        item.el.remove();
        item.el = null;
        live.delete(item);
      }
    for (const item of wanted)
      if (!item.el) {
        item.el = item.make();
        parts[item.layer].append(item.el);
        live.add(item);
      }
  }
  /**
   * @param {Flight} m
   * @param {number} f
   */
  function dot(m, f) {
    // a message in flight, where it crosses the cursor
    const d = (crossings[used] ??= parts.dots.appendChild(circle("cdot", 3.5)));
    dress(d, m);
    move(d, 0, Y(m.from) + (Y(m.to) - Y(m.from)) * f);
    put(d, "display", "inline");
    used++;
  }
  function frame() {
    for (; used < crossings.length; used++) put(crossings[used], "display", "none");
    used = 0;
    if (held !== null) held = inRun(clamp(held, stage.u - 0.96 * G.span, stage.u - 0.04 * G.span));
    const start = left();
    const x = round(G.g0 + (stage.u - start) * G.px);
    const sx = scrubX(stage.u);
    const pan = translate(-(start - run.uA) * G.px, 0);
    if (G.long)
      sync(
        Math.max(0, (run.stepAt(start) - 1) & ~7),
        Math.min(run.N, (run.stepAt(start + G.span) + 1) | 7),
      );
    else sync(0, run.N);
    for (const part of ["under", "over"]) put(parts[part], "transform", pan);
    for (const part of ["veil", "cursor"]) move(parts[part], x, 0);
    move(parts.grip, sx, 0);
    put(parts.played, "d", `M${G.g0} 34H${sx}`);
    put(parts.link, "d", `M${sx} 34L${x} ${G.y0}`);
    if (!G.long) return;
    const a = scrubX(start) - 3;
    const b = scrubX(start + G.span) + 3;
    put(parts.frame, "x", a);
    put(parts.frame, "width", round(b - a));
    put(parts.lens, "d", `M${a} 38H${b}L${G.g1 + 9} ${G.y0}H${G.g0 - 3}Z`);
  }
  /**
   * @param {number} k
   * @param {number} was
   */
  function step(k, was) {
    run.states[k].forEach((view, i) => {
      const old = parts.views[i];
      parts.views[i] = view;
      if (old?.state !== view.state || old.value !== view.value)
        parts.guts[i].replaceChildren(mini(view.state, run.slot(view.value), 5.5));
    });
    for (let j = Math.min(k, was); j < Math.max(k, was); j++)
      marks[j].el?.classList.toggle("later", j >= k);
  }
  /**
   * @param {number} k
   * @param {Step | undefined} event
   */
  function words(k, event) {
    put(parts.grip, "aria-valuenow", k);
    put(parts.grip, "aria-valuetext", event ? `Step ${k}: ${event.say}` : "Start");
  }

  /* -- dragging: the scrubber goes over the whole run, the pane over its window, which stays put meanwhile -- */
  el.addEventListener("pointerdown", (/** @type {Heard<PointerEvent>} */ event) => {
    if (event.button || event.target.closest(".forkhit")) return;
    /** @type {SVGElement | null} */
    const tick = event.target.closest(".tk");
    const box = el.getBoundingClientRect();
    const whole = !G.long || event.clientY - box.top < G.y0 - 2;
    if (tick) return stage.player.goTo(Number(tick.dataset.k));
    const px = whole ? (G.g1 - G.g0) / (run.uB - run.uA) : G.px;
    stage.player.pause();
    if (!whole) held = left();
    /** @param {PointerEvent} event */
    const drag = ({ clientX }) => {
      const start = held ?? run.uA;
      const x = clientX - box.left - G.g0;
      const u = clamp(start + x / px, run.uA, run.uB);
      const k = run.stepAt(u);
      const near = [k, k + 1].find((j) => j <= run.N && Math.abs((run.U[j] - start) * px - x) < 4); // steps are slightly sticky
      stage.player.seek(near === undefined ? u : run.U[near]);
    };
    const up = () => {
      el.removeEventListener("pointermove", drag);
      el.classList.remove("drag");
      if (held === null) return;
      slack = stage.still() ? 0 : held - middle();
      held = null;
      stage.frame.draw();
      stage.player.wake();
    };
    drag(event);
    el.setPointerCapture(event.pointerId);
    el.classList.add("drag");
    el.addEventListener("pointermove", drag);
    for (const name of ["pointerup", "pointercancel"])
      el.addEventListener(name, up, { once: true });
    parts.grip.focus(QUIETLY);
    event.preventDefault();
  });

  /**
   * After a drag the window glides back until the cursor is in its middle.
   *
   * @param {number} dt
   */
  function settle(dt) {
    if (!slack) return false;
    slack = Math.abs(slack) * G.px < 0.5 ? 0 : slack * Math.exp(-dt * 9);
    return true;
  }
  /**
   * @param {number | null | undefined} id
   * @param {string} name
   * @param {boolean} on
   */
  const tag = (id, name, on) => arrows[id ?? -1]?.el?.classList.toggle(name, on);
  return { el, layout, frame, step, words, dot, settle, tag, svg: () => parts.svg };
}
