// Choosing a unit by typing (units/picker.py): a combobox after the pattern of the ARIA authoring practices.
// Arrows move, Enter takes, Escape closes; what is taken stands below as a radio button or check box of the form.
// All words stand in the page or in the answer; nothing here evaluates text or writes HTML.
(() => {
  const WAIT = 180; // milliseconds after the last letter
  let pickers = 0;

  const made = (name, css, text) => {
    const element = document.createElement(name);
    if (css) element.className = css;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const start = (box) => {
    if (box.dataset.portalPicker === "ready") return;
    box.dataset.portalPicker = "ready";
    const { url, name } = box.dataset;
    const many = "many" in box.dataset;
    const input = box.querySelector("input[type=text]");
    const seen = box.querySelector("[data-portal-picker-seen]");
    const list = box.querySelector("[data-portal-picker-list]");
    const chosen = box.querySelector("[data-portal-picker-chosen]");
    const status = box.querySelector("[data-portal-picker-status]");
    let rows = [];
    let active = -1;
    let timer = 0;
    let asking = null;

    list.id = `portal-picker-${(pickers += 1)}`;
    list.setAttribute("role", "listbox");
    const label = input.labels?.[0]?.textContent.trim();
    if (label) list.setAttribute("aria-label", label);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    // In a filter the address holds what is chosen, not what was typed on the way to it.
    if ("filter" in box.dataset) {
      input.removeAttribute("name");
      seen.remove();
    }

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      const options = list.children;
      if (active >= 0) options[active]?.setAttribute("aria-selected", "false");
      active = (index + options.length) % options.length;
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[active].id);
    };
    const changed = () => chosen.dispatchEvent(new Event("change", { bubbles: true }));

    const line = (row) => {
      const id = `${input.id}_${row.id}`;
      const item = made("div", "form-check");
      const tick = made("input", "form-check-input");
      Object.assign(tick, { type: many ? "checkbox" : "radio", name, value: row.id, id, checked: true });
      const words = made("label", "form-check-label", `${row.name} `);
      words.htmlFor = id;
      words.append(made("span", "portal-soft", row.detail));
      item.append(tick, words);
      return item;
    };
    const take = (row) => {
      if (many) {
        const there = [...chosen.querySelectorAll("input")].find((tick) => tick.value === row.id);
        if (there) there.checked = true;
        else chosen.append(line(row));
        input.value = "";
      } else {
        chosen.replaceChildren(line(row));
        input.value = row.name;
      }
      seen.value = input.value;
      close();
      changed();
    };
    // What was chosen is no longer meant once its name is changed.
    const forget = () => {
      if (many || !chosen.querySelector("input")) return;
      chosen.replaceChildren();
      if (input.value === "") changed();
    };

    const show = (answer) => {
      rows = answer.rows;
      list.replaceChildren(
        ...rows.map((row, index) => {
          const option = made("div", "portal-picker-option");
          option.id = `${list.id}-${index}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.append(made("span", "", row.name), made("small", "portal-soft", row.detail));
          if (row.was) option.append(made("small", "portal-picker-was", row.was));
          return option;
        }),
      );
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = rows.length === 0;
      // Where the box is narrower than its list, the list stays inside the window.
      list.style.transform = "";
      const over = list.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
      if (over > 0) list.style.transform = `translateX(${-over}px)`;
      input.setAttribute("aria-expanded", String(rows.length > 0));
      status.textContent = rows.length ? `${box.dataset.some} ${rows.length}` : box.dataset.none;
      status.classList.toggle("visually-hidden", rows.length > 0);
    };
    const ask = async () => {
      asking?.abort();
      const typed = input.value.trim();
      if (!typed) {
        status.textContent = "";
        close();
        return;
      }
      asking = new AbortController();
      const address = new URL(url, location.href);
      address.searchParams.set("q", typed);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: asking.signal });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        show(await answer.json());
      } catch (error) {
        if (error.name === "AbortError") return;
        close();
        status.textContent = box.dataset.trouble;
        status.classList.remove("visually-hidden");
      }
    };

    input.addEventListener("input", () => {
      forget();
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    // Typing alone filters nothing: only what is chosen does.
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) ask();
        else if (event.key === "ArrowDown") mark(active + 1);
        else mark(active < 0 ? -1 : active - 1);
      } else if (event.key === "Enter" && open) {
        event.preventDefault();
        if (active >= 0) take(rows[active]);
        else if (rows.length === 1) take(rows[0]);
        else mark(0);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "Tab") {
        close();
      }
    });
    // The pointer must not take the focus from the box before the choice is made.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) take(rows[[...list.children].indexOf(option)]);
    });
    input.addEventListener("blur", () => setTimeout(close, 150));
    // A radio button ticked among several that may have been meant settles the text as well.
    chosen.addEventListener("change", (event) => {
      if (many || !event.target.matches?.("input[type=radio]")) return;
      input.value = event.target.labels[0].firstChild.textContent.trim();
      seen.value = input.value;
    });
  };

  const startAll = (from) => {
    for (const box of from.querySelectorAll("[data-portal-picker]")) start(box);
  };
  startAll(document);
  document.addEventListener("htmx:afterSettle", () => startAll(document));
})();
