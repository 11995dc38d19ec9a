import { h } from "../shared/dom.js";

/**
 * Where code is typed until the editor is there, and where there is none.
 *
 * @param {HTMLElement} parent
 * @param {EditorOptions} given
 */
export function plainEditor(parent, { text, label, onchange, onsubmit }) {
  const area = h("textarea", {
    "aria-label": label,
    spellcheck: "false",
    autocapitalize: "off",
    wrap: "off",
    rows: 12,
  });
  const grow = () => {
    area.rows = Math.min(Math.max(area.value.split("\n").length + 1, 8), 40);
  };
  area.value = text;
  area.addEventListener("input", () => {
    grow();
    onchange();
  });
  area.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook would run the cell
    onsubmit();
  });
  grow();
  parent.append(area);
  return {
    get text() {
      return area.value;
    },
    set text(value) {
      area.value = value;
      grow();
      onchange();
    },
    /**
     * @param {number | null} [line]
     * @param {string} [_complaint]
     */
    mark(line, _complaint = "") {
      if (!line) return;
      const lines = area.value.split("\n");
      const from = lines.slice(0, line - 1).join("\n").length + (line > 1);
      area.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
    },
    destroy: () => area.remove(),
  };
}
