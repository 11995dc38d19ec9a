/* All that the widgets share, as one chunk that a page loads once. */

export * from "./dom.js";
export * from "./glyphs.js";
export * from "./store.js";
export * from "./text.js";
export * from "./values.js";
export * from "./widget.js";
