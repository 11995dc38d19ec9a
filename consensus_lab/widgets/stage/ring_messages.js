/* The messages in flight: each rides its curve from one node to another. */

import { g, path, put, QUIETLY } from "../shared/dom.js";
import { round } from "../shared/values.js";
import { curveOf, degrees, pathOf, pillRadius } from "./geometry.js";
import { createShapes } from "./message_shapes.js";
import { looks, titleOf } from "./model.js";

const COINS = 48; // with more messages in flight than this, each is a dart

/** @param {Stage} stage */
export function createMessages(stage) {
  /** @type {Set<MessageView>} */
  const views = new Set();
  const shapes = createShapes(stage);
  /** @type {MeasuredRing} */
  let G;
  /** @type {Run} */
  let run;
  let layer = g();
  let trails = g();
  let room = 0; // so many labeled messages fit
  let grain = ""; // how they are drawn: "" for labels, "coin", or "dart"
  let stamp = 0; // of the frame
  /** @type {Record<string, any[]>} */
  let spare = {}; // darts that have landed, by slot

  /**
   * The layers of a run's messages, none of them in flight yet.
   *
   * @param {MeasuredRing} geometry
   * @param {number} most
   */
  function layout(geometry, most) {
    G = geometry;
    run = stage.run;
    room = most;
    for (const m of run.messages) m.curve = m.view = null;
    views.clear();
    shapes.clear();
    spare = {};
    trails = g();
    layer = g({ class: "msgs" });
    return { trails, layer };
  }

  /**
   * @param {Flight} m
   * @param {boolean} dart
   */
  function enter(m, dart) {
    const old = m.view;
    const drawn = shapes.of(m);
    const node =
      (dart && spare[`${m.slot} ${m.owner}`]?.pop()) ||
      (dart ? drawn.dart : drawn.label).cloneNode(true);
    /** @type {MessageView} */
    const v = (m.view = {
      m,
      el: node,
      reach: drawn.reach,
      seen: 0,
      f: -1,
      turned: 9,
      look: "",
      opacity: 1,
      ...(dart
        ? {
            dart: { move: node.transform.baseVal[0], turn: node.transform.baseVal[1] },
            label: null,
          }
        : {
            dart: null,
            label: { dir: node.querySelector(".dir"), trail: path("trail", "", looks(m)) },
          }),
    });
    node.setAttribute("tabindex", stage.playing || dart ? -1 : 0);
    node.setAttribute("aria-pressed", stage.selected?.msg === m.id);
    node.setAttribute(
      "aria-label",
      `Message ${titleOf(m)}, ${run.names[m.from]} to ${run.names[m.to]}`,
    );
    if (v.label) inOrder(trails, v.label.trail, m.id);
    inOrder(layer, node, m.id);
    views.add(v);
    if (old) leave(old, node);
    return v;
  }
  /**
   * @param {any} parent
   * @param {any} node
   * @param {number} id
   */
  function inOrder(parent, node, id) {
    // so that going back finds the same ones on top
    node.dataset.m = id;
    parent.insertBefore(
      node,
      +parent.lastChild?.dataset.m > id
        ? [...parent.children].find((/** @type {any} */ other) => +other.dataset.m > id)
        : null,
    );
  }
  /**
   * @param {MessageView} v
   * @param {any} [heir]
   */
  function leave(v, heir) {
    // the focus of a message that has gone is handed on
    if (v.el === stage.focused()) (heir ?? stage.ring.node(v.m.to)).focus(QUIETLY);
    if (v.dart) (spare[`${v.m.slot} ${v.m.owner}`] ??= []).push(v.el);
    else if (v.label) v.label.trail.remove();
    v.el.remove();
    views.delete(v);
    if (v.m.view === v) v.m.view = null;
  }

  /**
   * Draws a message at f of its road. The tip is where the message is; its label rides just behind.
   *
   * @param {Flight} m
   * @param {number} f
   * @param {string} mode
   * @param {number} opacity
   */
  function place(m, f, mode, opacity) {
    const pointed = m.id === stage.hot || m.id === stage.selected?.msg; // that one is always labeled
    const dart = grain === "dart" && !pointed && !mode;
    const v = m.view && !m.view.dart !== dart ? m.view : enter(m, dart);
    const p = (m.curve ??= curveOf(m, G));
    v.seen = stamp;
    const e = 1 - f;
    const a = e * e;
    const b = 2 * e * f;
    const c = f * f;
    const x = a * p[0] + b * p[2] + c * p[4];
    const y = a * p[1] + b * p[3] + c * p[5];
    const turn = Math.atan2(
      e * (p[3] - p[1]) + f * (p[5] - p[3]),
      e * (p[2] - p[0]) + f * (p[4] - p[2]),
    );
    if (v.dart) {
      // by the numbers: ten times as quick as the attribute
      if (v.f !== f) v.dart.move.setTranslate(x, y);
      if (Math.abs(v.turned - turn) > 0.02) v.dart.turn.setRotate(degrees((v.turned = turn)), 0, 0);
      v.f = f;
      return;
    }
    const { dir, trail } = v.label;
    const look = `msg ${mode}${m.id === stage.hot ? " hot" : ""}${grain && !pointed ? " coined" : ""}`;
    if (v.f === f && v.look === look && v.opacity === opacity) return;
    if (v.look !== look) {
      v.el.setAttribute("class", look);
      trail.setAttribute("class", `trail ${mode}`);
    }
    if (v.opacity !== opacity) v.el.setAttribute("opacity", opacity);
    Object.assign(v, { f, look, opacity });
    const scale = Math.min(1, 0.2 + (f * Math.hypot(p[4] - p[0], p[5] - p[1])) / 62); // it comes out from behind its sender
    const behind =
      10 + (look.includes("coined") || mode === "lost" ? 9.5 : pillRadius(v.reach, turn));
    const bx = x - Math.cos(turn) * behind * scale;
    const by = y - Math.sin(turn) * behind * scale;
    v.el.setAttribute(
      "transform",
      `translate(${bx.toFixed(2)} ${by.toFixed(2)})scale(${scale.toFixed(3)})`,
    );
    put(dir, "transform", `rotate(${degrees(turn)})translate(${round(behind)} 0)`);
    trail.setAttribute(
      "d",
      pathOf([p[0], p[1], p[0] + (p[2] - p[0]) * f, p[1] + (p[3] - p[1]) * f, x, y]),
    );
  }

  /**
   * Before a step is drawn, with so many messages in flight.
   *
   * @param {number} crowd
   */
  function step(crowd) {
    grain = crowd <= room ? "" : crowd <= COINS ? "coin" : "dart";
  }
  /* After each frame: messages that were not placed have gone. */
  function frame() {
    for (const v of views) if (v.seen !== stamp) leave(v);
    stamp++;
  }
  /** @param {number | undefined} msg */
  const press = (msg) => views.forEach((v) => v.el.setAttribute("aria-pressed", v.m.id === msg));
  /* Messages can be reached only while paused, and of a swarm of darts only the first. */
  function tabStops() {
    [...views].forEach((v, j) =>
      v.el.setAttribute("tabindex", stage.playing || (v.dart && j) ? -1 : 0),
    );
  }

  return { layout, place, step, frame, press, tabStops, size: () => views.size };
}
