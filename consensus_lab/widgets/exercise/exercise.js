/* An exercise: the reader's code in an editor, a Check button, and what the checker found, with the run that shows it.
   Python checks; this page keeps the text and shows the answer. Text is data, never markup: elements are made by `h`. */

import { focusedIn, h } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";
import { createStore } from "../shared/store.js";
import { messageOf } from "../shared/values.js";
import { enter, moving, noPython } from "../shared/widget.js";
import { plainEditor } from "./plain_editor.js";
import { prose } from "./prose.js";

const NEAR = "600px"; // the editor is fetched when it comes so near to the window
const HINT =
  "Tab indents; Escape, then Tab, leaves the editor. Ctrl+Enter checks. Of several protocols, the last is checked.";
const NO_PYTHON = noPython("check it");

/** @type {Record<string, LineKind>} how a check ended, by its kind; any other is broken */
const RESULTS = { passed: "holds", bound: "open" };
/** @type {Record<string, string>} */
const ICONS = { holds: "check", broken: "cross", open: "question" }; // by how a check ended

/* What is kept of an exercise: the reader's `text`, and the text `before` that a reset or a template has replaced. */
const texts = (/** @type {any} */ { text, before }) => ({
  ...(typeof text === "string" && { text }),
  ...(typeof before === "string" && { before }),
});

let instances = 0;

/**
 * @param {HTMLElement} element
 * @param {ExercisePayload} payload
 * @param {Pick<StageOptions, "request" | "load">} [given]
 */
export function mount(element, payload, { request = null, load = null } = {}) {
  const { name, title, starter, templates = [], budgets = [] } = payload;
  const store = createStore("localStorage", `exercise ${name}`, texts);
  const id = `cl-exercise-${++instances}`;
  const kept = { text: starter, ...store.read() };
  /** @type {AbortController | null} */
  let checking = null;
  /** @type {StageWidget | null} */
  let stage = null;
  /** @type {string | null} */
  let checked = null;
  let dead = false;

  /* -- the page of it -- */
  const hint = h("p.cl-hint", { id: `${id}-hint` }, HINT);
  const place = h("div.cl-editor");
  const note = h("span.cl-note", { role: "status" });
  const told = h("span.vh", { role: "status" });
  const check = h("button.cl-go", { type: "button" });
  const reset = h("button", { type: "button" }, icon("reset"), "Reset");
  const undo = h("button", { type: "button" }, "Bring my text back");
  const headline = h("h4");
  const why = h("p.cl-why");
  const lines = h("ul.cl-lines");
  const scene = h("div");
  const framed = h("div.cl-scene", scene);
  const stale = h("p.cl-stale", "Your code has changed since this check.");
  const result = h(
    "div.cl-result",
    { tabindex: -1, "aria-label": "What the checker found", role: "region", hidden: true },
    h("header", headline),
    why,
    lines,
    stale,
    framed,
  );
  /**
   * @param {string} label
   * @param {Element} input
   */
  const field = (label, input) => h("label", h("span", label), input);
  /**
   * @param {[string | number, string][]} options
   * @param {number} [first]
   */
  const select = (options, first) => {
    const input = h(
      "select",
      options.map(([value, text]) => Object.assign(h("option", text), { value })),
    );
    if (first !== undefined) input.value = first;
    return input;
  };
  const chosen = budgets.map((budget) => ({
    ...budget,
    input: select(
      budget.texts.map((text, i) => /** @type {[number, string]} */ ([i, text])),
      budget.choices.indexOf(budget.first),
    ),
  }));
  const start = select([
    ["", "Choose one…"],
    ...templates.map(
      (template, i) => /** @type {[number, string]} */ ([i, template.about.split(/[:.]/)[0]]),
    ),
  ]);
  const aboutStart = h("p.cl-about");
  const bounds =
    payload.bounds &&
    h(
      "details.cl-bounds",
      h("summary", "What is checked"),
      h("p", "Every schedule of each of these systems, and that what should be possible is."),
      h(
        "ul",
        payload.bounds.map((text) => h("li", text)),
      ),
    );
  const box = h(
    "section.cl-task",
    { "aria-label": title },
    h("header.cl-head", h("h3.cl-title", title)),
    h("div.cl-prose", prose(payload.task), bounds),
    templates.length ? h("div.cl-settings", field("Start from", start), aboutStart) : null,
    budgets.length
      ? h(
          "div.cl-settings",
          { role: "group", "aria-label": "The system" },
          chosen.map(({ label, input }) => field(label, input)),
        )
      : null,
    h(
      "div.cl-work",
      h("div.cl-left", place, hint, h("div.cl-tools", check, note, undo, reset, told)),
      result,
    ),
  );

  /* -- the text -- */
  const options = {
    text: kept.text,
    label: `Your code: ${title}`,
    hint: hint.id,
    onsubmit: () => run(),
    onchange() {
      kept.text = editor.text;
      save();
      stale.hidden = checked === null || checked === kept.text;
    },
  };
  let editor = plainEditor(place, options);
  function save() {
    store.write({ ...kept, text: kept.text === starter ? undefined : kept.text });
    reset.disabled = kept.text === starter;
    undo.hidden = kept.before === undefined || kept.before === kept.text;
  }
  /** @param {string} text */
  function replace(text) {
    // what was there can be brought back
    kept.before = kept.text;
    editor.text = text;
    note.textContent = "";
  }
  async function improve() {
    // from the plain editor to the real one; the plain one stays where that cannot be had
    const module = await load?.("editor").catch(() => null);
    while (place.contains(focusedIn(place)))
      await new Promise((done) =>
        place.addEventListener("focusout", () => setTimeout(done), { once: true }),
      );
    if (dead || !module) return;
    const plain = editor;
    editor = module.createEditor(place, { ...options, text: kept.text });
    plain.destroy();
    place.classList.add("rich");
  }

  /* -- checking -- */
  function draw() {
    check.replaceChildren(icon(checking ? "stop" : "play"), checking ? "Cancel" : "Check");
    box.classList.toggle("checking", checking !== null);
  }
  async function run() {
    if (checking) return;
    if (!request) {
      note.textContent = NO_PYTHON;
      return;
    }
    const mine = (checking = new AbortController());
    const code = kept.text;
    /** @type {Message} */
    const message = { do: "check", exercise: name, code };
    if (budgets.length)
      message.system = Object.fromEntries(
        chosen.map(({ name, choices, input }) => [name, choices[+input.value]]),
      );
    editor.mark(null);
    note.textContent = "Checking every schedule…";
    told.textContent = "";
    draw();
    let answer;
    try {
      answer = await request(message, {
        signal: mine.signal,
        /** @param {string} text */
        progress: (text) => {
          if (checking === mine) note.textContent = `${text}…`;
        },
      });
      if (!answer?.check) throw new Error(answer?.error ?? "There was no answer.");
    } catch (error) {
      if (checking === mine && !dead)
        note.textContent = mine.signal.aborted
          ? "Canceled. Your text is still here."
          : messageOf(error);
      answer = null;
    }
    if (dead || checking !== mine) return;
    checking = null;
    draw();
    if (!answer?.check) return;
    note.textContent = "";
    checked = code;
    await show(answer.check, code);
  }
  /**
   * @param {Checked} found
   * @param {string} code
   */
  async function show(found, code) {
    const sign = RESULTS[found.kind] ?? "broken";
    result.dataset.kind = sign;
    result.hidden = false;
    headline.replaceChildren(icon(ICONS[sign]), found.headline);
    why.textContent = found.why;
    lines.replaceChildren(
      ...(found.lines ?? []).map(([sign, text]) =>
        h(`li.${sign}`, icon(ICONS[sign]), h("span", text)),
      ),
    );
    lines.hidden = !found.lines?.length;
    stale.hidden = checked === kept.text;
    stage?.destroy();
    stage = null;
    framed.hidden = !found.stage;
    editor.mark(found.line, found.why);
    told.textContent = `${found.headline}. ${found.why}`;
    if (!found.stage || !load || !request) return;
    const module = await load("stage").catch(() => null);
    if (dead || !module || checked !== code) return;
    /**
     * @param {Message} message
     * @param {RequestOptions} [options]
     */
    const ask = (message, options) =>
      request({ do: "with", exercise: name, code, request: message }, options);
    scene.replaceChildren();
    stage = module.mount(scene, found.stage, { request: ask, load });
    if (sign === "broken" && moving()) stage.play();
  }

  check.addEventListener("click", () => {
    if (checking) checking.abort();
    else run();
  });
  reset.addEventListener("click", () => replace(starter));
  undo.addEventListener("click", () => {
    const { before } = kept;
    delete kept.before;
    editor.text = before;
    save();
  });
  start.addEventListener("change", () => {
    const template = templates[start.value];
    aboutStart.textContent = template?.about ?? "";
    if (template) replace(template.code);
  });

  /* -- into the page; what was there comes back at the end -- */
  const fallback = [...element.childNodes];
  const seen = new IntersectionObserver(
    ([entry]) => {
      if (entry.isIntersecting && load) {
        seen.disconnect();
        improve();
      }
    },
    { rootMargin: NEAR },
  );
  save();
  draw();
  enter(element, ["cl-stage", "cl-exercise"], box);
  seen.observe(element);
  function destroy() {
    dead = true;
    checking?.abort();
    seen.disconnect();
    stage?.destroy();
    editor.destroy();
    element.classList.remove("cl-stage");
    element.replaceChildren(...fallback);
  }
  return {
    destroy,
    run,
    get text() {
      return kept.text;
    },
    get stage() {
      return stage;
    },
  };
}
