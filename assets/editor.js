// The page /sparql: the query field becomes an editor, and answers come without leaving the page. The form works without.
import "@zazuko/yasqe/build/yasqe.min.css";
import "./editor/editor.css";
import { showAnswers } from "./editor/answers.js";
import { completion, declareUsed } from "./editor/completion.js";
import { makeEditor } from "./editor/field.js";
import { Schema } from "./editor/schema.js";
import { showOverview } from "./editor/overview.js";

const form = document.getElementById("asking");
const words = JSON.parse(form.dataset.words);
const schema = new Schema(form.dataset.schema);
const complete = completion(schema, form.dataset.find, words);
const editor = makeEditor(form, words, complete, (each) => declareUsed(each, schema));

showAnswers(form, editor, words);
showOverview(document.getElementById("schema"), schema, editor, words);
