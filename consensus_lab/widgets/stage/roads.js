/* The branches of a run: where they part, and which of them an event takes up again. */

import { present } from "../shared/values.js";

/**
 * The last step that two roads of one seed have in common.
 *
 * @param {Pick<Road, "fork">[]} roads
 * @param {number} one
 * @param {number} other
 * @returns {number}
 */
export function parting(roads, one, other) {
  /** @param {number} road @returns {Map<number, number>} */
  const line = (road) => {
    const upTo = new Map([[road, Infinity]]);
    for (
      let fork = roads[road].fork, k = Infinity;
      fork && !upTo.has(fork.road) && roads[fork.road];
      fork = roads[fork.road].fork
    )
      upTo.set(fork.road, (k = Math.min(k, fork.step)));
    return upTo;
  };
  const theirs = line(other);
  for (const [road, k] of line(one)) {
    const left = theirs.get(road);
    if (left !== undefined) return Math.min(k, left);
  }
  return 0;
}

/**
 * Whether a step is what a reader asks for by an event.
 *
 * @type {(step: Step | undefined, event: Move) => boolean}
 */
export const begins = (step, { kind, msg, node, name, value }) =>
  step?.kind === kind &&
  (present(msg)
    ? step.msg === msg
    : step.node === node && (!name || step.name === name) && (!value || step.value === value));

/**
 * The road that already leaves road `here` at step k with this very event, or -1; a message may as well be lost later.
 *
 * @type {(roads: Road[], here: number, event: Move, k: number) => number}
 */
export const roadTaken = (roads, here, event, k) =>
  roads.findIndex(
    ({ fork, steps }) =>
      fork?.road === here &&
      begins(steps[fork.step], event) &&
      (event.kind === "drop" ? k <= fork.step : k === fork.step),
  );

/**
 * A road in words.
 *
 * @param {Road} road
 * @param {number} i its place
 */
export function describeRoad({ fork, steps }, i) {
  const first = fork && steps[fork.step]?.text;
  const leaves = fork && `leaves road ${fork.road + 1} at step ${fork.step}`;
  return `Road ${i + 1}: ${fork ? leaves + (first ? `, ${first}` : "") : "the run as recorded"}`;
}
