/* Elements: made by `h` and `s`, changed by `put`. Text is always a text node, never markup. */

import { present, round } from "./values.js";

export const OURS = { "data-lm-suppress-shortcuts": true }; // JupyterLab takes no keys here; a slider needs it on itself
export const QUIETLY = { preventScroll: true }; // a focus handed on does not move the page

/** @type {(x: number, y: number) => string} */
export const translate = (x, y) => `translate(${round(x)} ${round(y)})`;

/**
 * What makes elements of a namespace: `h("b.name", { title }, "text", child)` is an element with classes, attributes and
 * children. What is not present is left out, and lists are children, up to two deep.
 *
 * @param {string} space
 * @returns {(selector: string, ...children: any[]) => any} of elements, each with the properties of its kind
 */
const maker =
  (space) =>
  (selector, ...children) => {
    const [tag, ...classes] = selector.split(".");
    const element = document.createElementNS(space, tag);
    const attributes = children[0]?.constructor === Object ? children.shift() : {};
    if (classes.length) element.setAttribute("class", classes.join(" "));
    for (const name in attributes) setAttribute(element, name, attributes[name]);
    element.append(...children.flat(2).filter(present));
    return element;
  };
/**
 * An attribute is there or not, as its value is; what ARIA calls false is said.
 *
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
function setAttribute(element, name, value) {
  const aria = name.startsWith("aria-");
  const given = aria ? value !== null && value !== undefined : present(value);
  if (given) element.setAttribute(name, value === true && !aria ? "" : value);
}

export const h = maker("http://www.w3.org/1999/xhtml");
export const s = maker("http://www.w3.org/2000/svg");
/** @param {any[]} children */
export const g = (...children) => s("g", ...children);
/** @type {(classes: string, d?: string, more?: object) => any} */
export const path = (classes, d, more) => s(`path${classes && "."}${classes}`, { d, ...more });
/** @type {(classes: string, r?: number, more?: object) => any} */
export const circle = (classes, r, more) => s(`circle.${classes}`, { r, ...more });

/**
 * What has the focus in the document, or the shadow of one, that an element is in.
 *
 * @param {Element} element
 * @returns {any} an element, or null
 */
export const focusedIn = (element) =>
  /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement;

const drawn = new WeakMap(); // element -> its attributes, as `put` has set them

/**
 * Sets an attribute only when it changes.
 *
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
export function put(element, name, value) {
  let memo = drawn.get(element);
  if (!memo) drawn.set(element, (memo = {}));
  if (memo[name] === value) return;
  memo[name] = value;
  element.setAttribute(name, value);
}
/** @type {(element: Element, look: { slot: any, owner?: any }) => void} */
export function dress(element, { slot, owner }) {
  put(element, "data-slot", slot);
  put(element, "data-owner", owner ?? "none");
}
/** @type {(element: Element, x: number, y: number) => void} */
export const move = (element, x, y) => put(element, "transform", translate(x, y));
/** @type {(element: Element, on: any) => void} */
export const show = (element, on) => put(element, "visibility", on ? "visible" : "hidden");
