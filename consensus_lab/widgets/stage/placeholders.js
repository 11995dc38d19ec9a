/* What stands for the inspector and the list of what can happen next, until their modules are there. */

import { h } from "../shared/dom.js";

/** @type {() => Inspector} */
export const noInspector = () => ({
  el: h("div.cl-insp"),
  update() {},
  reset() {},
  propose() {},
  proposing: () => false,
});
/** @type {() => MoveList} */
export const noMoves = () => ({
  el: null,
  fold: null,
  update() {},
  unfold() {},
  point() {},
  folded: () => true,
});
