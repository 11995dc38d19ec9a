/* A picture of the stage that needs no style sheet: each shape with the looks that it has on the page. */

import { s } from "../../shared/dom.js";
import { present } from "../../shared/values.js";

/* What no XML may hold, though a name of a node may: control characters, and half a surrogate pair. */
const NO_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu;

const INHERITED = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-dashoffset",
  "stroke-linecap",
  "stroke-linejoin",
  "font-size",
  "font-weight",
  "font-family",
  "text-anchor",
  "paint-order",
  "visibility",
  "stop-color",
];
/**
 * @param {Element} source
 * @param {CSSStyleDeclaration} [above]
 * @returns {Element | null}
 */
function resolved(source, above) {
  const style = getComputedStyle(source);
  if (style.display === "none" || /\b(hit|grab|touch)\b/.test(source.getAttribute("class") ?? ""))
    return null;
  const copy = /** @type {Element} */ (source.cloneNode(false));
  for (const { name } of [...copy.attributes])
    if (/^(class|role|tabindex|style|display)$|^(aria|data)-/.test(name))
      copy.removeAttribute(name);
  for (const name of INHERITED) {
    const value = style.getPropertyValue(name);
    if (value && value !== above?.getPropertyValue(name))
      copy.setAttribute(name, value.replace(/url\("[^"]*#([^"]*)"/, "url(#$1"));
  }
  if (style.opacity !== "1") copy.setAttribute("opacity", style.opacity);
  copy.append(
    ...[...source.childNodes]
      .map((child) => (child instanceof Element ? resolved(child, style) : child.cloneNode()))
      .filter(present),
  );
  return copy;
}

/**
 * The drawings under each other, as the text of an SVG. `fill` is behind them.
 *
 * @param {{ title: string, fill: string }} given
 * @param {...SVGSVGElement} pictures
 */
export function pictureOf({ title, fill }, ...pictures) {
  const sizes = pictures.map((svg) => svg.viewBox.baseVal);
  const width = Math.max(...sizes.map((size) => size.width));
  let height = 0;
  const copies = pictures.map((svg, i) => {
    const copy = resolved(svg);
    copy?.setAttribute("x", `${(width - sizes[i].width) / 2}`);
    copy?.setAttribute("y", `${height}`);
    copy?.setAttribute("width", `${sizes[i].width}`);
    height += sizes[i].height;
    return copy;
  });
  const page = s(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}` },
    s("title", title),
    s("rect", { width, height, fill }),
    copies,
  );
  return new XMLSerializer().serializeToString(page).replace(NO_XML, "\ufffd");
}
