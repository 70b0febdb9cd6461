// Suggestions below a search field while somebody types: a combobox with a list (WAI-ARIA 1.2, APG "Combobox").
// The field stays a field of its form: Enter without a chosen suggestion searches as it does without scripts.

const WAIT = 120; // milliseconds without a key before the server is asked
let fields = 0;

export function suggestIn(input) {
  const id = `suggestions-${++fields}`;
  const list = document.createElement("ul");
  Object.assign(list, { id, className: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() ?? "");
  const said = document.createElement("span");
  said.className = "unseen";
  said.setAttribute("role", "status");
  const box = document.createElement("span");
  box.className = "suggesting";
  input.before(box);
  box.append(input, list, said);

  const state = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
  for (const [name, value] of Object.entries(state)) input.setAttribute(name, value);

  const known = new Map();
  let timer, asked = 0, current = -1;

  const options = () => [...list.children];

  function close() {
    asked++;
    clearTimeout(timer);
    list.hidden = true;
    choose(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function choose(place) {
    current = place;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    const option = options()[place];
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function show(results) {
    const page = document.documentElement.lang;
    list.replaceChildren(
      ...results.map((each, at) => {
        const option = document.createElement("li");
        const kind = document.createElement("span");
        option.id = `${id}-${at}`;
        option.setAttribute("role", "option");
        option.dataset.page = each.page;
        const label = document.createElement("bdi");
        label.textContent = each.label;
        if (each.language && each.language !== page) label.lang = each.language;
        kind.textContent = each.kind_label ?? "";
        option.append(label, " ", kind);
        return option;
      }),
    );
    const some = results.length > 0;
    list.hidden = !some;
    choose(-1);
    input.setAttribute("aria-expanded", String(some));
    const words = document.body.dataset;
    said.textContent = some ? words.suggestions.replace("{count}", results.length) : words.noSuggestions;
  }

  function go(option) {
    location.assign(option.dataset.page);
  }

  async function ask() {
    const text = input.value.trim();
    if (!text) return close();
    const mine = ++asked;
    if (!known.has(text)) {
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
        if (!answer.ok) return close();
        known.set(text, (await answer.json()).results);
      } catch {
        return; // offline: the field works without suggestions
      }
    }
    if (mine === asked && document.activeElement === input) show(known.get(text));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = options().length, open = !list.hidden;
    if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && open && current >= 0) {
      event.preventDefault();
      go(options()[current]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return void ask();
      // One step beyond either end is the field itself.
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((current + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Tab") {
      close();
    }
  });

  // A press on a suggestion leaves the focus where it is.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  input.addEventListener("blur", close);
}
