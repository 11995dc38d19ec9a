/* A scene as a stage needs it: the state after each step, and every message with its journey. */

import { clamp, present } from "../shared/values.js";
import { lanes, search, spanIndex, TAIL, timeline } from "./timeline.js";

export const LOST_AT = 0.58;
export const LOST_FOR = 0.7; // where on its road a message is lost, and how long the cross stays
const CROSSING = 1.3; // how long a message travels that is never delivered
const OWNERS = 5; // colors that ballots and terms have in turn

/**
 * A scene, indexed for drawing.
 *
 * @param {Scene} scene
 */
export function prepare(scene) {
  const { steps, names } = scene;
  const N = steps.length;
  const n = names.length;
  const { T, U } = timeline(steps);
  /** @type {(u: number) => number} */
  const stepAt = (u) => search(U, u + 1e-9);
  /** @type {(t: number) => number} */
  const toU = (t) => {
    const k = search(T, t);
    return U[k] + clamp(t - T[k], 0, k < N ? U[k + 1] - U[k] : Infinity);
  };

  const slots = new Map(scene.values);
  /** @type {(value: string | null | undefined) => Slot} */
  const slot = (value) => (present(value) ? (slots.get(value) ?? 4) : "none");
  const states = [scene.nodes];
  /** @type {(string[] | null)[]} */
  const can = [];
  const changes = new Map(scene.can ?? []);
  for (const { set = {} } of steps) {
    const row = states[states.length - 1];
    /** @type {(view: View, i: number) => View} */
    const change = (view, i) =>
      set[i] ? { ...set[i], fields: updated(view.fields, set[i].fields) } : view;
    states.push(Object.keys(set).length ? row.map(change) : row);
  }
  for (let k = 0; k <= N; k++) can.push((changes.has(k) ? changes.get(k) : can[k - 1]) ?? null);

  const downs = [names.map(() => 0)]; // how many steps a node was down, up to each step
  for (const row of states)
    downs.push(
      row.map((view, i) => downs[downs.length - 1][i] + (view.state === "crashed" ? 1 : 0)),
    );
  /** @type {(k: number, i: number) => number} */
  const down = (k, i) => downs[Math.max(k, -1) + 1][i];
  const { rows: tags = [], messages: rowOf = [] } = scene.tags ?? {};
  /** @type {(row: number | undefined) => string | undefined} */
  const tag = (row) => tags[row ?? -1]?.[0];
  /** @type {(row: number | undefined) => number | "none"} */
  const owner = (row) => {
    const node = tags[row ?? -1]?.[1];
    return present(node) ? node % OWNERS : "none";
  };
  const messages = lanes(
    scene.messages.map((message, id) => {
      const [from, to, label, value, sent, ended, fate, fields] = message;
      const end = ended ?? null;
      const u1 = end === null ? null : U[end];
      const late = fate === "deliver" && end !== null && down(end - 1, to) > down(sent - 1, to); // it waits until its receiver is up again
      const b = end === null ? N : fate === "drop" ? stepAt(U[end] + LOST_FOR) : end;
      const row = rowOf[id];
      const tagged = present(row) && { tag: tag(row), owner: owner(row) };
      return {
        id,
        from,
        to,
        label,
        ...tagged,
        value: value ?? null,
        slot: slot(value),
        sent,
        end,
        fate,
        late,
        fields: fields ?? [],
        u0: U[sent],
        u1,
        a: sent,
        b,
        lane: 0,
        curve: null,
        view: null,
      };
    }),
  );
  const broken = scene.properties.filter(isViolation).sort((p, q) => p.broken - q.broken);
  return {
    ...scene,
    N,
    n,
    T,
    U,
    uA: U[0],
    uB: U[N] + TAIL,
    stepAt,
    toU,
    slot,
    tag,
    owner,
    states,
    can,
    messages,
    flying: spanIndex(messages, N),
    broken,
    clashes: broken.filter((p) => p.between.length),
  };
}

/**
 * @param {Property} p
 * @returns {p is Violation}
 */
const isViolation = (p) => present(p.broken);

/**
 * The fields of a node, of which a step tells those that it changed.
 *
 * @type {(fields: [string, string][], changed: [string, string][]) => [string, string][]}
 */
export const updated = (fields, changed) => [...new Map([...fields, ...changed])];

/**
 * Stretches of a node's life between which neither its shape nor its value changes.
 *
 * @param {Pick<Run, "states" | "N">} run
 * @param {number} i
 */
export function lives({ states, N }, i) {
  const found = [];
  for (let k = 1, a = 0; k <= N + 1; k++) {
    const now = states[k]?.[i];
    const was = states[k - 1][i];
    if (now === was || (now && now.state === was.state && now.value === was.value)) continue;
    found.push({ a, b: k, view: states[a][i] });
    a = k;
  }
  return found;
}

/** @typedef {{ a: number, b: number, due: number | null, over: boolean, level: number }} Wait */

/**
 * Stretches during which a timer of a node is armed.
 *
 * @param {Pick<Run, "states" | "N">} run
 * @param {number} i
 */
export function waits({ states, N }, i) {
  /** @type {Map<string, Wait>} */
  const armed = new Map();
  /** @type {Wait[]} */
  const found = [];
  for (let k = 0; k <= N; k++) {
    const { timers = [] } = states[k][i];
    if ((k && states[k][i] === states[k - 1][i]) || !(armed.size || timers.length)) continue;
    const now = new Set(timers.map(([name, from]) => `${name} ${from}`));
    timers.forEach(([name, from, due]) => {
      if (!armed.has(`${name} ${from}`))
        armed.set(`${name} ${from}`, { a: k, b: N, due, over: false, level: armed.size });
    });
    for (const [key, wait] of armed)
      if (!now.has(key)) {
        found.push({ ...wait, b: k, over: true });
        armed.delete(key);
      }
  }
  return [...found, ...armed.values()];
}

/**
 * How many events of a kind a run may still hold after k steps; Infinity where there is no limit.
 *
 * @type {(run: Pick<Scene, "budgets" | "steps">, k: number, kind: string) => number}
 */
export const remaining = ({ budgets = {}, steps }, k, kind) =>
  (budgets[kind] ?? Infinity) - steps.slice(0, k).filter((step) => step.kind === kind).length;

/** @type {(m: Flight) => string} */
export const titleOf = (m) => [m.label, m.tag, m.value].filter(present).join(" ");
/** @type {(m: Flight) => object} */
export const looks = (m) => ({ "data-slot": m.slot, "data-owner": m.owner });
/** @type {(m: Flight, k: number) => boolean} */
export const inFlight = (m, k) => k >= m.sent && !(m.end !== null && k >= m.end);

/**
 * Where a message is at time u: how far along its road (from 0 to 1), or -1 when it is not to be seen.
 *
 * @param {Flight} m
 * @param {number} u
 */
export function progress(m, u) {
  const { fate, u0, u1 } = m;
  if (u < u0) return -1;
  if (u1 !== null && fate === "deliver" && (!m.late || u >= u1))
    return u < u1 ? (u - u0) / (u1 - u0) : -1;
  if (u1 !== null && fate === "drop") {
    if (u < u1) return (LOST_AT * (u - u0)) / (u1 - u0);
    return u < u1 + LOST_FOR ? LOST_AT : -1;
  }
  return (u - u0) / CROSSING;
}
