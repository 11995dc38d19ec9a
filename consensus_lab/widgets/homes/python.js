/* Python in the page: one worker for all widgets, started by the first question that the recording cannot answer.
   Answers come in the order of the questions. A worker that takes too long, or whose question is canceled, is ended;
   what others still wait for is asked again of a new one. */

const PATIENCE = 60_000; // milliseconds for one answer, once Python is up
const HELP = {
  file: "Python cannot start in a page opened from a folder. Serve the folder, with: python -m http.server",
  load: "Python could not be loaded. Is the page online? The recorded run goes on working.",
};

export function createPython({ pyodide, wheel, worker: source }) {
  const waiting = new Map(); // number -> question, in the order of asking
  let worker = null;
  let asked = 0;
  let clock = 0;

  function start() {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    worker = new Worker(address, { type: "module" });
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = () => fail(HELP.load);
    worker.postMessage({ pyodide, wheel });
    for (const [number, { text, source }] of waiting) worker.postMessage({ number, text, source });
  }
  function stop() {
    clearTimeout(clock);
    worker?.terminate();
    worker = null;
  }
  function fail(text) {
    stop();
    for (const { reject } of waiting.values()) reject(new Error(text));
    waiting.clear();
  }
  function drop(number, reason) {
    // what was computed for it is lost; the others are asked again
    const question = waiting.get(number);
    if (!question) return;
    waiting.delete(number);
    question.reject(new Error(reason));
    stop();
    if (waiting.size) start();
  }
  function hear({ progress, failed, working, number, text }) {
    if (failed) {
      console.info(failed);
      return fail(HELP.load);
    }
    if (progress) for (const question of waiting.values()) question.progress?.(progress);
    if (working !== undefined) {
      clearTimeout(clock);
      clock = setTimeout(
        () => drop(working, `This took more than ${PATIENCE / 1000} seconds, so it was stopped.`),
        PATIENCE,
      );
    }
    if (number === undefined) return;
    clearTimeout(clock);
    const question = waiting.get(number);
    waiting.delete(number);
    question?.resolve(JSON.parse(text));
  }

  return (message, { signal, progress, source = "" } = {}) =>
    new Promise((resolve, reject) => {
      if (location.protocol === "file:") return reject(new Error(HELP.file));
      const number = ++asked;
      const text = JSON.stringify(message);
      waiting.set(number, { text, source, resolve, reject, progress });
      signal?.addEventListener("abort", () => drop(number, "Canceled."), { once: true });
      if (worker) worker.postMessage({ number, text, source });
      else start();
    });
}
