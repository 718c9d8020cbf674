// The tree of units: a line's button opens and shuts what stands below it, and fetches that the first time.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-portal-tree]");
  if (!button) return;
  const branch = document.getElementById(button.getAttribute("aria-controls"));
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  branch.hidden = !open;
  // empty: never fetched, or the line was lost while it was under way
  if (open && !branch.firstElementChild) {
    htmx.process(button); // a line that was swapped in a moment ago may not be listening yet
    htmx.trigger(button, "portal:open");
  }
});

// A line's menu of acts is fetched when it opens, and again where that did not come through.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.open || !menu.querySelector("[data-portal-opening]")) return;
    htmx.process(menu);
    htmx.trigger(menu, "portal:open");
  },
  true, // the event does not bubble
);
