/* The sweep: how often an experiment ends in which way, counted while you watch.
   Python runs the votes, counts them and finds the words; this page asks for one batch after the other and draws what
   comes back. A result is data, never markup: elements are made by `h` and `s`, and text is always a text node. */

import { h, OURS, s } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";
import { messageOf } from "../shared/values.js";
import { enter } from "../shared/widget.js";

const ENOUGH = 1000; // so many votes for a setting; then as many again, on request
const FIRST = 25;
const MOST = 250;
const PACE = 120; // a batch is at first so large, at most so large, and takes about so many milliseconds
const PATIENCE = 200; // a slider at rest for so long has been set

/** @param {number} share */
const percent = (share) => `${Math.round(share * 10000) / 100}%`;
/** @param {number} n */
const counted = (n) => n.toLocaleString("en-US");
/**
 * What stands before an outcome: the winner's color and hatching, a verdict in ink, or an empty circle.
 *
 * @type {Record<string, string[]>}
 */
const SIGNS = {
  0: ["M5 3V13M8 2V14M11 3V13", "coin"],
  1: ["M3 5H13M2 8H14M3 11H13", "coin"],
  ne: ["M5 6.5H11M5 9.5H11M6.5 11.5 9.5 4.5", "verdict"],
  ok: ["M4.8 8.2 7 10.4 11.2 5.8", "good"],
  split: ["M3.6 8A4.4 4.4 0 1 0 12.4 8A4.4 4.4 0 1 0 3.6 8M5 11 11 5", "verdict"],
  wait: ["", "open"],
};
/** @param {string} kind */
const sign = (kind) =>
  s(
    `svg.sign-${SIGNS[kind]?.[1] ?? "open"}`,
    { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", "data-slot": kind },
    s("circle", { cx: 8, cy: 8, r: 7 }),
    s("path", { d: SIGNS[kind]?.[0] ?? "" }),
  );

/* ---- the widget ---- */
/**
 * @param {HTMLElement} element
 * @param {SweepPayload} payload
 * @param {{ request?: Ask | null }} [given]
 */
export function mount(element, payload, { request = null } = {}) {
  const { settings } = payload;
  const recorded = new Map(
    payload.recorded.map((result) => [JSON.stringify(pointOf(result.point)), result]),
  );
  const known = new Map(recorded); // all results of this visit, by point
  const ending = new AbortController();
  let result = payload.recorded[0];
  /** @type {SweepResult | null} */
  let before = null;
  /** @type {object | null} */
  let asking = null;
  let goal = ENOUGH;
  let timer = 0;

  /* -- what there is to see -- */
  const sliders = settings.map((setting) => {
    const input = h("input", {
      type: "range",
      min: 0,
      max: setting.values.length - 1,
      step: 1,
      value: setting.at,
      "aria-label": setting.label,
      ...OURS,
    });
    const output = h("b.num", { "aria-hidden": "true" });
    return { ...setting, input, output, el: h("label", h("span", setting.label), output, input) };
  });
  const rows = result.rows.map(({ label, kind }) => {
    const bar = h("i.bar-fill", { "data-slot": kind });
    const span = h("i.span");
    const was = h("i.was");
    const share = h("b.num");
    const between = h("small.num");
    const track = h("div.bar-track", { "aria-hidden": "true" }, bar, was, span);
    return {
      bar,
      span,
      was,
      share,
      between,
      el: h("li", sign(kind), h("span.what", label), track, h("span.how", share, between)),
    };
  });
  const scale = h(
    "div.scale.num",
    { "aria-hidden": "true" },
    ["0%", "25%", "50%", "75%", "100%"].map((text) => h("span", text)),
  );
  const count = h("span.cl-meta.num");
  const say = h("p.cl-say");
  const note = h("span.cl-note");
  const told = h("span.vh", { role: "status" });
  const was = h("span.key", h("i.was"), h("span"));
  const run = h("button.go", { type: "button" });
  const box = h(
    "section.cl-chart",
    { "aria-label": payload.title },
    h("header.cl-head", h("span.cl-title", payload.title), count),
    h(
      "div.settings",
      { role: "group", "aria-label": "Settings" },
      sliders.map((slider) => slider.el),
    ),
    h(
      "ul.bars",
      { "aria-label": "Outcomes" },
      rows.map((row) => row.el),
    ),
    scale,
    say,
    h("footer.cl-tools", run, note, was),
    told,
  );

  /* -- drawing -- */
  function draw() {
    const { rows: shares, runs } = result;
    shares.forEach(({ share, low, high, text, between }, i) => {
      const row = rows[i];
      row.bar.style.width = percent(share);
      row.span.style.left = percent(low);
      row.span.style.width = percent(high - low);
      row.share.textContent = runs ? text : "–";
      row.between.textContent = runs ? between : "";
      row.was.hidden = !before;
      if (before) row.was.style.left = percent(before.rows[i].share);
    });
    was.hidden = !before;
    if (before) was.lastChild.textContent = `before: ${before.name}`;
    count.textContent = asking
      ? `${counted(runs)} of ${counted(goal)} votes`
      : `${counted(runs)} votes`;
    say.textContent = result.say;
    box.classList.toggle("running", asking !== null);
    const more = goal > result.runs ? goal - result.runs : ENOUGH;
    run.replaceChildren(
      icon(asking ? "stop" : "play"),
      asking ? "Stop" : `${counted(more)} more votes`,
    );
  }
  /** @param {string} text */
  const warn = (text) => {
    note.textContent = text;
  };

  /* -- asking -- */
  /** @param {SweepResult["point"]} point */
  function pointOf(point) {
    return settings.map(({ name }) => point[name]);
  }
  const chosen = () =>
    Object.fromEntries(sliders.map(({ name, values, input }) => [name, values[+input.value]]));
  /** @param {SweepResult["point"]} point */
  const empty = (point) => ({
    point,
    counts: {},
    runs: 0,
    name: "",
    say: "",
    rows: result.rows.map((row) => ({ ...row, share: 0, low: 0, high: 1 })),
  });
  function stop() {
    asking = null;
    clearTimeout(timer);
  } // the batch under way is left to end: it is short, and Python stays up

  async function carryOn() {
    stop();
    if (!request) {
      warn("Only this much is recorded. Open the chapter in a notebook to hold more votes.");
      return draw();
    }
    const mine = (asking = {});
    warn("");
    draw();
    /** @param {string} text */
    const progress = (text) => {
      if (asking === mine) warn(`${text} to hold the votes`);
    };
    let seeds = FIRST;
    try {
      while (result.runs < goal && asking === mine) {
        const began = performance.now();
        seeds = Math.min(seeds, goal - result.runs);
        const answer = await request(
          {
            do: "sweep",
            experiment: payload.experiment,
            point: result.point,
            counts: result.counts,
            seeds,
          },
          { signal: ending.signal, progress },
        );
        if (asking !== mine) return;
        warn("");
        if (!answer?.sweep) throw new Error(answer?.error ?? "There was no answer.");
        const took = Math.max(performance.now() - began, 1);
        result = answer.sweep;
        known.set(JSON.stringify(pointOf(result.point)), result);
        seeds = Math.max(1, Math.min(MOST, Math.round(seeds * Math.min(PACE / took, 3))));
        draw();
      }
      told.textContent = result.say;
    } catch (error) {
      if (asking === mine) warn(messageOf(error));
    }
    if (asking === mine) {
      asking = null;
      draw();
    }
  }

  function choose() {
    const point = chosen();
    const key = JSON.stringify(pointOf(point));
    const found = known.get(key);
    for (const { input, output, texts } of sliders) {
      output.textContent = texts[+input.value];
      input.setAttribute("aria-valuetext", texts[+input.value]);
    }
    if (key === JSON.stringify(pointOf(result.point))) return;
    if (!found && !request) {
      stop();
      warn(
        `Only this is recorded: ${settings[0].label}. Open the chapter in a notebook to change the rest.`,
      );
      return;
    }
    stop();
    if (result.runs) before = result;
    result = found ?? empty(point);
    goal = Math.max(ENOUGH, result.runs);
    warn("");
    if (found) told.textContent = result.say;
    else timer = setTimeout(carryOn, PATIENCE);
    draw();
  }

  run.addEventListener("click", () => {
    if (asking) {
      stop();
      return draw();
    }
    if (result.runs >= goal) goal = result.runs + ENOUGH;
    carryOn();
  });
  for (const { input } of sliders) input.addEventListener("input", choose);

  /* -- into the page; what was there comes back at the end -- */
  const fallback = [...element.childNodes];
  const first = known.get(JSON.stringify(pointOf(chosen())));
  result = first ?? result;
  choose();
  draw();
  enter(element, ["cl-stage", "cl-sweep"], box);
  function destroy() {
    stop();
    ending.abort();
    element.classList.remove("cl-stage");
    element.replaceChildren(...fallback);
  }
  return {
    destroy,
    stop,
    get result() {
      return result;
    },
    get running() {
      return asking !== null;
    },
  };
}
