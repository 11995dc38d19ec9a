/* What Python is asked, in one place, and what becomes of its answers: new roads, other seeds. */

import { h } from "../shared/dom.js";
import { present } from "../shared/values.js";
import { prepare, titleOf } from "./model.js";
import { begins, roadTaken } from "./roads.js";

const RECORDED_ONLY = "This run is recorded. Open the chapter in a notebook to change it.";
const NOTE = 6000; // milliseconds that a note stays

export function createRequests(stage) {
  const { page, player, at, request, game } = stage;
  const { note } = page.tools;
  const left = []; // the places that interventions of the reader left, for undo
  let asking = null;
  let noteTimer = 0;

  /* -- the note: beside the buttons, or at the top, where a link has brought the reader -- */
  function announce(onTop) {
    clearTimeout(noteTimer);
    if (onTop) page.head.el.append(note);
    else page.tools.keyButton.after(note);
  }
  function say(text, stays = false) {
    announce(stays);
    note.replaceChildren(h("span", text));
    if (!stays) noteTimer = setTimeout(() => note.replaceChildren(), NOTE);
  }

  /* Says what went wrong, and stays there with a button. */
  function offer(text, again) {
    say(text, true);
    const button = h("button", { type: "button" }, "Try again");
    button.addEventListener("click", again);
    note.append(button);
  }

  /* Asks Python to do something, and adopts the scene that comes back. `trouble` begins the note where it does not. */
  async function ask(message, what, adopt, trouble = "") {
    player.pause();
    cancel();
    if (!request) return say(RECORDED_ONLY);
    const mine = (asking = new AbortController());
    const { signal } = mine;
    announce(trouble);
    const status = h("span", `Asking Python to ${what}`);
    const progress = (text) => status.replaceChildren(`${text} to ${what}`);
    note.replaceChildren(
      h("i.bar", h("i")),
      status,
      h("button", { "data-do": "cancel" }, "Cancel"),
    );
    const reply = await answerTo(message, { signal, progress });
    if (asking !== mine) return; // another question has been asked meanwhile
    asking = null;
    const focus = note.contains(stage.focused());
    note.replaceChildren();
    if (signal.aborted) say("Canceled. Nothing has changed.");
    else if (reply.again) offer(trouble + reply.error, () => ask(message, what, adopt, trouble));
    else if (reply.error) say(trouble + reply.error, !!trouble);
    else adopt({ ...reply.scene, title: stage.roads()[0].title });
    if (focus) page.playback.play.focus();
  }
  async function answerTo(message, options) {
    try {
      const canceled = new Promise((_, reject) => {
        options.signal.onabort = reject;
      });
      const reply = await Promise.race([request(message, options), canceled]);
      if (!reply?.scene) return { error: String(reply?.error ?? "Python gave no answer.") };
      prepare(reply.scene); // so that a scene that cannot be drawn is refused here
      return reply;
    } catch (error) {
      return { error: `Python could not answer: ${error?.message ?? error}`, again: error?.again };
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
  function onward(k) {
    const { N, uB } = stage.run;
    const last = game && k + 1 === N;
    player.goTo(k + 1, 0.5, last ? uB : null); // in a game, what was sent comes on its way
  }
  /* Goes over to another road that is the same up to step k. */
  function take(road, k) {
    const rest = stage.k === k ? stage.u - stage.run.U[k] : 0;
    player.pause();
    stage.load({ road }, { k, rest });
  }
  /* What makes of an answer a road that leaves this one at step k. */
  function newRoad(k, then) {
    const { roads } = stage.seed();
    const { road } = at;
    return (scene) => {
      const to = game ? road : roads.push({ ...scene, fork: { road, step: k } }) - 1;
      if (roads !== stage.roads()) return say("The answer is a new road of the run you left.");
      if (game) roads[to] = scene;
      else left.push({ road: at.road, k: stage.k });
      take(to, k);
      then(k);
    };
  }

  /* -- what the reader does to a run -- */
  function change(event) {
    const { run, k } = stage;
    const { road } = at;
    if (begins(run.steps[k], event)) return onward(k);
    const taken = roadTaken(stage.roads(), road, event, k);
    if (taken < 0)
      return ask({ do: "extend", run: run.run, at: k, event }, inWords(event), newRoad(k, onward));
    left.push({ road, k });
    take(taken, k);
    onward(stage.run.fork.step);
    say(`This is road ${taken + 1}. Road ${road + 1} is kept.`);
  }
  function inWords({ kind, msg, node, name, value }) {
    const { messages, names } = stage.run;
    const who = present(msg) ? titleOf(messages[msg]) : names[node];
    if (kind === "timeout") return `fire timer ${name} of ${who}`;
    return kind === "propose" ? `let ${who} propose ${value}` : `${kind} ${who}`;
  }
  /* Where a move has been recorded already. */
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
    const go = (i) => {
      player.pause();
      stage.load({ seed: i, road: 0 });
      player.play();
    };
    if (next < seeds.length) return go(next);
    if (!request && next > 1) return go(0);
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
