import { circle, dress, g, h, move, path, put, QUIETLY, s, translate } from "../shared/dom.js";
import { clamp, present, round } from "../shared/values.js";
import { crossed, dots, MAJOR, MARKS, mini, signDisc, tipOf } from "../shared/glyphs.js";
import { degrees } from "./geometry.js";
import { lives, looks, LOST_AT, waits } from "./model.js";
import { parting } from "./roads.js";
import { spanIndex } from "./timeline.js";

const WHOLE = 110,
  WINDOW = 80; // the diagram shows this many steps whole; of a longer run, a window of so many
const THICKET = 450; // with so many things in the diagram, its arrows are mere lines

export function createDiagram(stage) {
  const el = h("div.cl-time"),
    live = new Set();
  let run,
    G,
    parts,
    within,
    from,
    to,
    marks = [],
    arrows = [],
    crossings = [],
    used = 0,
    thick = false;
  let held = null,
    slack = 0; // the window while it is dragged in; how far it is from where it belongs

  const X = (u) => round((u - run.uA) * G.px),
    Y = (i) => G.top + G.row * i; // in the pane, which moves
  const scrubX = (u) => round(G.g0 + ((u - run.uA) / (run.uB - run.uA)) * (G.g1 - G.g0));
  const inRun = (start) => clamp(start, run.uA, run.uB - G.span),
    middle = () => inRun(stage.u - G.span / 2);
  const left = () => (!G.long ? run.uA : (held ?? inRun(middle() + slack)));

  function typicalSpan() {
    const spans = run.U.slice(0, -WINDOW)
      .map((u, k) => run.U[k + WINDOW] - u)
      .sort((a, b) => a - b);
    return Math.min(spans[spans.length >> 1], run.uB - run.uA);
  }

  function layout(TW, small) {
    run = stage.run;
    live.clear();
    crossings = [];
    from = to = -1;
    slack = 0;
    held = null;
    const { width, cut } = stage.ruler,
      names = run.names.map((name) => cut(name, small ? 58 : 92, 13, 650)),
      edge = small ? 16 : 20;
    const wide = Math.ceil(Math.max(...names.map((name) => width(name, 13, 650)))),
      g0 = edge + wide + (small ? 26 : 34),
      g1 = TW - 22;
    const long = run.N > WHOLE,
      span = long ? typicalSpan() : run.uB - run.uA,
      row = small ? 34 : 40;
    const top = stage.roads().length > 1 ? 88 : long ? 80 : 74,
      TH = top + row * (run.n - 1) + 22,
      y0 = top - 22,
      bleed = long ? 3 : 12;
    G = { TW, g0, g1, row, top, TH, y0, small, long, span, px: (g1 - g0) / span };
    const lines = run.names.flatMap((_, i) => [...lifeItems(i), ...waitItems(i)]);
    within = spanIndex(
      [...lines, ...arrowItems(), ...markItems(), ...breakItems(), ...stage.rooms.items({ X, Y })],
      run.N,
    );

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
      scrubberMarks(),
      parts.played,
      long && parts.frame,
      parts.link,
      parts.cursor,
      forks(),
      parts.grip,
    );
    el.replaceChildren(parts.svg);
  }

  /* -- what lies in the pane: each thing knows the steps between which it can be seen, and is made when it is -- */
  const lifeItems = (i) =>
    lives(run, i).map(({ a, b, view: { state, value } }) => ({
      a,
      b: Math.min(b, run.N),
      layer: "lives",
      make() {
        const x0 = (a && X(run.U[a])) + (state === "crashed" ? 12 : 0),
          x1 = X(b > run.N ? run.uB : run.U[b]);
        const line = (y) => `M${x0} ${Y(i) + y}H${x1}`;
        return path(`life.${state}`, state === "decided" ? line(-2.75) + line(2.75) : line(0), {
          "data-slot": run.slot(value),
        });
      },
    }));
  const calls = (i) => run.logs?.calls.some(([node]) => node === i);
  const waitItems = (i) =>
    calls(i)
      ? []
      : waits(run, i).map(({ a, b, due, over, level }) => ({
          a,
          b,
          layer: "waits",
          make() {
            const end = over ? run.U[b] : present(due) ? Math.min(run.toU(due), run.uB) : run.uB,
              y = Y(i) - 9 - 2.5 * (level % 3);
            return path(
              present(due) ? "timerline" : "timerline.anytime",
              `M${X(run.U[a])} ${y + 4}V${y}H${X(end)}V${y + 3}`,
            );
          },
        }));
  const arrowItems = () =>
    (arrows = run.messages.map((m) => {
      const end = m.fate ? m.u1 : Math.min(m.u0 + 0.95, run.uB);
      return { a: m.sent, b: m.end ?? run.stepAt(end), layer: "arrows", make: () => arrow(m, end) };
    }));
  const markItems = () =>
    (marks = run.steps.map((event, j) => ({
      a: j + 1,
      b: j + 1,
      layer: "marks",
      make: () => mark(event, j + 1),
    })));
  const breakItems = () =>
    run.clashes.map(({ broken, between }) => ({
      a: broken,
      b: broken,
      layer: "waits",
      make: () =>
        path("brk", `M${X(run.U[broken])} ${G.top - 18}V${Math.max(...between.map(Y)) - 12}`),
    }));

  function arrow(m, end) {
    const x0 = X(m.u0),
      y0 = Y(m.from),
      dx = X(end) - x0,
      dy = Y(m.to) - y0,
      whole = m.fate === "deliver";
    const f = whole ? 1 - 5 / (Math.hypot(dx, dy) || 1) : m.fate ? LOST_AT : 0.72,
      x = round(x0 + dx * f),
      y = round(y0 + dy * f);
    const transform = translate(x, y),
      d = `M${x0} ${y0}L${x} ${y}`,
      line = m.fate ? "arrow" : "arrow.open";
    if (thick) return path(line, d, looks(m));
    const turned = { transform: `${transform}rotate(${degrees(Math.atan2(dy, dx))})scale(.92)` };
    const tip = whole
      ? path("tip", tipOf(m.slot), turned)
      : m.fate
        ? path("mkx", crossed(3.5), { transform })
        : circle("ring", 3, { transform });
    const hot = m.id === stage.hot ? ".hot" : "",
      sel = m.id === stage.selected?.msg ? ".sel" : "";
    return s(
      `g.arr${hot}${sel}`,
      { "data-m": m.id, ...looks(m) },
      path(line, d),
      tip,
      path("grab", d),
    );
  }

  /* What happened at a node lies over the veil, so that no mark is ever cut in half. */
  function mark(event, k) {
    const what = MARKS[event.mark],
      copied = event.kind === "duplicate" && run.messages[event.msg];
    const node = copied ? copied.from : event.node;
    const transform = translate(X(run.U[k]), Y(node)),
      later = k > stage.k ? ".later" : "";
    if (event.kind === "drop") return g();
    if (!what) return circle(`mark.dot${later}`, 2.25, { transform });
    return s(
      `g.mark${later}`,
      { transform },
      what !== "down" && circle("disc", what === "decided" ? 10.5 : 7.5),
      mini(what, run.slot(run.states[k][node]?.value), 6),
    );
  }
  function fades() {
    // a window has soft sides
    const id = `${stage.id}fade`,
      { g0, g1, y0, TH } = G,
      stop = (offset, opacity) => s("stop", { offset, "stop-opacity": opacity });
    const side = (transform) =>
      s("rect", { fill: `url(#${id})`, width: 16, height: TH - y0, transform });
    return [
      s("linearGradient", { id }, stop(0, 1), stop(1, 0)),
      side(translate(g0 - 3, y0)),
      side(`${translate(g1 + 10, y0)}scale(-1 1)`),
    ];
  }

  /* -- the scrubber, the whole run: a mark that would touch its neighbor is left out, a violation never is -- */
  function scrubberMarks() {
    const near = (x) => run.broken.some((p) => Math.abs(scrubX(run.U[p.broken]) - x) < 17);
    const tick = (k, x, y, glyph) =>
      g({ class: "tk", "data-k": k, transform: translate(x, y) }, circle("touch", 11), glyph);
    const out = [
      path(
        "tick",
        run.N > 120
          ? ""
          : run.U.slice(1)
              .map((u) => `M${scrubX(u)} 40V43`)
              .join(""),
      ),
    ];
    let last = -99;
    run.steps.forEach(({ mark, node }, j) => {
      const x = scrubX(run.U[j + 1]);
      if (!MAJOR.includes(mark) || x - last < 14 || near(x)) return;
      out.push(
        tick(
          j + 1,
          (last = x),
          15,
          g(
            { transform: "scale(.86)" },
            mini(MARKS[mark], run.slot(run.states[j + 1][node]?.value)),
          ),
        ),
      );
    });
    last = -99;
    for (const p of run.broken)
      out.push(
        tick(
          p.broken,
          (last = Math.max(scrubX(run.U[p.broken]), last + 19)),
          14,
          signDisc(p.sign, 9),
        ),
      );
    return out;
  }

  /* -- roads not taken leave the line where they fork, with the first words of each; near ones share a way -- */
  const opening = (road) => {
    const roads = stage.roads(),
      { steps } = roads[road];
    return steps[parting(roads, stage.at.road, road)]?.text ?? "ends here";
  };
  function forks() {
    const roads = stage.roads(),
      here = stage.at.road,
      ways = [];
    for (const road of roads.keys()) {
      if (road === here) continue;
      const x = scrubX(run.U[Math.min(parting(roads, here, road), run.N)]),
        near = ways.find((way) => Math.abs(way.x - x) < 110);
      if (near) near.roads.push(road);
      else ways.push({ x, roads: [road] });
    }
    return ways.map(({ x, roads }) => {
      const some = roads.slice(0, 4),
        xe = Math.min(x + (G.small ? 34 : 44), G.TW - 36 - 20 * some.length);
      const words = `road ${some[0] + 1}: ${opening(roads[0])}`,
        room = G.TW - 12 - xe,
        { cut } = stage.ruler;
      const only = some.length < 2 && room > 120 ? cut(words, room, 12) : `road ${some[0] + 1}`;
      const name = (road, i) =>
        g(
          { class: "forkhit", "data-road": road },
          s("rect", {
            x: xe + (i ? 26 + 20 * i : -20),
            y: 44,
            width: i ? 20 : 26 + stage.ruler.width(only, 12),
            height: 22,
          }),
          s("text", { x: xe + (i ? 31 + 20 * i : 6), y: 58 }, i ? road + 1 : only),
        );
      const way = `M${x} 34C${x + 10} 34 ${xe - 36} 54 ${xe - 24} 54H${xe}M${xe - 4} 50.5 ${xe} 54 ${xe - 4} 57.5`;
      return g(path("fork", way), some.map(name));
    });
  }

  /* -- a frame -- */
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
    const start = left(),
      x = round(G.g0 + (stage.u - start) * G.px),
      sx = scrubX(stage.u),
      pan = translate(-(start - run.uA) * G.px, 0);
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
    const a = scrubX(start) - 3,
      b = scrubX(start + G.span) + 3;
    put(parts.frame, "x", a);
    put(parts.frame, "width", round(b - a));
    put(parts.lens, "d", `M${a} 38H${b}L${G.g1 + 9} ${G.y0}H${G.g0 - 3}Z`);
  }
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
  function words(k, event) {
    put(parts.grip, "aria-valuenow", k);
    put(parts.grip, "aria-valuetext", event ? `Step ${k}: ${event.say}` : "Start");
  }

  /* -- dragging: the scrubber goes over the whole run, the pane over its window, which stays put meanwhile -- */
  el.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest(".forkhit")) return;
    const tick = event.target.closest(".tk"),
      box = el.getBoundingClientRect(),
      whole = !G.long || event.clientY - box.top < G.y0 - 2;
    if (tick) return stage.player.goTo(+tick.dataset.k);
    const px = whole ? (G.g1 - G.g0) / (run.uB - run.uA) : G.px;
    stage.player.pause();
    if (!whole) held = left();
    const drag = ({ clientX }) => {
      const start = held ?? run.uA,
        x = clientX - box.left - G.g0,
        u = clamp(start + x / px, run.uA, run.uB),
        k = run.stepAt(u);
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

  /* After a drag the window glides back until the cursor is in its middle. */
  function settle(dt) {
    if (!slack) return false;
    slack = Math.abs(slack) * G.px < 0.5 ? 0 : slack * Math.exp(-dt * 9);
    return true;
  }
  const tag = (id, name, on) => arrows[id]?.el?.classList.toggle(name, on);
  return { el, layout, frame, step, words, dot, settle, tag, svg: () => parts.svg };
}
