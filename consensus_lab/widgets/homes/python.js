/* Python in the page: one worker for all widgets, started by the first question that the recording cannot answer.

   Answers come in the order of the questions. A worker that takes too long over one, whose question is canceled, or that
   gives no proper answer is ended; what others still wait for is asked again of a new one. So each question is answered,
   or refused in words. */

const PATIENCE = 60_000; // milliseconds for one answer, once Python has begun with it
const LOADING = 120_000; // milliseconds until Python has to be up
const HELP = {
  file: "Python cannot start in a page opened from a folder. Serve the folder, with: python -m http.server",
  load: "Python could not be loaded. Is the page online? The recorded run goes on working.",
  slow: `Python was not there after ${LOADING / 60_000} minutes. The recorded run goes on working.`,
  late: `This took more than ${PATIENCE / 1000} seconds, so it was stopped.`,
  broken: "Python broke off over this question and was started anew.",
};

/**
 * @typedef {{
 *   text: string,
 *   source: string,
 *   resolve: (reply: any) => void,
 *   reject: (reason: Error) => void,
 *   progress?: (text: string) => void,
 *   clock: number | undefined,
 * }} Question
 */

/**
 * A function that asks Python; it is started when that is first called.
 *
 * @param {{ pyodide: string, wheel: string, worker: string }} places addresses, and the text of worker.js
 */
export function createPython({ pyodide, wheel, worker: script }) {
  /** @type {Map<number, Question>} */
  const waiting = new Map(); // number -> question, in the order of asking
  /** @type {Worker | null} */
  let worker = null;
  let asked = 0;
  /** @type {number | undefined} */
  let loading; // the clock until Python is up

  function start() {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const mine = (worker = new Worker(address, { type: "module" }));
    worker.onmessage = ({ data }) => mine === worker && hear(data);
    worker.onerror = () => mine === worker && fail(HELP.load);
    worker.onmessageerror = () => mine === worker && fail(HELP.broken);
    loading = setTimeout(() => fail(HELP.slow), LOADING);
    worker.postMessage({ pyodide, wheel });
    for (const [number, { text, source }] of waiting) worker.postMessage({ number, text, source });
  }
  function stop() {
    clearTimeout(loading);
    for (const question of waiting.values()) clearTimeout(question.clock);
    worker?.terminate();
    worker = null;
  }
  /**
   * Nobody gets an answer; a question asked again may.
   *
   * @param {string} reason
   */
  function fail(reason) {
    const questions = [...waiting.values()];
    stop();
    waiting.clear();
    for (const { reject } of questions) reject(Object.assign(new Error(reason), { again: true }));
  }
  /**
   * One question gets no answer, and its worker is lost; the others are asked again.
   *
   * @param {number} number
   * @param {string} reason
   */
  function drop(number, reason) {
    const question = waiting.get(number);
    if (!question) return;
    stop();
    waiting.delete(number);
    question.reject(new Error(reason));
    if (waiting.size) start();
  }

  /** @param {any} said one of the worker's messages */
  function hear({ progress, ready, failed, working, broken, number, text }) {
    if (failed) {
      console.info(failed);
      fail(HELP.load);
    } else if (progress) {
      for (const question of waiting.values()) question.progress?.(progress);
    } else if (ready) clearTimeout(loading);
    else if (working !== undefined) begin(working);
    else if (broken !== undefined) {
      console.info(broken);
      drop(number, HELP.broken);
    } else answer(number, text);
  }
  /** @param {number} number */
  function begin(number) {
    const question = waiting.get(number);
    if (question) question.clock = setTimeout(() => drop(number, HELP.late), PATIENCE);
  }
  /**
   * @param {number} number
   * @param {string} text
   */
  function answer(number, text) {
    const question = waiting.get(number);
    if (!question) return;
    let reply;
    try {
      reply = JSON.parse(text);
    } catch {
      drop(number, HELP.broken);
      return;
    }
    clearTimeout(question.clock);
    waiting.delete(number);
    question.resolve(reply);
  }

  /**
   * @param {object} message
   * @param {{ signal?: AbortSignal, progress?: (text: string) => void, source?: string }} [options]
   * @returns {Promise<any>}
   */
  function ask(message, { signal, progress, source = "" } = {}) {
    return new Promise((resolve, reject) => {
      if (location.protocol === "file:") throw new Error(HELP.file);
      if (signal?.aborted) throw new Error("Canceled.");
      const number = ++asked;
      const text = JSON.stringify(message);
      waiting.set(number, { text, source, resolve, reject, progress, clock: 0 });
      signal?.addEventListener("abort", () => drop(number, "Canceled."), { once: true });
      if (worker) worker.postMessage({ number, text, source });
      else start();
    });
  }
  return ask;
}
