// One query at a time: what it can see is fetched from all shards, and Oxigraph answers it over that.

import { parentPort, workerData } from "node:worker_threads";
import oxigraph from "oxigraph";
import { plan, Refused, SEEDS } from "./stars.mjs";

// How `innherred publish --shards` names blank nodes: so one is the same node whoever is asked.
const BLANK = "urn:x-innherred:blank:";
const RESULTS = "application/sparql-results+json";
const NO_GRAPH = "urn:x-innherred:no-graph";
const { shards, bytes } = workerData;

class Shard extends Error {}

parentPort.on("message", async (request) => {
  try {
    parentPort.postMessage({ status: 200, ...(await answer(request)) });
  } catch (error) {
    const status = error instanceof Shard ? 503 : error instanceof SyntaxError ? 400 : 500;
    const known = error instanceof Shard || error instanceof SyntaxError || error instanceof Refused;
    const body = known ? error.message : `The engine ended: ${error.message}`;
    parentPort.postMessage({ status, type: "text/plain", body, broken: !known });
  }
});

// The first message says that all is loaded.
parentPort.postMessage(null);

async function answer({ query, dataset, accept }) {
  const { form, from, parts } = plan(query);
  const type = choose(form, accept);
  if (!type) return { status: 406, type: "text/plain", body: "There is no such format for an answer of this form." };
  // Graphs of the protocol win over those of the query (SPARQL 1.1 Protocol §2.1.4).
  const graphs = dataset ?? from;
  const left = { bytes };
  const store = new oxigraph.Store();
  const named = new Set();
  const asked = new Map();
  const all = async (text) => (await Promise.all(shards.map((shard) => ask(shard, text, graphs, left)))).flat();
  const once = (text) => asked.get(text) ?? asked.set(text, all(text)).get(text);
  const replies = await Promise.all(parts.map(async (part) => ({ part, rows: await once(await narrowed(part, once)) })));
  const lines = [];
  for (const { part, rows } of replies) {
    if (part.listing) for (const row of rows) named.add(row.graph.value);
    else nquads(part, rows, named, lines);
  }
  // All in one document: a label of a blank node is one node there.
  store.load(lines.join("\n"), { format: "application/n-quads", no_transaction: true });
  // A graph that a query names, or ranges over, is there also when it has nothing that a pattern matches.
  for (const graph of named) store.update(`CREATE SILENT GRAPH <${graph}>`);
  let found;
  try {
    found = store.query(query, {
      default_graph: oxigraph.defaultGraph(),
      named_graphs: [...named].map(oxigraph.namedNode),
      results_format: type,
    });
  } catch (error) {
    if (/pars|expected|error at/i.test(String(error.message ?? error))) throw new SyntaxError(String(error.message ?? error));
    throw error;
  }
  return { type, body: found };
}

// The text of a part, with the terms that its seed found where these are few.
async function narrowed({ text, seed }, once) {
  if (!seed) return text;
  const terms = new Set((await once(seed.text)).map((row) => sparql(row[seed.name.slice(1)])));
  return terms.size > SEEDS ? text : `${text.slice(0, -1)}VALUES ${seed.name} { ${[...terms].join(" ")} } }`;
}

function choose(form, accept) {
  const offered =
    form === "construct"
      ? ["application/n-triples", "text/turtle", "application/rdf+xml"]
      : [RESULTS, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"];
  const asked = accept.split(",").map((each) => each.split(";", 1)[0].trim().toLowerCase());
  return asked.map((each) => offered.find((one) => each === one || each === "*/*" || each === `${one.split("/")[0]}/*`)).find(Boolean);
}

async function ask(shard, text, graphs, left) {
  const fields = new URLSearchParams({ query: text });
  for (const graph of graphs ? [...graphs.default] : []) fields.append("default-graph-uri", graph);
  for (const graph of graphs ? [...graphs.named] : []) fields.append("named-graph-uri", graph);
  if (graphs && !graphs.default.length) fields.append("default-graph-uri", NO_GRAPH);
  if (graphs && !graphs.named.length) fields.append("named-graph-uri", NO_GRAPH);
  const number = shards.indexOf(shard) + 1;
  let reply = "";
  try {
    const answer = await fetch(shard, { method: "POST", body: fields, headers: { Accept: RESULTS }, redirect: "error" });
    if (answer.status === 400) throw new Refused(`Shard ${number} does not take what is asked of it: ${(await answer.text()).slice(0, 200)}`);
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) {
      left.bytes -= chunk.length;
      if (left.bytes < 0) throw new Refused(`The query has to see more than ${bytes} bytes of the shards. Make its patterns more specific.`);
      reply += decoder.decode(chunk, { stream: true });
    }
    return JSON.parse(reply).results.bindings;
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Shard(`Shard ${number} of ${shards.length} does not answer: ${error.cause?.code ?? error.message}.`);
  }
}

// Adds the triples that rows are solutions of, as lines of N-Quads.
function nquads(part, rows, named, lines) {
  for (const row of rows) {
    const graph = part.graph && term(part.graph, row);
    if (graph) named.add(graph.slice(1, -1));
    for (const each of part.patterns)
      lines.push(`${term(each.subject, row)} ${term(each.predicate, row)} ${term(each.object, row)} ${graph ?? ""}.`);
  }
}

function term(of, row) {
  const found = of.termType === "Variable" ? row[of.value] : json(of);
  if (found.type === "uri" && found.value.startsWith(BLANK)) return `_:${found.value.slice(BLANK.length)}`;
  return sparql(found);
}

// A term of results in JSON, as SPARQL and N-Quads write it.
function sparql(found) {
  if (found.type === "uri") return `<${found.value}>`;
  if (found.type === "bnode") throw new Shard("A shard has blank nodes: publish with --shards.");
  const text = JSON.stringify(found.value);
  if (found["xml:lang"]) return `${text}@${found["xml:lang"]}`;
  return found.datatype ? `${text}^^<${found.datatype}>` : text;
}

function json(of) {
  if (of.termType === "NamedNode") return { type: "uri", value: of.value };
  const language = of.language ? { "xml:lang": of.language } : { datatype: of.datatype.value };
  return { type: "literal", value: of.value, ...language };
}
