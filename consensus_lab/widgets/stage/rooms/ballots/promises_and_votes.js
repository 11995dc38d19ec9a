/* What an acceptor does in a ballot: a bar for a promise, a flag for a vote; dashed while nobody has heard of it. */

import { g, path, s } from "../../../shared/dom.js";
import { dots, strokes } from "../../../shared/glyphs.js";

const CLOTH = "M0-8.5H13.5L10.5-4.25 13.5 0H0Z";

/**
 * @param {number} x
 * @param {boolean} [sent]
 */
export const bar = (x, sent = false) =>
  s(`rect.bar${sent ? ".sent" : ""}`, { x, y: -2.5, width: 14, height: 5, rx: 2.5 });
/**
 * @param {Slot} slot
 * @param {boolean} [sent]
 */
export const flag = (slot, sent = false) =>
  g(
    { class: `flag${sent ? " sent" : ""}`, "data-slot": slot },
    path("pole", "M0-9.5V8"),
    path("cloth", CLOTH),
    path(`bars${dots(slot)}`, strokes(slot, 2.8, 3, 2.6), { transform: "translate(5.6 -4.25)" }),
  );
