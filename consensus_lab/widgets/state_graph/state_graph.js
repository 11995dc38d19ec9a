/* The state graph: every configuration a dot, colored by what can still be decided from it; a click takes the stage there.
	 Python says what there is, in which order it stands, and every word; this page draws it, and asks Python for a run
	 that was not recorded. Text is data, never markup: elements are made by `h` and `s`. */

import { h, OURS, s } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";
import { listed } from "../shared/text.js";
import { present, round as one } from "../shared/values.js";
import { enter } from "../shared/widget.js";

const TOP = 24;
const TALL = 440; // the margin at the top and the bottom; and how tall a plot is if it can be
const SIDES = { dots: [38, 18], circles: [46, 52] }; // the margins at the left and the right
const NEAR = 9.5;
const FAR = 46;
const ROW = 10; // from dot to dot in a layer, and from row to row of one that needs several
const APART = [58, 150]; // the same from circle to circle, where each stands for many
const REACH = 26; // so near a dot has to be to the pointer

const counted = (n) => n.toLocaleString("en-US");
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const pairs = (row) => row.flatMap((to, i) => (i % 2 ? [] : [[to, row[i + 1]]]));

/* ---- dots: zero-length strokes with round ends, so that all dots of a kind are a few paths ---- */
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
const SIGNS = {
  none: (x, y, r) => `M${one(x - r * 0.5)} ${one(y + r * 0.5)}l${one(r)} ${one(-r)}`,
  ne: (x, y, r) =>
    `M${one(x - r * 0.55)} ${one(y - r * 0.25)}h${one(r * 1.1)}m0 ${one(r * 0.5)}h${one(-r * 1.1)}`,
};
function dots(kind, slots, points, r) {
  const d = points.map(([x, y]) => `M${x} ${y}h0`).join("");
  const open = kind.can?.length !== 1;
  const slot =
    kind.sign || (open && !kind.decided.length)
      ? "none"
      : slots.get(open ? kind.decided[0] : kind.can[0]);
  const path = (name, wide) => s(`path.${name}`, { d, "stroke-width": one(wide) });
  const marks = (name, draw, wide, size = r) =>
    s(`path.${name}`, {
      d: points.map(([x, y]) => draw(x, y, size)).join(""),
      "stroke-width": wide,
    });
  const parts = s("g", { "data-slot": slot });
  if (kind.sign)
    parts.append(path("ink", 2 * r + 2), marks("paper", SIGNS[kind.sign], r < 4.5 ? 1.2 : 1.6));
  else {
    const filled = slot !== "none";
    const core = kind.decided.length ? one(r * 0.62) : r;
    const rim = !kind.can ? "faint" : open ? "ink" : "line";
    if (core < r) parts.append(path(rim, 2 * r + 1.4), path("paper", 2 * r - 1));
    if (filled)
      parts.append(path("fill", 2 * core), marks("bars", BARS[slot], r < 4.5 ? 1 : 1.3, core));
    else
      parts.append(
        path(kind.can ? "dim" : "faint", 2 * r),
        path("paper", 2 * r - (r < 4.5 ? 2.2 : 3)),
      );
    if (!filled && !kind.can) parts.append(path("faint", 2.4));
  }
  return parts;
}

/* An open dot where one node's next step settles the outcome either way. */
function pivots(points, r) {
  const d = points.map(([x, y]) => `M${x} ${y}h0`).join("");
  return s(
    "g",
    [
      ["ink", 2 * r + 0.8],
      ["paper", 2 * r - 2],
      ["ink", r * 0.8],
    ].map(([name, wide]) => s(`path.${name}`, { d, "stroke-width": one(wide) })),
  );
}

/* ---- where the dots stand ---- */
function layout(payload, width) {
  const { layers, count } = payload;
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
  const radius = (at) => (count ? one(5 + 2.4 * Math.log10(count[at])) : r);
  return { x, y, labels, radius, height: Math.ceil(top - band + TOP) };
}

/* ---- the widget ---- */
export function mount(element, payload, { request = null, load = null } = {}) {
  const { kinds, kind, layers, names, states, labels, count } = payload;
  const size = kind.length;
  const slots = new Map(payload.values);
  const depth = layers.flatMap((n, k) => Array(n).fill(k));
  const edges = payload.edges.map((row, at) => pairs(row).map(([by, text]) => [at + by, text]));
  const twoWay = new Map(payload.two_way);
  const tree = pairs(payload.tree);
  const pointOf = (place) => (place < size ? place : payload.inside[place - size]);
  const recorded = new Map(); // point -> the first recorded run that passes through it, and the step
  payload.recorded.forEach(({ passes, scene }) =>
    passes.forEach((place, step) => {
      if (place < size && !recorded.has(place)) recorded.set(place, { scene, passes, step });
    }),
  );
  const ending = new AbortController();
  let at = 0;
  let hover = null;
  let road = [0];
  let shown = null;
  let stage = null;
  let asking = null;
  let map = null;
  let choice = 0;

  /* -- what there is to see -- */
  const swatch = (drawn) =>
    s("svg", { viewBox: "0 0 18 18", width: 18, height: 18, "aria-hidden": "true" }, drawn);
  const sample = (found) => swatch(dots(found, slots, [[9, 9]], 6.5));
  const sampleOf = (point) =>
    twoWay.has(point) ? swatch(pivots([[9, 9]], 6.5)) : sample(kinds[kind[point]]);
  const say = (point) => [kinds[kind[point]].say, twoWay.get(point)].filter(present).join(" ");
  const legend = h(
    "ul.legend",
    { "aria-label": "What the dots mean" },
    kinds.map((found) => h("li", sample(found), found.label, h("b.num", counted(found.count)))),
    twoWay.size
      ? h(
          "li",
          swatch(pivots([[9, 9]], 6.5)),
          "before a 2-way step",
          h("b.num", counted(twoWay.size)),
        )
      : null,
  );
  const drawing = s("g");
  const over = s("g");
  const svg = s("svg", { "aria-hidden": "true" }, drawing, over);
  const plot = h(
    "div.plot",
    {
      tabindex: 0,
      role: "application",
      ...OURS,
      "aria-label": `State graph. ${payload.say} Down follows an event, up goes back, left and right go along a layer, Enter takes the stage there.`,
    },
    svg,
  );
  const where = h("p.where");
  const outlook = h("p.outlook");
  const next = h("div.next");
  const told = h("span.vh", { role: "status" });
  const go = h("button.go", { type: "button" }, icon("play"), "Show how to get here");
  const note = h("span.cl-note");
  const scene = h("div.scene");
  const box = h(
    "section.cl-map",
    { "aria-label": `State graph: ${payload.title}` },
    h(
      "header.cl-head",
      h("span.cl-title", payload.title),
      h(
        "span.cl-meta.num",
        `${counted(kinds.reduce((sum, { count }) => sum + count, 0))} configurations`,
      ),
    ),
    legend,
    plot,
    h("div.told", where, outlook, next),
    h("footer.cl-tools", go, note),
    told,
  );

  /* -- words -- */
  function nodesOf(point) {
    const by = new Map();
    payload.nodes[point].forEach((state, i) => by.set(state, [...(by.get(state) ?? []), names[i]]));
    return [...by].map(([state, who]) => `${listed(who)} ${states[state]}`).join("; ");
  }
  function words(point) {
    const k = depth[point];
    const when = k ? `After ${k} event${k > 1 ? "s" : ""}` : "At the start";
    const many = count?.[point] > 1;
    return many
      ? `${when}: ${counted(count[point])} configurations. One of them: ${nodesOf(point)}.`
      : `${when}: ${nodesOf(point)}.`;
  }

  /* -- drawing -- */
  const curve = (a, b) => {
    const { x, y } = map;
    const middle = depth[a] === depth[b] ? Math.max(y[a], y[b]) + 18 : one((y[a] + y[b]) / 2);
    return `M${x[a]} ${y[a]}C${x[a]} ${middle} ${x[b]} ${middle} ${x[b]} ${y[b]}`;
  };
  const single = (point) => {
    const { can, sign } = kinds[kind[point]];
    return !sign && can?.length === 1 ? slots.get(can[0]) : "none";
  };
  const open = (point) => kinds[kind[point]].can?.length > 1;
  function draw() {
    map = layout(payload, plot.clientWidth);
    svg.setAttribute("viewBox", `0 0 ${plot.clientWidth} ${map.height}`);
    const lines = new Map();
    const groups = new Map();
    const turning = [...twoWay.keys()].map((point) => [map.x[point], map.y[point]]);
    const add = (table, key, item) => {
      if (!table.has(key)) table.set(key, []);
      table.get(key).push(item);
    };
    for (let a = 0; a < size; a++) {
      for (const [b] of edges[a])
        add(lines, `${single(b)} ${open(a) && !open(b) ? "settles" : ""}`, curve(a, b));
      add(groups, `${kind[a]} ${map.radius(a)}`, [map.x[a], map.y[a]]);
    }
    drawing.replaceChildren(
      ...map.labels.map((y, k) => s("text.layer.num", { x: 22, y: y + 4 }, `${k}`)),
      ...[...lines].sort().map(([key, d]) => {
        const [slot, settles] = key.split(" ");
        return s(`path.edges${settles && ".settles"}`, { "data-slot": slot, d: d.join("") });
      }),
      ...[...groups].map(([key, points]) => {
        const [which, r] = key.split(" ");
        return dots(kinds[which], slots, points, +r);
      }),
      pivots(turning, map.radius(0)),
      ...(count
        ? count.map((n, i) =>
            s("text.count", { x: map.x[i] + map.radius(i) + 6, y: map.y[i] + 4 }, counted(n)),
          )
        : []),
    );
    mark();
  }
  function ring(point, name) {
    return s(`circle.${name}`, {
      cx: map.x[point],
      cy: map.y[point],
      r: map.radius(point) + 4.5,
      fill: "none",
    });
  }
  function mark() {
    if (!map) return;
    const place = hover ?? at;
    const way = shown ?? road;
    const step = stage?.road === 0 && shown ? shown[stage.step] : undefined;
    const here = step ?? at;
    const bare = [...new Set([place, at, here, ...edges[place].map(([b]) => b)])];
    over.replaceChildren(
      ...[
        s("path.came", {
          d: way
            .slice(1)
            .map((b, i) => (b === way[i] ? "" : curve(way[i], b)))
            .join(""),
        }),
        s("path.ways", { d: edges[place].map(([b]) => curve(place, b)).join("") }),
        bare.map((point) =>
          twoWay.has(point)
            ? pivots([[map.x[point], map.y[point]]], map.radius(point))
            : dots(kinds[kind[point]], slots, [[map.x[point], map.y[point]]], map.radius(point)),
        ),
        [...new Set([place, at])]
          .filter((point) => point !== here)
          .map((point) => ring(point, "there")),
        ring(here, "here"),
      ].flat(),
    );
  }
  function tell() {
    const place = hover ?? at;
    where.textContent = words(place);
    outlook.replaceChildren(sampleOf(place), say(place));
  }
  function listNext() {
    const ways = edges[at];
    const button = ([to, text], i) =>
      h(
        "button",
        {
          type: "button",
          "data-to": to,
          "aria-current": i === choice && ways.length > 1 ? "true" : null,
          title: kinds[kind[to]].say,
        },
        sampleOf(to),
        labels[text],
        h("span.vh", `: ${kinds[kind[to]].label}`),
      );
    next.replaceChildren(ways.length ? "Next:" : "Nothing more can happen.", ...ways.map(button));
  }

  /* -- going about -- */
  function pathTo(point) {
    const path = [];
    for (let place = point; place >= 0; place = tree[place][0]) path.unshift(place);
    return path;
  }
  function select(point, { aloud = true } = {}) {
    at = point;
    hover = null;
    shown = null;
    choice = 0;
    road = pathTo(point).map(pointOf);
    note.textContent = "";
    tell();
    listNext();
    mark();
    if (aloud) told.textContent = `${words(at)} ${say(at)}`;
  }
  async function take() {
    const point = at;
    const mine = (asking = {});
    const progress = (text) => {
      if (asking === mine) note.textContent = `${text} to replay the run`;
    };
    let found = recorded.get(point);
    try {
      if (!found) {
        if (!request) {
          note.textContent = "This run is not recorded. Open the chapter in a notebook to see it.";
          return;
        }
        const places = pathTo(point);
        const events = places.slice(1).map((place) => payload.rows[tree[place][1]]);
        note.textContent = "Replaying the run…";
        const answer = await request(
          { do: "state", run: payload.run, events },
          { signal: ending.signal, progress },
        );
        if (!answer?.scene) throw new Error(answer?.error ?? "There was no answer.");
        recorded.set(point, (found = { scene: answer.scene, passes: places, step: events.length }));
      }
      const module = await load("stage");
      if (asking !== mine || ending.signal.aborted) return;
      show(module, found, point);
      note.textContent = told.textContent = "The stage below shows the way here.";
    } catch (error) {
      if (asking === mine && !ending.signal.aborted)
        note.textContent = String(error?.message ?? error);
    }
  }
  function show(module, { scene: run, passes, step }, point) {
    stage?.destroy();
    const title = depth[point]
      ? `${payload.title}: after ${depth[point]} event${depth[point] > 1 ? "s" : ""}`
      : payload.title;
    const entries = [{ id: "state", title, about: say(point), seeds: [[{ ...run, title }]] }];
    if (!scene.isConnected) box.after(scene);
    let drawn = -1;
    const onframe = () => {
      const now = stage && `${stage.road} ${stage.step}`;
      if (now !== drawn) {
        drawn = now;
        mark();
      }
    };
    stage = module.mount(
      scene,
      { version: 1, open: { entry: 0, seed: 0, road: 0, step }, entries },
      { request, load, onframe },
    );
    shown = passes.map(pointOf);
    mark();
  }
  function nearest({ clientX, clientY }) {
    const { left, top } = svg.getBoundingClientRect();
    let best = null;
    let least = REACH ** 2;
    for (let i = 0; i < size; i++) {
      const far = (map.x[i] - clientX + left) ** 2 + (map.y[i] - clientY + top) ** 2;
      if (far < least) {
        least = far;
        best = i;
      }
    }
    return best;
  }
  const KEYS = {
    ArrowDown: () => edges[at][choice]?.[0],
    ArrowUp: () => road.at(-2),
    Home: () => 0,
    End: () => size - 1,
    ArrowLeft: () => (depth[at - 1] === depth[at] ? at - 1 : undefined),
    ArrowRight: () => (depth[at + 1] === depth[at] ? at + 1 : undefined),
  };
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      take();
      return;
    }
    const to = KEYS[event.key]?.();
    if (event.key in KEYS) event.preventDefault();
    if (to !== undefined) select(to);
  });
  plot.addEventListener("pointermove", (event) => {
    const point = event.pointerType === "mouse" ? nearest(event) : null;
    if (point !== hover) {
      hover = point;
      tell();
      mark();
    }
  });
  plot.addEventListener("pointerleave", () => {
    if (hover !== null) {
      hover = null;
      tell();
      mark();
    }
  });
  plot.addEventListener("click", (event) => {
    const point = nearest(event);
    if (point !== null) {
      select(point);
      take();
    }
  });
  next.addEventListener("click", (event) => {
    const to = event.target.closest("button")?.dataset.to;
    if (to === undefined) return;
    select(+to);
    (next.querySelector("button") ?? plot).focus({ preventScroll: true });
  });
  go.addEventListener("click", take);

  /* -- into the page; what was there comes back at the end -- */
  const fallback = [...element.childNodes];
  let width = 0;
  const resized = new ResizeObserver(() => {
    if (plot.clientWidth && plot.clientWidth !== width) {
      width = plot.clientWidth;
      draw();
    }
  });
  enter(element, ["cl-stage", "cl-state_graph"], box);
  select(0, { aloud: false });
  resized.observe(plot);
  function destroy() {
    ending.abort();
    resized.disconnect();
    stage?.destroy();
    element.classList.remove("cl-stage");
    element.replaceChildren(...fallback);
  }
  return {
    destroy,
    select,
    take,
    get at() {
      return at;
    },
    get stage() {
      return stage;
    },
    get map() {
      return map;
    },
  };
}
