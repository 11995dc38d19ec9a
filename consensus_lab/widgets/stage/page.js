/* The page of a stage: its elements, before anything is in them. */

import { h, OURS } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";

/**
 * @param {string} action
 * @param {string} name
 * @param {string} text
 * @param {string} [title]
 */
const tool = (action, name, text, title) =>
  h("button", { "data-do": action, title }, icon(name), text);
/**
 * @param {string} action
 * @param {string} label
 * @param {string} key
 */
const stepButton = (action, label, key) =>
  h(
    "button.b",
    { "data-do": action, "aria-label": label, title: `${label} (${key})` },
    icon(action),
  );

/** @param {Omit<Stage, "page" | "box">} stage */
export function createPage(stage) {
  const head = createHead(stage);
  const caption = createCaption();
  const playback = createPlayback(stage);
  const tools = createTools(stage);
  const rooms = h("div.cl-rooms");
  const side = h("div.cl-in", stage.inspector.el, stage.events.el);
  const box = h(
    "section.cl-box",
    { tabindex: -1, ...OURS },
    head.el,
    stage.verdicts.el,
    h("div.cl-ring", stage.ring.el, stage.verdicts.can),
    h("div.cl-side", side),
    rooms,
    caption.el,
    playback.el,
    stage.diagram.el,
    tools.key,
    tools.el,
  );
  return { box, rooms, side, head, caption, playback, tools };
}

/** @param {Pick<Stage, "id" | "library">} given */
function createHead({ id, library }) {
  const select = h(
    "select",
    { id: `${id}run` },
    library.map((entry, i) => h("option", { value: i }, entry.title)),
  );
  const picker = h("span.cl-pick", h("label.vh", { for: select.id }, "Run"), select, icon("down"));
  const title = h("span.cl-title");
  const meta = h("span.cl-meta");
  const about = h("p.cl-about");
  const strip = h("span.cl-strip");
  const undo = tool("undo", "undo", "Undo", "Take back your last change (Backspace or Ctrl+Z)");
  const roads = h(
    "span.cl-roads",
    { role: "group", "aria-label": "Roads: ways this run was continued" },
    icon("road"),
    "Road",
    strip,
    undo,
  );
  const el = h("div.cl-head", library.length > 1 ? picker : title, meta, roads, about);
  return { el, select, title, meta, about, strip, undo, roads };
}

function createCaption() {
  const step = h("span.k.num");
  const text = h("span.s");
  return { step, text, el: h("p.cl-say", { "aria-live": "polite" }, step, text) };
}

/** @param {Pick<Stage, "request">} given */
function createPlayback({ request }) {
  const play = h(
    "button.pp",
    { "data-do": "play", "aria-label": "Play", title: "Play or pause (space)" },
    icon("play"),
  );
  const backward = [
    stepButton("start", "To start", "Home"),
    stepButton("back", "Step back", "left arrow"),
  ];
  const forward = [
    stepButton("fwd", "Step forward", "right arrow"),
    stepButton("end", "To end", "End"),
  ];
  const step = h("b");
  const all = h("span");
  const time = h("span.t");
  const rate = h("output.num");
  const speed = h("input", {
    type: "range",
    "aria-label": "Speed",
    min: -3,
    max: 3,
    step: 0.5,
    value: 0,
    ...OURS,
  });
  const newSeed = tool("seed", "seed", "New seed");
  const el = h(
    "div.cl-play",
    { role: "group", "aria-label": "Playback" },
    backward,
    play,
    forward,
    h("span.cl-count.num", step, all, time),
    h(
      "span.cl-more",
      h("label.cl-speed", h("span", "Speed"), speed, rate),
      request &&
        tool("continue", "run", "Let it run", "Go on from here with a fresh seed, on a new road"),
      newSeed,
    ),
  );
  return { el, play, backward, forward, step, all, time, speed, rate, newSeed };
}

/** @param {Pick<Stage, "id" | "element" | "request" | "module">} given */
function createTools({ id, element, request, module }) {
  const note = h("span.cl-note", { role: "status" });
  const key = h("div.cl-key", { id: `${id}key`, hidden: true });
  const keyButton = tool("key", "key", "Key", "What the shapes and colors mean");
  keyButton.setAttribute("aria-expanded", false);
  keyButton.setAttribute("aria-controls", key.id);
  keyButton.hidden = !module;
  const file = h("input", { type: "file", accept: ".json,application/json", hidden: true });
  const el = h(
    "div.cl-tools",
    keyButton,
    note,
    element.matches("[data-widget]") &&
      tool("link", "link", "Link", "Copy a link to this run at this step"),
    module && tool("svg", "save", "SVG", "Download the picture"),
    tool("json", "save", "JSON", "Download the run"),
    request &&
      module && [tool("open", "open", "Open", "Open a run that was downloaded as JSON"), file],
    tool("reset", "reset", "Reset", "Back to the run as recorded"),
  );
  return { el, note, key, keyButton, file };
}
