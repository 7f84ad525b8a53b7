// Suggestions as one types: a combobox with a list (ARIA Authoring Practices). Without it the form works as it is.
const WAIT = 120; // milliseconds without a key before asking
const LEAST = 2; // characters

for (const input of document.querySelectorAll("input[data-suggest]")) suggest(input);

function suggest(input) {
  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.role = "listbox";
  list.ariaLabel = input.dataset.list;
  list.hidden = true;
  input.after(list);
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(states)) input.setAttribute(name, value);
  let timer, asking, chosen = -1;

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    choose(-1);
  }

  function choose(number) {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = number;
    const option = list.children[number];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function option(hit, number) {
    const item = document.createElement("li");
    item.id = `${list.id}-${number}`;
    item.role = "option";
    item.setAttribute("aria-selected", "false");
    item.dataset.url = hit.answer ?? hit.url;
    const context = [hit.kindLabel, hit.context].filter(Boolean).join(", ");
    const parts = [["strong", hit.label], ["small", context]];
    if ("inTerritory" in hit) parts.push(["small", hit.inTerritory ? input.dataset.yes : input.dataset.no]);
    for (const [name, text] of parts) {
      const part = document.createElement(name);
      part.textContent = text;
      item.append(part, " ");
    }
    item.lastElementChild.classList.toggle("yes", Boolean(hit.inTerritory));
    return item;
  }

  async function ask() {
    asking?.abort();
    const text = input.value.trim();
    if (text.length < LEAST) return show(false);
    asking = new AbortController();
    try {
      const url = new URL(input.dataset.suggest, location.href);
      url.searchParams.set("q", text);
      const answer = await fetch(url, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return show(false);
      const { hits } = await answer.json();
      list.replaceChildren(...hits.map(option));
      show(hits.length > 0 && document.activeElement === input);
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "Escape" && !list.hidden) show(false);
    else if (event.key === "ArrowDown" && last >= 0) {
      if (list.hidden) show(true);
      choose(chosen < last ? chosen + 1 : 0);
    } else if (event.key === "ArrowUp" && !list.hidden) choose(chosen > 0 ? chosen - 1 : last);
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.url);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) location.assign(item.dataset.url);
  });
}
