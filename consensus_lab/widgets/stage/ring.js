import {
  circle,
  dress,
  g,
  h,
  move,
  path,
  put,
  QUIETLY,
  s,
  show,
  translate,
} from "../shared/dom.js";
import { clamp, present, round } from "../shared/values.js";
import { crossed, dots, PALETTE, pip, signDisc, strokes, tipOf } from "../shared/glyphs.js";
import { degrees, nodeRadius, pathOf, pillRadius, ringGeometry, roadOf } from "./geometry.js";
import { inFlight, looks, titleOf } from "./model.js";

const COINS = 48; // with more messages in flight than this, each is a dart

export function createRing(stage) {
  const el = h("div.cl-svg"),
    views = new Set(),
    molds = new Map();
  let G,
    run,
    svg,
    layer,
    trails,
    under,
    over,
    road,
    done,
    doneLine,
    doneTip,
    clash,
    pulse,
    nodes = [],
    grain,
    room,
    stamp = 0;
  let spare = {}; // darts that have landed, by slot

  function layout(W, small) {
    run = stage.run;
    const { width, cut } = stage.ruler,
      { n } = run;
    const sizes = (r) =>
      run.names.map((name) =>
        width(name, 18, 650) <= 1.4 * r ? 18 : width(name, 12.5, 650) <= 1.75 * r ? 12.5 : 0,
      );
    G = {
      ...ringGeometry(n, W, small, sizes(nodeRadius(n)).includes(0)),
      wide: n > 6 ? 112 : small ? 128 : 160,
    };
    G.sizes = sizes(G.r); // of a name in its node; 0: it stands outside
    room = Math.floor((W * G.H * (small ? 0.06 : 0.08)) / 1250); // so many labeled messages fit
    nodes = run.names.map((name, i) => nodeView(cut(name, G.wide, 14, 650), i));
    for (const m of run.messages) m.road = m.view = null;
    views.clear();
    molds.clear();
    spare = {};
    const pattern = ({ hatch }, slot) =>
      s(
        "pattern",
        {
          id: `${stage.id}h${slot}`,
          width: 6,
          height: 6,
          patternUnits: "userSpaceOnUse",
          "data-slot": slot,
        },
        path(`hatching${dots(slot)}`, hatch),
      );
    svg = s(
      "svg",
      {
        viewBox: `0 0 ${W} ${G.H}`,
        height: G.H,
        role: "group",
        "aria-label": "Nodes and messages in flight",
      },
      s("defs", PALETTE.slice(0, 4).map(pattern)),
      n > 2 && s("ellipse.orbit", { cx: G.cx, cy: G.cy, rx: G.rx, ry: G.ry }),
      (under = g({ class: "room" })),
      (road = path("road")),
      (done = g((doneLine = path("done")), (doneTip = path("tip")))),
      (trails = g()),
      (pulse = circle("pulse")),
      (layer = g({ class: "msgs" })),
      (clash = g({ class: "clash" })),
      g(
        { class: "nodes" },
        nodes.map((v) => v.el),
      ),
      (over = g({ class: "room" })),
    );
    for (const hidden of [road, done, pulse]) show(hidden, false);
    el.replaceChildren(svg);
  }

  function nodeView(name, i) {
    const { r } = G,
      { x, y, up } = G.nodes[i],
      size = G.sizes[i],
      base = up ? -r : r;
    const at = up
      ? { name: -15, words: -32, pips: size ? -21 : -49 }
      : { name: 26, words: size ? 42 : 43, pips: size ? 21 : 56 };
    const hatch = circle("hatch", r - 1),
      turned = { pathLength: 1, "stroke-dasharray": 1, transform: "rotate(-90)" };
    const timer = circle("timer", r + 7, turned),
      plate = size && circle("plate", Math.round(r * 0.54));
    const words = s("text.st.words", { y: base + at.words }),
      pips = g({ transform: translate(0, base + at.pips) });
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
      told: null,
      parked: 0,
      view: null,
      arc: null,
      tally: [],
    };
  }
  /* How far to the right words may go in the upper left corner: up to those of the nodes at the top. */
  function corner() {
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
  const inFrame = (x, width) =>
    round(clamp(x, width / 2 + 4, Math.max(G.W - width / 2 - 4, width / 2 + 4)) - x); // words stay inside

  /* The words beside a node, and the same for who cannot see it. */
  function tell(i) {
    const v = nodes[i],
      words = v.view.words + (v.parked ? `, ${v.parked} waiting` : "");
    if (v.told === words) return;
    v.told = words;
    const weight = v.view.state === "decided" ? 650 : 400;
    const text = stage.ruler.cut(words, G.wide, 13, weight),
      heard = v.view.tally?.filter(present).length;
    v.words.textContent = text;
    v.words.setAttribute("x", inFrame(G.nodes[i].x, stage.ruler.width(text, 13, weight)));
    v.el.setAttribute(
      "aria-label",
      `${run.names[i]}: ${words}${heard === undefined ? "" : `. ${heard} votes heard`}`,
    );
  }

  function showNode(view, i) {
    const v = nodes[i];
    if (v.view === view) return;
    v.view = view;
    const slot = run.slot(view.value),
      first = soonest(view.timers ?? []),
      due = first?.[2] ?? null;
    put(v.el, "data-state", view.state);
    put(v.el, "data-slot", slot);
    put(v.el, "class", `node${first ? " armed" : ""}${first && due === null ? " anytime" : ""}`);
    v.arc = due === null ? null : [run.toU(first[1]), run.toU(due)];
    v.hatch.style.fill =
      ["voted", "decided"].includes(view.state) && slot < 4 ? `url(#${stage.id}h${slot})` : "none";
    const { tally = [] } = view,
      space = run.n > 9 ? 7 : run.n > 5 ? 9 : 12,
      spot = (j) => (j - (tally.length - 1) / 2) * space;
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
  const soonest = (timers) =>
    timers.reduce(
      (best, timer) => (!best || (timer[2] ?? Infinity) < (best[2] ?? Infinity) ? timer : best),
      null,
    );

  /* One drawing for each label, ballot and value, copied for each message. */
  function mold(m) {
    const full = m.slot === 4 ? [m.label, m.value].filter(present).join(" ") : m.label,
      key = `${m.slot} ${m.tag} ${full}`;
    if (molds.has(key)) return molds.get(key);
    const striped = m.slot < 4,
      text = stage.ruler.cut(full, 124, 12, 600),
      tip = tipOf(m.slot);
    const tab = m.tag ? Math.ceil(stage.ruler.width(m.tag, 11, 700)) + 11 : 0,
      cap = striped ? 15 : m.tag ? 4 : 0;
    const w = Math.ceil(stage.ruler.width(text, 12, 600)) + (m.tag ? 12 : 14) + (cap || 6) + tab,
      x = -w / 2;
    const attributes = { role: "button", "data-slot": m.slot, "data-owner": m.owner };
    const letters = m.tag && !striped ? m.tag : [...(m.value ?? m.label)].slice(0, 2).join("");
    const pill = (classes, more) =>
      s(`rect.${classes}.large`, {
        x: x - more,
        y: -11 - more,
        width: w + 2 * more,
        height: 22 + 2 * more,
        rx: 11 + more,
      });
    const label = g(
      attributes,
      pill("back", 1.5),
      circle("back.small", 11),
      g({ class: "dir" }, path("shaft", "M-14 0H-2"), path("tip", tip)),
      pill("pill", 0),
      striped && m.tag && path("full.large", `M${-x - 15} -11V11H${-x - 11}a11 11 0 0 0 0-22Z`),
      striped &&
        path("cap.large", `M${x + 15} -10V10H${x + 11}a10 10 0 0 1 0-20Z`, {
          fill: `url(#${stage.id}h${m.slot})`,
          transform: m.tag && "scale(-1 1)",
        }),
      m.tag && [
        path("ticket.large", `M${x + tab} -11V11H${x + 11}a11 11 0 0 1 0-22Z`),
        s("text.tag.large", { x: x + tab / 2 + 1, y: 4 }, m.tag),
      ],
      s("text.large", { x: m.tag ? (tab - cap) / 2 : striped ? 5 : 0, y: 4.2 }, text),
      circle("coin.small", 9.5),
      striped
        ? path(`bars.small${dots(m.slot)}`, strokes(m.slot, 3.3, 4.8))
        : s("text.letter.small", { y: 3.6 }, letters),
      path("cross", crossed(4)),
      pill("halo", 3.5),
      circle("halo.small", 13),
    );
    const dart = path("msg.dart.tip", tip, { ...attributes, transform: "translate(0 0)rotate(0)" });
    molds.set(key, { label, dart, reach: (w - 22) / 2 });
    return molds.get(key);
  }

  function enter(m, dart) {
    const old = m.view,
      shapes = mold(m);
    const node =
      (dart && spare[`${m.slot} ${m.owner}`]?.pop()) ||
      (dart ? shapes.dart : shapes.label).cloneNode(true);
    const v = (m.view = {
      m,
      dart,
      el: node,
      reach: shapes.reach,
      seen: 0,
      f: -1,
      turned: 9,
      look: "",
      opacity: 1,
    });
    node.setAttribute("tabindex", stage.playing || dart ? -1 : 0);
    node.setAttribute("aria-pressed", stage.selected?.msg === m.id);
    node.setAttribute(
      "aria-label",
      `Message ${titleOf(m)}, ${run.names[m.from]} to ${run.names[m.to]}`,
    );
    if (dart) [v.move, v.turn] = node.transform.baseVal;
    else {
      v.dir = node.querySelector(".dir");
      inOrder(trails, (v.trail = path("trail", "", looks(m))), m.id);
    }
    inOrder(layer, node, m.id);
    views.add(v);
    if (old) leave(old, node);
    return v;
  }
  function inOrder(parent, node, id) {
    // so that going back finds the same ones on top
    node.dataset.m = id;
    parent.insertBefore(
      node,
      +parent.lastChild?.dataset.m > id
        ? [...parent.children].find((other) => +other.dataset.m > id)
        : null,
    );
  }
  function leave(v, heir) {
    // the focus of a message that has gone is handed on
    if (v.el === stage.focused()) (heir ?? nodes[v.m.to].el).focus(QUIETLY);
    if (v.dart) (spare[`${v.m.slot} ${v.m.owner}`] ??= []).push(v.el);
    else v.trail.remove();
    v.el.remove();
    views.delete(v);
    if (v.m.view === v) v.m.view = null;
  }

  /* Draws a message at f of its road. The tip is where the message is; its label rides just behind. */
  function place(m, f, mode, opacity) {
    const pointed = m.id === stage.hot || m.id === stage.selected?.msg; // that one is always labeled
    const dart = grain === "dart" && !pointed && !mode,
      v = m.view?.dart === dart ? m.view : enter(m, dart),
      p = (m.road ??= roadOf(m, G));
    v.seen = stamp;
    const e = 1 - f,
      a = e * e,
      b = 2 * e * f,
      c = f * f,
      x = a * p[0] + b * p[2] + c * p[4],
      y = a * p[1] + b * p[3] + c * p[5];
    const turn = Math.atan2(
      e * (p[3] - p[1]) + f * (p[5] - p[3]),
      e * (p[2] - p[0]) + f * (p[4] - p[2]),
    );
    if (dart) {
      // by the numbers: ten times as quick as the attribute
      if (v.f !== f) v.move.setTranslate(x, y);
      if (Math.abs(v.turned - turn) > 0.02) v.turn.setRotate(degrees((v.turned = turn)), 0, 0);
      v.f = f;
      return;
    }
    const look = `msg ${mode}${m.id === stage.hot ? " hot" : ""}${grain && !pointed ? " coined" : ""}`;
    if (v.f === f && v.look === look && v.opacity === opacity) return;
    if (v.look !== look) {
      v.el.setAttribute("class", look);
      v.trail.setAttribute("class", `trail ${mode}`);
    }
    if (v.opacity !== opacity) v.el.setAttribute("opacity", opacity);
    Object.assign(v, { f, look, opacity });
    const scale = Math.min(1, 0.2 + (f * Math.hypot(p[4] - p[0], p[5] - p[1])) / 62); // it comes out from behind its sender
    const behind =
      10 + (look.includes("coined") || mode === "lost" ? 9.5 : pillRadius(v.reach, turn));
    const bx = x - Math.cos(turn) * behind * scale,
      by = y - Math.sin(turn) * behind * scale;
    v.el.setAttribute(
      "transform",
      `translate(${bx.toFixed(2)} ${by.toFixed(2)})scale(${scale.toFixed(3)})`,
    );
    put(v.dir, "transform", `rotate(${degrees(turn)})translate(${round(behind)} 0)`);
    v.trail.setAttribute(
      "d",
      pathOf([p[0], p[1], p[0] + (p[2] - p[0]) * f, p[1] + (p[3] - p[1]) * f, x, y]),
    );
  }

  function step(k, crowd) {
    const event = run.steps[k - 1],
      clashes = run.clashes.filter((p) => k >= p.broken);
    run.states[k].forEach(showNode);
    grain = crowd <= room ? "" : crowd <= COINS ? "coin" : "dart";
    if (clash.childElementCount !== clashes.length)
      clash.replaceChildren(...clashes.map(clashView));
    if (!event) return;
    const m = event.kind === "deliver" && run.messages[event.msg],
      { x, y } = G.nodes[event.node] ?? { x: 0, y: 0 };
    if (m) {
      const p = (m.road ??= roadOf(m, G));
      dress(done, m);
      put(doneLine, "d", pathOf(p));
      put(doneTip, "d", tipOf(m.slot));
      put(
        doneTip,
        "transform",
        `${translate(p[4], p[5])}rotate(${degrees(Math.atan2(p[5] - p[3], p[4] - p[2]))})scale(1.2)`,
      );
    }
    move(pulse, x, y);
  }
  function clashView({ sign, between }, j, all) {
    const [a, b] = between.map((i) => G.nodes[i]);
    if (!b)
      return g({ transform: translate(a.x - G.r * 0.8, a.y - G.r * 0.8) }, signDisc(sign, 11));
    const dx = b.x - a.x,
      dy = b.y - a.y,
      l = Math.hypot(dx, dy) || 1,
      q = (G.r + 12) / l;
    const f = 0.5 + ((j - (all.length - 1) / 2) * 34) / l;
    return g(
      s("line", { x1: a.x + dx * q, y1: a.y + dy * q, x2: b.x - dx * q, y2: b.y - dy * q }),
      g({ transform: translate(a.x + dx * f, a.y + dy * f) }, signDisc(sign, 15)),
    );
  }

  /* What has just happened fades; timers run on; messages that were not placed have gone. */
  function frame(parked) {
    for (const v of views) if (v.seen !== stamp) leave(v);
    stamp++;
    const { u, k } = stage,
      { kind } = run.steps[k - 1] ?? {},
      age = u - run.U[k],
      fresh = kind && age < 0.5;
    nodes.forEach((v, i) => {
      if (v.parked !== parked[i]) {
        v.parked = parked[i];
        tell(i);
      }
      if (v.arc)
        put(
          v.timer,
          "stroke-dashoffset",
          clamp((u - v.arc[0]) / (v.arc[1] - v.arc[0] || 1), 0, 1).toFixed(3),
        );
    });
    show(done, fresh && kind === "deliver");
    show(
      pulse,
      fresh && !["drop", "duplicate"].includes(kind) && (kind !== "deliver" || stage.playing),
    );
    if (!fresh) return;
    put(done, "opacity", clamp((0.5 - age) / 0.25, 0, 1).toFixed(2));
    put(pulse, "opacity", clamp((0.5 - age) / 0.4, 0, 1).toFixed(2));
    put(pulse, "r", round(G.r + 14 + (stage.still() ? 0 : 14 * Math.min(1, age * 2))));
  }

  function showRoad() {
    // the whole way of the message that is pointed at or selected
    const m = run.messages[stage.hot ?? stage.selected?.msg ?? -1],
      on = m && (stage.hot !== null || inFlight(m, stage.k));
    show(road, on);
    if (on) {
      dress(road, m);
      put(road, "d", pathOf((m.road ??= roadOf(m, G))));
    }
  }
  const light = (node) => nodes.forEach((v, i) => put(v.el, "data-hot", i === node));
  function press() {
    nodes.forEach((v, i) => v.el.setAttribute("aria-pressed", stage.selected?.node === i));
    for (const v of views) v.el.setAttribute("aria-pressed", stage.selected?.msg === v.m.id);
  }
  function tabStops() {
    // messages only while paused, and of a swarm of darts only the first
    [...views].forEach((v, j) =>
      v.el.setAttribute("tabindex", stage.playing || (v.dart && j) ? -1 : 0),
    );
  }
  return {
    el,
    layout,
    place,
    step,
    frame,
    showRoad,
    press,
    light,
    tabStops,
    node: (i) => nodes[i]?.el,
    svg: () => svg,
    room: () => ({ G, under, over, node: (i) => nodes[i].el }),
    corner,
    size: () => views.size,
  };
}
