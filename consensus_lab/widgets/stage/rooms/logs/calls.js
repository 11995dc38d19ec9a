import { g, s } from "../../../shared/dom.js";

/**
 * In the diagram: what a client waits for, and the answer.
 *
 * @param {Stage} stage
 * @param {LogsPart} part
 * @param {DiagramPlaces} places
 * @returns {DiagramItem[]}
 */
export function callItems({ run, ruler }, { calls }, { X, Y }) {
  return calls.map(([i, text, value, a, b, answer]) => ({
    a,
    b: b ?? run.N,
    layer: "waits",
    make() {
      const x = X(run.U[a]);
      const end = X(b === null ? run.uB : run.U[b]);
      const width = Math.max(8, end - x);
      const words = ruler.cut(b === null ? `${text} …` : `${text} → ${answer}`, width - 10, 11.5);
      return g(
        { class: `call${b === null ? " open" : ""}`, "data-slot": run.slot(value) },
        s("rect.span", { x, y: Y(i) - 9, width, height: 18, rx: 4 }),
        words.length > 2 && s("text", { x: x + 5, y: Y(i) + 4 }, words),
      );
    },
  }));
}
