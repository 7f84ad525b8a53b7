// Turns the text area of the query page into an editor: colours, completion, and a mark where the query is wrong.
// It stands in a shadow tree, whose style the browser adopts as an object: the page's policy forbids inline style.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { EditorState, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";

const KEYWORDS = [
  "SELECT", "DISTINCT", "WHERE", "OPTIONAL", "FILTER", "UNION", "MINUS", "GRAPH", "BIND", "VALUES", "PREFIX", "ASK",
  "CONSTRUCT", "DESCRIBE", "FROM", "NAMED", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "COUNT", "SUM", "AVG",
  "MIN", "MAX", "SAMPLE", "GROUP_CONCAT", "EXISTS", "NOT EXISTS", "STR", "LANG", "LANGMATCHES", "DATATYPE", "BOUND",
  "IRI", "REGEX", "REPLACE", "CONTAINS", "STRSTARTS", "STRENDS", "LCASE", "UCASE", "STRLEN", "CONCAT", "COALESCE", "IF",
];

const style = EditorView.theme({
  "&": { backgroundColor: "var(--soft)", color: "var(--ink)", border: "1px solid var(--quiet)", borderRadius: ".25rem", fontSize: ".88rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace', lineHeight: "1.5", minHeight: "16rem", maxHeight: "34rem", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--soft)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent) !important" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--accent) 20%, transparent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--bad)" },
  ".wrong-line": { backgroundColor: "color-mix(in srgb, var(--bad) 12%, transparent)" },
  ".wrong": { textDecoration: "underline wavy var(--bad)", textDecorationSkipInk: "none" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--quiet)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxWidth: "min(34rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: ".8" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.literal, tags.number], color: "var(--good)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--warn)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--quiet)", fontStyle: "italic" },
]);

/** Marks the line and the word at a place counted from 1, until the text changes. */
function wrong(line, column) {
  return StateField.define({
    create(state) {
      if (!line || line > state.doc.lines) return Decoration.none;
      const at = state.doc.line(line);
      const from = Math.min(at.from + column - 1, at.to);
      const word = /^[\w:?$@-]+|^./.exec(state.sliceDoc(from, at.to))?.[0] ?? "";
      const marks = [Decoration.line({ class: "wrong-line" }).range(at.from)];
      if (word) marks.push(Decoration.mark({ class: "wrong" }).range(from, from + word.length));
      return Decoration.set(marks, true);
    },
    update: (marks, transaction) => (transaction.docChanged ? Decoration.none : marks),
    provide: (field) => EditorView.decorations.from(field),
  });
}

/** Proposes terms after a prefix, variables after a question mark, and keywords and prefixes elsewhere. */
function completions(load) {
  return async (context) => {
    const inside = syntaxTree(context.state).resolveInner(context.pos, -1).name;
    if (/Comment|String|IriRef|Iri_ref/i.test(inside)) return null;
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) return { from: variable.from, options: variables(context, variable), validFor: /^[?$]\w*$/ };
    const word = context.matchBefore(/[A-Za-z][\w-]*(?::[\w-]*)?|:[\w-]*/);
    if (!word && !context.explicit) return null;
    const { prefixes, terms } = await load();
    const from = word ? word.from : context.pos;
    const options = terms.map((term) => ({
      label: term.name, detail: term.label, type: term.kind, boost: Math.min(20, Math.log2(term.uses + 1)),
      apply: (view, _, start, end) => insert(view, prefixes, term.name, start, end),
    }));
    if (word?.text.includes(":")) return { from, options, validFor: /^[\w-]*:[\w-]*$/ };
    options.push(
      ...KEYWORDS.map((label) => ({ label, type: "keyword", boost: 10 })),
      ...Object.entries(prefixes).map(([name, iri]) => ({ label: `${name}:`, detail: iri, type: "namespace" })),
    );
    return { from, options, validFor: /^[\w-]*$/ };
  };
}

function variables(context, typed) {
  const text = context.state.sliceDoc(0, typed.from) + context.state.sliceDoc(context.pos);
  return [...new Set(text.match(/[?$]\w+/g) ?? [])].map((label) => ({ label, type: "variable" }));
}

/** Writes a prefixed name, and declares its prefix above where the query does not. */
function insert(view, prefixes, name, from, to) {
  const prefix = name.split(":")[0];
  const declared = new RegExp(`^\\s*PREFIX\\s+${prefix}:`, "im").test(view.state.doc.toString());
  const changes = [{ from, to, insert: name }];
  const line = declared ? "" : `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
  if (line) changes.unshift({ from: 0, insert: line });
  view.dispatch({ changes, selection: { anchor: from + line.length + name.length }, userEvent: "input.complete" });
}

function enhance(area) {
  let vocabulary;
  const load = () => (vocabulary ??= fetch(area.dataset.vocabulary).then((answer) => answer.json())
    .catch(() => ({ prefixes: {}, terms: [] })));
  const host = document.createElement("div");
  host.className = "editor";
  area.before(host);
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        keymap.of([
          { key: "Mod-Enter", run: () => (area.form.requestSubmit(), true) },
          { key: "Ctrl-Space", run: startCompletion },
          ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap,
        ]),
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        EditorView.lineWrapping,
        sparql(),
        autocompletion({ override: [completions(load)] }),
        syntaxHighlighting(colours),
        style,
        wrong(Number(area.dataset.line), Number(area.dataset.column)),
        EditorView.contentAttributes.of({ "aria-label": area.labels[0].textContent, spellcheck: "false" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) area.value = update.state.doc.toString(); }),
      ],
    }),
  });
  area.required = false; // a hidden control that is wrong could not be reached
  area.hidden = true;
  area.labels[0].addEventListener("click", () => view.focus());
  addEventListener("pageshow", () => { // the browser may have put back what was typed before
    if (area.value !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: area.value } });
  });
  const help = document.getElementById("help");
  if (help) help.textContent = area.dataset.help;
}

const area = document.getElementById("query");
if (area instanceof HTMLTextAreaElement) enhance(area);
