import { EditorView } from "@codemirror/view";
import { sparql } from "codemirror-lang-sparql";
export { EditorView, sparql };
