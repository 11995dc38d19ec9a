/* A state graph as its payload has it, unpacked: points, edges, how deep each lies, and the words for each. */

import { listed } from "../shared/text.js";
import { present } from "../shared/values.js";

/** @param {number} n */
export const counted = (n) => n.toLocaleString("en-US");
/** @param {number[]} row */
const pairs = (row) =>
  row.flatMap((to, i) => (i % 2 ? [] : [/** @type {[number, number]} */ ([to, row[i + 1]])]));

/** @typedef {Passing & { step: number }} Recorded a run, and the step of it that is meant */

/** @param {GraphPayload} payload */
export function createGraph(payload) {
  const { kinds, kind, layers, names, states, count } = payload;
  const size = kind.length;
  const slots = new Map(payload.values);
  const depth = layers.flatMap((n, k) => Array(n).fill(k));
  const edges = payload.edges.map((row, at) =>
    pairs(row).map(([by, text]) => /** @type {[number, number]} */ ([at + by, text])),
  );
  const twoWay = new Map(payload.two_way);
  const tree = pairs(payload.tree);
  /** @param {number} place */
  const pointOf = (place) => (place < size ? place : payload.inside[place - size]);
  /** @type {Map<number, Recorded>} */
  const recorded = new Map(); // point -> the first recorded run that passes through it, and the step
  payload.recorded.forEach(({ passes, scene }) =>
    passes.forEach((place, step) => {
      if (place < size && !recorded.has(place)) recorded.set(place, { scene, passes, step });
    }),
  );

  /** @param {number} point */
  const say = (point) => [kinds[kind[point]].say, twoWay.get(point)].filter(present).join(" ");
  /** @param {number} point */
  function nodesOf(point) {
    /** @type {Map<number, string[]>} */
    const by = new Map();
    payload.nodes[point].forEach((state, i) => by.set(state, [...(by.get(state) ?? []), names[i]]));
    return [...by].map(([state, who]) => `${listed(who)} ${states[state]}`).join("; ");
  }
  /** @param {number} point */
  function words(point) {
    const k = depth[point];
    const when = k ? `After ${k} event${k > 1 ? "s" : ""}` : "At the start";
    const many = count?.[point] ?? 1;
    return many > 1
      ? `${when}: ${counted(many)} configurations. One of them: ${nodesOf(point)}.`
      : `${when}: ${nodesOf(point)}.`;
  }

  /** @param {number} point */
  const kindOf = (point) => kinds[kind[point]];

  /** @param {number} point */
  const single = (point) => {
    const { can, sign } = kinds[kind[point]];
    return !sign && can?.length === 1 ? slots.get(can[0]) : "none";
  };
  /** @param {number} point */
  const open = (point) => (kinds[kind[point]].can?.length ?? 0) > 1;
  return {
    size,
    slots,
    depth,
    edges,
    twoWay,
    tree,
    pointOf,
    recorded,
    kindOf,
    say,
    words,
    single,
    open,
  };
}
