/* Modules that travel as text, and are imported from Blob addresses: a page opened from a folder may not import files, and
   a kernel has only messages. A module that imports what all share is given the one address of that. */

const SHARED = /"(?:\.\.\/)+shared\/\w+\.js"/g;

/**
 * A function that gives a module by its name; `textOf(name)` promises its text.
 *
 * @param {(name: string) => Promise<string>} textOf
 * @returns {(name: string) => Promise<any>}
 */
export function createLoader(textOf) {
  const imported = new Map(); // name -> promise of the module
  /** @type {Promise<string> | null} */
  let shared = null; // promise of the address of shared.js

  /** @param {string} text */
  async function resolved(text) {
    if (!text.match(SHARED)) return text;
    shared ??= textOf("shared").then(addressOf);
    const address = JSON.stringify(await shared);
    return text.replace(SHARED, () => address);
  }
  /** @type {(name: string) => Promise<any>} */
  const fetched = async (name) => import(addressOf(await resolved(await textOf(name))));

  return (name) => {
    if (!imported.has(name)) {
      const module = fetched(name);
      imported.set(name, module);
      module.catch(() => imported.delete(name)); // so that it can be tried again
    }
    return imported.get(name);
  };
}

/** @param {string} text */
function addressOf(text) {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}
