/* The worker that runs Python. It is told once where Python and the book's package are, then gets questions as text. To each
   it says that it is working on it, and then the answer, or that it broke. */

import { messageOf } from "../shared/values.js";

/** @typedef {{ pyodide: string, wheel: string }} Places */
/** @typedef {{ number: number, text: string, source: string }} Question */

/** @type {Promise<(text: string, source: string) => unknown> | null} */
let python = null; // promise of the function that answers

/** @param {Places} given */
async function load({ pyodide, wheel }) {
  /** @param {string} progress */
  const say = (progress) => postMessage({ progress });
  say("Loading Python");
  const fetched = fetchBytes(wheel);
  fetched.catch(() => {}); // heard below, after Python is there
  const { loadPyodide } = await import(`${pyodide}pyodide.mjs`);
  const { runPython, unpackArchive } = await loadPyodide({ indexURL: pyodide });
  say("Starting Python");
  unpackArchive(await fetched, "wheel"); // in the archive itself Python would compile each module twice
  return runPython("from consensus_lab.answers.answer import answer_text\nanswer_text");
}
/** @param {string} address */
async function fetchBytes(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
}

/** @param {Places} places */
async function start(places) {
  python = load(places);
  try {
    await python;
    postMessage({ ready: true });
  } catch (error) {
    postMessage({ failed: `Python did not start: ${messageOf(error)}` });
  }
}

/** @param {Question} given */
async function answer({ number, text, source }) {
  const answerText = await python?.catch(() => null);
  if (!answerText) return; // that it failed has been said
  postMessage({ working: number });
  try {
    postMessage({ number, text: String(answerText(text, source)) });
  } catch (error) {
    postMessage({ number, broken: `Python broke off: ${messageOf(error)}` });
  }
}

onmessage = ({ data }) => (data.pyodide ? start(data) : answer(data));
