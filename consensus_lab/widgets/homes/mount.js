/* The widgets of a page: each gets its module, its payload, and Python where it asks for more than was recorded. */

import { createLoader } from "./loader.js";

/** @type {Record<string, string>} */
const texts = (window.consensusLab ??= {}); // name -> text, once its script has run
const settings = SETTINGS; // put here by book_widgets.py
const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;

/** @param {string} name */
async function textOf(name) {
  if (!(name in texts) && name in settings.modules) {
    await new Promise((done) => {
      const script = document.createElement("script");
      script.src = new URL(settings.modules[name], here).href;
      script.onload = script.onerror = done;
      document.head.append(script);
    });
  }
  if (!(name in texts)) throw new Error(`The module ${name} could not be loaded.`);
  return texts[name];
}
const load = createLoader(textOf);

/* Python's own parts are loaded at the first question, and not for a reader who only plays. */
let python = null;
async function request(message, options) {
  const [{ createPython }, worker] = await Promise.all([load("python"), textOf("worker")]);
  python ??= createPython({
    pyodide: new URL(settings.pyodide, here).href,
    wheel: new URL(settings.wheel, here).href,
    worker,
  });
  return python(message, options);
}

async function payloadOf(element) {
  const { type, textContent } = element.querySelector('script[type^="application/"]');
  return type === "application/json"
    ? JSON.parse(textContent)
    : (await load("packed")).unpack(textContent);
}

/** @type {NodeListOf<HTMLElement>} */
const elements = document.querySelectorAll("[data-widget]");
for (const element of elements) {
  Promise.all([load(element.dataset.widget), payloadOf(element)])
    .then(([module, payload]) => {
      const ask = (message, options) => request(message, { ...options, source: payload.source });
      module.mount(element, payload, { request: ask, load });
    })
    .catch((error) => console.error(`The ${element.dataset.widget} did not start:`, error));
}
