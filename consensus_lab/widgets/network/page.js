/* The page of the game: its elements, before anything is in them. */

import { h } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";

const GOAL =
  "You choose what happens next, and when. Keep more than one decision possible for as long as you can, and be fair: " +
  "what has waited long wants its turn.";

/** @param {NetworkPayload} given */
export function createPage({ title, opponents }) {
  /**
   * @param {string} name
   * @param {string} text
   * @param {object} [more]
   */
  const tool = (name, text, more) =>
    h("button", { type: "button", ...more }, icon(name), h("span", text));
  const foes = opponents.map(({ name }, i) => h("button", { type: "button", "data-foe": i }, name));
  const about = h("p.cl-about");
  const sign = h("span.cl-sign");
  const said = h("span");
  const why = h("p.cl-why", { role: "status" });
  /** @param {string} label */
  const number = (label) => {
    const value = h("b.num");
    const words = h("span");
    return { value, words, el: h(`div.cl-number.${label}`, value, words) };
  };
  const kept = number("kept");
  const rounds = number("rounds");
  const record = h("div.cl-number.best");
  const oldest = h("div.cl-oldest");
  const turn = h("span.cl-turn", { "aria-hidden": true });
  rounds.el.append(turn);
  const hintTool = tool("bulb", "Hint", { title: "What would the adversary do?" });
  const note = h("span.cl-note", { role: "status" });
  const autoTool = tool("faster", "Let the adversary play");
  const undoTool = tool("undo", "Undo");
  const againTool = tool("reset", "Start again");
  const scene = h("div");
  const standing = h("p.cl-standing", { role: "status" }, sign, said);
  const box = h(
    "section.cl-game",
    { "aria-label": title },
    h("header.cl-head", h("h3.cl-title", title)),
    h("p.cl-goal", GOAL),
    h(
      "div.cl-foes",
      { role: "group", "aria-label": "Against" },
      h("span", { "aria-hidden": true }, "Against"),
      foes,
      about,
    ),
    h("div.cl-score", { role: "group", "aria-label": "Score" }, kept.el, rounds.el, record, oldest),
    standing,
    h("div.cl-tools", hintTool, autoTool, undoTool, againTool, note),
    why,
    h("div.cl-scene", scene),
  );

  return {
    box,
    foes,
    about,
    sign,
    said,
    why,
    kept,
    rounds,
    turn,
    record,
    oldest,
    note,
    scene,
    hintTool,
    autoTool,
    undoTool,
    againTool,
  };
}
