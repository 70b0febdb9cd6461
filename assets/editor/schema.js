// Prefixes, classes and properties of the data, fetched once, when they are first needed.
export class Schema {
  #address;
  #loading;

  constructor(address) {
    this.#address = address;
  }

  // Give the document {prefixes, sample, classes, properties}; after a failure the next call tries again.
  load() {
    this.#loading ??= fetch(this.#address, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .catch((error) => {
        this.#loading = undefined;
        throw error;
      });
    return this.#loading;
  }
}

// Put a term at the editor's selection: its prefixed name, with its prefix declared, or its whole IRI.
export function insert(editor, term, prefixes, from = editor.getCursor("from"), to = editor.getCursor("to")) {
  const prefix = term.name?.split(":")[0];
  const named = prefix !== undefined && means(editor, prefix, prefixes[prefix]);
  editor.replaceRange(named ? term.name : `<${term.iri}>`, from, to);
  if (named) declare(editor, prefix, prefixes);
}

// Write the declaration of a prefix that the data has and the query does not; tell whether it was missing.
export function declare(editor, prefix, prefixes) {
  const missing = Object.hasOwn(prefixes, prefix) && !(prefix in editor.getPrefixesFromQuery());
  if (missing) editor.addPrefixes({ [prefix]: prefixes[prefix] });
  return missing;
}

// Tell whether a prefix means a namespace in the query, or may be declared to.
function means(editor, prefix, namespace) {
  const known = editor.getPrefixesFromQuery()[prefix];
  return known === undefined || known === namespace;
}
