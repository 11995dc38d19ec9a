/* The editor of the exercises: CodeMirror 6 with Python, bundled for the page by editor.py. */

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  LanguageSupport,
  syntaxHighlighting,
} from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  WidgetType,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colors = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.self, tags.modifier],
    color: "var(--code-keyword)",
  },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  {
    tag: [
      tags.definition(tags.className),
      tags.definition(tags.function(tags.variableName)),
      tags.className,
    ],
    color: "var(--code-name)",
  },
]);

/* What is wrong, in a line of its own under the line where it is wrong. */
class Complaint extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }
  eq(other) {
    return other.text === this.text;
  }
  toDOM() {
    const element = document.createElement("div");
    element.className = "cl-complaint";
    element.textContent = this.text;
    return element;
  }
}
const setMark = StateEffect.define();
const mark = StateField.define({
  create: () => Decoration.none,
  update(marks, { docChanged, effects, state }) {
    for (const effect of effects)
      if (effect.is(setMark)) {
        if (!effect.value) return Decoration.none;
        const { from, to } = state.doc.line(
          Math.min(Math.max(effect.value.line, 1), state.doc.lines),
        );
        return Decoration.set([
          Decoration.line({ class: "cl-bad-line" }).range(from),
          Decoration.widget({
            widget: new Complaint(effect.value.text),
            side: 1,
            block: true,
          }).range(to),
        ]);
      }
    return docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/* An editor in `parent`. `label` names it, `hint` is the id of the text that says how to leave it. */
export function createEditor(parent, { text, label, hint, onchange, onsubmit }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        indentUnit.of("    "),
        EditorState.tabSize.of(4),
        new LanguageSupport(pythonLanguage),
        syntaxHighlighting(colors),
        mark,
        keymap.of([
          { key: "Mod-Enter", run: () => (onsubmit(), true) },
          ...defaultKeymap,
          ...historyKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({
          "aria-label": label,
          "aria-describedby": hint,
          tabindex: "0",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onchange();
        }),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    },
    mark(line, complaint) {
      const at =
        line && view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines)).from;
      view.dispatch({
        effects: [
          setMark.of(line && { line, text: complaint }),
          ...(line ? [EditorView.scrollIntoView(at)] : []),
        ],
      });
    },
    destroy: () => view.destroy(),
  };
}
