/* What the reader's hands do: buttons, keys, pointer, the choice of a run and of a file. */

import { QUIETLY } from "../shared/dom.js";
import { present } from "../shared/values.js";
import { parting } from "./roads.js";

const CLICKABLE =
  "[data-do], [data-act], [data-road], .cl-fold, .node, .msg, .ev[data-k], .cl-chip[data-k]";

/** @param {Stage} stage */
export function createControls(stage) {
  const { box, page, at, ring, events, player, requests, links } = stage;

  /* -- buttons, by the name in `data-do` -- */
  /** @type {Record<string, (button?: any) => unknown>} */
  const actions = {
    start: () => player.goTo(0, 0.4),
    end: () => player.goTo(stage.run.N, 0.4),
    back: () => player.stepBy(-1),
    fwd: () => player.stepBy(1),
    play: () => (stage.playing ? player.pause() : player.play()),
    seed: requests.anotherSeed,
    undo: requests.undo,
    cancel: requests.cancel,
    continue: requests.letItRun,
    link: links.copyLink,
    open: () => page.tools.file.click(),
    svg: links.savePicture,
    json: links.saveRun,
    key: toggleKey,
    reset: () => {
      player.pause();
      stage.load({ seed: 0, road: 0 });
    },
    close: () => {
      const node = stage.selected?.node;
      stage.choose(null);
      ((node !== undefined && ring.node(node)) || box).focus(QUIETLY);
    },
  };
  /** @param {any} button */
  async function toggleKey(button) {
    const { key } = page.tools;
    await stage.explain();
    key.hidden = !key.hidden;
    button.setAttribute("aria-expanded", !key.hidden);
  }

  /**
   * What the inspector offers to do to what is selected.
   *
   * @param {{ act?: string, name?: string, value?: string }} given
   */
  function act({ act: kind = "", name = undefined, value }) {
    const { selected, inspector } = stage;
    if (kind === "propose" && value === undefined) return inspector.propose(!inspector.proposing());
    if (!selected) return;
    if (present(selected.msg)) return requests.change({ kind, msg: selected.msg });
    requests.change({ kind, node: selected.node, ...(name && { name }), ...(value && { value }) });
  }

  box.addEventListener("click", (/** @type {Heard<MouseEvent>} */ { target }) => {
    /** @type {HTMLElement | null} */
    const button = target.closest(CLICKABLE);
    if (!button) return;
    const { dataset } = button;
    const { selected } = stage;
    if (dataset.do) actions[dataset.do](button);
    else if (dataset.act) act(dataset);
    else if (button === events.fold) stage.setFolded(!events.list.hidden);
    else if (button === stage.moves.fold) {
      stage.moves.unfold();
      stage.refold();
    } else if (dataset.node)
      stage.choose(selected?.node === +dataset.node ? null : { node: +dataset.node });
    else if (button.matches(".msg")) {
      player.pause();
      stage.choose(selected?.msg === Number(dataset.m) ? null : { msg: Number(dataset.m) });
    } else if (dataset.k) player.goTo(+dataset.k);
    else {
      const road = Number(dataset.road);
      requests.take(road, Math.min(stage.k, parting(stage.roads(), at.road, road)));
      page.head.strip.children[at.road].focus(QUIETLY);
    }
  });
  box.addEventListener("submit", (/** @type {Heard<SubmitEvent, HTMLFormElement>} */ event) => {
    const field = event.target.querySelector("input");
    if (!field) return;
    const value = field.value.trim();
    event.preventDefault();
    if (value) act({ act: "propose", value });
    else field.focus();
  });

  /* -- keys -- */
  box.addEventListener("keydown", (/** @type {Heard<KeyboardEvent>} */ event) => {
    const { target, key: pressed } = event;
    const withKey = event.ctrlKey || event.metaKey;
    const { inspector } = stage;
    if (target.matches("input:not([type=range]), select") && pressed !== "Escape") return;
    if ((withKey && pressed === "z") || (pressed === "Backspace" && !withKey)) {
      event.preventDefault();
      return requests.undo();
    }
    if (event.altKey || withKey) return;
    if (pressed === "Escape" && inspector.proposing()) return inspector.propose(false);
    if (pressed === "Escape" && stage.selected) return actions.close();
    if (target.matches("input, select")) return;
    const action = stepping(target)[pressed] || pressing(target, pressed);
    if (!action) return;
    event.preventDefault();
    action();
  });
  /** @param {any} target */
  function stepping(target) {
    const message = target.closest(".msg");
    const inList = target === events.list;
    const onGrip = target.matches(".grip");
    /** @param {number} d */
    const vertical = (d) => {
      if (message)
        return () => (d > 0 ? message.nextElementSibling : message.previousElementSibling)?.focus();
      return (inList || onGrip) && (() => player.stepBy(inList ? d : -d));
    };
    /** @type {Record<string, false | undefined | (() => unknown)>} */
    const keys = {
      ArrowRight: actions.fwd,
      ArrowLeft: actions.back,
      Home: actions.start,
      End: actions.end,
      ArrowDown: vertical(1),
      ArrowUp: vertical(-1),
      PageDown: onGrip && (() => player.nextMark(1)),
      PageUp: onGrip && (() => player.nextMark(-1)),
    };
    return keys;
  }
  /**
   * @param {any} target
   * @param {string} pressed
   */
  function pressing(target, pressed) {
    const glyph = [" ", "Enter"].includes(pressed) && target.closest(".node, .msg");
    if (glyph) return () => glyph.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    return pressed === " " && !target.closest("button") && actions.play;
  }

  /* -- pointing: at a message or a node, wherever it is shown -- */
  /** @type {(target: HTMLElement, selector: string) => void} */
  const point = (target, selector) => stage.point(dataOf(target.closest(selector)));
  box.addEventListener("pointerover", (/** @type {Heard<PointerEvent>} */ { target }) =>
    point(target, "[data-m], [data-at]"),
  );
  box.addEventListener("focusin", (/** @type {Heard<FocusEvent>} */ { target }) =>
    point(target, ".cl-moves button"),
  );
  box.addEventListener("pointerleave", () => stage.point());

  /* -- choosing a run or a file -- */
  page.tools.file.addEventListener(
    "change",
    (/** @type {Heard<Event, HTMLInputElement>} */ { target }) => {
      const [chosen] = target.files ?? [];
      if (chosen) links.open(chosen);
      target.value = "";
    },
  );
  page.head.select.addEventListener(
    "change",
    (/** @type {Heard<Event, HTMLSelectElement>} */ { target }) => {
      requests.cancel();
      player.pause();
      stage.load({ entry: +target.value, seed: 0, road: 0 });
    },
  );
}

/** @type {(element: HTMLElement | null) => DOMStringMap | undefined} */
const dataOf = (element) => element?.dataset;
