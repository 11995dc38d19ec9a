/* What can happen next: a list of it at the cursor, one line each, the rarely used folded in groups at its end.
   What is possible is in the scene of a recorded run, and of another Python tells it step by step; here it is only put into
   words. A list of buttons with one tab stop: up and down go
   through it, right and left unfold and fold a group. */

import { h } from "../../shared/dom.js";
import { icon, miniSvg, swatch } from "../../shared/glyphs.js";
import { inFlight, remaining, titleOf } from "../model.js";

const GROUPS = [
  ["again", "Deliver once more"],
  ["drop", "Drop"],
  ["duplicate", "Duplicate"],
  ["crash", "Crash"],
  ["restart", "Restart"],
];
const POSTAL = ["deliver", "drop", "duplicate"];

/** What can happen: to a message or a node, with a value or a timer; of a group, if it is rarely used. */
/** @typedef {{ kind: string, id: number, text?: string, group?: string }} Line */

/**
 * What can happen after k steps, as { kind, id, text, group }: the id of a message or a node, and for the rarely used a group.
 *
 * @param {Run & { next: Moves }} run
 * @param {number} k
 * @returns {Line[]}
 */
function possible(run, k) {
  /** @param {MoveRow} given */
  const now = ([, first, last]) => first <= k && k <= (last ?? run.N);
  const { deliver = [] } = run.next;
  /**
   * @param {string} kind
   * @param {string} [group]
   * @returns {Line[]}
   */
  const rows = (kind, group) =>
    (run.next[kind] ?? []).filter(now).map(([id, , , text]) => ({ kind, id, text, group }));
  /** @param {{ id: number }} given */
  const flying = ({ id }) => inFlight(run.messages[id], k);
  const told = new Set(deliver.map(([id]) => id));
  /** @type {Line[]} */
  const letters = run.messages
    .filter((m) =>
      told.has(m.id) ? deliver.some((row) => row[0] === m.id && now(row)) : flying(m),
    )
    .map(({ id }) => ({ kind: "deliver", id }));
  const open = run.network === "lossy" ? run.messages.filter(flying) : [];
  return [
    ...rows("propose"),
    ...letters.filter(flying),
    ...rows("timeout"),
    ...letters.filter((one) => !flying(one)).map((one) => ({ ...one, group: "again" })),
    ...["drop", "duplicate"].flatMap((kind) => open.map(({ id }) => ({ kind, id, group: kind }))),
    ...rows("crash", "crash"),
    ...rows("restart", "restart"),
  ];
}

/** @param {Stage} stage */
export function createMoves(stage) {
  const { request, game } = stage;
  const { change: act, hint, newRoad: grow } = stage.requests;
  const { play } = stage.player;
  const count = h("span.num");
  const id = `${stage.id}next`;
  const list = h("ul.cl-moves", { id, "aria-label": "What can happen next", hidden: true });
  const fold = h(
    "button.cl-fold",
    { "aria-expanded": false, "aria-controls": id },
    h("b", "Can happen next"),
    count,
    icon("right"),
  );
  const el = h("div.cl-events", { role: "group", "aria-label": "Can happen next" }, fold, list);
  /** @type {Set<string>} */
  const open = new Set();
  /** @type {WeakMap<RunJson, Map<number, Moves | null | undefined>>} */
  const heard = new WeakMap(); // run -> step -> what Python said can happen there
  let drawn = "";
  let stale = false;

  /**
   * A move in words, its glyph, and what it is asked as.
   *
   * @param {Line} given
   * @param {boolean} rare
   * @returns {[Element, string, Move]}
   */
  function line({ kind, id, text }, rare) {
    const { run } = stage;
    const name = run.names[id];
    if (POSTAL.includes(kind)) {
      const m = run.messages[id];
      const way = `${run.names[m.from]} → ${run.names[m.to]} ${titleOf(m)}`;
      return [swatch(m.slot), rare || game ? way : `Deliver ${way}`, { kind, msg: id }];
    }
    if (kind === "propose")
      return [swatch(run.slot(text)), `${name} proposes ${text}`, { kind, node: id, value: text }];
    if (kind === "timeout")
      return [
        miniSvg("alarm", "none"),
        `Timer ‘${text}’ of ${name} fires`,
        { kind, node: id, name: text },
      ];
    return [
      miniSvg(kind === "crash" ? "down" : "up", "none"),
      rare ? name : `${kind} ${name}`,
      { kind, node: id },
    ];
  }
  /**
   * @param {Line} move
   * @param {boolean} rare whether it is in a group
   */
  function button(move, rare) {
    const [glyph, words, event] = line(move, rare);
    const lead = game?.lead(event);
    const told = !game && hint(event);
    return h(
      "li",
      h(
        "button.ev",
        {
          ...lead?.look,
          tabindex: -1,
          title: words,
          "data-move": JSON.stringify(event),
          ...(POSTAL.includes(event.kind) ? { "data-m": event.msg } : { "data-at": event.node }),
        },
        glyph,
        h("span.tx", words),
        told && h("span.ef", told),
        lead?.words,
      ),
    );
  }

  /**
   * "1 left", or why there is none; empty where a run has no limit, or allows none at all.
   *
   * @param {string} kind
   */
  function left(kind) {
    const most = stage.run.budgets?.[kind];
    if (!most) return "";
    const rest = remaining(stage.run, stage.k, kind);
    return rest > 0 ? `${rest} left` : `none left of ${most}`;
  }
  /**
   * Named by what it does; its lines name to whom.
   *
   * @param {string[]} given
   * @param {Line[]} moves
   */
  function group([kind, title], moves) {
    const about = left(kind);
    if (!moves.length)
      return about.startsWith("none")
        ? h("li", h("span.ev.spent", h("span.tx", title), h("span.ef", about)))
        : [];
    const on = open.has(kind);
    const id = `${stage.id}g${kind}`;
    return h(
      "li",
      h(
        "button.ev.group",
        { tabindex: -1, "aria-expanded": on, "aria-controls": on ? id : null, "data-group": kind },
        icon("right"),
        h("span.tx", title),
        h("span.ef.num", about ? `${moves.length}, ${about}` : moves.length),
      ),
      on &&
        h(
          "ul",
          { id, "aria-label": title },
          moves.map((move) => button(move, true)),
        ),
    );
  }

  /**
   * What can happen after k steps, or null while that is being asked.
   *
   * @param {Run} run
   * @param {number} k
   */
  function known(run, k) {
    const steps = heard.get(run.run) ?? new Map();
    const next = run.next ?? steps.get(k);
    if (request && !next && !steps.has(k) && !list.hidden && !stage.playing) {
      heard.set(run.run, steps.set(k, null));
      request({ do: "moves", run: run.run, at: k }, {})
        .then(({ next }) => {
          steps.set(k, next);
          update();
        })
        .catch(() => steps.delete(k));
    }
    return next ? possible({ ...run, next }, k) : null;
  }
  function update() {
    const { run, k } = stage;
    game?.changed(stage);
    el.hidden = !run.next && !request;
    if (el.hidden) return;
    const all = known(run, k);
    stale = stage.playing || !all;
    count.textContent = all ? all.filter(({ group }) => !group).length : "";
    list.classList.toggle("resting", stale);
    if (list.hidden || stale || !all) return;
    const key = JSON.stringify([k, stage.at, stage.roads().length, all, [...open], game?.seen()]);
    if (key === drawn) return;
    drawn = key;
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(stage.focused());
    const armed = run.states[k].some(({ timers, state }) => timers?.length && state !== "crashed");
    const timers = armed && !all.some(({ kind }) => kind === "timeout");
    const none = left("timeout") || "not by hand in this run";
    list.replaceChildren(
      ...[
        all.filter(({ group }) => !group).map((move) => button(move, false)),
        timers ? h("li", h("span.ev.spent", h("span.tx", "Timers"), h("span.ef", none))) : [],
        GROUPS.map((one) =>
          group(
            one,
            all.filter((move) => move.group === one[0]),
          ),
        ),
        all.length ? [] : h("li", h("span.ev.spent", "Nothing is left to happen.")),
      ].flat(),
    );
    stop(Math.max(at, 0));
    if (at >= 0) focus(at);
  }

  /* -- one tab stop, moved by the arrow keys -- */
  const stops = () => [...list.querySelectorAll("button")];
  /** @param {number} i */
  function stop(i) {
    stops().forEach((b, j, all) => {
      b.tabIndex = j === Math.min(i, all.length - 1) ? 0 : -1;
    });
  }
  /** @param {number} i */
  function focus(i) {
    const all = stops();
    const b = all[Math.max(0, Math.min(i, all.length - 1))];
    stop(all.indexOf(b));
    (b ?? stage.box).focus({ preventScroll: !b });
  }
  /**
   * @param {string} kind
   * @param {boolean} [on]
   */
  function unfoldGroup(kind, on = !open.has(kind)) {
    if (on) open.add(kind);
    else open.delete(kind);
    update();
  }
  list.addEventListener("keydown", (/** @type {Heard<KeyboardEvent>} */ event) => {
    const all = stops();
    const i = all.indexOf(event.target);
    const { group: kind } = event.target.dataset;
    if (i < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    /** @type {Record<string, (() => void) | "" | undefined>} */
    const keys = {
      ArrowDown: () => focus(i + 1),
      ArrowUp: () => focus(i - 1),
      Home: () => focus(0),
      End: () => focus(all.length - 1),
      ArrowRight: kind && (() => unfoldGroup(kind, true)),
      ArrowLeft: kind && (() => unfoldGroup(kind, false)),
    };
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });
  list.addEventListener("focusin", (/** @type {Heard<FocusEvent>} */ { target }) =>
    stop(stops().indexOf(target)),
  );
  list.addEventListener("click", (/** @type {Heard<MouseEvent>} */ { target }) => {
    const { group: kind, move } = target.closest("button")?.dataset ?? {};
    if (kind) unfoldGroup(kind);
    else if (move && !stale) act(JSON.parse(move));
  });
  function unfold() {
    list.hidden = !list.hidden;
    fold.setAttribute("aria-expanded", !list.hidden);
    update();
  }
  /** @param {number | null} id */
  function point(id) {
    // the message that is pointed at elsewhere
    for (const b of list.querySelectorAll("[data-m]"))
      b.classList.toggle("hot", b.dataset.m === String(id));
  }
  if (game) {
    // it is played by this list, with where each move leads; its hint is the move that gets the focus
    open.add("crash");
    unfold();
    /** @param {Move} event */
    const suggest = (event) =>
      stops().forEach((b, i) => {
        const it = (b.dataset.hint = b.dataset.move === JSON.stringify(event));
        if (it) focus(i);
      });
    game.meet({ grow, play, act, update, suggest });
  }
  return { el, fold, update, unfold, point, folded: () => list.hidden };
}
