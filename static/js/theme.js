// Runs before the first paint, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("portal-theme");
    } catch {
      return null; // storage may be forbidden; then the machine's own setting holds
    }
  };
  const apply = () => {
    root.dataset.bsTheme = chosen() ?? (dark.matches ? "dark" : "light");
  };
  root.classList.add("js");
  dark.addEventListener("change", apply);
  apply();
})();
