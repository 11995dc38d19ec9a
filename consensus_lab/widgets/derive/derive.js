/* Derive it: the drafts of the synod, one after the other. The reader predicts what a draft is worth, sees the run that
   breaks it, and picks the mend. All that was found is recorded, so this needs no Python; with one, a search can be made anew.
   Text is data, never markup: elements are made by `h`. */

import { h } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";
import { createStore } from "../shared/store.js";
import { count } from "../shared/text.js";
import { messageOf } from "../shared/values.js";
import { enter, live, moving, noPython } from "../shared/widget.js";
import { soundFor } from "./kept.js";
import { button, listing, outcome, prediction, properties, sign, VERDICTS } from "./parts.js";

const NO_PYTHON = noPython("search with", "What you see was recorded when the book was made.");

/** @param {HTMLElement} element @param {DerivePayload} payload @param {WidgetOptions} given */
export function mount(element, payload, { request = null, load }) {
  const { title, steps, drafts, packed } = payload;
  const classes = ["cl-stage", "cl-derive"];
  const known = new Map(drafts.map((draft) => [draft.name, draft]));
  /** @type {(name: string) => Draft} */
  const draftOf = (name) => known.get(name) ?? drafts[0];
  const fresh = () => ({ at: 0, reached: 0, said: {}, tried: {} });
  /* What the reader has done, kept from visit to visit: the draft in view, how far it goes, what was said of each and what was
     tried at each. */
  const store = createStore("localStorage", "derive", soundFor(known, steps));
  let kept = store.read();

  /** @param {{ over: boolean }} life @param {Modules["stage"]} given @param {Record<string, Shown>} shown */
  function build(life, { mount: mountStage }, shown) {
    const stages = new Map(); // "check" or "mend" -> the stage that plays there
    const told = h("span.vh", { role: "status" });
    const list = h("ol.cl-steps", { "aria-label": "Drafts" });
    const again = h("button.cl-again", { type: "button" }, icon("reset"), "Start over");
    const body = h("div.cl-draft");
    const box = h(
      "section.cl-derive-box",
      { "aria-label": title },
      h("header.cl-head", h("h3.cl-title", title), again),
      list,
      body,
      told,
    );
    const here = () => draftOf(steps[kept.at]);
    /** @type {string | null} */
    let mended = null; // the mend whose outcome is in view

    /* -- the parts of a draft -- */
    /** @param {"check" | "mend"} place @param {string} name @param {Scene} run @param {boolean} play */
    function stageFor(place, name, run, play) {
      const scene = h("div");
      const { title: words } = draftOf(name);
      stages.get(place)?.destroy();
      const entry = {
        id: `derive-${name}`.toLowerCase(),
        title: words,
        about: "",
        seeds: [[run]],
      };
      const payload = {
        version: 1,
        open: { entry: 0, seed: 0, road: 0, step: 0 },
        entries: [entry],
      };
      queueMicrotask(() => {
        // once it is in the page, which tells how wide it is
        if (life.over || !scene.isConnected) return;
        const stage = mountStage(scene, payload, { request, load });
        stages.set(place, stage);
        if (play && moving()) stage.play();
      });
      return h("div.cl-scene", scene);
    }
    /** @param {Draft} draft @param {boolean} play */
    function verdict(draft, play) {
      const { name, found } = draft;
      const right = kept.said[name] === found.kind;
      const { scene: broken } = shown[name];
      const note = h("span.cl-note", { role: "status" });
      const search = button(".cl-search", {}, icon("seed"), "Search again, now");
      search.addEventListener("click", () => anew(draft, search, note));
      return h(
        "section.cl-part.cl-verdict",
        { "data-kind": found.kind, tabindex: -1, "aria-label": "What the search found" },
        h(
          "h5",
          sign(found.kind),
          VERDICTS[found.kind],
          h("span.cl-said", right ? "as you said" : "you said otherwise"),
        ),
        h("p", outcome(draft)),
        properties(draft),
        h("div.cl-tools", search, note),
        broken && stageFor("check", name, broken, play),
      );
    }
    /** @param {Draft} given @param {any} search @param {any} note */
    async function anew({ name, found }, search, note) {
      if (!request) {
        note.textContent = NO_PYTHON;
        return;
      }
      const began = performance.now();
      search.disabled = true;
      note.textContent = "Searching every schedule…";
      try {
        const reply = await request(
          { do: "draft", name },
          {
            /** @param {string} text */
            progress: (text) => {
              note.textContent = `${text}…`;
            },
          },
        );
        if (!reply?.draft) throw new Error(reply?.error ?? "There was no answer.");
        const { configurations, events, kind } = reply.draft;
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        const same =
          configurations === found.configurations && events === found.events && kind === found.kind;
        note.textContent = `${count(configurations, "configuration")} in ${seconds} s: ${same ? "the same as recorded" : VERDICTS[kind]}.`;
      } catch (error) {
        note.textContent = messageOf(error);
      }
      search.disabled = false;
    }

    /** @param {Draft} draft */
    function mends(draft) {
      const last = kept.at === steps.length - 1;
      const tried = kept.tried[draft.name] ?? [];
      const right = steps[kept.at + 1];
      const cards = draft.mends.map((name) => {
        const { title, idea, found } = draftOf(name);
        const seen = tried.includes(name);
        const look = seen && (name === right ? "right" : "wrong");
        return h(
          "li",
          button(
            ".cl-mend",
            { "data-mend": name, "data-look": look, "aria-pressed": mended === name },
            h("b", title),
            h("span", idea),
            seen &&
              h(
                "span.cl-found",
                name === right ? icon("check") : sign(found.kind),
                name === right ? "mends it" : VERDICTS[found.kind],
              ),
          ),
        );
      });
      return h(
        "section.cl-part.cl-mends",
        h("h5", last ? "Nothing is left to mend. Is there anything to spare?" : "Mend it"),
        h(
          "p",
          last
            ? "Four simplifications that a review might suggest. Try what comes of each."
            : "Which of these gets rid of that run, and of all others like it?",
        ),
        h("ul", cards),
        mended && attempt(draftOf(mended), mended === right),
      );
    }
    /** @param {Draft} mend @param {boolean} right */
    function attempt(mend, right) {
      const { name, title, found } = mend;
      const label = `What ${title} changes`;
      const { code, scene: broken } = shown[name];
      if (right) {
        return h(
          "section.cl-attempt",
          { tabindex: -1, "data-kind": "holds", "aria-label": title },
          h("h5", icon("check"), title),
          h("p", "That gets rid of it. Whether it is enough is another question."),
          button(".cl-go", { "data-go": kept.at + 1 }, `On to draft ${kept.at + 2}`, icon("right")),
        );
      }
      return h(
        "section.cl-attempt",
        { tabindex: -1, "data-kind": found.kind, "aria-label": title },
        h("h5", sign(found.kind), `${title}: ${VERDICTS[found.kind].toLowerCase()}`),
        h("p", outcome(mend)),
        listing(code, label),
        h("p.cl-checked", `Searched: ${mend.checked}.`),
        broken && stageFor("mend", name, broken, true),
      );
    }

    /* -- all of it -- */
    function draw(play = false) {
      const draft = here();
      const { at, reached } = kept;
      const said = kept.said[draft.name];
      for (const stage of stages.values()) stage.destroy();
      stages.clear();
      list.replaceChildren(
        ...steps.map((name, i) =>
          h(
            "li",
            button(
              "",
              {
                "data-step": i,
                disabled: i > reached,
                "aria-current": i === at ? "step" : "false",
                "aria-label":
                  i > reached
                    ? `Draft ${i + 1}, not yet reached`
                    : `Draft ${i + 1}: ${draftOf(name).title}`,
              },
              h("i", kept.said[name] && i <= reached ? sign(draftOf(name).found.kind) : i + 1),
              h("span", i > reached ? "…" : draftOf(name).title),
            ),
          ),
        ),
      );
      body.replaceChildren(
        ...[
          h(
            "div.cl-intro",
            h("h4", { tabindex: -1 }, h("span", `Draft ${at + 1}`), draft.title),
            h("p", draft.idea),
          ),
          listing(
            shown[draft.name].code,
            at ? `What changes in the draft before` : "The code of the draft",
          ),
          prediction(draft, kept.said[draft.name]),
          said && verdict(draft, play),
          said && mends(draft),
        ].filter(Boolean),
      );
      again.hidden = !reached && !Object.keys(kept.said).length;
      store.write(kept);
    }
    /** @param {VerdictKind} kind */
    function predict(kind) {
      const draft = here();
      if (kept.said[draft.name]) return;
      kept.said[draft.name] = kind;
      draw(true);
      tell(".cl-verdict", `${VERDICTS[draft.found.kind]}. ${outcome(draft)}`);
    }
    /** @param {string} name */
    function pick(name) {
      const draft = here();
      const tried = (kept.tried[draft.name] ??= []);
      const right = name === steps[kept.at + 1];
      if (!tried.includes(name)) tried.push(name);
      if (right) kept.reached = Math.max(kept.reached, kept.at + 1);
      mended = name;
      redraw(".cl-mends", () => mends(draft));
      steer();
      tell(
        ".cl-attempt",
        right
          ? "That gets rid of it."
          : `${VERDICTS[draftOf(name).found.kind]}. ${outcome(draftOf(name))}`,
      );
      store.write(kept);
    }
    /** @param {string} selector @param {() => Element} make */
    function redraw(selector, make) {
      stages.get("mend")?.destroy();
      stages.delete("mend");
      body.querySelector(selector).replaceWith(make());
    }
    function steer() {
      // the steps that a mend has opened
      const { reached } = kept;
      const name = steps[reached];
      const b = list.children[reached].firstChild;
      if (!b.disabled) return;
      b.disabled = false;
      b.ariaLabel = `Draft ${reached + 1}: ${draftOf(name).title}`;
      b.lastChild.textContent = draftOf(name).title;
    }
    /** @param {number} i */
    function go(i) {
      kept.at = i;
      mended = null;
      draw();
      tell("h4", `Draft ${i + 1}: ${here().title}`);
      box.scrollIntoView({ block: "start" });
    }
    /** @param {string} selector @param {string} text */
    function tell(selector, text) {
      told.textContent = text;
      body.querySelector(selector).focus({ preventScroll: true });
    }

    box.addEventListener("click", (/** @type {Heard<MouseEvent>} */ { target }) => {
      /** @type {HTMLElement | null} */
      const chosen = target.closest("[data-guess], [data-mend], [data-go], [data-step]");
      const { guess, mend, go: onward, step } = chosen?.dataset ?? {};
      if (guess) predict(/** @type {VerdictKind} */ (guess));
      else if (mend) pick(mend);
      else if (onward ?? step) go(Number(onward ?? step));
    });
    again.addEventListener("click", () => {
      kept = fresh();
      go(0);
    });

    enter(element, classes, box);
    draw();
    return {
      destroy() {
        for (const stage of stages.values()) stage.destroy();
      },
      get stage() {
        return stages.get("mend") ?? stages.get("check");
      },
    };
  }
  const modules = [load("stage"), load("packed").then(({ unpack }) => unpack(packed))];
  const widget = live(element, { name: "derivation", classes, modules }, build);
  return {
    destroy: widget.destroy,
    get stage() {
      return widget.widget?.stage;
    },
  };
}
