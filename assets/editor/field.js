// The query field as an editor: Yasqe, the query editor of YASGUI, over the textarea of the form. It stores nothing.
import Yasqe from "@zazuko/yasqe";

// So many letters before names are offered unasked.
const ENOUGH = 3;
const KEYWORDS = `ask asc as avg base bind bnode bound by coalesce concat construct contains count datatype day desc describe
distinct exists filter floor from graph group having if in insert iri isblank isiri isliteral isnumeric lang langmatches lcase
limit max min minus month named not now offset optional order prefix rand reduced regex replace round sameterm sample select
separator service sha256 str strafter strbefore strdt strends strlang strlen strstarts substr sum true false ucase undef union
uri values where year`.split(/\s+/);

// Make the editor; `complete` gives the hints at its cursor, `declare` is called after a colon. Submitting the form takes
// the editor's text along.
export function makeEditor(form, words, complete, declare) {
  const textarea = form.elements.query;
  const place = document.createElement("div");
  textarea.hidden = true;
  textarea.after(place);
  // Completers of Yasqe's own ask a remote site.
  Yasqe.defaults.autocompleters = [];
  const run = () => form.requestSubmit();
  const offer = () => editor.showHint({ hint, container: form, completeSingle: false, closeCharacters: /[\s()[\]{};>,]/ });
  const hint = async () => {
    const found = await complete(editor).catch(() => null); // without the server nothing is offered
    if (found) Yasqe.on(found, "shown", () => document.querySelector(".CodeMirror-hints")?.setAttribute("aria-label", words.names));
    return found;
  };
  const editor = new Yasqe(place, {
    value: textarea.value,
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "",
    // Tab goes on to the next control, as everywhere on the page.
    extraKeys: {
      Tab: false,
      "Shift-Tab": false,
      Esc: false,
      "Ctrl-S": false,
      "Ctrl-Space": offer,
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
    },
  });
  const keys = Object.assign(document.createElement("p"), { className: "muted", id: "query-keys", textContent: words.keys });
  place.after(keys);
  const input = editor.getInputField();
  input.id = "query-editor";
  input.setAttribute("aria-labelledby", "query-label");
  input.setAttribute("aria-describedby", keys.id);
  document.getElementById("query-label").htmlFor = input.id;
  form.addEventListener("formdata", ({ formData }) => formData.set("query", editor.getValue()));
  editor.on("inputRead", async (_, change) => {
    if (change.origin !== "+input") return;
    if (change.text.at(-1) === ":") await declare(editor).catch(() => {});
    if (isName(editor)) offer();
  });
  return editor;
}

// Tell whether a name is being written, not a keyword, a variable, a text or a comment.
function isName(editor) {
  if (editor.state.completionActive) return false;
  const { line, ch } = editor.getCursor();
  const token = editor.getTokenAt({ line, ch });
  if (["string", "comment", "atom"].includes(token.type)) return false; // a variable is an atom
  const [word] = /[\p{L}\p{N}_:-]*$/u.exec(editor.getLine(line).slice(0, ch));
  if (word.includes(":")) return !/^(https?|_):/.test(word);
  return word.length >= ENOUGH && !KEYWORDS.some((each) => each.startsWith(word.toLowerCase()));
}
