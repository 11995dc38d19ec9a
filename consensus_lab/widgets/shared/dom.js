/* Elements: made by `h` and `s`, changed by `put`. Text is always a text node, never markup. */

import { present, round } from "./values.js";

export const OURS = { "data-lm-suppress-shortcuts": true }; // JupyterLab takes no keys here; a slider needs it on itself
export const QUIETLY = { preventScroll: true }; // a focus handed on does not move the page

export const translate = (x, y) => `translate(${round(x)} ${round(y)})`;

/* h("b.name", { title }, "text", child): an element with classes, attributes and children; what is not present is left out. */
export const maker =
  (space) =>
  (selector, ...children) => {
    const [tag, ...classes] = selector.split(".");
    const element = document.createElementNS(space, tag);
    const attributes = children[0]?.constructor === Object ? children.shift() : {};
    if (classes.length) element.setAttribute("class", classes.join(" "));
    for (const name in attributes) {
      const value = attributes[name];
      const aria = name.startsWith("aria-");
      const given = aria ? value !== null && value !== undefined : present(value);
      if (given) element.setAttribute(name, value === true && !aria ? "" : value);
    }
    element.append(...children.flat(2).filter(present));
    return element;
  };
export const h = maker("http://www.w3.org/1999/xhtml");
export const s = maker("http://www.w3.org/2000/svg");
export const g = (...children) => s("g", ...children);
export const path = (classes, d, more) => s(`path${classes && "."}${classes}`, { d, ...more });
export const circle = (classes, r, more) => s(`circle.${classes}`, { r, ...more });

/* Sets an attribute only when it changes. */
export function put(element, name, value) {
  const memo = (element.clMemo ??= {});
  if (memo[name] === value) return;
  memo[name] = value;
  element.setAttribute(name, value);
}
export const dress = (element, { slot, owner }) => {
  put(element, "data-slot", slot);
  put(element, "data-owner", owner ?? "none");
};
export const move = (element, x, y) => put(element, "transform", translate(x, y));
export const show = (element, on) => put(element, "visibility", on ? "visible" : "hidden");
