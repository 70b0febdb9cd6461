// Running a query without leaving the page: the server's page is fetched and its answer shown below the editor.
import { copyFrom } from "../parts/copy.js";

// Longer addresses are not sure to arrive: such a query is posted, and has no link.
const LONGEST = 8000;

// Take over both forms of the page, and going back and forth in the history.
export function showAnswers(form, editor, words) {
  const outcome = document.getElementById("outcome");
  const told = document.getElementById("told");
  let running = new AbortController();

  async function ask(address, { body, remember = false, fill = false } = {}) {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    told.textContent = words.running;
    outcome.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { method: body ? "POST" : "GET", body, signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (signal.aborted) return;
      const found = page.getElementById("outcome");
      if (!found) throw new Error(page.title);
      if (remember) history.pushState(null, "", answer.url);
      document.title = page.title;
      if (fill) fillIn(page);
      show(document.importNode(found, true));
    } catch (error) {
      if (signal.aborted) return;
      outcome.replaceChildren();
      told.textContent = error instanceof TypeError ? words.unreachable : error.message;
    }
    outcome.removeAttribute("aria-busy");
  }

  function fillIn(page) {
    editor.setValue(page.getElementById("query").value);
    form.elements["default-graph-uri"].value = page.getElementById("graph").value;
  }

  function show(found) {
    outcome.replaceChildren(...found.childNodes);
    const error = document.getElementById("query-error");
    const summary = document.getElementById("summary");
    // An error is an alert of its own.
    told.textContent = summary?.textContent.trim() ?? "";
    summary?.remove();
    finish(error);
  }

  // What only a script can add to an answer: the place of an error in the editor, and a button that copies the link.
  function finish(error) {
    editor.getAllMarks().forEach((mark) => mark.clear());
    const input = editor.getInputField();
    input.setAttribute("aria-invalid", String(Boolean(error)));
    input.setAttribute("aria-describedby", error ? "query-keys query-error" : "query-keys");
    if (error?.dataset.line) {
      const place = { line: error.dataset.line - 1, ch: error.dataset.column - 1 };
      editor.markText(place, { ...place, ch: place.ch + 1 }, { className: "query-error-place" });
      editor.setCursor(place);
      editor.focus();
    }
    outcome.querySelectorAll("pre[data-copy]").forEach(copyFrom);
    const share = document.getElementById("share");
    if (!share || !navigator.clipboard) return;
    const copy = document.createElement("button");
    Object.assign(copy, { type: "button", className: "ds-button", textContent: words.copy });
    Object.assign(copy.dataset, { size: "sm", variant: "tertiary" });
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(share.querySelector("a").href);
      told.textContent = words.copied;
    });
    share.append(copy);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (!value) data.delete(name);
    const fields = new URLSearchParams(data);
    const address = `${form.action}?${fields}`;
    if (address.length > LONGEST) ask(form.action, { body: fields });
    else ask(address, { remember: true });
  });
  const examples = document.getElementById("examples");
  examples.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(`${examples.action}?${new URLSearchParams(new FormData(examples))}`, { remember: true, fill: true });
  });
  window.addEventListener("popstate", () => ask(location.href, { fill: true }));
  finish(document.getElementById("query-error"));
}
