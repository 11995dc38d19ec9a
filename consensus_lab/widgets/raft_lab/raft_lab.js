/* The playground for Raft: a stage of runs, and above it what bears on how they begin and go on. The stage's own picker has
   the rules, one broken at a time. Python knows Raft; what is chosen here goes along with the stage's questions. Text is
   data, never markup: elements are made by `h`. */

import { h } from "../shared/dom.js";
import { listed } from "../shared/text.js";
import { enter, live } from "../shared/widget.js";

/**
 * @param {HTMLElement} element
 * @param {RaftPayload} payload
 * @param {WidgetOptions} given
 */
export function mount(element, payload, { request = null, load }) {
  /** @type {Set<number>} */
  const apart = new Set();
  const classes = ["cl-stage", "cl-lab"];
  let servers = payload.servers[0];
  let spread = true;

  /**
   * @param {{ over: boolean }} _life
   * @param {Modules["stage"]} given
   * @param {StagePayload} stage
   */
  function build(_life, { mount: mountStage }, stage) {
    /**
     * @param {string} name
     * @param {...any} children
     */
    const group = (name, ...children) =>
      h(
        "div.cl-choice",
        { role: "group", "aria-label": name },
        h("span", { "aria-hidden": true }, name),
        ...children,
      );
    /**
     * @param {string | number} text
     * @param {boolean} pressed
     * @param {(button: Element) => void} act
     */
    const pick = (text, pressed, act) => {
      const button = h("button", { type: "button", "aria-pressed": pressed }, text);
      button.addEventListener("click", () => act(button));
      return button;
    };
    /**
     * @template {string | number | boolean} Value
     * @param {string} name
     * @param {[string | number, Value][]} options
     * @param {Value} first
     * @param {(value: Value) => void} act
     */
    const oneOf = (name, options, first, act) => {
      const buttons = options.map(([text, value]) =>
        pick(text, value === first, (chosen) => {
          for (const button of buttons) button.setAttribute("aria-pressed", button === chosen);
          act(value);
        }),
      );
      return group(name, ...buttons);
    };
    const cut = h("div.cl-choice", { role: "group", "aria-label": "Cut off" });
    const told = h("p.cl-told", { role: "status" });
    const start = h("button.cl-start", { type: "button" }, "Start anew");
    const scene = h("div", { "data-widget": "stage" });
    const panel = h(
      "section.cl-panel",
      { "aria-label": "How it goes" },
      oneOf(
        "Servers",
        payload.servers.map((n) => /** @type {[number, number]} */ ([n, n])),
        servers,
        (n) => {
          servers = n;
        },
      ),
      oneOf(
        "Election timeouts",
        /** @type {[string, boolean][]} */ ([
          ["drawn at random", true],
          ["all alike", false],
        ]),
        spread,
        (value) => {
          spread = value;
        },
      ),
      start,
      cut,
      told,
    );

    /**
     * The servers that are cut off, by their names; they are so in all runs with as many.
     *
     * @param {string[]} names
     */
    function tell(names) {
      const [off, on] = [true, false].map((away) =>
        listed(names.filter((_, i) => apart.has(i) === away)),
      );
      told.textContent =
        off && on ? `While it runs by itself, nothing gets from ${off} to ${on}, or back.` : "";
    }
    /** @param {Run} given */
    function draw({ names }) {
      for (const i of [...apart]) if (i >= names.length) apart.delete(i);
      cut.replaceChildren(
        h("span", { "aria-hidden": true }, "Cut off"),
        ...names.map((name, i) =>
          pick(name, apart.has(i), (button) => {
            if (!apart.delete(i)) apart.add(i);
            button.setAttribute("aria-pressed", `${apart.has(i)}`);
            tell(names);
          }),
        ),
      );
      tell(names);
    }
    /** @type {(request: Ask) => Ask} */
    const withChoices = (request) => (message, options) => {
      if (message.do === "seed")
        return request({ ...message, do: "raft", servers, spread }, options);
      if (message.do === "continue") return request({ ...message, apart: [...apart] }, options);
      return request(message, options);
    };
    enter(element, classes, request ? [panel, scene] : scene);
    const player = mountStage(scene, stage, {
      request: request && withChoices(request),
      load,
      onrun: draw,
    });
    start.addEventListener("click", () => player.another());
    return player;
  }
  const modules = [load("stage"), load("packed").then(({ unpack }) => unpack(payload.packed))];
  const widget = live(element, { name: "playground", classes, modules }, build);
  return {
    destroy: widget.destroy,
    get stage() {
      return widget.widget;
    },
  };
}
