/* What the shapes and colors of a run mean. */

import { h, s } from "../../shared/dom.js";
import { isStriped, miniSvg, PALETTE, pip, swatch } from "../../shared/glyphs.js";

/**
 * @param {Run} run
 * @param {Pick<Stage["rooms"], "key">} rooms
 */
export function legend(run, rooms) {
  const slot = run.values[0]?.[1] ?? 0;
  /**
   * @param {any} glyph
   * @param {string} text
   */
  const item = (glyph, text) => h("span", glyph, text);
  /**
   * @param {string} state
   * @param {string} [text]
   */
  const node = (state, text = state) =>
    item(miniSvg(state, ["voted", "decided"].includes(state) ? slot : "none", 20), text);
  return [
    node("undecided"),
    node("voted"),
    node("decided", "decided: double ring"),
    node("crashed"),
    ...run.values.map(([value, slot]) =>
      item(swatch(slot), isStriped(slot) ? `${value}, ${PALETTE[slot].look}` : value),
    ),
    run.states[run.N].some((view) => view.tally) &&
      item(
        s(
          "svg",
          { width: 40, height: 14, viewBox: "0 -7 40 14", "aria-hidden": true },
          /** @type {Slot[]} */ ([0, 1, "none"]).map((slot, j) => pip(slot, 6 + 14 * j)),
        ),
        "votes heard, one place a node",
      ),
    item(miniSvg("lost", "none"), "lost"),
    ...rooms.key(item),
  ].filter(Boolean);
}
