/* The scrubber: the whole run on one line, with marks for what was decided, lost and broken, and the roads not taken. */

import { circle, g, path, s, translate } from "../shared/dom.js";
import { MAJOR, MARKS, mini, signDisc } from "../shared/glyphs.js";
import { parting } from "./roads.js";

/**
 * What lies on the line. `x(u)` is the place of a moment; `G` says how wide the diagram is. A mark that would touch its
 * neighbor is left out, a violation never is.
 *
 * @param {Run} run
 * @param {(u: number) => number} x
 */
export function scrubberMarks(run, x) {
  /** @param {number} at */
  const near = (at) => run.broken.some((p) => Math.abs(x(run.U[p.broken]) - at) < 17);
  /**
   * @param {number} k
   * @param {number} x
   * @param {number} y
   * @param {any} glyph
   */
  const tick = (k, x, y, glyph) =>
    g({ class: "tk", "data-k": k, transform: translate(x, y) }, circle("touch", 11), glyph);
  const out = [
    path(
      "tick",
      run.N > 120
        ? ""
        : run.U.slice(1)
            .map((u) => `M${x(u)} 40V43`)
            .join(""),
    ),
  ];
  let last = -99;
  run.steps.forEach(({ mark, node }, j) => {
    const at = x(run.U[j + 1]);
    if (!MAJOR.includes(mark) || at - last < 14 || near(at)) return;
    out.push(
      tick(
        j + 1,
        (last = at),
        15,
        g({ transform: "scale(.86)" }, mini(MARKS[mark], run.slot(run.states[j + 1][node]?.value))),
      ),
    );
  });
  last = -99;
  for (const p of run.broken)
    out.push(
      tick(p.broken, (last = Math.max(x(run.U[p.broken]), last + 19)), 14, signDisc(p.sign, 9)),
    );
  return out;
}

/**
 * The first words of a road, where it leaves the one in view.
 *
 * @param {Scene[]} roads
 * @param {number} here
 * @param {number} road
 */
function opening(roads, here, road) {
  return roads[road].steps[parting(roads, here, road)]?.text ?? "ends here";
}

/**
 * Roads not taken leave the line where they fork, with the first words of each; near ones share a way.
 *
 * @param {Stage} stage
 * @param {(u: number) => number} x
 * @param {{ small: boolean, TW: number }} G
 */
export function forks(stage, x, G) {
  const { run } = stage;
  const roads = stage.roads();
  const here = stage.at.road;
  /** @type {{ at: number, roads: number[] }[]} */
  const ways = [];
  for (const road of roads.keys()) {
    if (road === here) continue;
    const at = x(run.U[Math.min(parting(roads, here, road), run.N)]);
    const near = ways.find((way) => Math.abs(way.at - at) < 110);
    if (near) near.roads.push(road);
    else ways.push({ at, roads: [road] });
  }
  return ways.map(({ at, roads: leaving }) => {
    const some = leaving.slice(0, 4);
    const xe = Math.min(at + (G.small ? 34 : 44), G.TW - 36 - 20 * some.length);
    const words = `road ${some[0] + 1}: ${opening(roads, here, leaving[0])}`;
    const room = G.TW - 12 - xe;
    const { cut } = stage.ruler;
    const only = some.length < 2 && room > 120 ? cut(words, room, 12) : `road ${some[0] + 1}`;
    /**
     * @param {number} road
     * @param {number} i
     */
    const name = (road, i) =>
      g(
        { class: "forkhit", "data-road": road },
        s("rect", {
          x: xe + (i ? 26 + 20 * i : -20),
          y: 44,
          width: i ? 20 : 26 + stage.ruler.width(only, 12),
          height: 22,
        }),
        s("text", { x: xe + (i ? 31 + 20 * i : 6), y: 58 }, i ? road + 1 : only),
      );
    const way = `M${at} 34C${at + 10} 34 ${xe - 36} 54 ${xe - 24} 54H${xe}M${xe - 4} 50.5 ${xe} 54 ${xe - 4} 57.5`;
    return g(path("fork", way), some.map(name));
  });
}
