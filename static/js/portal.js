// What every page needs: theme and menus, and a sentence when a request does not come back as it should.
// All words stand in the page (templates/_troubles.html); nothing here evaluates text or writes HTML.
(() => {
  const root = document.documentElement;
  const find = (selector, from = document) => from.querySelector(selector);

  // --- Theme -----------------------------------------------------------------------------------
  const themeButton = find("[data-portal-theme]");
  const themeLabel = find("[data-portal-theme-label]");
  const showTheme = () => {
    const dark = root.dataset.bsTheme === "dark";
    themeLabel.textContent = dark ? themeButton.dataset.light : themeButton.dataset.dark;
    themeButton.title = themeLabel.textContent;
  };
  if (themeButton) {
    themeButton.hidden = false;
    showTheme();
    new MutationObserver(showTheme).observe(root, { attributeFilter: ["data-bs-theme"] });
    themeButton.addEventListener("click", () => {
      root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("portal-theme", root.dataset.bsTheme);
      } catch {
        // storage may be forbidden: the choice then holds for this page
      }
    });
  }

  // --- Navigation on a phone, menus --------------------------------------------------------------
  const navButton = find("[data-portal-nav]");
  if (navButton) {
    navButton.hidden = false;
    navButton.addEventListener("click", () => {
      navButton.setAttribute("aria-expanded", String(navButton.getAttribute("aria-expanded") !== "true"));
    });
  }
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.portal-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.portal-menu[open]")) {
      menu.open = false;
      find("summary", menu).focus();
    }
  });

  // --- Dialogues: <button data-portal-dialog="id"> opens <dialog id="id">, [data-portal-dialog-close] shuts it
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-portal-dialog]");
    if (opener) document.getElementById(opener.dataset.portalDialog)?.showModal();
    if (event.target.closest("[data-portal-dialog-close]")) event.target.closest("dialog")?.close();
  });

  // --- Forms -------------------------------------------------------------------------------------
  // A second press while the first is under way sends nothing; coming back by "back" frees the form again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-portal-once]") || form.hasAttribute("hx-post")) return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  });
  const showErrors = (from) => find("[data-portal-errors]", from)?.focus();
  showErrors(document);
  document.addEventListener("htmx:afterSwap", (event) => showErrors(event.detail.elt));
  // Filters live in the address: what is empty stays out of it.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" || !event.detail.elt.matches(".portal-filter")) return;
    for (const [name, value] of [...event.detail.formData.entries()]) {
      if (value === "") event.detail.formData.delete(name);
    }
  });

  // --- Requests that fail: a sentence, and what was typed stays ------------------------------------
  const trouble = document.getElementById("portal-trouble");
  if (!trouble) return;
  const troubleText = find("[data-portal-trouble-text]", trouble);
  const troubleLogin = find("[data-portal-trouble-login]", trouble);
  let expired = false;

  const say = (kind) => {
    trouble.hidden = false;
    trouble.classList.toggle("portal-trouble-good", kind === "renewed");
    troubleText.textContent = trouble.dataset[kind];
    expired = kind === "expired";
    troubleLogin.hidden = !expired;
  };
  const hush = () => {
    trouble.hidden = true;
    expired = false;
  };
  find("[data-portal-trouble-close]", trouble).addEventListener("click", hush);

  const isLogin = (address) => {
    if (!address) return false;
    return new URL(address, location.href).pathname === new URL(trouble.dataset.login, location.href).pathname;
  };
  const kindOf = (status) => {
    if (status === 401) return "expired";
    if (status === 403) return "forbidden";
    if (status === 404) return "missing";
    if (status === 429) return "busy";
    return status >= 500 ? "server" : "refused";
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    // The session ended: the server sent the request on to the sign-in page, which must not land inside this one.
    if (isLogin(event.detail.xhr.responseURL) && !isLogin(location.href)) {
      event.detail.shouldSwap = false;
      say("expired");
    }
  });
  document.addEventListener("htmx:responseError", (event) => say(kindOf(event.detail.xhr.status)));
  document.addEventListener("htmx:sendError", () => say("network"));
  document.addEventListener("htmx:timeout", () => say("network"));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !expired && !trouble.hidden) hush();
  });

  // After signing in again elsewhere this page still holds the old session's token: take the new one over.
  const renew = async () => {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || isLogin(response.url)) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const headers = fresh.body.getAttribute("hx-headers");
    const token = find("input[name=csrfmiddlewaretoken]", fresh)?.value;
    if (!headers || !token) return;
    document.body.setAttribute("hx-headers", headers);
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
    say("renewed");
  };
  window.addEventListener("focus", () => {
    if (expired) renew().catch(() => say("network"));
  });
})();
