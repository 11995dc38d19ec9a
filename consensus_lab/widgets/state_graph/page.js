/* The page of a state graph: its elements, before anything is in them. */

import { h, OURS, s } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";
import { dots, pivots } from "./dots.js";
import { counted } from "./graph.js";

/**
 * @param {GraphPayload} payload
 * @param {Graph} graph
 */
export function createPage(payload, graph) {
  const { kinds } = payload;
  const { slots, twoWay, kindOf } = graph;
  /** @param {Element} drawn */
  const swatch = (drawn) =>
    s("svg", { viewBox: "0 0 18 18", width: 18, height: 18, "aria-hidden": "true" }, drawn);
  /** @param {GraphKind} found */
  const sample = (found) => swatch(dots(found, slots, [[9, 9]], 6.5));
  /** @param {number} point */
  const sampleOf = (point) =>
    twoWay.has(point) ? swatch(pivots([[9, 9]], 6.5)) : sample(kindOf(point));
  const legend = h(
    "ul.legend",
    { "aria-label": "What the dots mean" },
    kinds.map((found) => h("li", sample(found), found.label, h("b.num", counted(found.count)))),
    twoWay.size
      ? h(
          "li",
          swatch(pivots([[9, 9]], 6.5)),
          "before a 2-way step",
          h("b.num", counted(twoWay.size)),
        )
      : null,
  );
  const drawing = s("g");
  const over = s("g");
  const svg = s("svg", { "aria-hidden": "true" }, drawing, over);
  const plot = h(
    "div.plot",
    {
      tabindex: 0,
      role: "application",
      ...OURS,
      "aria-label": `State graph. ${payload.say} Down follows an event, up goes back, left and right go along a layer, Enter takes the stage there.`,
    },
    svg,
  );
  const where = h("p.where");
  const saying = h("p.outlook");
  const next = h("div.next");
  const told = h("span.vh", { role: "status" });
  const go = h("button.go", { type: "button" }, icon("play"), "Show how to get here");
  const note = h("span.cl-note");
  const scene = h("div.scene");
  const box = h(
    "section.cl-map",
    { "aria-label": `State graph: ${payload.title}` },
    h(
      "header.cl-head",
      h("span.cl-title", payload.title),
      h(
        "span.cl-meta.num",
        `${counted(kinds.reduce((sum, { count }) => sum + count, 0))} configurations`,
      ),
    ),
    legend,
    plot,
    h("div.told", where, saying, next),
    h("footer.cl-tools", go, note),
    told,
  );

  return { box, plot, svg, drawing, over, where, saying, next, told, go, note, scene, sampleOf };
}
