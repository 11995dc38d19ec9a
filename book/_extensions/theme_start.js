// Runs before anything is drawn. Where the browser refuses storage (a private window, a frame in a sandbox), all scripts
// of the page get a storage that lasts as long as the page, so that a refusal ends none of them.
(() => {
  const memory = (items) => ({
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(String(key)) ?? null,
    setItem: (key, value) => void items.set(String(key), String(value)),
    removeItem: (key) => void items.delete(String(key)),
    clear: () => items.clear(),
  });
  for (const name of ["localStorage", "sessionStorage"]) {
    const items = new Map();
    try {
      const kept = window[name];
      for (const key of Object.keys(kept)) items.set(key, kept.getItem(key)); // one that is full can be read
      kept.setItem("consensus-lab probe", "");
      kept.removeItem("consensus-lab probe");
    } catch {
      Object.defineProperty(window, name, { value: memory(items), configurable: true });
    }
  }

  const page = document.documentElement.dataset;
  const mode = localStorage.getItem("mode");
  page.mode = mode === "light" || mode === "dark" ? mode : "auto";
  const dark = page.mode === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : mode === "dark";
  page.theme = dark ? "dark" : "light";

  // Paper is light.
  let onScreen = page.theme;
  addEventListener("beforeprint", () => {
    onScreen = page.theme;
    page.theme = "light";
  });
  addEventListener("afterprint", () => {
    page.theme = onScreen;
  });
})();
