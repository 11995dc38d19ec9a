/* The parts of a draft that depend on nothing but the draft: its code, what was predicted, what a search has found. */

import { h } from "../shared/dom.js";
import { icon, signIcon } from "../shared/glyphs.js";
import { count } from "../shared/text.js";

export const VERDICTS = {
  holds: "It holds",
  disagrees: "Two nodes disagree",
  stuck: "It gets stuck",
};
/** @type {Record<string, string>} */
const SIGNS = { holds: "check", disagrees: "ne", stuck: "none" };
/** @type {Record<string, string>} how a line of a difference is shown, by its sign */
const CHANGES = { "+": ".add", "-": ".del" };
const GUESSES = [
  ["holds", "It holds"],
  ["disagrees", "Two nodes can disagree"],
  ["stuck", "It can get stuck"],
];

/** @param {VerdictKind} kind */
export const sign = (kind) => (kind === "holds" ? icon("check") : signIcon(SIGNS[kind]));
/**
 * @param {string} selector
 * @param {object} attributes
 * @param {...any} children
 */
export const button = (selector, attributes, ...children) =>
  h(`button${selector}`, { type: "button", ...attributes }, ...children);

/**
 * Code, or a part of a difference: lines that were added, taken away, or left out.
 *
 * @param {string} code
 * @param {string} label
 */
export function listing(code, label) {
  const all = code.split("\n");
  const part = all[0].startsWith("@@"); // of a part, empty lines around it tell nothing
  const lines = part ? all.slice(1).filter((text) => text !== " ") : all;
  /** @param {string} text */
  const line = (text) =>
    text.startsWith("@@")
      ? h("span.gap", { "aria-hidden": true }, "⋯")
      : h(`span${CHANGES[text[0]] ?? ""}`, text || " ");
  return h(
    "pre.cl-code",
    { tabindex: 0, role: "region", "aria-label": label },
    h("code", lines.map(line)),
  );
}
/**
 * What a search has found, in words.
 *
 * @param {Pick<Draft, "found">} given
 */
export function outcome({ found }) {
  const { kind, configurations, events, why } = found;
  if (kind === "holds")
    return `${count(configurations, "configuration")}, and nothing breaks it in any of them.`;
  return `${count(events, "event")} do it: ${why}. That is the shortest of all runs, found among ${count(configurations, "configuration")}.`;
}

/** @param {Pick<Draft, "found">} given */
export const properties = ({ found: { holds, breaks } }) =>
  h(
    "ul.cl-lines",
    holds.map((name) => h("li.holds", icon("check"), h("span", `${name} holds`))),
    breaks &&
      h(
        "li.broken",
        signIcon(breaks === "Agreement" ? "ne" : "none"),
        h("span", `${breaks} is broken`),
      ),
  );

/**
 * @param {Draft} draft
 * @param {string | undefined} said
 */
export function prediction(draft, said) {
  const choices = GUESSES.map(([kind, text]) =>
    button(
      ".cl-guess",
      { "data-guess": kind, "aria-pressed": said === kind, disabled: !!said },
      text,
    ),
  );
  return h(
    "section.cl-part.cl-predict",
    h("h5", "Predict"),
    h("p", "Every schedule is going to be searched. What will come of it?"),
    h("p.cl-checked", `Searched: ${draft.checked}.`),
    h("div.cl-guesses", { role: "group", "aria-label": "Your prediction" }, choices),
  );
}
