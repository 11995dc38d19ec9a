// Modules travel as text and are imported from Blob addresses: a page opened from a folder may not import files.
const modules = window.consensusLab;
const settings = SETTINGS;
const here = document.currentScript.src;
const imported = {};

function load(name) {
  return (imported[name] ??= import(
    URL.createObjectURL(new Blob([modules[name]], { type: "text/javascript" }))
  ));
}

// Python's own parts are made at the first question: nothing is loaded for a reader who only plays.
let python = null;
async function request(message, options) {
  const { createPython } = await load("python");
  python ??= createPython({
    pyodide: new URL(settings.pyodide, here).href,
    wheel: new URL(settings.wheel, here).href,
    worker: modules.worker,
  });
  return python(message, options);
}

for (const element of document.querySelectorAll("[data-widget]")) {
  const payload = JSON.parse(element.querySelector('script[type="application/json"]').textContent);
  const ask = (message, options) => request(message, { ...options, source: payload.source });
  load(element.dataset.widget)
    .then((module) => module.mount(element, payload, { request: ask }))
    .catch((error) => console.error(`The ${element.dataset.widget} did not start:`, error));
}
