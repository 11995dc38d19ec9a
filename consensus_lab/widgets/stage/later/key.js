/* What the shapes and colors of a run mean. */

import { h, s } from "../../shared/dom.js";
import { miniSvg, PALETTE, pip, swatch } from "../../shared/glyphs.js";

export function legend(run, rooms) {
  const slot = run.values[0]?.[1] ?? 0;
  const item = (glyph, text) => h("span", glyph, text);
  const node = (state, text = state) =>
    item(miniSvg(state, ["voted", "decided"].includes(state) ? slot : "none", 20), text);
  return [
    node("undecided"),
    node("voted"),
    node("decided", "decided: double ring"),
    node("crashed"),
    ...run.values.map(([value, slot]) =>
      item(swatch(slot), slot < 4 ? `${value}, ${PALETTE[slot].look}` : value),
    ),
    run.states[run.N].some((view) => view.tally) &&
      item(
        s(
          "svg",
          { width: 40, height: 14, viewBox: "0 -7 40 14", "aria-hidden": true },
          [0, 1, "none"].map((slot, j) => pip(slot, 6 + 14 * j)),
        ),
        "votes heard, one place a node",
      ),
    item(miniSvg("lost", "none"), "lost"),
    ...rooms.key(item),
  ].filter(Boolean);
}
