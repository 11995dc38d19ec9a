/* One frame of a stage: everything that is drawn follows from the display time `u`, so going back is exact. */

import { clamp } from "../shared/values.js";
import { icon } from "../shared/glyphs.js";
import { READABLE } from "./event_list.js";
import { inFlight, LOST_FOR, progress } from "./model.js";

const HELD_AT = 0.93; // where on its road a message hangs that is never delivered
const MOST_DOTS = 60; // with more messages in flight than this, none is marked where it crosses the cursor

/** @param {Stage} stage */
export function createFrame(stage) {
  const { ring, diagram, events, verdicts, page } = stage;
  const { caption, playback } = page;
  /** @type {Flight[]} */
  let flying = [];
  /** @type {number[]} */
  let parked = [];
  let told = -1;
  let toldAt = 0; // the step that the words are of, and since when

  function draw() {
    if (!stage.width) return;
    const { run, u } = stage;
    const k = run.stepAt(u);
    if (k !== stage.k) showStep(k);
    if (told !== k && (!stage.playing || performance.now() - toldAt > READABLE)) showWords(k);
    parked.fill(0);
    for (const m of flying) place(m, u, run.states[k]);
    ring.frame(parked);
    diagram.frame();
  }

  /**
   * @param {Flight} m
   * @param {number} u
   * @param {View[]} states
   */
  function place(m, u, states) {
    let f = progress(m, u);
    let mode = "";
    let opacity = 1;
    if (f < 0) return;
    if (!m.fate || m.late) {
      // never delivered, or much later: it hangs before its receiver, or waits unseen at a crashed one
      if (states[m.to].state !== "crashed") f = Math.min(f, HELD_AT);
      else if (f < 1) mode = "wait";
      else {
        parked[m.to]++;
        return;
      }
    } else if (m.fate === "drop" && m.u1 !== null && u >= m.u1) {
      mode = "lost";
      opacity = +clamp((m.u1 + LOST_FOR - u) / 0.3, 0, 1).toFixed(2);
    }
    ring.place(m, f, mode, opacity);
    if (flying.length <= MOST_DOTS && !mode) diagram.dot(m, f);
  }

  /** @param {number} k */
  function showStep(k) {
    const { run, k: was } = stage;
    /** @param {Flight} m */
    const lying = (m) => (!m.fate || m.late) && run.states[k][m.to].state === "crashed";
    stage.k = k;
    flying = run.flying(k, k);
    ring.step(k, flying.filter((m) => inFlight(m, k) && !lying(m)).length);
    diagram.step(k, Math.max(was, 0));
    stage.rooms.step(k);
    if (stage.hot !== null || stage.selected) ring.showWay();
  }

  /**
   * What changes with the step, no faster than it can be read.
   *
   * @param {number} k
   */
  function showWords(k) {
    const { run } = stage;
    const event = run.steps[k - 1];
    caption.step.textContent = k ? `Step ${k}` : "Start";
    caption.text.textContent = event ? event.say : "Nothing has happened yet.";
    playback.step.textContent = k;
    playback.all.textContent = ` / ${run.N}`;
    playback.time.textContent = `t ${run.T[k].toFixed(2)}`;
    for (const button of playback.backward) dim(button, k === 0);
    for (const button of playback.forward) dim(button, k === run.N);
    diagram.words(k, event);
    events.words(k, Math.max(told, 0));
    verdicts.update();
    if (stage.selected) stage.inspector.update();
    stage.moves.update();
    if (!stage.playing) ring.tabStops();
    told = k;
    toldAt = performance.now();
  }

  /**
   * A button that goes dim under the finger hands its focus on.
   *
   * @param {any} button
   * @param {boolean} off
   */
  function dim(button, off) {
    if (off && button === stage.focused()) playback.play.focus();
    button.disabled = off;
  }

  /** @param {boolean} on */
  function setPlaying(on) {
    stage.playing = on;
    playback.play.replaceChildren(icon(on ? "pause" : "play"));
    playback.play.ariaLabel = on ? "Pause" : "Play";
    caption.el.setAttribute("aria-live", on ? "off" : "polite");
    ring.tabStops();
    if (stage.k < 0) return;
    if (on || told === stage.k) stage.moves.update();
    else showWords(stage.k);
  }

  /**
   * After a new layout all is drawn anew; the words only for another run.
   *
   * @param {number} nodes
   */
  function reset(nodes) {
    parked = new Array(nodes).fill(0);
    stage.k = -1;
  }
  function forget() {
    told = -1;
    stage.k = -1;
  }

  return { draw, setPlaying, reset, forget };
}
