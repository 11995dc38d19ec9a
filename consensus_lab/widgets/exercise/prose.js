import { h } from "../shared/dom.js";

/**
 * Paragraphs of text, with `code` and *stress* in them.
 *
 * @type {(text: string) => any[]}
 */
export const prose = (text) =>
  text.split("\n\n").map((part) =>
    h(
      "p",
      part
        .split(/(`[^`]+`|\*[^*]+\*)/)
        .map((piece) =>
          piece.startsWith("`")
            ? h("code", piece.slice(1, -1))
            : piece.startsWith("*")
              ? h("em", piece.slice(1, -1))
              : piece,
        ),
    ),
  );
