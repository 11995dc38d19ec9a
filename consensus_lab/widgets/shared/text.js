/**
 * Measures and cuts text without asking the page for a layout.
 *
 * @param {string} family of fonts
 */
export function ruler(family) {
  const context = /** @type {CanvasRenderingContext2D} */ (
    document.createElement("canvas").getContext("2d")
  );
  const memo = new Map();
  let font = "";
  /** @type {(text: string, size: number, weight?: number) => number} */
  const width = (text, size, weight = 400) => {
    const wanted = `${weight} ${size}px ${family}`;
    const key = wanted + text;
    if (memo.has(key)) return memo.get(key);
    if (font !== wanted) context.font = font = wanted;
    const found = context.measureText(text).width;
    memo.set(key, found);
    return found;
  };
  /** @type {(text: string, most: number, size: number, weight?: number) => string} */
  const cut = (text, max, size, weight) => {
    if (width(text, size, weight) <= max) return text;
    const signs = [...text.slice(0, 200)];
    while (signs.length > 1 && width(`${signs.join("")}…`, size, weight) > max) signs.pop();
    return `${signs.join("").trimEnd()}…`;
  };
  return { width, cut };
}

/**
 * "1 event", "2 events", "1,024 events".
 *
 * @type {(n: number, word: string) => string}
 */
export const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

/**
 * "A", "A and B", "A, B, and C".
 *
 * @type {(items: string[]) => string}
 */
export const listed = (items) =>
  items.length < 3 ? items.join(" and ") : `${items.slice(0, -1).join(", ")}, and ${items.at(-1)}`;
