/* The inspector: every field of a node or a message, and what the reader may do to it. */

import { h } from "../../shared/dom.js";
import { present } from "../../shared/values.js";
import { icon, miniSvg, swatch } from "../../shared/glyphs.js";
import { inFlight, remaining } from "../model.js";

/** Name, value, and whether it is new. */
/** @typedef {[string, string, boolean?]} Row */
/** What it asks for, in words, whether it cannot be done now, and the timer that it is about. */
/** @typedef {[string, string, boolean, string?]} Act */
/** @typedef {{ glyph: Element, title: string, about: string, rows: Row[], acts: Act[] }} Content */

/**
 * Whether a reader of this run may ask for events of a kind at all.
 *
 * @param {Run} given
 * @param {string} kind
 */
const may = ({ network, budgets = {} }, kind) =>
  ["propose", "deliver"].includes(kind) ||
  (["drop", "duplicate"].includes(kind) ? network === "lossy" : kind in budgets);
/** @param {Timer} given */
const dueWords = ([, , due]) =>
  present(due) ? `due at ${due.toFixed(2)}` : "may fire at any moment";
/**
 * @param {Run} run
 * @param {number} i
 * @param {number} k
 * @returns {Content}
 */
function nodeContent(run, i, k) {
  const view = run.states[k][i];
  const old = run.states[Math.max(0, k - 1)][i];
  const was = new Map(old.fields);
  const { timers: armed = [] } = view;
  /** @type {Map<string, [string, string?]>} what a timer says now, and what it said before */
  const timers = new Map();
  for (const timer of old.timers ?? []) timers.set(timer[0], ["off", dueWords(timer)]);
  const down = view.state === "crashed";
  for (const timer of armed) timers.set(timer[0], [dueWords(timer), timers.get(timer[0])?.[1]]);
  return {
    glyph: miniSvg(view.state, run.slot(view.value), 18),
    title: `Node ${run.names[i]}`,
    about: view.words,
    rows: [
      ...view.fields.map(
        ([name, value]) => /** @type {Row} */ ([name, value, was.get(name) !== value]),
      ),
      ...[...timers].map(
        ([name, [now, before]]) => /** @type {Row} */ ([`timer ${name}`, now, now !== before]),
      ),
    ],
    acts: [
      ["crash", "Crash", down],
      ["restart", "Restart", !down],
      ["propose", "Propose…", down],
      ...armed.map(([name]) => /** @type {Act} */ (["timeout", `Fire ${name}`, down, name])),
    ],
  };
}
/**
 * @param {Run} run
 * @param {Flight} m
 * @param {number} k
 * @returns {Content}
 */
function messageContent(run, m, k) {
  const here = inFlight(m, k);
  const down = run.states[k][m.to].state === "crashed";
  const gone = m.fate === "drop" ? "lost" : "delivered";
  const now = here
    ? down
      ? "waiting: receiver is down"
      : "in flight"
    : k < m.sent
      ? "not sent yet"
      : `${gone} at step ${m.end}`;
  const title = m.value === null ? m.label : `${m.label}(${m.value})`;
  return {
    glyph: swatch(m.slot),
    title,
    about: `${run.names[m.from]} → ${run.names[m.to]}`,
    rows: [...m.fields, ["sent", m.sent ? `step ${m.sent}` : "at the start"], ["now", now]],
    acts: [
      ["deliver", "Deliver now", !here || down],
      ["drop", "Drop", !here],
      ["duplicate", "Duplicate", !here],
    ],
  };
}
/** @param {Run} run */
const proposal = (run) =>
  h(
    "form.cl-acts",
    run.values.map(([value, slot]) =>
      h(
        "button",
        { type: "button", "data-act": "propose", "data-value": value },
        swatch(slot),
        value,
      ),
    ),
    h("input", {
      name: "value",
      maxlength: 60,
      placeholder: "another value",
      "aria-label": "Another value",
      autocomplete: "off",
    }),
    h("button", "Propose"),
  );

/** @param {Stage} stage */
export function createInspector(stage) {
  const el = h("div.cl-insp", { role: "group", "aria-label": "Inspector", hidden: true });
  let drawn = "";
  let proposing = false;

  function update() {
    const { run, selected, k } = stage;
    el.hidden = !selected;
    if (!selected) {
      drawn = "";
      proposing = false;
      return;
    }
    const node = present(selected.node);
    const { glyph, title, about, rows, acts } = present(selected.node)
      ? nodeContent(run, selected.node, k)
      : messageContent(run, run.messages[selected.msg ?? 0], k);
    const allowed = acts
      .filter(([kind]) => may(run, kind))
      .map(([kind, text, off, name]) => {
        const spent = remaining(run, k, kind) <= 0;
        const reason = spent && `None left: a run may hold ${run.budgets?.[kind]}`;
        return { kind, text, off: off || spent, name, reason };
      });
    const key = JSON.stringify([selected, title, about, rows, allowed, proposing]);
    if (key === drawn) return;
    drawn = key;
    const focused = el.contains(stage.focused()) && stage.focused().dataset;
    const typed = el.querySelector("input")?.value;
    el.replaceChildren(
      h(
        "header",
        glyph,
        h("b.t", { title }, title),
        h("span", { title: about }, about),
        h("button", { "data-do": "close", "aria-label": "Close the inspector" }, icon("close")),
      ),
      h(
        "dl",
        rows.map(([name, value, fresh]) =>
          h(fresh ? "div.row.new" : "div.row", h("dt", name), h("dd", value)),
        ),
      ),
      h(
        "div.cl-acts",
        allowed.map(({ kind: act, text, off: disabled, name, reason: title }) => {
          const unfolds = act === "propose" && { "aria-expanded": proposing };
          return h(
            "button",
            { "data-act": act, "data-name": name, disabled, title, ...unfolds },
            text,
          );
        }),
      ),
      ...(proposing && node ? [proposal(run)] : []),
    );
    const field = el.querySelector("input");
    if (field && typed) field.value = typed;
    const again =
      focused && el.querySelector(`[data-act="${focused.act}"]:not(:disabled, [data-value])`);
    if (focused) (again ?? el.querySelector("header button")).focus();
  }
  /** @param {boolean} open */
  function propose(open) {
    proposing = open;
    update();
    el.querySelector(open ? "form button, form input" : '[data-act="propose"]')?.focus();
  }
  return {
    el,
    update,
    propose,
    proposing: () => proposing,
    reset() {
      proposing = false;
    },
  };
}
