// What may stand at the cursor, by label in any language of the data: classes, properties, things, variables.
import { declare, insert } from "./schema.js";

const MOST = 30;
// So many letters before things are looked up.
const ENOUGH = 2;

// Give a function for CodeMirror's hints. `find` is the address of the search, which answers {results: [{iri, label, kind}]}.
export function completion(schema, find, words) {
  const things = finder(find);
  return async (editor) => {
    const { line, ch } = editor.getCursor();
    const [word] = /(?:[?$]\w*|<[^<>\s]*|[^\s{}()[\],;."'<>|^*/+?!=&$]*)$/u.exec(editor.getLine(line).slice(0, ch));
    const from = { line, ch: ch - word.length };
    const to = { line, ch };
    if (/^[?$]/.test(word)) {
      return { from, to, list: variables(editor, word, from).map((text) => ({ text })) };
    }
    const { prefixes, classes, properties } = await schema.load();
    const place = placeOf(editor, from);
    const list = [];
    if (place !== "property") list.push(...matching(classes, word, words.class));
    if (place !== "class") list.push(...matching(properties, word, words.property));
    list.sort((a, b) => a.rank - b.rank || b.term.count - a.term.count);
    list.splice(MOST);
    if (place === "value" && word.length >= ENOUGH && !/[:<]/.test(word)) {
      const found = await things(word.replaceAll("_", " "));
      list.unshift(...found.map((term) => ({ term, kind: words.thing })));
    }
    return { from, to, list: list.map((each) => hint(each, prefixes)) };
  };
}

// Declare a prefix of the data when it is used: its colon has just been typed, and not in a declaration. What is offered
// then was for another line.
export async function declareUsed(editor, schema) {
  const { line, ch } = editor.getCursor();
  const used = /([\w-]+):$/.exec(editor.getLine(line).slice(0, ch));
  if (!used || /^\s*prefix\b/i.test(editor.getLine(line))) return;
  const { prefixes } = await schema.load();
  if (declare(editor, used[1], prefixes)) editor.state.completionActive?.close();
}

// Tell what the grammar wants at a place: a "class", a "property" or any "value".
function placeOf(editor, { line, ch }) {
  const before = [...Array(line).keys()].map((each) => editor.getLine(each)).concat(editor.getLine(line).slice(0, ch));
  if (/(?:^|[\s;])(?:a|rdf:type)(?:\s+\S+\s*,)*\s+$/.test(before.slice(-3).join("\n"))) return "class";
  const state = editor.getTokenAt({ line, ch: ch + 1 }, true).state;
  return state.possibleCurrent?.includes("a") ? "property" : "value";
}

function matching(terms, word, kind) {
  const wanted = word.replace(/^</, "").replaceAll("_", " ").toLocaleLowerCase();
  const found = [];
  for (const term of terms) {
    const names = [term.label, ...term.also, term.name ?? "", local(term.iri), word.startsWith("<") ? term.iri : ""];
    const places = names.map((name) => name.toLocaleLowerCase().indexOf(wanted)).filter((place) => place >= 0);
    if (places.length) found.push({ term, kind, rank: Math.min(...places) ? 1 : 0 });
  }
  return found;
}

const local = (iri) => iri.split(/[#/]/).at(-1);

// Give the look-up of things by their label; each word is asked for once.
function finder(address) {
  const known = new Map();
  return async (text) => {
    if (!known.has(text)) {
      const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return [];
      known.set(text, nearest((await answer.json()).results, text).slice(0, MOST / 2));
    }
    return known.get(text);
  };
}

// Put first what begins as was typed, then what has it in its name; each in the order of the search.
function nearest(found, text) {
  const wanted = text.toLocaleLowerCase();
  const rank = ({ label }) => Math.min(2, label.toLocaleLowerCase().indexOf(wanted) + 1) || 3;
  return found.sort((a, b) => rank(a) - rank(b));
}

function variables(editor, word, from) {
  const found = new Set();
  editor.eachLine((each) => {
    const text = each.lineNo() === from.line ? each.text.slice(0, from.ch) + each.text.slice(from.ch + word.length) : each.text;
    for (const [, name] of text.matchAll(/[?$](\w+)/g)) found.add(word[0] + name);
  });
  return [...found].filter((name) => name.startsWith(word)).sort();
}

function hint({ term, kind }, prefixes) {
  return {
    text: term.name ?? term.iri,
    hint: (editor, { from, to }) => insert(editor, term, prefixes, from, editor.getCursor() ?? to),
    render(element) {
      const label = document.createElement("span");
      label.textContent = term.label;
      if (term.language) label.lang = term.language;
      const about = document.createElement("small");
      about.textContent = [kind, term.name ?? term.kind, term.count].filter((each) => each !== undefined && each !== null).join(" · ");
      element.append(label, " ", about);
    },
  };
}
