import { h } from "../shared/dom.js";
import { clamp } from "../shared/values.js";
import { icon, MARKS, miniSvg } from "../shared/glyphs.js";

const ROW = 26;
const ALL_ROWS = 300; // height of a row, and from when on it has a window too
export const READABLE = 80; // milliseconds: while playing, words do not change faster than this

/* ---- the list of events: all rows of a short run, a window of rows of a long one ---- */
/** @param {Stage} stage */
export function createEvents(stage) {
  /** @type {Map<number, any>} */
  const shown = new Map();
  const rows = h("div.rows", { role: "presentation" });
  const count = h("span.num");
  const list = h(
    "div.cl-list",
    { id: `${stage.id}list`, role: "listbox", tabindex: 0, "aria-label": "Events of the run" },
    rows,
  );
  const fold = h(
    "button.cl-fold",
    { "aria-expanded": true, "aria-controls": list.id },
    h("b", "Events"),
    count,
    icon("right"),
  );
  const el = h("div.cl-events", { role: "group", "aria-label": "Events" }, fold, list);
  /** @type {Run} */
  let run;
  let first = 1;
  let last = 0;
  let height = 400;
  let top = 0;
  /** @type {number | null} */
  let wanted = null;
  let moved = 0; // kept: no frame asks for the layout

  function load() {
    run = stage.run;
    first = 1;
    last = 0;
    wanted = null;
    if (top) list.scrollTop = top = 0;
    shown.clear();
    rows.replaceChildren();
    rows.style.height = `${run.N * ROW}px`;
    fill();
  }
  /** @param {number} k */
  function makeRow(k) {
    const { text, effect, mark, msg, node, kind, by } = run.steps[k - 1];
    const glyph = MARKS[mark];
    const row = h(
      "div",
      {
        role: "option",
        id: `${stage.id}e${k}`,
        "data-k": k,
        "data-m": msg,
        "aria-setsize": run.N,
        "aria-posinset": k,
        title: text,
      },
      h("span.n", k),
      h("span.tx", text),
      h(
        "span.ef",
        glyph && miniSvg(glyph, run.slot(run.states[k][node]?.value)),
        h("span", by === "reader" ? `you: ${effect || kind}` : effect),
      ),
    );
    row.style.top = `${(k - 1) * ROW}px`;
    shown.set(k, row);
    paint(k);
    return row;
  }
  /** @param {number} k */
  function paint(k) {
    const row = shown.get(k);
    const { mark, msg } = run.steps[k - 1] ?? {};
    if (!row) return;
    const major = mark && mark !== "vote" ? " major" : "";
    const hot = msg === stage.hot ? " hot" : "";
    row.className = `ev num${major}${hot}${k > stage.k ? " later" : ""}`;
    row.setAttribute("aria-selected", k === stage.k);
  }
  function fill() {
    const all = run.N <= ALL_ROWS;
    const a = all ? 1 : Math.max(1, Math.floor(top / ROW) - 8);
    const b = all ? run.N : Math.min(run.N, Math.ceil((top + height) / ROW) + 8);
    /** @type {any[]} */
    const before = [];
    /** @type {any[]} */
    const after = [];
    if (a === first && b === last) return;
    for (const [k, row] of shown)
      if (k < a || k > b) {
        row.remove();
        shown.delete(k);
      }
    for (let k = a; k <= b; k++) if (!shown.has(k)) (k < first ? before : after).push(makeRow(k));
    rows.prepend(...before);
    rows.append(...after);
    first = a;
    last = b;
  }
  /**
   * @param {number} k
   * @param {number} was
   */
  function words(k, was) {
    count.textContent = `${k} of ${run.N}`;
    if (list.hidden) return;
    const y = (k - 1) * ROW;
    const most = Math.max(0, run.N * ROW + 8 - height);
    if (y < top + ROW || y > top + height - 3 * ROW)
      wanted = clamp(Math.round((y - height * 0.45) / ROW) * ROW, 0, most);
    for (let j = Math.min(k, was); j <= Math.max(k, was); j++) paint(j);
    if (!stage.playing) flush();
    if (shown.has(k)) list.setAttribute("aria-activedescendant", `${stage.id}e${k}`);
    else list.removeAttribute("aria-activedescendant");
  }
  function flush() {
    // while playing: at the start of a frame, when the layout is known
    if (wanted === null || (stage.playing && performance.now() - moved < 5 * READABLE)) return;
    moved = performance.now();
    if (wanted !== top) list.scrollTop = top = wanted;
    wanted = null;
    fill();
  }
  const repaint = () => {
    for (const k of shown.keys()) paint(k);
  };
  /** @param {boolean} folded */
  function setFolded(folded) {
    list.hidden = folded;
    fold.setAttribute("aria-expanded", !folded);
    if (!folded) {
      repaint();
      words(stage.k, stage.k);
    }
  }
  const resized = new ResizeObserver(() => {
    if (!run || !list.clientHeight) return;
    height = list.clientHeight;
    fill();
    words(stage.k, stage.k);
  });
  resized.observe(list);
  list.addEventListener(
    "scroll",
    () => {
      top = list.scrollTop;
      fill();
    },
    { passive: true },
  );
  return {
    el,
    list,
    fold,
    load,
    words,
    flush,
    setFolded,
    repaint,
    destroy: () => resized.disconnect(),
  };
}
