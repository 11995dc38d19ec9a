/* Where the steps of a run are on a line, and what can be seen between two of them. */

export const GAP = 0.1;
export const MOST = 3; // two steps are neither nearer nor further apart than this on the time line
export const LEAD = 0.3;
export const TAIL = 0.6; // room before the first step and after the last

/**
 * Finds what overlaps a span of steps without looking at the whole run. Items have a first step `a` and a last step `b`.
 *
 * @template {{ a: number, b: number }} Item
 * @param {Item[]} items
 * @param {number} N the last step
 * @returns {(a: number, b: number) => Item[]} what overlaps the steps from a to b
 */
export function spanIndex(items, N) {
  /** @type {Item[][]} */
  const blocks = Array.from({ length: (N >> 5) + 1 }, () => []);
  for (const item of items) for (let j = item.a >> 5; j <= item.b >> 5; j++) blocks[j].push(item);
  return (a, b) => {
    /** @type {Item[]} */
    const found = [];
    for (let j = a >> 5; j <= b >> 5; j++)
      for (const item of blocks[j])
        if (item.a <= b && item.b >= a && j === Math.max(item.a, a) >> 5) found.push(item); // once
    return found;
  };
}

/**
 * The last place in a sorted list that is not above x.
 *
 * @param {number[]} list
 * @param {number} x
 */
export function search(list, x) {
  let a = 0;
  let b = list.length - 1;
  while (a < b) {
    const middle = (a + b + 1) >> 1;
    if (list[middle] <= x) a = middle;
    else b = middle - 1;
  }
  return a;
}

/**
 * When each step happened, and where it is on the time line: crowds are spread, long waits are shortened.
 *
 * @param {{ t: number }[]} steps
 * @returns {{ T: number[], U: number[] }} the moments of the run, and their places on the line, from the start on
 */
export function timeline(steps) {
  const N = steps.length;
  const mean = N ? steps[N - 1].t / N : 0;
  const gap = mean > 0 ? Math.min(GAP, 0.6 * mean) : 0.5;
  const T = [0];
  const U = [-LEAD];
  let idle = 0;
  for (const { t } of steps) {
    const last = U[U.length - 1];
    const next = Math.max(t - idle, last + gap);
    if (next - last > MOST) idle += next - last - MOST;
    U.push(Math.min(next, last + MOST));
    T.push(t);
  }
  return { T, U };
}

/**
 * Messages between the same two nodes at the same time get lanes of their own.
 *
 * @template {{ from: number, to: number, lane: number, u0: number, u1: number | null }} Message
 * @param {Message[]} messages
 * @returns {Message[]} the same, with their lanes
 */
export function lanes(messages) {
  const busy = new Map();
  for (const m of messages) {
    const key = Math.min(m.from, m.to) * 1e3 + Math.max(m.from, m.to);
    const until = busy.get(key) ?? [];
    while (until[m.lane] > m.u0) m.lane++;
    until[m.lane] = m.u1 ?? m.u0 + 2;
    busy.set(key, until);
  }
  return messages;
}
