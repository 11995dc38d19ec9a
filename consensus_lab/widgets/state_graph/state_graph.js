/* The state graph: every configuration a dot, colored by what can still be decided from it; a click takes the stage there.
   Python says what there is, in which order it stands, and every word; this page draws it, and asks Python for a run
   that was not recorded. Text is data, never markup: elements are made by `h` and `s`. */

import { h, s } from "../shared/dom.js";
import { messageOf, round as one } from "../shared/values.js";
import { enter } from "../shared/widget.js";
import { dots, pivots } from "./dots.js";
import { counted, createGraph } from "./graph.js";
import { layout } from "./layout.js";
import { createPage } from "./page.js";

const REACH = 26; // so near a dot has to be to the pointer

/**
 * @param {HTMLElement} element
 * @param {GraphPayload} payload
 * @param {Pick<StageOptions, "request" | "load">} [given]
 */
export function mount(element, payload, { request = null, load = null } = {}) {
  const { kinds, kind, labels, count } = payload;
  const graph = createGraph(payload);
  const { size, slots, depth, edges, twoWay, tree, pointOf, recorded, say, words, single, open } =
    graph;
  const ending = new AbortController();
  let at = 0;
  /** @type {number | null} */
  let hover = null;
  let road = [0];
  /** @type {number[] | null} */
  let shown = null;
  /** @type {StageWidget | null} */
  let stage = null;
  /** @type {object | null} */
  let asking = null;
  /** @type {ReturnType<typeof layout>} */
  let map;
  let choice = 0;

  const page = createPage(payload, graph);
  const { box, plot, svg, drawing, over, where, saying, next, told, go, note, scene, sampleOf } =
    page;

  /* -- drawing -- */
  /** @type {(point: number) => Point} */
  const spot = (point) => [map.x[point], map.y[point]];
  /** @param {number} a @param {number} b */
  const curve = (a, b) => {
    const { x, y } = map;
    const middle = depth[a] === depth[b] ? Math.max(y[a], y[b]) + 18 : one((y[a] + y[b]) / 2);
    return `M${x[a]} ${y[a]}C${x[a]} ${middle} ${x[b]} ${middle} ${x[b]} ${y[b]}`;
  };
  function draw() {
    map = layout(payload, plot.clientWidth);
    svg.setAttribute("viewBox", `0 0 ${plot.clientWidth} ${map.height}`);
    /** @type {Map<string, string[]>} */
    const lines = new Map();
    /** @type {Map<string, Point[]>} */
    const groups = new Map();
    const turning = [...twoWay.keys()].map(spot);
    /** @template Item @param {Map<string, Item[]>} table @param {string} key @param {Item} item */
    const add = (table, key, item) => {
      const items = table.get(key) ?? [];
      table.set(key, items);
      items.push(item);
    };
    for (let a = 0; a < size; a++) {
      for (const [b] of edges[a])
        add(lines, `${single(b)} ${open(a) && !open(b) ? "settles" : ""}`, curve(a, b));
      add(groups, `${kind[a]} ${map.radius(a)}`, spot(a));
    }
    drawing.replaceChildren(
      ...map.labels.map((y, k) => s("text.layer.num", { x: 22, y: y + 4 }, `${k}`)),
      ...[...lines].sort().map(([key, d]) => {
        const [slot, settles] = key.split(" ");
        return s(`path.edges${settles && ".settles"}`, { "data-slot": slot, d: d.join("") });
      }),
      ...[...groups].map(([key, points]) => {
        const [which, r] = key.split(" ");
        return dots(kinds[+which], slots, points, +r);
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
  /** @param {number} point @param {string} name */
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
            ? pivots([spot(point)], map.radius(point))
            : dots(kinds[kind[point]], slots, [spot(point)], map.radius(point)),
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
    saying.replaceChildren(sampleOf(place), say(place));
  }
  function listNext() {
    const ways = edges[at];
    /** @type {(way: [number, number], i: number) => Element} */
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
  /** @param {number} point */
  function pathTo(point) {
    const path = [];
    for (let place = point; place >= 0; place = tree[place][0]) path.unshift(place);
    return path;
  }
  /** @param {number} point @param {{ aloud?: boolean }} [given] */
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
    /** @param {string} text */
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
      const module = await load?.("stage");
      if (!module || asking !== mine || ending.signal.aborted) return;
      show(module, found, point);
      note.textContent = told.textContent = "The stage below shows the way here.";
    } catch (error) {
      if (asking === mine && !ending.signal.aborted) note.textContent = messageOf(error);
    }
  }
  /** @param {Modules["stage"]} module @param {import("./graph.js").Recorded} given @param {number} point */
  function show(module, { scene: run, passes, step }, point) {
    stage?.destroy();
    const title = depth[point]
      ? `${payload.title}: after ${depth[point]} event${depth[point] > 1 ? "s" : ""}`
      : payload.title;
    const entries = [{ id: "state", title, about: say(point), seeds: [[{ ...run, title }]] }];
    if (!scene.isConnected) box.after(scene);
    /** @type {string | null} */
    let drawn = "";
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
  /** @param {MouseEvent} given */
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
  /** @type {Record<string, () => number | undefined>} */
  const KEYS = {
    ArrowDown: () => edges[at][choice]?.[0],
    ArrowUp: () => road.at(-2),
    Home: () => 0,
    End: () => size - 1,
    ArrowLeft: () => (depth[at - 1] === depth[at] ? at - 1 : undefined),
    ArrowRight: () => (depth[at + 1] === depth[at] ? at + 1 : undefined),
  };
  plot.addEventListener("keydown", (/** @type {Heard<KeyboardEvent>} */ event) => {
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
  plot.addEventListener("pointermove", (/** @type {Heard<PointerEvent>} */ event) => {
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
  plot.addEventListener("click", (/** @type {Heard<MouseEvent>} */ event) => {
    const point = nearest(event);
    if (point !== null) {
      select(point);
      take();
    }
  });
  next.addEventListener("click", (/** @type {Heard<MouseEvent>} */ event) => {
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
