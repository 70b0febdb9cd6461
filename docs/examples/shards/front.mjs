// One SPARQL endpoint over shards: node front.mjs [--port 7890] [--seconds 30] [--megabytes 64] [--workers 2] SHARD...
//
// SPARQL 1.1 Protocol, query only, on loopback: put a proxy in front for anything else. A query that takes longer than
// its seconds, or needs more memory than its worker has, ends with its worker.

import http from "node:http";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import v8 from "node:v8";

const number = (standard) => ({ type: "string", default: String(standard) });
const { values, positionals: shards } = parseArgs({
  allowPositionals: true,
  options: { port: number(7890), seconds: number(30), megabytes: number(64), workers: number(2) },
});
const [port, seconds, megabytes, workers] = ["port", "seconds", "megabytes", "workers"].map((name) => Number(values[name]));
if (!shards.length || [port, seconds, megabytes, workers].some((each) => !(each >= 0)) || !shards.every((each) => /^https?:/.test(each))) {
  console.error("Usage: node front.mjs [--port 7890] [--seconds 30] [--megabytes 64] [--workers 2] http://shard/query ...");
  process.exit(2);
}
const BODY = 1 << 20; // bytes of a request
const WAITING = 64; // requests that wait for a worker
// WebAssembly's memory is no part of resourceLimits: pages of 64 KiB, here 1 GiB for each worker.
v8.setFlagsFromString("--wasm-max-mem-pages=16384");

const idle = [];
const queue = [];

function start() {
  const worker = new Worker(new URL("worker.mjs", import.meta.url), {
    workerData: { shards, bytes: megabytes * 1_000_000 },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  worker.on("message", (answer) => {
    worker.begun = true;
    worker.finish?.(answer);
    worker.finish = null;
    // What an engine is that has run out of memory nobody knows.
    if (answer?.broken) worker.ended = true;
    if (worker.ended) worker.terminate();
    else ready(worker);
  });
  worker.on("error", (error) => {
    if (!worker.begun) {
      console.error(`${error.message}\nIs it installed? npm ci`);
      process.exit(1);
    }
    worker.finish?.({ status: 500, type: "text/plain", body: `The query took more memory than it may have (${error.code ?? error.message}).` });
    worker.finish = null;
  });
  worker.on("exit", () => {
    worker.finish?.({ status: 500, type: "text/plain", body: "The engine ended." });
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    start();
  });
}

function ready(worker) {
  const next = queue.shift();
  if (next) next(worker);
  else idle.push(worker);
}

// Gives the answer to a request; `gone` is called with a function that ends it.
function run(request, gone) {
  return new Promise((resolve) => {
    let ended = false;
    let mine = null;
    const finish = (answer) => {
      ended = true;
      clearTimeout(timer);
      resolve(answer);
    };
    const take = (worker) => {
      mine = worker;
      worker.finish = finish;
      worker.postMessage(request);
    };
    const end = () => {
      if (ended) return;
      if (mine) {
        Object.assign(mine, { finish: null, ended: true });
        mine.terminate();
      } else queue.splice(queue.indexOf(take), 1);
      finish({ status: 504, type: "text/plain", body: `The query took longer than ${seconds} seconds of time.` });
    };
    const timer = setTimeout(end, seconds * 1000);
    gone(end);
    const worker = idle.shift();
    if (worker) take(worker);
    else if (queue.length < WAITING) queue.push(take);
    else finish({ status: 503, type: "text/plain", body: "Too many queries wait. Ask again in a little while." });
  });
}

class Fault extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// The three ways to send a query (SPARQL 1.1 Protocol §2.1).
async function read(request) {
  const url = new URL(request.url, "http://localhost");
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0].trim().toLowerCase();
  if (!["/", "/sparql", "/query"].includes(url.pathname)) throw new Fault(404, "Ask at /sparql.");
  let fields = url.searchParams;
  if (request.method === "POST") {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size > BODY) throw new Fault(413, `A request has at most ${BODY} bytes.`);
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    if (type === "application/x-www-form-urlencoded") fields = new URLSearchParams(text);
    else if (type === "application/sparql-query") fields.append("query", text);
    else throw new Fault(415, "Send application/x-www-form-urlencoded or application/sparql-query.");
  } else if (request.method !== "GET") throw new Fault(405, "Ask with GET or POST.");
  const queries = fields.getAll("query");
  if (queries.length !== 1 || fields.has("update")) throw new Fault(400, "A request has one query, and nothing is updated here.");
  const graphs = { default: fields.getAll("default-graph-uri"), named: fields.getAll("named-graph-uri") };
  const dataset = graphs.default.length || graphs.named.length ? graphs : null;
  return { query: queries[0], dataset, accept: request.headers.accept ?? "*/*" };
}

const server = http.createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 60_000 }, async (request, response) => {
  let answer;
  try {
    const asked = await read(request);
    answer = await run(asked, (end) => response.on("close", end));
  } catch (error) {
    answer = { status: error.status ?? 400, type: "text/plain", body: error.message };
  }
  const body = Buffer.from(String(answer.body));
  const close = request.complete ? {} : { Connection: "close" };
  response.writeHead(answer.status, { "Content-Type": `${answer.type}; charset=utf-8`, "Content-Length": body.length, ...close });
  response.end(body);
});
server.maxConnections = 256;
for (let count = 0; count < workers; count += 1) start();
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/sparql`));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
