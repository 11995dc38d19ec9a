/* What a widget keeps for its reader, from visit to visit or for as long as the tab is open. */

/* A shelf with a name. What lies there may be anybody's: `sound(kept)` makes of any JSON value what fits, and that is what
   a reader gets. A page that may keep nothing, in a private window, does without. */
export function createShelf(storage, name, sound) {
  const key = `consensus-lab ${name}`;
  return {
    read() {
      let kept = null;
      try {
        kept = JSON.parse(window[storage].getItem(key));
      } catch {
        // nothing that can be read: as if nothing were there
      }
      return sound(isRecord(kept) ? kept : {});
    },
    write(kept) {
      try {
        window[storage].setItem(key, JSON.stringify(kept));
      } catch {
        // a page that may keep nothing
      }
    },
  };
}

export const isRecord = (x) => typeof x === "object" && x !== null && !Array.isArray(x);
