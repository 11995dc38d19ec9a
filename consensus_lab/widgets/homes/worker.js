/* The worker that runs Python. It is told once where Python and the book's package are, then gets questions as text. */

let python = null;

async function load({ pyodide, wheel }) {
  const say = (progress) => postMessage({ progress });
  say("Loading Python");
  const fetched = fetch(wheel).then((answer) =>
    answer.ok ? answer.arrayBuffer() : Promise.reject(`${wheel}: ${answer.status}`),
  );
  fetched.catch(() => {}); // heard below, after Python is there
  const { loadPyodide } = await import(`${pyodide}pyodide.mjs`);
  const { runPython, unpackArchive } = await loadPyodide({ indexURL: pyodide });
  say("Starting Python");
  unpackArchive(await fetched, "wheel"); // in the archive itself Python would compile each module twice
  return runPython("from consensus_lab.answers.answer import answer_text\nanswer_text");
}

onmessage = async ({ data }) => {
  if (data.pyodide) {
    python = load(data);
    python.catch((error) =>
      postMessage({ failed: `Python did not start: ${error?.message ?? error}` }),
    );
    return;
  }
  const { number, text, source } = data;
  const answer = await python.catch(() => null);
  if (!answer) return;
  postMessage({ working: number });
  postMessage({ number, text: answer(text, source) });
};
