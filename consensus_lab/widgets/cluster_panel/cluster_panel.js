/* Real processes: one card each with what can be done to it, and the run that really happened on a stage. The kernel has
   the processes and says how they are; this page draws that and passes on clicks. Text is data: elements are made by `h`. */

import { h } from "../shared/dom.js";
import { icon } from "../shared/glyphs.js";
import { messageOf } from "../shared/values.js";
import { enter, live, moving } from "../shared/widget.js";

const GOAL =
  "Each node is a process of its own. They talk over TCP, and what a node promises is on the disk before it leaves. " +
  "Start them, ask them for something, ill-treat them, and then watch what really happened.";
const NO_KERNEL =
  "Real processes need a kernel: open this chapter in JupyterLab or on Binder to start them. Here is a run that has " +
  "really happened, as the processes recorded it.";
const OFTEN = 600; // milliseconds from one look at the processes to the next
const STATES = { up: "running", paused: "paused", down: "killed" };

/**
 * @param {HTMLElement} element
 * @param {ClusterPayload} payload
 * @param {WidgetOptions} given
 */
export function mount(element, payload, { request = null, load }) {
  const { title, live: processes, names, values, at, stage: recorded } = payload;
  const classes = ["cl-stage", "cl-cluster_panel"];

  /**
   * @param {{ over: boolean }} life
   * @param {Modules["stage"]} given
   */
  function build(life, { mount: mountStage }) {
    const real = processes && request;
    /** @type {Process[]} */
    let nodes = [];
    let busy = false;
    let timer = 0;
    /** @type {StageWidget | null} */
    let player = null;

    /* -- the page of it -- */
    /**
     * @param {string} name
     * @param {string} text
     * @param {() => void} click
     * @param {object} [more]
     */
    const button = (name, text, click, more) => {
      const made = h("button", { type: "button", ...more }, icon(name), h("span", text));
      made.addEventListener("click", click);
      return made;
    };
    /**
     * @param {any} made
     * @param {string} name
     * @param {string} text
     */
    const label = (made, name, text) => {
      made.firstChild.replaceWith(icon(name));
      made.lastChild.textContent = text;
    };
    const note = h("span.cl-note", { role: "status" });
    const power = button("play", "Start the processes", () =>
      act({ act: nodes.length ? "end" : "start" }),
    );
    const replay = button("play", "Play what happened", () => act({ act: "play" }));
    /**
     * @param {string} text
     * @param {[string | number, string][]} options
     */
    const choice = (text, options) =>
      h(
        "select",
        { "aria-label": text },
        options.map(([value, text]) => h("option", { value }, text)),
      );
    const what = choice(
      "Value",
      values.map((value) => [value, value]),
    );
    const where = choice(
      "Node",
      at.map((i) => [i, names[i]]),
    );
    const ask = button("send", "Propose", () =>
      act({ act: "propose", node: +where.value, value: what.value }),
    );
    const asking = h(
      "div.cl-ask",
      { role: "group", "aria-label": "Propose" },
      what,
      h("span", "at"),
      where,
      ask,
    );
    const cards = names.map((name, i) => {
      const words = h("p.cl-words");
      const state = h("span.cl-state");
      const pid = h("span.cl-pid.num");
      const life = button("cross", "Kill", () =>
        act({ act: nodes[i].state === "down" ? "restart" : "kill", node: i }),
      );
      const rest = button("hold", "Pause", () =>
        act({ act: nodes[i].state === "paused" ? "resume" : "pause", node: i }),
      );
      const wire = button("cut", "Cut off", () => act({ act: "cut", node: i }));
      return {
        words,
        state,
        pid,
        life,
        rest,
        wire,
        el: h(
          "li.cl-process",
          { "aria-label": name },
          h("div.cl-who", h("b", name), state, pid),
          words,
          h("div.cl-acts", life, rest, wire),
        ),
      };
    });
    const list = h(
      "ul.cl-cards",
      cards.map((card) => card.el),
    );
    const scene = h("div");
    const box = h(
      "section.cl-panel",
      { "aria-label": title },
      h("header.cl-head", h("h3.cl-title", title)),
      h("p.cl-goal", processes ? GOAL : NO_KERNEL),
      real ? [h("div.cl-tools", power, asking, replay, note), list] : null,
      h("div.cl-scene", scene),
    );

    /* -- the processes -- */
    /** @param {{ act: string, node?: number, value?: string }} message */
    async function act(message) {
      if (busy || life.over || !request) return;
      busy = true;
      clearTimeout(timer);
      if (message.act === "start") {
        note.textContent = "Starting…";
        draw();
      }
      const reply = await request({ do: "cluster", ...message }).catch(failed);
      busy = false;
      if (life.over) return;
      if (message.act !== "look" || reply.error) note.textContent = reply.error ?? "";
      nodes = reply.nodes ?? nodes;
      draw();
      if (reply.stage) show(reply.stage, true);
      if (nodes.length) timer = setTimeout(() => act({ act: "look" }), OFTEN);
    }
    function draw() {
      const on = nodes.length > 0;
      label(power, on ? "stop" : "play", on ? "Stop them all" : "Start the processes");
      power.classList.toggle("cl-go", !on);
      replay.classList.toggle("cl-go", on);
      for (const part of [asking, replay, list]) part.hidden = !on;
      nodes.forEach(({ state, words, cut, pid }, i) => {
        const card = cards[i];
        card.el.dataset.state = state;
        card.el.classList.toggle("cut", cut);
        card.state.textContent =
          cut && state !== "down" ? `${STATES[state]}, cut off` : STATES[state];
        card.pid.textContent = pid ? `pid ${pid}` : "";
        card.words.textContent = words;
        label(
          card.life,
          state === "down" ? "reset" : "cross",
          state === "down" ? "Restart" : "Kill",
        );
        label(
          card.rest,
          state === "paused" ? "play" : "hold",
          state === "paused" ? "Resume" : "Pause",
        );
        label(card.wire, cut ? "join" : "cut", cut ? "Join again" : "Cut off");
        card.rest.disabled = state === "down";
      });
    }

    /* -- the stage -- */
    /**
     * @param {StagePayload} stage
     * @param {boolean} play
     */
    function show(stage, play) {
      player?.destroy();
      scene.replaceChildren();
      player = mountStage(scene, stage, { request, load });
      if (play && moving()) player.play();
    }

    draw();
    enter(element, classes, box);
    show(recorded, false);
    if (real) act({ act: "look" }); // they may be running already
    return {
      act,
      get nodes() {
        return nodes;
      },
      get stage() {
        return player;
      },
      destroy() {
        clearTimeout(timer);
        player?.destroy();
      },
    };
  }
  const widget = live(element, { name: "panel", classes, modules: [load("stage")] }, build);
  return {
    destroy: widget.destroy,
    get panel() {
      return widget.widget;
    },
  };
}

/** @type {(error: unknown) => Reply} */
const failed = (error) => ({ error: messageOf(error) });
