/* What a message looks like: a label with all its words, a coin where many fly, a dart in a swarm. */

import { circle, g, path, s } from "../shared/dom.js";
import { crossed, dots, isStriped, strokes, tipOf } from "../shared/glyphs.js";
import { present } from "../shared/values.js";

/**
 * One drawing for each label, ballot and value, to be copied for each message.
 *
 * @param {Stage} stage
 */
export function createShapes(stage) {
  /** @type {Map<string, { label: Element, dart: Element, reach: number }>} */
  const known = new Map();

  /** @param {Flight} m */
  function shapesOf(m) {
    const full = m.slot === 4 ? [m.label, m.value].filter(present).join(" ") : m.label;
    const key = `${m.slot} ${m.tag} ${full}`;
    const old = known.get(key);
    if (old) return old;
    const striped = isStriped(m.slot);
    const text = stage.ruler.cut(full, 124, 12, 600);
    const tip = tipOf(m.slot);
    const tab = m.tag ? Math.ceil(stage.ruler.width(m.tag, 11, 700)) + 11 : 0;
    const cap = striped ? 15 : m.tag ? 4 : 0;
    const w = Math.ceil(stage.ruler.width(text, 12, 600)) + (m.tag ? 12 : 14) + (cap || 6) + tab;
    const x = -w / 2;
    const attributes = { role: "button", "data-slot": m.slot, "data-owner": m.owner };
    const letters = m.tag && !striped ? m.tag : [...(m.value ?? m.label)].slice(0, 2).join("");
    /** @type {(classes: string, more: number) => any} */
    const pill = (classes, more) =>
      s(`rect.${classes}.large`, {
        x: x - more,
        y: -11 - more,
        width: w + 2 * more,
        height: 22 + 2 * more,
        rx: 11 + more,
      });
    const label = g(
      attributes,
      pill("back", 1.5),
      circle("back.small", 11),
      g({ class: "dir" }, path("shaft", "M-14 0H-2"), path("tip", tip)),
      pill("pill", 0),
      striped && m.tag && path("full.large", `M${-x - 15} -11V11H${-x - 11}a11 11 0 0 0 0-22Z`),
      striped &&
        path("cap.large", `M${x + 15} -10V10H${x + 11}a10 10 0 0 1 0-20Z`, {
          fill: `url(#${stage.id}h${m.slot})`,
          transform: m.tag && "scale(-1 1)",
        }),
      m.tag && [
        path("ticket.large", `M${x + tab} -11V11H${x + 11}a11 11 0 0 1 0-22Z`),
        s("text.tag.large", { x: x + tab / 2 + 1, y: 4 }, m.tag),
      ],
      s("text.large", { x: m.tag ? (tab - cap) / 2 : striped ? 5 : 0, y: 4.2 }, text),
      circle("coin.small", 9.5),
      striped
        ? path(`bars.small${dots(m.slot)}`, strokes(m.slot, 3.3, 4.8))
        : s("text.letter.small", { y: 3.6 }, letters),
      path("cross", crossed(4)),
      pill("halo", 3.5),
      circle("halo.small", 13),
    );
    const dart = path("msg.dart.tip", tip, { ...attributes, transform: "translate(0 0)rotate(0)" });
    const made = { label, dart, reach: (w - 22) / 2 };
    known.set(key, made);
    return made;
  }

  return { of: shapesOf, clear: () => known.clear() };
}
