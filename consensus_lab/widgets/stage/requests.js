/* What Python is asked, in one place, and what becomes of its answers: new roads, other seeds. */

import { h } from "../shared/dom.js";
import { messageOf, present } from "../shared/values.js";
import { prepare, titleOf } from "./model.js";
import { begins, roadTaken } from "./roads.js";

const RECORDED_ONLY = "This run is recorded. Open the chapter in a notebook to change it.";
const NOTE = 6000; // milliseconds that a note stays

/** @param {Stage} stage */
export function createRequests(stage) {
  const { page, player, at, request, game } = stage;
  const { note } = page.tools;
  /** @type {{ road: number, k: number }[]} */
  const left = []; // the places that interventions of the reader left, for undo
  /** @type {AbortController | null} */
  let asking = null;
  let noteTimer = 0;

  /* -- the note: beside the buttons, or at the top, where a link has brought the reader -- */
  /** @param {unknown} onTop */
  function announce(onTop) {
    clearTimeout(noteTimer);
    if (onTop) page.head.el.append(note);
    else page.tools.keyButton.after(note);
  }
  /**
   * @param {string} text
   * @param {boolean} [stays]
   */
  function say(text, stays = false) {
    announce(stays);
    note.replaceChildren(h("span", text));
    if (!stays) noteTimer = setTimeout(() => note.replaceChildren(), NOTE);
  }

  /**
   * Says what went wrong, and stays there with a button.
   *
   * @param {string} text
   * @param {() => void} again
   */
  function offer(text, again) {
    say(text, true);
    const button = h("button", { type: "button" }, "Try again");
    button.addEventListener("click", again);
    note.append(button);
  }

  /**
   * Asks Python to do something, and adopts the scene that comes back. `trouble` begins the note where it does not.
   *
   * @param {Message} message
   * @param {string} what
   * @param {(scene: Scene) => void} adopt
   * @param {string} [trouble]
   */
  async function ask(message, what, adopt, trouble = "") {
    player.pause();
    cancel();
    if (!request) return say(RECORDED_ONLY);
    const mine = (asking = new AbortController());
    const { signal } = mine;
    announce(trouble);
    const status = h("span", `Asking Python to ${what}`);
    /** @param {string} text */
    const progress = (text) => status.replaceChildren(`${text} to ${what}`);
    note.replaceChildren(
      h("i.bar", h("i")),
      status,
      h("button", { "data-do": "cancel" }, "Cancel"),
    );
    const reply = await answerTo(request, message, { signal, progress });
    if (asking !== mine) return; // another question has been asked meanwhile
    asking = null;
    const focus = note.contains(stage.focused());
    note.replaceChildren();
    if (signal.aborted) say("Canceled. Nothing has changed.");
    else if ("scene" in reply) adopt({ ...reply.scene, title: stage.roads()[0].title });
    else if (reply.again) offer(trouble + reply.error, () => ask(message, what, adopt, trouble));
    else say(trouble + reply.error, !!trouble);
    if (focus) page.playback.play.focus();
  }
  /**
   * @param {Ask} ask
   * @param {Message} message
   * @param {RequestOptions & { signal: AbortSignal }} options
   * @returns {Promise<{ scene: Scene } | { error: string, again?: boolean }>}
   */
  async function answerTo(ask, message, options) {
    try {
      /** @type {Promise<never>} */
      const canceled = new Promise((_, reject) => {
        options.signal.onabort = reject;
      });
      const reply = await Promise.race([ask(message, options), canceled]);
      if (!reply?.scene) return { error: String(reply?.error ?? "Python gave no answer.") };
      prepare(reply.scene); // so that a scene that cannot be drawn is refused here
      return { scene: reply.scene };
    } catch (error) {
      const again = error instanceof Error && "again" in error && error.again === true;
      return { error: `Python could not answer: ${messageOf(error)}`, again };
    }
  }
  const cancel = () => asking?.abort();

  /* -- roads -- */
  const freshSeed = () =>
    1 +
    Math.max(
      0,
      ...stage.entry().seeds.flatMap(({ roads }) => roads.map((scene) => scene.seed ?? 0)),
    );
  /** @param {number} k */
  function onward(k) {
    const { N, uB } = stage.run;
    const last = game && k + 1 === N;
    player.goTo(k + 1, 0.5, last ? uB : null); // in a game, what was sent comes on its way
  }
  /**
   * Goes over to another road that is the same up to step k.
   *
   * @param {number} road
   * @param {number} k
   */
  function take(road, k) {
    const rest = stage.k === k ? stage.u - stage.run.U[k] : 0;
    player.pause();
    stage.load({ road }, { k, rest });
  }
  /**
   * What makes of an answer a road that leaves this one at step k.
   *
   * @param {number} k
   * @param {(k: number) => void} then
   */
  function newRoad(k, then) {
    const { roads } = stage.seed();
    const { road } = at;
    return (/** @type {Scene} */ scene) => {
      const to = game ? road : roads.push({ ...scene, fork: { road, step: k } }) - 1;
      if (roads !== stage.roads()) return say("The answer is a new road of the run you left.");
      if (game) roads[to] = scene;
      else left.push({ road: at.road, k: stage.k });
      take(to, k);
      then(k);
    };
  }

  /* -- what the reader does to a run -- */
  /** @param {Move} event */
  function change(event) {
    const { run, k } = stage;
    const { road } = at;
    if (begins(run.steps[k], event)) return onward(k);
    const taken = roadTaken(stage.roads(), road, event, k);
    if (taken < 0)
      return ask({ do: "extend", run: run.run, at: k, event }, inWords(event), newRoad(k, onward));
    left.push({ road, k });
    take(taken, k);
    onward(stage.run.fork?.step ?? k);
    say(`This is road ${taken + 1}. Road ${road + 1} is kept.`);
  }
  /** @param {Move} given */
  function inWords({ kind, msg, node, name, value }) {
    const { messages, names } = stage.run;
    const who = present(msg) ? titleOf(messages[msg]) : names[node ?? 0];
    if (kind === "timeout") return `fire timer ${name} of ${who}`;
    return kind === "propose" ? `let ${who} propose ${value}` : `${kind} ${who}`;
  }
  /**
   * Where a move has been recorded already.
   *
   * @param {Move} event
   */
  function hint(event) {
    const taken = roadTaken(stage.roads(), at.road, event, stage.k);
    return begins(stage.run.steps[stage.k], event)
      ? "this road"
      : taken < 0
        ? ""
        : `road ${taken + 1}`;
  }
  function undo() {
    const { road } = at;
    const back = left.pop();
    if (game) return player.goTo(stage.k - 1);
    if (!back) return say("There is no change of yours to take back.");
    player.pause();
    stage.load({ road: back.road }, back);
    say(`Taken back. Road ${road + 1} is kept; its number takes it up again.`);
  }
  function anotherSeed() {
    const { seeds } = stage.entry();
    const next = at.seed + 1;
    const seed = freshSeed();
    /** @param {number} i */
    const go = (i) => {
      player.pause();
      stage.load({ seed: i, road: 0 });
      player.play();
    };
    if (next < seeds.length) return go(next);
    if (!request && next > 1) return go(0);
    /** @param {Scene} scene */
    const adopt = (scene) => {
      seeds.push({ roads: [scene], recorded: 0 });
      go(seeds.length - 1);
    };
    ask({ do: "seed", run: stage.roads()[0].run, seed }, "try another seed", adopt);
  }
  function letItRun() {
    const message = { do: "continue", run: stage.run.run, at: stage.k, seed: freshSeed() };
    ask(message, "let it run from here", newRoad(stage.k, player.play));
  }

  return {
    say,
    ask,
    cancel,
    take,
    newRoad,
    change,
    hint,
    undo,
    anotherSeed,
    letItRun,
    changes: () => left.length,
    forget() {
      left.length = 0;
    },
    destroy() {
      cancel();
      clearTimeout(noteTimer);
    },
  };
}
