/* What a widget keeps for its reader, from visit to visit or for as long as the tab is open. */

/**
 * A store with a name. What lies there may be anybody's, so `sound` makes of any record what fits. A page that may keep
 * nothing, in a private window, does without.
 *
 * @template T
 * @param {"localStorage" | "sessionStorage"} storage
 * @param {string} name
 * @param {(kept: Record<string, any>) => T} sound
 */
export function createStore(storage, name, sound) {
  const key = `consensus-lab ${name}`;
  return {
    /** @returns {T} */
    read() {
      /** @type {unknown} */
      let kept = null;
      try {
        kept = JSON.parse(window[storage].getItem(key) ?? "null");
      } catch {
        // nothing that can be read: as if nothing were there
      }
      return sound(isRecord(kept) ? kept : {});
    },
    /** @param {T} kept */
    write(kept) {
      try {
        window[storage].setItem(key, JSON.stringify(kept));
      } catch {
        // a page that may keep nothing
      }
    },
  };
}

/** @returns {x is Record<string, any>} */
export const isRecord = (/** @type {unknown} */ x) =>
  typeof x === "object" && x !== null && !Array.isArray(x);
