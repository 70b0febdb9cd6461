// The query field as an editor: Yasqe, the query editor of YASGUI, over the textarea of the form. It stores nothing.
import Yasqe from "@zazuko/yasqe";

// So many letters before names are offered unasked.
const ENOUGH = 3;
const KEYWORDS = `ask asc as avg base bind bnode bound by coalesce concat construct contains count datatype day desc describe
distinct exists filter floor from graph group having if in insert iri isblank isiri isliteral isnumeric lang langmatches lcase
limit max min minus month named not now offset optional order prefix rand reduced regex replace round sameterm sample select
separator service sha256 str strafter strbefore strdt strends strlang strlen strstarts substr sum true false ucase undef union
uri values where year`.split(/\s+/);

// Make the editor; `complete` gives the hints at its cursor. Submitting the form takes the editor's text along.
export function makeEditor(form, words, complete) {
  const textarea = form.elements.query;
  const place = document.createElement("div");
  textarea.hidden = true;
  textarea.after(place);
  // Completers of Yasqe's own ask a remote site.
  Yasqe.defaults.autocompleters = [];
  const run = () => form.requestSubmit();
  const editor = new Yasqe(place, {
    value: textarea.value,
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "",
    screenReaderLabel: words.hint,
    // Tab goes on to the next control, as everywhere on the page.
    extraKeys: {
      Tab: false,
      "Shift-Tab": false,
      Esc: false,
      "Ctrl-S": false,
      "Ctrl-Space": () => offer(editor, complete),
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
    },
  });
  const hint = document.createElement("p");
  hint.className = "muted";
  hint.id = "query-hint";
  hint.textContent = words.hint;
  place.after(hint);
  const input = editor.getInputField();
  input.id = "query-editor";
  input.removeAttribute("aria-label");
  input.setAttribute("aria-labelledby", "query-label");
  input.setAttribute("aria-describedby", hint.id);
  document.getElementById("query-label").htmlFor = input.id;
  form.addEventListener("submit", () => editor.save?.());
  form.addEventListener("formdata", ({ formData }) => formData.set("query", editor.getValue()));
  editor.on("inputRead", (_, change) => {
    if (change.origin === "+input" && isName(editor)) offer(editor, complete);
  });
  return editor;
}

function offer(editor, complete) {
  editor.showHint({ hint: complete, completeSingle: false, closeCharacters: /[\s()[\]{};>,]/, alignWithWord: true });
}

// Tell whether a name is being written, not a keyword, a variable, a text or a comment.
function isName(editor) {
  if (editor.state.completionActive) return false;
  const { line, ch } = editor.getCursor();
  const token = editor.getTokenAt({ line, ch });
  if (/string|comment|variable/.test(token.type ?? "")) return false;
  const [word] = /[\p{L}\p{N}_:-]*$/u.exec(editor.getLine(line).slice(0, ch));
  if (word.includes(":")) return !/^(https?|_):/.test(word);
  return word.length >= ENOUGH && !KEYWORDS.some((each) => each.startsWith(word.toLowerCase()));
}
