/* The duel: a stage whose list of what can happen next is played, and a score of the ballots that were outbid. Python knows
   the protocol and keeps the time; this page draws. The frame is that of "you are the network". Text is data, never markup:
   elements are made by `h`. */

import { focusedIn, h } from "../shared/dom.js";
import { icon, signIcon, swatch } from "../shared/glyphs.js";
import { createStore } from "../shared/store.js";
import { count } from "../shared/text.js";
import { enter, live, noPython } from "../shared/widget.js";

const GOAL =
  "Two proposers, and you order the events. Keep every ballot from getting a value chosen: each has to be outbid before it is done.";
const NO_PYTHON = noPython("play with", "Open the chapter in a notebook, or watch how it is done.");
const LOUDEST = 12; // events: what has waited so long cannot ask any louder
const STEP = 0.35; // seconds for one of the steps that the clock adds
const sameMove = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/* The most ballots outbid, of each mode, for as long as the tab is open: { name: number }. */
const scores = (best) =>
  Object.fromEntries(Object.entries(best).filter(([, lost]) => Number.isFinite(lost)));
const store = createStore("sessionStorage", "duel", scores);

export function mount(element, payload, { request = null, load }) {
  const { title, modes, packed } = payload;
  const best = store.read();
  const classes = ["cl-stage", "cl-network", "cl-duel"];

  function build(life, { mount: mountStage }) {
    let at = 0;
    let seed = 1;
    let stage = null;
    let hands = null;
    let player = null;
    let mine = true;
    let goal = 0;
    let asking = 0; // goal: where the cursor is on its way to, or 0

    /* -- the page of it -- */
    const tool = (name, text) => h("button", { type: "button" }, icon(name), h("span", text));
    const picks = modes.map(({ name }, i) => h("button", { type: "button", "data-bid": i }, name));
    const about = h("p.cl-about");
    const number = () => {
      const value = h("b.num");
      const words = h("span");
      return { value, words, el: h("div.cl-number", value, words) };
    };
    const outbid = number();
    const delivered = number();
    const time = number();
    const record = h("div.cl-number.best");
    const oldest = h("div.cl-oldest");
    const sign = h("span.cl-sign");
    const said = h("span");
    const shows = h("p.cl-why", { role: "status" });
    const note = h("span.cl-note", { role: "status" });
    const howTool = tool("bulb", "Show me how");
    const waitTool = tool("clock", "Let time pass");
    const undoTool = tool("undo", "Undo");
    const againTool = tool("reset", "Start again");
    const scene = h("div");
    const box = h(
      "section.cl-game",
      { "aria-label": title },
      h("header.cl-head", h("h3.cl-title", title)),
      h("p.cl-goal", GOAL),
      h(
        "div.cl-foes",
        { role: "group", "aria-label": "How they bid" },
        h("span", { "aria-hidden": true }, "They bid"),
        picks,
        about,
      ),
      h(
        "div.cl-score",
        { role: "group", "aria-label": "Score" },
        outbid.el,
        delivered.el,
        time.el,
        record,
        oldest,
      ),
      h("p.cl-standing", { role: "status" }, sign, said),
      h("div.cl-tools", waitTool, howTool, undoTool, againTool, note),
      shows,
      h("div.cl-scene", scene),
    );

    const over = () => stage?.run.duel.chosen?.step <= stage?.k;

    /* -- the stage's game: see moves.js -- */
    const game = {
      meet(given) {
        hands = given;
        draw();
      },
      seen: () => [stage.run.duel.ends, over()],
      lead(event) {
        const { run, k } = stage;
        if (k < run.N || over() || !run.duel.ends.some((one) => sameMove(one, event))) return null;
        const { slot } = run.messages[event.msg];
        return {
          look: { "data-lead": "decided", "data-slot": slot },
          words: h("span.ef.cl-lead", h("span", swatch(slot), "chosen")),
        };
      },
      changed(now) {
        stage = now;
        if (now.k >= goal) goal = 0;
        draw();
      },
    };

    /* The stage asks to extend a run by an event; a duel goes on by its own rules, and perhaps by more than one step. */
    async function ask(message, options) {
      if (message.do !== "extend") return request(message, options);
      const { run, at: k, event } = message;
      mine = true;
      asking += 1;
      try {
        const reply = await request(
          { do: "duel", run, at: k, event, clock: modes[at].clock, seed },
          options,
        );
        if (reply?.scene) follow(reply.scene, k);
        return reply;
      } finally {
        asking -= 1;
      }
    }
    function follow({ steps: { length } }, k) {
      // the cursor goes on to the end of what is new, once it is there
      goal = length;
      setTimeout(() => {
        if (!life.over && goal === length && stage?.run.N === length)
          player.goTo(length, STEP * (length - k));
      });
    }
    async function pass() {
      if (!hands || asking) return; // one thing at a time
      if (!request) {
        note.textContent = NO_PYTHON;
        return;
      }
      const { run } = stage;
      const k = goal || stage.k;
      const playing = player;
      asking += 1;
      mine = true;
      note.textContent = "";
      try {
        const message = { do: "duel", run: run.run, at: k, event: null, clock: true, seed };
        const { scene, error } = await request(message, {
          progress: (text) => {
            note.textContent = `${text}…`;
          },
        });
        if (life.over || player !== playing || stage.run !== run) return;
        if (!scene) throw new Error(error ?? "There was no answer.");
        note.textContent = scene.steps.length === k ? "Nothing is left to happen." : "";
        hands.grow(k, () => follow(scene, k))({ ...scene, title: run.title });
      } catch (error) {
        note.textContent = error.message;
      } finally {
        asking -= 1;
      }
    }
    async function show() {
      // the recorded run of this mode
      if (!hands) return;
      const playing = player;
      const i = at;
      const { unpack } = await load("packed");
      const how = (await unpack(packed))[i];
      if (life.over || player !== playing) return;
      mine = false;
      note.textContent = "";
      hands.grow(0, hands.play)({ ...how, title: stage.run.title });
      shows.textContent = modes[i].shows;
    }

    /* -- the score -- */
    function draw() {
      if (!stage?.run.duel) return;
      const { run, k } = stage;
      const [, lost, mail, waits] = run.duel.standings[k];
      const { name, clock } = modes[at];
      const ended = over();
      outbid.value.textContent = lost;
      outbid.words.textContent = `${lost === 1 ? "ballot" : "ballots"} outbid`;
      delivered.value.textContent = mail;
      delivered.words.textContent = `${mail === 1 ? "delivery" : "deliveries"}`;
      time.el.hidden = !clock;
      time.value.textContent = run.T[k].toFixed(1);
      time.words.textContent = "units of time";
      oldest.hidden = clock || !waits || ended;
      oldest.style.setProperty("--loud", (Math.min(waits, LOUDEST) / LOUDEST).toFixed(2));
      oldest.replaceChildren(
        h("span.cl-bar", { "aria-hidden": true }, h("i")),
        h("span", "The oldest message has waited for ", h("b", count(waits, "event"))),
      );
      box.dataset.state = ended ? "decided" : "open";
      const { chosen } = run.duel;
      sign.replaceChildren(ended ? signIcon("cross") : swatch(0), ...(ended ? [] : [swatch(1)]));
      said.textContent = ended ? `${chosen.say} The duel is over.` : "Nothing is chosen yet.";
      waitTool.hidden = !clock;
      const start = k === 0;
      if (start && focusedIn(box) === undoTool) againTool.focus(); // a button that goes dim hands its focus on
      undoTool.disabled = start;
      if (mine && lost > (best[name] ?? 0)) {
        best[name] = lost;
        store.write(best);
      }
      record.hidden = !best[name];
      record.replaceChildren(
        h("b", "Your best"),
        h("span", `${count(best[name] ?? 0, "ballot")} outbid`),
      );
    }

    function start(i) {
      player?.destroy();
      at = i;
      hands = stage = null;
      mine = true;
      goal = 0;
      shows.textContent = note.textContent = "";
      picks.forEach((b, j) => b.setAttribute("aria-pressed", i === j));
      about.textContent = modes[i].about;
      const entries = [{ id: `duel-${i}`, title, about: "", seeds: [[modes[i].start]] }];
      scene.replaceChildren();
      player = mountStage(
        scene,
        { version: 1, open: { entry: 0, seed: 0, road: 0, step: 0 }, entries },
        { request: request && ask, load, game },
      );
    }

    box.addEventListener(
      "click",
      (event) => {
        const message = event.target.closest(".cl-ring .msg");
        const mode = event.target.closest("[data-bid]");
        if (mode) start(+mode.dataset.bid);
        if (!message || !hands) return;
        event.stopPropagation(); // on this stage, to click a message is to deliver it
        hands.act({ kind: "deliver", msg: +message.dataset.m });
      },
      true,
    );
    waitTool.addEventListener("click", pass);
    howTool.addEventListener("click", show);
    undoTool.addEventListener("click", () => {
      goal = 0;
      player.goTo(stage.k - 1);
    });
    againTool.addEventListener("click", () => {
      seed += 1;
      start(at);
      againTool.focus();
    }); // with other luck

    enter(element, classes, box);
    start(0);
    return {
      get stage() {
        return player;
      },
      get chosen() {
        return over();
      },
      destroy: () => player?.destroy(),
    };
  }
  const widget = live(element, { name: "duel", classes, modules: [load("stage")] }, build);
  return {
    destroy: widget.destroy,
    get game() {
      return widget.widget;
    },
  };
}
