/* The stage: plays a run, lets the reader walk through it and change it.

   Python decides, this page draws: every state, word and verdict is in the scene, and nothing here knows a rule of any
   protocol. A scene is data, never markup. */

import { focusedIn, h, QUIETLY } from "../shared/dom.js";
import { ruler } from "../shared/text.js";
import { clamp, present } from "../shared/values.js";
import { createControls } from "./controls.js";
import { createDiagram } from "./diagram.js";
import { createEvents } from "./event_list.js";
import { createFrame } from "./frame.js";
import { createLinks } from "./links.js";
import { prepare } from "./model.js";
import { createPage } from "./page.js";
import { noInspector, noMoves } from "./placeholders.js";
import { createPlayer } from "./player.js";
import { createRequests } from "./requests.js";
import { createRing } from "./ring.js";
import { describeRoad } from "./roads.js";
import { createRooms } from "./rooms.js";
import { createVerdicts } from "./verdicts.js";

const SMALL = 620; // pixels: a stage that is narrower is laid out for a phone

let instances = 0;
/** @type {Map<string, number>} */
const met = new Map(); // id of an entry -> on how many stages it has been
/** @param {string} id */
function nth(id) {
  const n = 1 + (met.get(id) ?? 0);
  met.set(id, n);
  return n;
}

/**
 * Puts a stage into an element. `request(message, {signal})` reaches Python, where there is one; `load(name)` gives our
 * other modules; `onframe(ms, inFlight)` hears what each frame took, `onrun(run)` which run is shown; a `game` is played
 * on one road. A link names a stage of a page, so one in a kernel has none.
 *
 * @param {HTMLElement} element
 * @param {StagePayload} payload
 * @param {StageOptions} [options]
 */
export function mount(element, payload, options = {}) {
  const {
    request = null,
    load: module = null,
    onframe = null,
    onrun = null,
    game = null,
  } = options;
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const ending = new AbortController();
  /** @param {Scene[]} roads */
  const recorded = (roads) => ({ roads: [...roads], recorded: roads.length });
  const library = payload.entries.map((entry) => ({
    ...entry,
    seeds: entry.seeds.map(recorded),
    nth: nth(entry.id),
  }));
  const at = { entry: 0, seed: 0, road: 0 };

  // Its parts are added below, in an order in which each finds what it needs; `load` brings the run, `layout` the ruler.
  const stage = /** @type {Stage} */ ({
    id: `cl${++instances}`,
    element,
    library,
    at,
    request,
    module,
    game,
    u: 0,
    k: -1,
    playing: false,
    width: 0,
    selected: null,
    hot: null,
    lit: null,
    entry: () => library[at.entry],
    seed: () => stage.entry().seeds[at.seed],
    roads: () => stage.seed().roads,
    still: () => reduced.matches,
    focused: () => focusedIn(element),
    load,
    layout,
    choose,
    point,
    explain,
    setFolded,
    refold,
    inspector: noInspector(),
    moves: noMoves(),
  });
  stage.ring = createRing(stage);
  stage.diagram = createDiagram(stage);
  stage.events = createEvents(stage);
  stage.verdicts = createVerdicts(stage);
  const page = (stage.page = createPage(stage));
  const box = (stage.box = page.box);
  const { ring, diagram, events, verdicts } = stage;
  stage.rooms = createRooms(stage);
  const frame = (stage.frame = createFrame(stage));
  const player = (stage.player = createPlayer(stage, onframe));
  const requests = (stage.requests = createRequests(stage));
  const links = (stage.links = createLinks(stage));
  createControls(stage);

  /* -- loading: shows a run of the library -- */
  /**
   * @param {Partial<Place>} where
   * @param {Moment} [place]
   */
  function load(where, place = { k: 0 }) {
    Object.assign(at, where);
    if ("seed" in where) requests.forget();
    const run = (stage.run = prepare(stage.roads()[at.road]));
    stage.hot = stage.lit = null;
    player.forget();
    frame.forget();
    if (present(stage.selected?.msg) || (stage.selected?.node ?? 0) >= run.n) stage.selected = null;
    stage.inspector.reset();
    verdicts.load();
    events.load();
    showHead(run);
    if (!page.tools.key.hidden) explain();
    onrun?.(run);
    const k = clamp(place.k, 0, run.N);
    const until = k < run.N ? run.U[k + 1] - 1e-6 : run.uB;
    stage.u = Math.min(run.U[k] + (place.rest ?? 0), until);
    layout();
    page.head.strip.scrollLeft = Math.max(0, at.road - 3) * 32;
  }
  /** @param {Run} run */
  function showHead(run) {
    const { select, title, meta, about, strip, undo, roads } = page.head;
    const { seeds, about: text } = stage.entry();
    const nodes = `${run.n} ${run.n === 1 ? "node" : "nodes"}`;
    select.value = at.entry;
    title.textContent = run.title;
    about.textContent = text ?? "";
    about.hidden = !text;
    meta.textContent = `${run.protocol}, ${nodes}, ${run.network} network${present(run.seed) ? `, seed ${run.seed}` : ""}`;
    box.setAttribute("aria-label", `${run.title}: a run of ${run.protocol} on ${nodes}`);
    page.playback.newSeed.hidden = seeds.length < 2 && !present(run.seed);
    roads.hidden = stage.roads().length < 2;
    undo.hidden = !requests.changes();
    strip.replaceChildren(
      ...stage.roads().map((road, i) => {
        const words = describeRoad(road, i);
        return h(
          "button",
          { "data-road": i, "aria-pressed": i === at.road, "aria-label": words, title: words },
          i + 1,
        );
      }),
    );
  }
  async function explain() {
    if (!module) return;
    const { legend } = await module("key");
    page.tools.key.replaceChildren(...legend(stage.run, stage.rooms));
  }

  /* -- layout: everything anew, for this run and this width -- */
  function layout() {
    if (!stage.width) return;
    const small = stage.width < SMALL;
    const focus = focusKey();
    const { run } = stage;
    stage.ruler ??= ruler(getComputedStyle(box).fontFamily);
    box.classList.toggle("open", !!stage.selected);
    stage.inspector.el.hidden = !stage.selected;
    const widths = [ring.el.clientWidth, diagram.el.clientWidth]; // read before anything is written
    ring.layout(widths[0], small);
    stage.rooms.layout(small);
    diagram.layout(widths[1], small);
    verdicts.can.style.maxWidth = `${Math.max(80, ring.corner() - (small ? 16 : 20))}px`;
    page.caption.el.style.setProperty("--lines", captionLines(small)); // so that the transport never moves
    frame.reset(run.n);
    frame.draw();
    ring.press();
    if (focus) (box.querySelector(focus) ?? box).focus(QUIETLY);
  }
  /** @param {boolean} small */
  function captionLines(small) {
    const longest = stage.run.steps
      .map((event) => event.say)
      .sort((a, b) => b.length - a.length)
      .slice(0, 8);
    const room = stage.width - (small ? 34 : 102);
    const lines = longest.map((text) => Math.ceil((stage.ruler.width(text, 15) * 1.06) / room));
    return clamp(Math.max(...lines, 1), 1, 4);
  }
  /* What has the focus, in words that outlive a redrawing. */
  function focusKey() {
    const focused = stage.focused();
    if (!focused || !box.contains(focused)) return null;
    const { dataset, classList } = focused;
    if (dataset.node) return `.node[data-node="${dataset.node}"]`;
    if (classList.contains("msg")) return `.msg[data-m="${dataset.m}"]`;
    return classList.contains("grip") ? ".grip" : null;
  }

  /* -- selecting and pointing -- */
  /** @param {Selected | null} selected */
  function choose(selected) {
    diagram.tag(stage.selected?.msg, "sel", false);
    diagram.tag(selected?.msg, "sel", true);
    const reshape =
      !stage.selected !== !selected && (box.classList.contains("folded") || stage.width < SMALL);
    stage.selected = selected;
    stage.inspector.reset();
    stage.inspector.update();
    if (reshape) layout();
    ring.press();
    ring.showWay();
    frame.draw();
  }
  function point({ m = undefined, at: node = undefined } = {}) {
    const id = m === undefined ? null : +m;
    const lit = node === undefined ? null : +node;
    if (lit !== stage.lit) ring.light((stage.lit = lit));
    if (id === stage.hot) return;
    diagram.tag(stage.hot, "hot", false);
    diagram.tag(id, "hot", true);
    stage.hot = id;
    events.repaint();
    ring.showWay();
    stage.moves.point(id);
    if (!stage.playing && !player.gliding()) frame.draw();
  }
  /** @param {boolean} folded */
  function setFolded(folded) {
    events.setFolded(folded);
    refold();
  }
  function refold() {
    box.classList.toggle("folded", events.list.hidden && stage.moves.folded());
    layout();
  }

  /* -- what the reader does to a run comes when the first frame is drawn -- */
  async function join() {
    if (!module) return;
    const [{ createInspector }, { createMoves }] = await Promise.all([
      module("inspector"),
      module("moves"),
    ]);
    stage.inspector = createInspector(stage);
    stage.moves = createMoves(stage);
    page.side.replaceChildren(stage.inspector.el, events.el, stage.moves.el);
    if (game) refold();
    stage.moves.update();
    stage.inspector.update();
  }

  /* -- into the page; what was there comes back if this fails, and at the end -- */
  const fallback = [...element.childNodes];
  function fit() {
    const first = !stage.width;
    if (!element.clientWidth || element.clientWidth === stage.width) return;
    stage.width = element.clientWidth;
    if (first && (game || stage.width < SMALL)) setFolded(true);
    else layout();
  }
  const resized = new ResizeObserver(fit);
  const seen = new IntersectionObserver(([entry]) => player.setOnScreen(entry.isIntersecting));
  function destroy() {
    for (const observer of [resized, seen]) observer.disconnect();
    ending.abort();
    requests.destroy();
    events.destroy();
    player.stop();
    stage.width = 0;
    element.classList.remove("cl-stage");
    element.replaceChildren(...fallback);
  }
  try {
    const { entry = 0, seed = 0, road = 0, step: k = 0 } = payload.open ?? {};
    load({ entry, seed, road }, { k });
    element.classList.add("cl-stage");
    element.replaceChildren(box);
    fit();
    links.follow();
    join();
  } catch (error) {
    destroy();
    throw error;
  }
  resized.observe(element);
  seen.observe(element);
  document.addEventListener("visibilitychange", player.watch, { signal: ending.signal });
  window.addEventListener("hashchange", links.follow, { signal: ending.signal });

  return {
    play: player.play,
    pause: player.pause,
    goTo: player.goTo,
    seek: player.seek,
    another: requests.anotherSeed,
    destroy,
    get road() {
      return at.road;
    },
    get step() {
      return Math.max(stage.k, 0);
    },
    get playing() {
      return stage.playing;
    },
    get inFlight() {
      return ring.size();
    },
  };
}
