// What of the data a query can see: SELECT queries, each of which one shard answers by itself.
//
// An answer depends on nothing but the triples that match a pattern of the query. Triples of one subject are in one
// shard, so patterns of one subject (a star) are asked together, with those that must hold wherever they matter: the
// rest of the group, and for OPTIONAL, MINUS and EXISTS the group outside. A star of another subject there is asked first
// for what they share. All that is asked for may be too much of the graph and never too little, so whoever evaluates the
// query over it gives the answer it has over the whole.

import { toAlgebra } from "@traqula/algebra-sparql-1-1";
import { Parser } from "@traqula/parser-sparql-1-1";

// A star beside another narrows it by so many terms at most.
export const SEEDS = 300;
const STRING = "http://www.w3.org/2001/XMLSchema#string";

export class Refused extends Error {}

// Text of a term in SPARQL and N-Quads: their escapes are those of JSON.
export function written(term) {
  if (term.termType === "Variable") return `?${term.value}`;
  if (term.termType === "NamedNode") return `<${term.value}>`;
  if (term.termType !== "Literal") throw new Refused(`A ${term.termType} is not answered here.`);
  const text = JSON.stringify(term.value);
  if (term.language) return `${text}@${term.language}`;
  return term.datatype.value === STRING ? text : `${text}^^<${term.datatype.value}>`;
}

const variable = (name) => ({ termType: "Variable", value: name });
const equal = (one, other) => one?.termType === other?.termType && one?.value === other?.value;
const isVariable = (term) => term.termType === "Variable";

// Gives the form of a query, its FROM clause, and what to fetch: {text, seed, patterns, graph} or {text, listing: true}.
export function plan(query) {
  let [algebra, tree] = [];
  try {
    tree = new Parser().parse(query);
    algebra = toAlgebra(tree, { blankToVariable: true, quads: false });
  } catch (error) {
    throw new SyntaxError(String(error.message).split("\n", 1)[0]);
  }
  const from = algebra.type === "from" ? algebra : null;
  const root = from ? from.input : algebra;
  if (tree.subType === "describe") throw new Refused("DESCRIBE is not answered here: ask with CONSTRUCT.");
  const found = new Map();
  const walk = new Walk((part) => found.set(part.text, part));
  walk.visit(root, null, []);
  const names = (terms) => terms.map((term) => term.value);
  return { form: tree.subType, from: from && { default: names(from.default), named: names(from.named) }, parts: [...found.values()] };
}

class Walk {
  constructor(add) {
    this.add = add;
    this.fresh = 0;
  }

  // Context: what holds of every solution of this operation that matters: {patterns, graph} and {values}.
  visit(op, graph, context) {
    switch (op.type) {
      case "bgp":
        if (graph && op.patterns.length === 0) this.list();
        this.stars(op.patterns, graph, context);
        return;
      case "path":
        this.path(op, graph, context);
        return;
      case "graph":
        // GRAPH ranges over graphs, whatever is in its braces.
        if (this.holding(op.input, op.name).every((each) => each.values)) this.list();
        this.visit(op.input, op.name, context);
        return;
      case "join": {
        const held = op.input.map((each) => this.holding(each, graph));
        op.input.forEach((each, index) => this.visit(each, graph, [...context, ...held.toSpliced(index, 1).flat()]));
        return;
      }
      case "leftjoin":
      case "minus": {
        const held = this.holding(op.input[0], graph);
        this.visit(op.input[0], graph, context);
        this.visit(op.input[1], graph, held);
        if (op.expression) this.expression(op.expression, graph, [...held, ...this.holding(op.input[1], graph)]);
        return;
      }
      case "filter":
        this.visit(op.input, graph, context);
        this.expression(op.expression, graph, this.holding(op.input, graph));
        return;
      case "extend":
        this.visit(op.input, graph, context);
        this.expression(op.expression, graph, []);
        return;
      case "union":
        for (const each of op.input) this.visit(each, graph, context);
        return;
      case "service":
        throw new Refused("SERVICE is not allowed here.");
      case "values":
      case "nop":
        return;
      // These end a scope: what they make of all their solutions depends on each of them.
      case "group":
        for (const each of op.aggregates) this.expression(each, graph, []);
        this.visit(op.input, graph, []);
        return;
      case "orderby":
        for (const each of op.expressions) this.expression(each, graph, []);
        this.visit(op.input, graph, []);
        return;
      case "project":
      case "distinct":
      case "reduced":
      case "slice":
      case "construct":
      case "ask":
        this.visit(op.input, graph, []);
        return;
      default:
        throw new Refused(`This is not answered here: ${op.type}.`);
    }
  }

  // Patterns and values that every solution of an operation satisfies.
  holding(op, graph) {
    if (op.type === "bgp") return op.patterns.map((pattern) => ({ pattern, graph }));
    if (op.type === "values") return [{ values: op }];
    if (op.type === "join") return op.input.flatMap((each) => this.holding(each, graph));
    if (op.type === "graph") return this.holding(op.input, op.name);
    if (op.type === "leftjoin" || op.type === "minus") return this.holding(op.input[0], graph);
    if (op.type === "filter") return this.holding(op.input, graph);
    if (op.type === "extend") {
      const term = op.expression.term;
      const held = this.holding(op.input, graph);
      return term && !isVariable(term) ? [...held, { values: { variables: [op.variable], bindings: [{ [op.variable.value]: term }] } }] : held;
    }
    return [];
  }

  expression(found, graph, context) {
    if (found.subType === "existence") this.visit(found.input, graph, context);
    for (const each of found.args ?? []) this.expression(each, graph, context);
    if (found.expression) this.expression(found.expression, graph, context);
  }

  stars(patterns, graph, context) {
    const subjects = new Map();
    for (const each of patterns) {
      const key = written(each.subject);
      subjects.set(key, [...(subjects.get(key) ?? []), each]);
    }
    const around = [...context, ...patterns.map((pattern) => ({ pattern, graph }))];
    for (const own of subjects.values()) this.star(own, graph, around);
  }

  // One query for patterns of one subject; what is known of it from outside makes it narrower.
  star(own, graph, context, filter = "") {
    const subject = own[0].subject;
    const near = context.filter((each) => each.pattern && equal(each.pattern.subject, subject) && same(each.graph, graph));
    const lines = new Set([...own, ...near.map((each) => each.pattern)].map(line));
    const names = new Set(own.flatMap((each) => [each.subject, each.predicate, each.object]).filter(isVariable).map(written));
    if (graph && isVariable(graph)) names.add(written(graph));
    const values = context.filter((each) => each.values).flatMap((each) => columns(each.values, names));
    if (names.size === 0) {
      names.add("?one");
      values.push("VALUES ?one { 1 }");
    }
    const body = `${[...lines].join(" ")} ${filter}`;
    const text = `${within(graph, body)} ${values.join(" ")}`;
    const seed = isVariable(subject) && values.length === 0 ? this.seed(subject, names, context) : undefined;
    this.add({ text: `SELECT DISTINCT ${[...names].join(" ")} { ${text} }`, seed, patterns: own, graph });
  }

  // What a variable of a star may be, by a star beside it that says more: to be asked first, and of use while it is little.
  seed(subject, names, context) {
    for (const wanted of [(each) => !isVariable(each.subject), (each) => !isVariable(each.object)]) {
      for (const { pattern, graph } of context) {
        if (!pattern || equal(pattern.subject, subject) || !wanted(pattern)) continue;
        const star = context.filter((each) => each.pattern && same(each.graph, graph) && equal(each.pattern.subject, pattern.subject));
        const all = star.flatMap((each) => [each.pattern.subject, each.pattern.object]);
        const name = all.filter(isVariable).map(written).find((each) => names.has(each));
        if (!name) continue;
        const body = within(graph, star.map((each) => line(each.pattern)).join(" "));
        return { name, text: `SELECT DISTINCT ${name} { ${body} } LIMIT ${SEEDS + 1}` };
      }
    }
    return undefined;
  }

  list() {
    const [s, p, o] = ["s", "p", "o"].map(variable);
    const text = "SELECT DISTINCT ?graph { GRAPH ?graph { ?s ?p ?o } }";
    this.add({ text, listing: true, patterns: [{ subject: s, predicate: p, object: o }] });
  }

  path(op, graph, context) {
    this.steps(op.predicate, op.subject, op.object, graph, context);
    if (!mayBeEmpty(op.predicate)) return;
    // A path of length zero joins a term with itself where the data has it: what is known of one end is known of both.
    const known = [op.subject, op.object].map((end) => this.known(end, graph, context)).filter(Boolean);
    const [terms] = known.sort((one, other) => one.length - other.length);
    if (!terms) this.star([this.any()], graph, []);
    else if (terms.length) this.somewhere(terms, graph);
  }

  // The terms that an end of a path may be; none to ask for where another pattern of this graph has it too.
  known(end, graph, context) {
    if (!isVariable(end)) return [end];
    if (context.some((each) => each.pattern && same(each.graph, graph) && mentions(each.pattern, end))) return [];
    return context.filter((each) => each.values).map((each) => column(each.values, end)).find(Boolean);
  }

  // The triples that steps of a path may go along; ends are known while no step is repeated or followed by another.
  steps(path, subject, object, graph, context) {
    const [free, other] = [variable(`path${this.fresh++}`), variable(`path${this.fresh++}`)];
    switch (path.type) {
      case "link":
        return this.star([{ subject, predicate: path.iri, object }], graph, context);
      case "inv":
        return this.steps(path.path, object, subject, graph, context);
      case "nps": {
        const predicate = variable(`path${this.fresh++}`);
        const filter = `FILTER(${written(predicate)} NOT IN (${path.iris.map(written).join(", ")}))`;
        return this.star([{ subject, predicate, object }], graph, context, filter);
      }
      case "alt":
        for (const each of path.input) this.steps(each, subject, object, graph, context);
        return;
      case "seq":
        for (const each of path.input) this.steps(each, variable(`path${this.fresh++}`), variable(`path${this.fresh++}`), graph, []);
        return;
      default: // repeated, or once at most
        this.steps(path.path, free, other, graph, []);
    }
  }

  somewhere(terms, graph) {
    const [subject, object] = [this.any(), this.any()];
    const values = (name) => [{ values: { variables: [name], bindings: terms.map((term) => ({ [name.value]: term })) } }];
    this.star([subject], graph, values(subject.subject));
    this.star([object], graph, values(object.object));
  }

  any() {
    const names = ["s", "p", "o"].map((name) => variable(`${name}_${this.fresh++}`));
    return { subject: names[0], predicate: names[1], object: names[2] };
  }
}

const within = (graph, body) => (graph ? `GRAPH ${written(graph)} { ${body} }` : body);
const line = (pattern) => `${written(pattern.subject)} ${written(pattern.predicate)} ${written(pattern.object)} .`;
const same = (one, other) => (one === null && other === null) || (one !== null && other !== null && equal(one, other));
const mentions = (pattern, end) => [pattern.subject, pattern.object].some((each) => equal(each, end));

function mayBeEmpty(path) {
  if (path.type === "ZeroOrMorePath" || path.type === "ZeroOrOnePath") return true;
  if (path.type === "inv" || path.type === "OneOrMorePath") return mayBeEmpty(path.path);
  if (path.type === "alt") return path.input.some(mayBeEmpty);
  return path.type === "seq" && path.input.every(mayBeEmpty);
}

// The terms of a variable in VALUES; undefined where it may be unbound.
function column(values, name) {
  const found = values.bindings.map((row) => row[name.value]);
  return values.variables.some((each) => equal(each, name)) && found.every(Boolean) ? found : undefined;
}

function columns(values, names) {
  return values.variables
    .filter((each) => names.has(written(each)))
    .map((each) => [each, column(values, each)])
    .filter(([, terms]) => terms)
    .map(([name, terms]) => `VALUES ${written(name)} { ${[...new Set(terms.map(written))].join(" ")} }`);
}
