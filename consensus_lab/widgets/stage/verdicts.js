import { h } from "../shared/dom.js";
import { present } from "../shared/values.js";
import { icon, signIcon, swatch } from "../shared/glyphs.js";

/* ---- verdicts: the line of properties, and what can still be decided ---- */
/**
 * @param {Property} p
 * @param {number} k
 * @param {number} N
 */
export function standing(p, k, N) {
  if (present(p.broken) && k >= p.broken) return "broken";
  if (p.eventual) return present(p.met) && k >= p.met ? "holds" : "still open";
  return k === N ? "holds" : "holds so far";
}
/**
 * @param {Property} p
 * @param {string} state
 */
export function chip(p, state) {
  const open = state === "still open";
  const name = h("b", p.name);
  const at = `${p.broken}`;
  if (state !== "broken")
    return h(
      open ? "span.cl-chip.open" : "span.cl-chip",
      icon(open ? "dots" : "check"),
      name,
      h("span", state),
    );
  return h(
    "button.cl-chip.broken",
    { "data-k": at, title: `${p.why ? `${p.why}. ` : ""}Go to step ${at}` },
    signIcon(p.sign),
    name,
    " ",
    h("span", h("span.long", "broken at step"), h("span.short", "at"), ` ${at}`),
  );
}
/**
 * @param {Run} run
 * @param {string[]} values
 * @param {string[]} decided
 */
export function outcome(run, values, decided) {
  /** @param {string} value */
  const name = (value) => h("span", swatch(run.slot(value)), h("b", value));
  /** @param {string} text */
  const word = (text) => h("span", text);
  /**
   * @param {string[]} all
   * @param {string} and
   */
  const list = (all, and) =>
    all.flatMap((value, j) =>
      j && j === all.length - 1 ? [word(and), name(value)] : [name(value)],
    );
  const rest = values.filter((value) => !decided.includes(value));
  if (decided.length > 1) return ["Ends in", list(decided, "and")];
  if (!values.length)
    return ["Can still end in", h("span", signIcon("none"), h("b", "nothing: stuck"))];
  if (decided.length)
    return [
      "Ends in",
      [name(decided[0]), rest.length > 0 && [word("and perhaps"), ...list(rest, "or")]],
    ];
  return [
    "Can still end in",
    values.length > 1 ? list(values, "or") : [word("only"), name(values[0])],
  ];
}
/** @param {Stage} stage */
export function createVerdicts(stage) {
  const el = h("div.cl-props", { role: "group", "aria-label": "Properties" });
  const can = h("div.cl-can", { role: "group", "aria-label": "What can still be decided" });
  let drawn = "";
  function update() {
    const { run, k } = stage;
    const states = run.properties.map((p) => standing(p, k, run.N));
    const values = run.can[k];
    const decided = [
      ...new Set(
        run.states[k].flatMap(({ state, value }) =>
          state === "decided" && value !== null ? [value] : [],
        ),
      ),
    ];
    const key = JSON.stringify([states, values, decided]);
    if (key === drawn) return;
    drawn = key;
    const focus = el.contains(stage.focused()) && stage.focused().dataset.k;
    el.replaceChildren(...run.properties.map((p, j) => chip(p, states[j])));
    if (focus) (el.querySelector(`[data-k="${focus}"]`) ?? stage.box).focus();
    can.hidden = !values;
    if (values) {
      const [lead, words] = outcome(run, values, decided);
      can.replaceChildren(lead, h("div", words));
    }
  }
  return {
    el,
    can,
    update,
    load() {
      drawn = "";
    },
  };
}
