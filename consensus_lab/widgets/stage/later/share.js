/* A run as the text of a link: its JSON, compressed, in letters that an address may hold. The text names a protocol and
   every event, and carries no code; whoever gets it has Python replay the run before it is shown. The compression has a
   checksum (Adler-32), so a link that was cut or altered on its way is known for damaged. */

const VERSION = "1.";
const LONGEST = 20_000; // characters in a link
const DEEPEST = 41; // lists and objects in each other: what reads them would run out of stack
const LARGEST = 1_000_000; // bytes of JSON: a link must not swell in the page
const DAMAGED = "This link is damaged: copy it once more, whole. Here is the run as recorded.";

class TooDeep extends Error {
  message =
    "This link cannot be opened: it is nested deeper than any run. Here is the run as recorded.";
}

/**
 * @param {BlobPart} bytes
 * @param {CompressionStream | DecompressionStream} stream
 */
const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream);

/** @param {RunJson} run */
export async function encode(run) {
  const bytes = new Uint8Array(
    await new Response(
      through(JSON.stringify(run), new CompressionStream("deflate")),
    ).arrayBuffer(),
  );
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const text = VERSION + letters.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
  if (text.length > LONGEST)
    throw new Error(
      "This run is too long for a link. Download it as JSON; who gets it can open it here.",
    );
  return text;
}

/** @param {string} text */
export async function decode(text) {
  if (!/^\d+\./.test(text)) throw new Error(DAMAGED);
  if (!text.startsWith(VERSION))
    throw new Error("This link is of another version of the book. Here is the run as recorded.");
  if (text.length > LONGEST) throw new Error("This link is too long. Here is the run as recorded.");
  try {
    const letters = atob(text.slice(VERSION.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return parse(await inflated(bytes));
  } catch (error) {
    throw error instanceof TooDeep ? error : new Error(DAMAGED);
  }
}
/** @param {Uint8Array<ArrayBuffer>} bytes */
async function inflated(bytes) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = through(bytes, new DecompressionStream("deflate")).getReader();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > LARGEST) {
      reader.cancel();
      throw new Error("too large");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * A run from a file that a reader has chosen.
 *
 * @param {File} file
 */
export async function read(file) {
  if (file.size > LARGEST) throw new Error("This file is too large for a run.");
  try {
    return parse(await file.text());
  } catch {
    throw new Error("This file is no run: choose one that the JSON button of a stage has saved.");
  }
}
/**
 * How deep lists and objects of a JSON text lie in each other, counted without following them.
 *
 * @param {string} text
 */
export function depth(text) {
  let deepest = 0;
  let open = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (quoted && sign === "\\") i++;
    else if (sign === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (sign === "[" || sign === "{") deepest = Math.max(deepest, ++open);
    else if (sign === "]" || sign === "}") open--;
  }
  return deepest;
}

/** @param {string} text */
function parse(text) {
  if (depth(text) > DEEPEST) throw new TooDeep();
  const run = JSON.parse(text);
  if (run?.constructor !== Object) throw new Error("no object");
  return run;
}

/** @typedef {{ seed: number, road: number, step: number, whole: boolean }} Closest */

/**
 * The recorded road with which a run has most steps in common: or undefined where there is none.
 *
 * @param {Scene[][]} seeds
 * @param {RunJson} run
 * @returns {Closest | undefined}
 */
function closest(seeds, run) {
  /**
   * @param {unknown} a
   * @param {unknown} b
   */
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const events = Array.isArray(run.events) ? run.events : [];
  /** @type {Closest[]} */
  const found = seeds.flatMap((roads, seed) =>
    roads.flatMap(({ run: other }, road) => {
      const theirs = other?.events;
      if (!Array.isArray(theirs) || !same(other.system, run.system)) return [];
      const parts = events.findIndex((event, j) => !same(event, theirs[j]));
      const step = parts < 0 ? events.length : parts;
      const late = events[step - 1]?.[1] > 0; // what all seeds begin with, at time 0, is not much in common
      const whole = step === events.length && step === theirs.length;
      return late ? [{ seed, road, step, whole }] : [];
    }),
  );
  const most = Math.max(...found.map(({ step }) => step));
  return found.find(({ step }) => step === most);
}

/**
 * Shows a run from elsewhere, as a road of the recorded one that it shares most with. One that was recorded is gone to; any
 * other is for Python to judge first, and meanwhile the recorded one is there.
 *
 * @param {RunJson} run
 * @param {Seed[]} seeds
 * @param {number} k
 * @param {Stage["load"]} load
 * @param {(run: RunJson, adopt: (scene: Scene) => void) => void} ask
 */
export function bring(run, seeds, k, load, ask) {
  const found = closest(
    seeds.map(({ roads }) => roads),
    run,
  );
  const fork = found && { road: found.road, step: found.step };
  if (found)
    load({ seed: found.seed, road: found.road }, { k: found.whole ? k : Math.min(k, found.step) });
  if (found?.whole) return;
  ask(run, (scene) => {
    const seed = found ? found.seed : seeds.push({ roads: [], recorded: 0 }) - 1;
    const { roads } = seeds[seed];
    load({ seed, road: roads.push({ ...scene, ...(fork && { fork }) }) - 1 }, { k });
  });
}
