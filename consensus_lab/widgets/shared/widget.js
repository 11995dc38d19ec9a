/* What all widgets but the stage have in common: how they come into a page, and leave it as it was. */

/**
 * Builds a widget once its modules are there: `build(life, ...modules)` gives its own { destroy }. `life.over` is true from
 * the end on, for who comes back from waiting.
 *
 * @param {Element} element
 * @param {{ name: string, classes: string[], modules: any[] }} about
 * @param {(life: { over: boolean }, ...modules: any[]) => any} build
 */
export function live(element, { name, classes, modules }, build) {
  const fallback = [...element.childNodes];
  const life = { over: false };
  /** @type {any} */
  let widget = null;
  Promise.all(modules)
    .then((loaded) => {
      if (!life.over) widget = build(life, ...loaded);
    })
    .catch((error) => console.error(`The ${name} did not start:`, error));
  return {
    get widget() {
      return widget;
    },
    destroy() {
      life.over = true;
      widget?.destroy();
      element.classList.remove(...classes);
      element.replaceChildren(...fallback);
    },
  };
}

/**
 * Puts what a widget has built into the page.
 *
 * @param {Element} element
 * @param {string[]} classes
 * @param {any} box an element, or several
 */
export function enter(element, classes, box) {
  element.classList.add(...classes);
  element.replaceChildren(...[box].flat());
}

/* Whether things may move by themselves. */
export const moving = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Why nothing comes of a question where there is no Python.
 *
 * @type {(purpose: string, instead?: string) => string}
 */
export const noPython = (purpose, instead = "Open the chapter in a notebook.") =>
  `There is no Python here to ${purpose}. ${instead}`;
