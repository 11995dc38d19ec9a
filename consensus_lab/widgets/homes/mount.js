/* The widgets of a page: each gets its module, its payload, and Python where it asks for more than was recorded. */

import { createLoader } from "./loader.js";
import { unpack } from "./packed.js";

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
/**
 * @param {Message} message
 * @param {RequestOptions} options
 */
async function request(message, options) {
  const [{ createPython }, worker] = await Promise.all([load("python"), textOf("worker")]);
  python ??= createPython({
    pyodide: new URL(settings.pyodide, here).href,
    wheel: new URL(settings.wheel, here).href,
    worker,
  });
  return python(message, options);
}

/** @param {HTMLElement} element */
async function payloadOf(element) {
  /** @type {HTMLScriptElement | null} */
  const script = element.querySelector('script[type^="application/"]');
  const text = script?.textContent ?? "";
  return script?.type === "application/json" ? JSON.parse(text) : unpack(text);
}

/** @param {HTMLElement} element */
async function start(element) {
  const { widget = "" } = element.dataset;
  try {
    const [module, payload] = await Promise.all([load(widget), payloadOf(element)]);
    /**
     * @param {Message} message
     * @param {RequestOptions} options
     */
    const ask = (message, options) => request(message, { ...options, source: payload.source });
    module.mount(element, payload, { request: ask, load });
  } catch (error) {
    console.error(`The ${widget} did not start:`, error);
  }
}

/* A frame is painted; or the page is in a tab behind others, where none is. */
const painted = () =>
  new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 200);
  });

/** @param {string} name */
const happened = (name) =>
  new Promise((done) => document.addEventListener(name, done, { once: true }));

/* The first widget is drawn while the rest of the page is on its way, and what else the page runs waits for that. Then
   each has a frame for itself. */
async function startAll() {
  const whole = document.readyState === "loading" ? happened("DOMContentLoaded") : null;
  /** @returns {HTMLElement | null} */
  const firstOf = () => document.querySelector("[data-widget]");
  for (const name in texts) if (name !== "shared") load(name).catch(() => {}); // whoever asks for it again is told
  if (!firstOf()) await Promise.race([happened("first-widget"), whole]);
  const first = firstOf();
  if (first) await start(first);
  await Promise.all([painted(), whole]);
  document.dispatchEvent(new Event("first-frame"));
  /** @type {NodeListOf<HTMLElement>} */
  const elements = document.querySelectorAll("[data-widget]");
  for (const element of elements) {
    if (element === first) continue;
    await start(element);
    await painted();
  }
}
startAll();
