/* The clock of a stage: plays, goes to a step, follows the speed. Nothing moves where nobody looks. */

import { clamp } from "../shared/values.js";
import { MAJOR } from "../shared/glyphs.js";

const SECONDS = 2.4; // that one unit of time takes at speed 1
const REST = 0.9; // seconds for a step at speed 1 where motion is reduced
/** @type {Record<string, string>} */
const FRACTIONS = { "-3": "⅛", "-2": "¼", "-1": "½" }; // of the speed, by the slider

/**
 * @param {Stage} stage
 * @param {StageOptions["onframe"]} onframe
 */
export function createPlayer(stage, onframe) {
  const { frame, ring, diagram, events } = stage;
  const { speed: slider, rate } = stage.page.playback;
  let speed = 1;
  let beat = 0;
  /** @type {{ from: number, to: number, k: number, done: number, seconds: number } | null} */
  let goal = null; // where the cursor glides to
  let frameId = 0;
  let last = 0;
  let onScreen = true;
  let awake = true;

  /* -- one frame after the other -- */
  function wake() {
    if (frameId || !awake || !stage.width) return;
    last = performance.now();
    frameId = requestAnimationFrame(tick);
  }
  /** @param {number} now */
  function tick(now) {
    const began = performance.now();
    const seconds = clamp((now - last) / 1000, 0, 0.04);
    frameId = 0;
    last = now;
    events.flush();
    if (goal) glide(goal, seconds);
    else if (stage.playing) advance(seconds);
    const settling = diagram.settle(seconds);
    frame.draw();
    onframe?.(performance.now() - began, ring.size());
    if (stage.playing || goal || settling) wake();
  }
  /**
   * @param {{ from: number, to: number, done: number, seconds: number }} way
   * @param {number} seconds
   */
  function glide(way, seconds) {
    way.done = Math.min(1, way.done + seconds / way.seconds);
    stage.u = way.from + (way.to - way.from) * (1 - (1 - way.done) ** 3);
    if (way.done < 1) return;
    stage.u = way.to;
    goal = null;
  }
  /** @param {number} seconds */
  function advance(seconds) {
    const { run, k } = stage;
    if (!stage.still()) {
      stage.u = Math.min(run.uB, stage.u + (seconds * speed) / SECONDS);
      if (stage.u === run.uB) pause();
      return;
    }
    beat += seconds * speed; // reduced motion: from step to step, nothing flies
    if (beat < REST) return;
    beat = 0;
    if (k < run.N) stage.u = run.U[k + 1];
    else pause();
  }

  /* -- where to -- */
  /** @param {number} u */
  function seek(u) {
    goal = null;
    stage.u = clamp(u, stage.run.uA, stage.run.uB);
    frame.draw();
  }
  /**
   * Glides to step k; `to` is where exactly, if that is not the moment of the step.
   *
   * @param {number} k
   * @param {number} [seconds]
   * @param {number | null} [to]
   */
  function goTo(k, seconds = 0.26, to = null) {
    const { run, u } = stage;
    const aim = clamp(Math.round(k) || 0, 0, run.N);
    const end = to ?? run.U[aim];
    pause();
    if (stage.still() || !seconds || !awake || !stage.width) return seek(end);
    goal = { from: u, to: end, k: aim, done: 0, seconds };
    wake();
  }
  const heading = () => (goal ? goal.k : stage.k);
  /** @param {number} d */
  function stepBy(d) {
    const between = !goal && stage.u > stage.run.U[stage.k] + 0.02;
    goTo(d < 0 && between ? stage.k : heading() + d);
  }
  /**
   * To the next decision, crash or violation.
   *
   * @param {number} d
   */
  function nextMark(d) {
    const { run } = stage;
    /** @param {number} k */
    const notable = (k) =>
      run.broken.some((p) => p.broken === k) || MAJOR.includes(run.steps[k - 1].mark);
    let k = heading() + d;
    while (k > 0 && k < run.N && !notable(k)) k += d;
    goTo(k);
  }

  /* -- playing -- */
  /** @param {boolean} on */
  function setPlaying(on) {
    beat = 0.6;
    frame.setPlaying(on);
  }
  function pause() {
    if (stage.playing) setPlaying(false);
  }
  function play() {
    if (stage.k === stage.run.N) seek(stage.run.uA);
    goal = null;
    setPlaying(true);
    wake();
  }
  function setSpeed() {
    speed = 2 ** slider.value;
    rate.textContent = `${FRACTIONS[slider.value] ?? +speed.toPrecision(2)}×`;
    slider.setAttribute("aria-valuetext", rate.textContent);
  }
  slider.addEventListener("input", setSpeed);
  setSpeed();

  /* -- awake while somebody can see it -- */
  function watch() {
    awake = onScreen && !document.hidden;
    if (awake && (stage.playing || goal)) wake();
    if (!awake) stop();
  }
  function stop() {
    cancelAnimationFrame(frameId);
    frameId = 0;
  }
  /** @param {boolean} on */
  function setOnScreen(on) {
    onScreen = on;
    watch();
  }

  return {
    wake,
    seek,
    goTo,
    stepBy,
    nextMark,
    play,
    pause,
    watch,
    setOnScreen,
    stop,
    forget() {
      goal = null;
    },
    gliding: () => goal !== null,
  };
}
