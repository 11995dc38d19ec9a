/* You are the network: a stage whose list of what can happen next says of each event where it leads, and a score for
   how long the reader keeps a vote undecided. Python knows what can still be decided; this page draws and counts nothing
   but clicks. Text is data, never markup: elements are made by `h`. */

import { focusedIn, h } from "../shared/dom.js";
import { icon, swatch } from "../shared/glyphs.js";
import { createStore } from "../shared/store.js";
import { count } from "../shared/text.js";
import { enter, live, noPython } from "../shared/widget.js";
import { better, games, inWords } from "./games.js";
import { glyphOf, loudness, onlyValue, sameMove, wordsFor, wordsOf } from "./leads.js";
import { createPage } from "./page.js";

const NO_PYTHON = noPython("play against");
const PAUSE = 120; // milliseconds on a step before Python is asked where its events lead
const OVER = ["only", "decided", "stuck"];
export function mount(element, payload, { request = null, load }) {
  const { opponents } = payload;
  const store = createStore(
    "sessionStorage",
    `network ${opponents.map(({ name }) => name).join(" ")}`,
    games,
  );
  const best = store.read();
  const classes = ["cl-stage", "cl-network"];

  function build(life, { mount: mountStage }) {
    const known = new Map(); // the events of a run so far -> where it stands
    let at = 0;
    let stage = null;
    let hands = null;
    let view = null;
    let mine = true;
    let asking = "";
    let timer = 0;
    let auto = null;
    let player = null;
    let lastHint = -1;

    const page = createPage(payload);
    const { box, foes, about, sign, said, why, kept, rounds, turn, record, oldest, note, scene } =
      page;
    const { hintTool, autoTool, undoTool, againTool } = page;

    /* -- what is known of the step at the cursor -- */
    const place = ({ run, k }) => JSON.stringify(run.run.events.slice(0, k));
    const here = () => stage && known.get(place(stage));
    const game = {
      meet(given) {
        hands = given;
      },
      seen: () => [place(stage), known.has(place(stage))],
      lead(event) {
        const rows = here()?.moves.filter(([one]) => sameMove(one) === sameMove(event));
        if (!rows?.length || here().state === "decided") return null;
        const leads = rows[0][1];
        const [[lead, value]] = leads;
        const slot = value === null ? null : stage.run.slot(value);
        return {
          look: {
            "data-lead": leads.length > 1 ? "coin" : lead,
            "data-slot": leads.length > 1 ? null : slot,
          },
          words: h(
            "span.ef.cl-lead",
            age(event),
            leads.length > 1 && h("span", "coin:"),
            leads.map((one) => h("span", glyphOf(stage.run, one), wordsOf(one))),
          ),
        };
      },
      changed(now) {
        stage = now;
        clearTimeout(timer);
        if (!now.playing) timer = setTimeout(look, PAUSE);
        draw();
      },
    };
    function age(event) {
      // the one that has waited longest is marked
      const { oldest } = here();
      return oldest?.waits && sameMove(oldest.event) === sameMove(event)
        ? h("b.cl-age", { style: `--loud: ${loudness(oldest)}` }, `waits ${oldest.waits}`)
        : null;
    }
    async function look() {
      if (life.over || !stage || stage.playing || !hands) return;
      const key = place(stage);
      const { run, k } = stage;
      if (known.has(key) || asking === key || !request) return;
      asking = key;
      const reply = await ask({ do: "prospects", run: run.run, at: k }).catch((error) => ({
        error: error.message,
      }));
      if (asking === key) asking = "";
      if (life.over || !reply.prospects) {
        if (!life.over) note.textContent = reply.error ?? "";
        return;
      }
      known.set(key, reply.prospects);
      hands.update();
    }
    async function ask(message, options) {
      if (!request) throw new Error(NO_PYTHON);
      const progress = (text) => {
        note.textContent = `${text}…`;
      };
      const reply = await request(message, { progress, ...options });
      if (reply?.error) throw new Error(reply.error);
      note.textContent = "";
      return reply;
    }

    /* -- the score and how things stand -- */
    function draw() {
      const now = here();
      const { run, k } = stage;
      const fresh = !!now && now !== view;
      if (now) view = now;
      const off = k === 0 || !!auto;
      if (off && focusedIn(box) === undoTool) againTool.focus(); // a button that goes dim hands its focus on
      undoTool.disabled = off;
      if (k !== lastHint) {
        why.textContent = "";
        lastHint = -1;
      }
      if (!view) return;
      const { state } = view;
      const over = OVER.includes(state);
      kept.value.textContent = view.kept;
      kept.words.textContent = `${view.kept === 1 ? "event" : "events"} kept open`;
      rounds.value.textContent = view.rounds;
      rounds.words.textContent = `fair ${view.rounds === 1 ? "round" : "rounds"}`;
      box.classList.toggle("thinking", !now && !!request);
      if (!fresh) return;
      const [done, of] = view.round;
      rounds.el.title = over
        ? ""
        : `${done} of the ${of} that waited when this round began have happened`;
      turn.replaceChildren(
        ...Array.from({ length: Math.min(of, 24) }, (_, i) => h(i < done ? "i.on" : "i")),
      );
      turn.hidden = over;
      box.dataset.state = state;
      sign.replaceChildren(
        ...(state === "open"
          ? run.values.slice(0, 4).map(([, slot]) => swatch(slot))
          : [glyphOf(run, [state, onlyValue(run, k)])]),
      );
      said.textContent = view.say;
      drawOldest(over ? null : view.oldest);
      const result = { kept: view.kept, rounds: view.rounds, stuck: state === "stuck" };
      const { name } = opponents[at];
      if (mine && k && better(result, best[name])) {
        best[name] = result;
        store.write(best);
      }
      drawBest();
    }
    function drawBest() {
      const one = best[opponents[at].name];
      record.hidden = !one;
      if (one) record.replaceChildren(h("b", "Your best"), h("span", inWords(one)));
    }
    function drawOldest(one) {
      oldest.hidden = !one || !one.waits;
      if (oldest.hidden) return;
      oldest.style.setProperty("--loud", loudness(one));
      oldest.replaceChildren(
        h("span.cl-bar", { "aria-hidden": true }, h("i")),
        h(
          "span",
          `${wordsFor(stage.run, one.event)} has waited for `,
          h("b", count(one.waits, "event")),
        ),
      );
    }
    /* -- what the reader may ask for -- */
    async function hint() {
      if (!hands) return;
      halt();
      const key = place(stage);
      const { run, k } = stage;
      try {
        const { hint: found } = await ask({ do: "hint", run: run.run, at: k });
        if (life.over || place(stage) !== key) return;
        why.textContent = found
          ? `The adversary would: ${found.why}`
          : "There is nothing left that it could do.";
        lastHint = k;
        if (found) hands.suggest(found.event);
      } catch (error) {
        note.textContent = error.message;
      }
    }
    function halt(text = "") {
      if (!auto) return;
      auto = null;
      autoTool.replaceChildren(icon("faster"), h("span", "Let the adversary play"));
      box.classList.remove("auto");
      note.textContent = text;
      if (stage?.playing) player.pause();
      if (hands) draw();
    }
    async function letPlay() {
      if (auto) return halt();
      if (!hands) return;
      if (!request) {
        note.textContent = NO_PYTHON;
        return;
      }
      const token = (auto = {});
      const over = () => life.over || auto !== token;
      autoTool.replaceChildren(icon("halt"), h("span", "Stop"));
      box.classList.add("auto");
      mine = false;
      try {
        let reply = null;
        let next = null;
        while (!over()) {
          const { run, k } = stage;
          reply = await (next ?? ask({ do: "adversary", run: run.run, at: k }));
          if (over()) return;
          const { scene, prospects } = reply;
          const N = scene.steps.length;
          const ends = OVER.includes(prospects.state);
          known.set(JSON.stringify(scene.run.events), prospects);
          next = ends || N === k ? null : ask({ do: "adversary", run: scene.run, at: N });
          next?.catch(() => {});
          if (N === k) return halt("Nothing is left to happen.");
          hands.grow(k, hands.play)({ ...scene, title: run.title });
          await new Promise((/** @type {(value?: any) => void} */ done) => {
            const check = () => (over() || !stage.playing ? done() : setTimeout(check, 60));
            check();
          });
          if (over()) return;
          if (stage.k < N) return halt(); // the reader has stopped it
          if (ends)
            return halt(
              prospects.state === "stuck"
                ? "Nobody will ever decide."
                : "The adversary could keep it open no longer.",
            );
        }
      } catch (error) {
        if (!over()) halt(error.message);
      }
    }

    /* -- an opponent -- */
    function start(i) {
      halt();
      player?.destroy();
      at = i;
      hands = stage = view = null;
      mine = true;
      asking = "";
      lastHint = -1;
      why.textContent = note.textContent = "";
      const { stage: shown, prospects, about: text } = opponents[i];
      foes.forEach((b, j) => b.setAttribute("aria-pressed", i === j));
      about.textContent = text;
      about.hidden = !text;
      known.set(JSON.stringify([]), prospects);
      scene.replaceChildren();
      drawBest();
      player = mountStage(scene, shown, { request, load, game });
    }

    box.addEventListener(
      "click",
      (event) => {
        const message = event.target.closest(".cl-ring .msg");
        const foe = event.target.closest("[data-foe]");
        if (foe) {
          known.clear();
          start(+foe.dataset.foe);
        }
        if (!message || !hands) return;
        event.stopPropagation(); // on this stage, to click a message is to deliver it
        halt();
        hands.act({ kind: "deliver", msg: +message.dataset.m });
      },
      true,
    );
    box.addEventListener(
      "click",
      (event) => {
        if (auto && event.target.closest(".cl-moves [data-move]")) halt();
      },
      true,
    );
    hintTool.addEventListener("click", hint);
    autoTool.addEventListener("click", letPlay);
    undoTool.addEventListener("click", () => player.goTo(stage.k - 1));
    againTool.addEventListener("click", () => {
      known.clear();
      start(at);
      againTool.focus();
    });

    enter(element, classes, box);
    start(0);
    return {
      hint,
      letPlay,
      get auto() {
        return !!auto;
      },
      get view() {
        return here();
      },
      get stage() {
        return player;
      },
      destroy() {
        halt();
        clearTimeout(timer);
        player?.destroy();
      },
    };
  }
  const widget = live(element, { name: "game", classes, modules: [load("stage")] }, build);
  return {
    destroy: widget.destroy,
    get game() {
      return widget.widget;
    },
  };
}
