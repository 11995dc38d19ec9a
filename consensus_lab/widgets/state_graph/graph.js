/* A state graph as its payload has it, unpacked: points, edges, how deep each lies, and the words for each. */

import { listed } from "../shared/text.js";
import { present } from "../shared/values.js";

export const counted = (n) => n.toLocaleString("en-US");
const pairs = (row) => row.flatMap((to, i) => (i % 2 ? [] : [[to, row[i + 1]]]));

export function createGraph(payload) {
  const { kinds, kind, layers, names, states, count } = payload;
  const size = kind.length;
  const slots = new Map(payload.values);
  const depth = layers.flatMap((n, k) => Array(n).fill(k));
  const edges = payload.edges.map((row, at) => pairs(row).map(([by, text]) => [at + by, text]));
  const twoWay = new Map(payload.two_way);
  const tree = pairs(payload.tree);
  const pointOf = (place) => (place < size ? place : payload.inside[place - size]);
  const recorded = new Map(); // point -> the first recorded run that passes through it, and the step
  payload.recorded.forEach(({ passes, scene }) =>
    passes.forEach((place, step) => {
      if (place < size && !recorded.has(place)) recorded.set(place, { scene, passes, step });
    }),
  );

  const say = (point) => [kinds[kind[point]].say, twoWay.get(point)].filter(present).join(" ");
  function nodesOf(point) {
    const by = new Map();
    payload.nodes[point].forEach((state, i) => by.set(state, [...(by.get(state) ?? []), names[i]]));
    return [...by].map(([state, who]) => `${listed(who)} ${states[state]}`).join("; ");
  }
  function words(point) {
    const k = depth[point];
    const when = k ? `After ${k} event${k > 1 ? "s" : ""}` : "At the start";
    const many = count?.[point] > 1;
    return many
      ? `${when}: ${counted(count[point])} configurations. One of them: ${nodesOf(point)}.`
      : `${when}: ${nodesOf(point)}.`;
  }

  const kindOf = (point) => kinds[kind[point]];
  return { size, slots, depth, edges, twoWay, tree, pointOf, recorded, kindOf, say, words };
}
