import { isRecord } from "../shared/store.js";
import { VERDICTS } from "./parts.js";

/**
 * What was kept, as far as it fits these drafts.
 *
 * @param {Map<string, Draft>} known
 * @param {string[]} steps
 */
export function soundFor(known, steps) {
  return function sound(/** @type {any} */ { at, reached, said, tried }) {
    /** @type {(x: any, most: number) => number} */
    const place = (x, most) => (Number.isInteger(x) && x >= 0 && x <= most ? x : 0);
    const far = place(reached, steps.length - 1);
    /** @param {unknown} kind @param {(what: any) => boolean} fits */
    const of = (kind, fits) =>
      Object.fromEntries(
        Object.entries(isRecord(kind) ? kind : {}).filter(
          ([name, what]) => known.has(name) && fits(what),
        ),
      );
    /** @param {unknown} what */
    const names = (what) => Array.isArray(what) && what.every((name) => known.has(name));
    return {
      at: place(at, far),
      reached: far,
      said: of(said, (what) => Object.hasOwn(VERDICTS, what)),
      tried: of(tried, names),
    };
  };
}
