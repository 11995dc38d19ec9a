import { clamp, present } from "../shared/values.js";
import { lanes, search, spanIndex, TAIL, timeline } from "./timeline.js";

export const LOST_AT = 0.58;
export const LOST_FOR = 0.7; // where on its road a message is lost, and how long the cross stays
const CROSSING = 1.3; // how long a message travels that is never delivered
const OWNERS = 5; // colors that ballots and terms have in turn

export function prepare(scene) {
  const { steps, names } = scene;
  const N = steps.length;
  const n = names.length;
  const { T, U } = timeline(steps);
  const stepAt = (u) => search(U, u + 1e-9);
  const toU = (t) => {
    const k = search(T, t);
    return U[k] + clamp(t - T[k], 0, k < N ? U[k + 1] - U[k] : Infinity);
  };

  const slots = new Map(scene.values);
  const slot = (value) => (present(value) ? (slots.get(value) ?? 4) : "none");
  const states = [scene.nodes];
  const can = [];
  const changes = new Map(scene.can ?? []);
  for (const { set = {} } of steps) {
    const row = states[states.length - 1];
    const change = (view, i) =>
      set[i] ? { ...set[i], fields: updated(view.fields, set[i].fields) } : view;
    states.push(Object.keys(set).length ? row.map(change) : row);
  }
  for (let k = 0; k <= N; k++) can.push(changes.has(k) ? changes.get(k) : (can[k - 1] ?? null));

  const downs = [names.map(() => 0)]; // how many steps a node was down, up to each step
  for (const row of states)
    downs.push(row.map((view, i) => downs[downs.length - 1][i] + (view.state === "crashed")));
  const down = (k, i) => downs[Math.max(k, -1) + 1][i];
  const { rows: tags = [], messages: rowOf = [] } = scene.tags ?? {};
  const tag = (row) => tags[row]?.[0];
  const owner = (row) => (present(tags[row]?.[1]) ? tags[row][1] % OWNERS : "none");
  const messages = lanes(
    scene.messages.map(([from, to, label, value, sent, end, fate, fields], id) => {
      const late = fate === "deliver" && down(end - 1, to) > down(sent - 1, to); // it waits until its receiver is up again
      const u1 = present(end) ? U[end] : null;
      const b = u1 === null ? N : fate === "drop" ? stepAt(u1 + LOST_FOR) : end;
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
        end: end ?? null,
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
  const broken = scene.properties
    .filter((p) => present(p.broken))
    .sort((p, q) => p.broken - q.broken);
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

/* The fields of a node, of which a step tells those that it changed. */
export const updated = (fields, changed) => [...new Map([...fields, ...changed])];

/* Stretches of a node's life between which neither its shape nor its value changes. */
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

/* Stretches during which a timer of a node is armed. */
export function waits({ states, N }, i) {
  const armed = new Map();
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

/* How many events of a kind a run may still hold after k steps; Infinity where there is no limit. */
export const remaining = ({ budgets = {}, steps }, k, kind) =>
  (budgets[kind] ?? Infinity) - steps.slice(0, k).filter((step) => step.kind === kind).length;

export const titleOf = (m) => [m.label, m.tag, m.value].filter(present).join(" ");
export const looks = (m) => ({ "data-slot": m.slot, "data-owner": m.owner });
export const inFlight = (m, k) => k >= m.sent && !(m.end !== null && k >= m.end);

/* Where a message is at time u: how far along its road (from 0 to 1), or -1 when it is not to be seen. */
export function progress(m, u) {
  if (u < m.u0) return -1;
  if (m.fate === "deliver" && (!m.late || u >= m.u1))
    return u < m.u1 ? (u - m.u0) / (m.u1 - m.u0) : -1;
  if (m.fate === "drop")
    return u < m.u1 ? (LOST_AT * (u - m.u0)) / (m.u1 - m.u0) : u < m.u1 + LOST_FOR ? LOST_AT : -1;
  return (u - m.u0) / CROSSING;
}
