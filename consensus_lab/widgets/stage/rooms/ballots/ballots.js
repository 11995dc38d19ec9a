/* The ballots of a run: tickets, floors and flags on the ring, quorums that light up, and a chart with a row for each ballot
   and a column for each acceptor. All of it is in the scene; here it is only drawn. `tools` are the stage's own. */

import { g, h, path, put, s } from "../../../shared/dom.js";
import { swatch, ticket } from "../../../shared/glyphs.js";
import looks from "./ballots.css";
import { bar, flag } from "./promises_and_votes.js";

const MOST = 6; // so many ballots are shown, the latest

/** @typedef {BallotsPart["grants"][number]} Grant */
/** @typedef {{ box: Element, here: Element, words: Element, drawn: string }} Cell */
/** @typedef {{ el: Element, head: Element, how: Element, cells: Cell[], drawn: string }} ChartRow */
/** @typedef {{ row: Element, own: Element, W: number, x: number, y: number, view: View | null }} Mark */

/** @param {Stage} stage */
export function createRoom(stage) {
  const chart = h("div.cl-ballots", {
    role: "table",
    "aria-label": "Ballots, the latest on top, and what each acceptor did in them",
  });
  const el = h("div", h("style", looks), chart);
  /** @type {Run} */
  let run;
  /** @type {BallotsPart} */
  let data;
  /** @type {RingLayers} */
  let lights;
  /** @type {ChartRow[]} */
  let rows = [];
  /** @type {Element[]} */
  let heads = [];
  /** @type {Mark[]} */
  let marks = [];
  /** @type {string | undefined} */
  let lit;

  /** @param {number} row */
  const owner = (row) => run.owner(row);
  /** @param {number} row */
  const ticketOf = (row) => ticket(stage, run.tag(row) ?? "", owner(row));

  /* -- beside each acceptor: its floor, and its flag, which stands on the floor where both are of one ballot -- */
  /** @param {Pick<View, "floor" | "flag">} given */
  function beside({ floor, flag: vote }) {
    const out = [];
    const sets = [];
    if (vote) sets.push({ row: vote[0], vote: vote[1], ground: vote[0] === floor });
    if (floor !== undefined && floor !== vote?.[0]) sets.push({ row: floor, ground: true });
    let x = 0;
    for (const { row, vote, ground } of sets) {
      const { w, el } = ticketOf(row);
      const lead = vote === undefined ? 0 : 17;
      out.push(
        g(
          { transform: `translate(${x} 0)`, "data-owner": owner(row) },
          s("rect.back", { x: -2, y: -8, width: w + lead + 4, height: 17, rx: 4 }),
          vote !== undefined && g({ transform: "translate(1.5 1)" }, flag(run.slot(vote))),
          g({ transform: `translate(${lead + w / 2} -.5)` }, el),
          ground && path("ground", `M-2 9H${lead + w + 2}`),
        ),
      );
      x += w + lead + 12;
    }
    return { out, width: x - 12 };
  }
  /**
   * @param {Mark} mark
   * @param {View} view
   */
  function showMark(mark, view) {
    if (mark.view === view) return;
    mark.view = view;
    const { out, width } = beside(view);
    mark.row.replaceChildren(...out);
    put(
      mark.row,
      "transform",
      `translate(${Math.max(6, Math.min(mark.W - width - 6, mark.x - width / 2))} ${mark.y})`,
    );
    mark.own.replaceChildren(
      ...(view.ballot === undefined || view.state === "crashed" ? [] : [ticketOf(view.ballot).el]),
    );
  }

  /* -- quorums: the last to form is lit, with a rim once somebody knows of it -- */
  /** @param {number[]} nodes */
  function hull(nodes) {
    const spots = nodes.map((i) => lights.G.nodes[i]);
    const cx = spots.reduce((sum, p) => sum + p.x, 0) / spots.length;
    const cy = spots.reduce((sum, p) => sum + p.y, 0) / spots.length;
    /** @param {{ x: number, y: number }} p */
    const turn = (p) => Math.atan2(p.y - cy, p.x - cx);
    return `M${spots
      .sort((a, b) => turn(a) - turn(b))
      .map((p) => `${Math.round(p.x)} ${Math.round(p.y)}`)
      .join("L")}Z`;
  }
  /** @param {number} k */
  function light(k) {
    const formed = data.quorums.filter(([step]) => step <= k).at(-1);
    const key = formed && `${formed.slice(0, 3)} ${formed[0] === k}`;
    if (lit === key) return;
    lit = key;
    if (!formed) return lights.under.replaceChildren();
    const [step, row, kind, nodes, value] = formed;
    const width = 2 * (lights.G.r + 15);
    const d = hull(nodes);
    const fresh = step === k;
    const look = {
      class: `quorum ${kind === "prepared" ? "prepared" : "chosen"}`,
      "data-owner": owner(row),
      "data-slot": run.slot(value),
    };
    lights.under.replaceChildren(
      g(
        look,
        kind !== "chosen" && [
          path("rim", d, {
            "stroke-width": width + (fresh ? 5 : 2.5),
            opacity: fresh ? 0.9 : 0.45,
          }),
          path("inner", d, { "stroke-width": width }),
        ],
        path("tint", d, { "stroke-width": width, opacity: fresh ? 0.24 : 0.12 }),
      ),
    );
  }

  /* -- the chart -- */
  function cell() {
    const here = g();
    const box = h(
      "div.cell",
      { role: "cell" },
      s("svg", { width: 44, height: 22, viewBox: "-22 -11 44 22", "aria-hidden": true }, here),
      h("span.vh"),
    );
    return { box, here, words: box.lastChild, drawn: "" };
  }
  /**
   * @param {Cell} one
   * @param {number} row
   * @param {number} i
   * @param {number} k
   * @param {number | undefined} floor
   */
  function showCell(one, row, i, k, floor) {
    const mine = data.grants.filter(([of, node, step]) => of === row && node === i && step <= k);
    const key = JSON.stringify([
      row,
      mine.map(([, , , heard, value]) => [value, heard !== null && heard <= k]),
      floor,
    ]);
    if (one.drawn === key) return;
    one.drawn = key;
    const below = floor !== undefined && floor > row;
    const votes = mine.filter((grant) => grant[4] !== null);
    put(one.box, "class", `cell${below ? " below" : ""}${floor === row ? " floor" : ""}`);
    put(one.box, "data-owner", owner(row));
    /** @param {Grant} given */
    const told = ([, , , heard]) => heard !== null && heard <= k;
    one.here.replaceChildren(
      ...mine.map((grant) => {
        const sent = !told(grant);
        const value = grant[4];
        if (value === null) return bar(-17, sent);
        return g(
          { transform: `translate(${4 + 14 * votes.indexOf(grant)} 1)` },
          flag(run.slot(value), sent),
        );
      }),
    );
    /** @param {Grant} grant */
    const words = (grant) =>
      (grant[4] === null ? "promised" : `accepted ${grant[4]}`) +
      (told(grant) ? "" : ", not heard yet");
    one.words.textContent = mine
      .map(words)
      .concat(floor === row ? "its floor" : below ? "below its floor" : [])
      .join("; ");
  }
  function build() {
    const who = data.acceptors;
    const names = who.map((i) => run.names[i]);
    const count = Math.min(data.opened.length, MOST);
    chart.style.setProperty("--n", who.length);
    rows = Array.from({ length: count }, () => {
      const head = h("div", { role: "rowheader" });
      const how = h("div.how", { role: "cell" });
      const cells = names.map(() => cell());
      return {
        el: h(
          "div",
          { role: "row" },
          head,
          cells.map((one) => one.box),
          how,
        ),
        head,
        how,
        cells,
        drawn: "",
      };
    });
    heads = names.map((name) => h("div", { role: "columnheader", title: name }, name));
    chart.replaceChildren(
      ...rows.map((row) => row.el),
      h(
        "div",
        { role: "row" },
        h("div.corner", { role: "columnheader" }, "Ballots"),
        heads,
        h("div.end", { role: "cell" }),
      ),
    );
  }
  /**
   * @param {ChartRow} slot
   * @param {number | undefined} row
   * @param {number} k
   */
  function showRow(slot, row, k) {
    const off = row === undefined;
    const { head, how, cells } = slot;
    slot.el.classList.toggle("off", off);
    put(slot.el, "aria-hidden", off);
    if (off) {
      slot.drawn = "";
      for (const one of cells) {
        one.drawn = "";
        put(one.box, "class", "cell");
      }
      return;
    }
    cells.forEach((one, j) =>
      showCell(one, row, data.acceptors[j], k, run.states[k][data.acceptors[j]].floor),
    );
    const [, , words, value] = data.says.filter(([step, of]) => of === row && step <= k).at(-1) ?? [
      0,
      0,
      "",
      null,
    ];
    const chosen = data.quorums.some(
      ([step, of, kind]) => of === row && kind === "chosen" && step <= k,
    );
    const key = `${row} ${words} ${value}`;
    if (slot.drawn === key) return;
    slot.drawn = key;
    head.replaceChildren(h("span.tk2", { "data-owner": owner(row) }, run.tag(row)));
    how.replaceChildren(
      ...[value !== null && swatch(run.slot(value)), h("span", words)].filter(Boolean),
    );
    how.className = `how${chosen ? " lit" : ""}`;
  }

  /** @param {RingLayers} ring */
  function layout(ring) {
    run = stage.run;
    if (!run.ballots) return; // no run without ballots is drawn here
    data = run.ballots;
    lights = ring;
    lit = undefined;
    const { G, over } = ring;
    marks = G.nodes.map(({ x, y, up }, i) => {
      const size = G.sizes[i];
      const at = up ? (size ? -18 : -54) : size ? 18 : 58;
      const row = g();
      const own = g();
      own.setAttribute("transform", `translate(${x - G.r * 0.84} ${y - G.r * 0.84})`);
      over.append(row, own);
      return { row, own, W: G.W, x, y: y + (up ? -G.r : G.r) + at, view: null };
    });
    build();
  }
  /** @param {number} k */
  function step(k) {
    run.states[k].forEach((view, i) => showMark(marks[i], view));
    heads.forEach((head, j) =>
      head.classList.toggle("down", run.states[k][data.acceptors[j]].state === "crashed"),
    );
    light(k);
    const open = data.opened.flatMap((since, row) => (since <= k ? [row] : [])).slice(-MOST);
    rows.forEach((slot, j) => showRow(slot, open[rows.length - 1 - j], k));
  }
  /** @param {KeyItem} item */
  function key(item) {
    const [, who] = run.tags?.rows[0] ?? ["", null];
    const slot = run.values[0]?.[1] ?? 0;
    const tag = h("span.tk2", { "data-owner": owner(0) }, run.tag(0));
    const box = {
      width: 22,
      height: 20,
      viewBox: "-11 -10 22 20",
      "aria-hidden": true,
      "data-owner": owner(0),
    };
    /** @param {any} glyph */
    const small = (glyph) => s("svg", box, glyph);
    /** @param {any} glyph */
    const pole = (glyph) => g({ transform: "translate(-6 1)" }, glyph);
    return [
      item(tag, who === null ? "a ballot" : `a ballot, opened by ${run.names[who]}`),
      item(small(path("ground", "M-9 4H9")), "floor: earlier ballots are ignored"),
      item(small(bar(-7)), "promise"),
      item(small(pole(flag(slot))), "flag: a vote"),
      item(small(pole(flag(slot, true))), "dashed: on its way, nobody has heard of it"),
      item(
        small(s("rect.band", { x: -10, y: -6, width: 20, height: 12, rx: 6, "data-slot": slot })),
        "a quorum; with a rim, somebody knows",
      ),
    ];
  }
  return { el, layout, step, key };
}
