/* Replicated logs: a row for each server with its term, its role, its entries and its state machine; the term and the role on
   the ring; the calls of clients as spans in the diagram. All of it is in the scene; here it is only drawn. */

import { g, h, path, put, s } from "../../../shared/dom.js";
import { crossed, isStriped, swatch, ticket } from "../../../shared/glyphs.js";
import { callItems } from "./calls.js";
import looks from "./logs.css";
import { entryAt, expand } from "./versions.js";

/** @typedef {import("./versions.js").Log} Log */

const CROWN = "M-7.5 5V-3.5L-3.4 .2 0-6 3.4 .2 7.5-3.5V5Z";

/** @typedef {{ el: HTMLElement, drawn: string | null }} Cell */
/**
 * @typedef {{
 *   i: number,
 *   el: Element,
 *   head: Element,
 *   machine: Element,
 *   cells: Cell[],
 *   drawn: string | null,
 * }} ChartRow
 */
/**
 * @typedef {{
 *   i: number,
 *   node: Element,
 *   badge: Element,
 *   crown: Element,
 *   squares: Element,
 *   drawn: string | null,
 * }} Mark
 */

/** @param {Stage} stage */
export function createRoom(stage) {
  const chart = h("div.cl-logs", { role: "table", "aria-label": "The logs of the servers" });
  const el = h("div", h("style", looks), chart);
  /** @type {Run} */
  let run;
  /** @type {LogsPart} */
  let data;
  /** @type {Log[]} */
  let logs = [];
  /** @type {number[]} */
  let lasts = [];
  let columns = 1;
  /** @type {ChartRow[]} */
  let rows = [];
  /** @type {Element[]} */
  let heads = [];
  /** @type {Mark[]} */
  let marks = [];

  /** @param {number | undefined} row */
  const tag = (row) => run.tag(row) ?? "";
  /** @param {number | undefined} row */
  const owner = (row) => run.owner(row);
  /** @param {string | null} value */
  const hatched = (value) => isStriped(run.slot(value));
  /**
   * @param {number} k
   * @param {number} i
   */
  const view = (k, i) => run.states[k][i];
  /**
   * @param {number} k
   * @param {number} i
   */
  const logOf = (k, i) => logs[view(k, i).log ?? 0];

  /* -- the rows -- */
  /** @type {Record<string, string>} */
  const inWords = {
    known: "committed",
    far: "committed, not known here yet",
    open: "not committed",
    lost: "lost",
    kept: "in the snapshot",
  };
  /**
   * @param {number | "kept"} id
   * @param {number} index
   * @param {number} k
   * @param {number} i
   */
  function standing(id, index, k, i) {
    if (id === "kept") return "kept";
    if (index <= (view(k, i).commit ?? 0) || logOf(k, i).known.includes(index)) return "known";
    return data.committed.some(([at, which, step]) => at === index && which === id && step <= k)
      ? "far"
      : "open";
  }
  /**
   * @param {Cell} cell
   * @param {number} i
   * @param {number} index
   * @param {number} k
   * @param {boolean} down
   */
  function showCell(cell, i, index, k, down) {
    const now = entryAt(logOf(k, i), index);
    const before = k ? entryAt(logOf(k - 1, i), index) : now;
    const lost = data.lost
      .filter(([step, node, at]) => node === i && at === index && step <= k)
      .at(-1);
    const id = now ?? lost?.[3] ?? null;
    const how = id === null ? "" : now === null ? "lost" : standing(now, index, k, i);
    const fresh = now !== null && now !== "kept" && now !== before && k > 0;
    const key = `${id} ${how} ${fresh} ${lost} ${down}`;
    if (cell.drawn === key) return;
    cell.drawn = key;
    cell.el.className = `e ${how}${fresh ? " fresh" : ""}${lost?.[4] ? " broken" : ""}${down && how ? " crashed" : ""}`;
    cell.el.title = "";
    if (id === null || id === "kept")
      return cell.el.replaceChildren(h("span.vh", id ? inWords.kept : "empty"));
    const [term, text, value] = data.entries[id];
    const other = lost && now !== null && lost[3] !== now && data.entries[lost[3]];
    const words = `${tag(term)} ${text}: ${inWords[how]}${other ? `; in place of ${tag(other[0])} ${other[1]}, which is lost` : ""}`;
    put(cell.el, "data-owner", owner(term));
    cell.el.title = words;
    const chip = tag(term) ? [h("span.t", { "aria-hidden": true }, tag(term))] : [];
    cell.el.replaceChildren(
      ...chip,
      ...(hatched(value) ? [swatch(run.slot(value))] : []),
      h("span.tx", { "aria-hidden": true }, text),
      h("span.vh", words),
      ...(other
        ? [s("svg.was", { viewBox: "-4 -4 8 8", "aria-hidden": true }, path("", crossed(3)))]
        : []),
    );
  }
  /**
   * @param {ChartRow} row
   * @param {number} k
   * @param {number} start
   */
  function showRow(row, k, start) {
    const { i, head, machine, cells } = row;
    const now = view(k, i);
    const down = now.state === "crashed";
    const key = JSON.stringify([now.term, now.words, now.machine]);
    const { machine: state = "" } = now;
    cells.forEach((cell, j) => showCell(cell, i, start + j, k, down));
    if (row.drawn === key) return;
    row.drawn = key;
    head.className = `who${down ? " crashed" : ""}`;
    machine.className = `machine${down ? " crashed" : ""}`;
    const ticket = h("span.tk2", { "data-owner": owner(now.term) }, tag(now.term) || "–");
    const said = h("span.said", { title: now.words }, now.words);
    head.replaceChildren(
      h("b", { title: run.names[i] }, run.names[i]),
      ticket,
      said,
      h("span.inline", state),
    );
    machine.textContent = state;
  }
  /**
   * @param {boolean} small
   * @param {number} width
   */
  function build(small, width) {
    const any = data.servers.some(
      (i) => ![undefined, "empty"].includes(run.states[run.N][i].machine),
    );
    const { width: long } = stage.ruler;
    /** @param {LogsPart["entries"][0]} given */
    const wide = ([term, text, value]) =>
      long(tag(term), 12, 700) + long(text, 12) + (hatched(value) ? 40 : 23);
    const w = Math.ceil(Math.min(92, Math.max(44, ...data.entries.map(wide))));
    const room = small ? width - 30 : width - (any ? 330 : 210);
    columns = Math.max(
      3,
      Math.min(Math.max(...lasts, 4), Math.floor(room / ((small ? Math.min(w, 66) : w) + 4))),
    );
    chart.style.setProperty("--m", columns);
    chart.style.setProperty("--w", `${w}px`);
    heads = Array.from({ length: columns }, () => h("div.index", { role: "columnheader" }));
    rows = data.servers.map((i) => {
      const head = h("div.who", { role: "rowheader" });
      const machine = h("div.machine", { role: "cell" });
      const cells = heads.map(() => ({ el: h("div", { role: "cell" }), drawn: null }));
      return {
        i,
        head,
        machine,
        cells,
        drawn: null,
        el: h(
          "div",
          { role: "row" },
          head,
          cells.map((cell) => cell.el),
          machine,
        ),
      };
    });
    chart.classList.toggle("bare", !any);
    chart.replaceChildren(
      h(
        "div",
        { role: "row" },
        h("div.corner", { role: "columnheader" }, "Logs"),
        heads,
        h("div.index.machine", any ? { role: "columnheader" } : {}, any ? "state machine" : ""),
      ),
      ...rows.map((row) => row.el),
    );
  }

  /* -- on the ring: the term as a ticket and a color, a crown for a leader -- */
  /**
   * @param {Log} given
   * @param {number} commit
   * @param {number} room
   */
  function strip({ first, ids, known }, commit, room) {
    // the latest entries, a square each
    const shown = ids.slice(-room);
    const start = first + ids.length - shown.length;
    const more = start > 1;
    /** @param {number} j */
    const x = (j) => (j - (shown.length - 1) / 2) * 11;
    /**
     * @param {number | null} id
     * @param {number} j
     */
    const square = (id, j) =>
      id !== null &&
      s(`rect.sq${start + j > commit && !known.includes(start + j) ? ".open" : ""}`, {
        "data-owner": owner(data.entries[id][0]),
        x: x(j) - 4,
        y: -4,
        width: 8,
        height: 8,
        rx: 1.5,
      });
    return [more && s("circle.more", { cx: x(-1) + 2, r: 1.5 }), ...shown.map(square)].filter(
      Boolean,
    );
  }
  /**
   * @param {Mark} given
   * @param {number} j
   */
  function showMark({ i, node, badge, crown, squares, drawn }, j) {
    const { term, role, state, log, commit } = view(stage.k, i);
    const key = `${term} ${role} ${state} ${log} ${commit}`;
    const up = state !== "crashed";
    if (drawn === key) return;
    marks[j].drawn = key;
    put(node, "data-owner", owner(term));
    put(badge, "data-owner", owner(term));
    put(crown, "data-owner", owner(term));
    badge.replaceChildren(
      ...(term === undefined ? [] : [ticket(stage, tag(term), owner(term)).el]),
    );
    squares.replaceChildren(...strip(logs[log ?? 0], commit ?? 0, run.n > 5 ? 8 : 10));
    crown.replaceChildren(...(role === "leader" && up ? [path("crown", CROWN)] : []));
  }

  /**
   * @param {RingLayers} ring
   * @param {boolean} small
   */
  function layout(ring, small) {
    run = stage.run;
    if (!run.logs) return; // no run without logs is drawn here
    data = run.logs;
    logs = expand(data.versions);
    lasts = logs.map(({ first, ids }) => first + ids.length - 1);
    const { G, over, node } = ring;
    marks = data.servers.map((i) => {
      const { x, y } = G.nodes[i];
      const d = G.r * 0.84;
      /** @param {number} dx */
      const at = (dx) => ({ transform: `translate(${x + dx} ${y - d})` });
      const badge = g(at(-d));
      const crown = g(at(d));
      const up = G.nodes[i].up;
      const off = up ? -G.r + (G.sizes[i] ? -18 : -54) : G.r + (G.sizes[i] ? 19 : 60);
      const squares = g({ transform: `translate(${x} ${y + off})` });
      over.append(badge, crown, squares);
      return { i, node: node(i), badge, crown, squares, drawn: null };
    });
    chart.hidden = !data.servers.length;
    build(small, stage.box.clientWidth);
  }
  /** @param {number} k */
  function step(k) {
    const end = Math.max(columns, ...data.servers.map((i) => lasts[view(k, i).log ?? 0]));
    const start = end - columns + 1;
    heads.forEach((head, j) => {
      head.textContent = `${start + j}`;
    });
    for (const row of rows) showRow(row, k, start);
    marks.forEach(showMark);
  }
  /** @param {KeyItem} item */
  function key(item) {
    /**
     * @param {string} how
     * @param {string} text
     */
    const cell = (how, text) =>
      item(h(`span.e.${how}`, { "data-owner": 0 }, h("span.t", tag(0)), h("span.tx", "x")), text);
    return [
      item(h("span.tk2", { "data-owner": 0 }, tag(0)), "a term, on servers, messages and entries"),
      item(
        s(
          "svg",
          { width: 18, height: 16, viewBox: "-9 -8 18 16", "aria-hidden": true, "data-owner": 0 },
          path("crown", CROWN),
        ),
        "leader",
      ),
      cell("known", "committed, and known to be here"),
      cell("far", "committed, not known here yet"),
      cell("open", "not committed"),
      cell("lost", "lost"),
    ];
  }
  /** @param {DiagramPlaces} places */
  const items = (places) => callItems(stage, data, places);

  return { el, layout, step, key, items };
}
