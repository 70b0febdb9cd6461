// The overview of classes and of what is said of their things, with numbers. A name that is chosen goes into the query.
import { insert } from "./schema.js";

// Fill a <details> when it is first opened.
export function showOverview(details, schema, editor, words) {
  details.hidden = false;
  details.addEventListener("toggle", async function fill() {
    if (!details.open) return;
    details.removeEventListener("toggle", fill);
    try {
      details.append(...overview(await schema.load(), editor, words));
    } catch {
      details.open = false;
      details.addEventListener("toggle", fill);
    }
  });
}

function overview(found, editor, words) {
  const list = element("ul", { className: "schema" });
  for (const class_ of found.classes) {
    const properties = element("ul");
    for (const [place, number] of class_.properties) {
      properties.append(item(found.properties[place], number, found.prefixes, editor, words));
    }
    const summary = element("summary");
    summary.append(labelOf(class_), element("small", { textContent: ` ${class_.count}` }));
    const more = element("details");
    more.append(summary, item(class_, class_.count, found.prefixes, editor, words, "p"), properties);
    const each = element("li");
    each.append(more);
    list.append(each);
  }
  return [element("p", { textContent: words.insert.replace("{sample}", found.sample) }), list];
}

// A button that puts a term into the query, with its label and number.
function item(term, number, prefixes, editor, words, name = "li") {
  const button = element("button", { type: "button", className: "ds-button", textContent: term.name ?? term.iri });
  Object.assign(button.dataset, { size: "sm", variant: "tertiary" });
  button.addEventListener("click", () => {
    insert(editor, term, prefixes);
    document.getElementById("told").textContent = words.inserted.replace("{name}", term.name ?? term.iri);
  });
  const row = element(name);
  row.append(button, " ", labelOf(term), element("small", { textContent: ` ${number}` }));
  return row;
}

function labelOf(term) {
  const found = element("bdi", { textContent: term.label });
  if (term.language) found.lang = term.language;
  return found;
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
