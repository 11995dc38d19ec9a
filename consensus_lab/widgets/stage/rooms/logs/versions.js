/* The versions of logs: each is told by how it differs from an earlier one. */

/** An entry by its number, or `null` for a gap. */
/** @typedef {number | null} Id */
/** @typedef {{ first: number, ids: Id[], known: number[] }} Log */

/**
 * Every version of a log, made from earlier ones.
 *
 * @param {LogsPart["versions"]} versions
 */
export function expand(versions) {
  /** @type {Log[]} */
  const all = [];
  for (const [base, keep, first, rest, known = []] of versions)
    all.push({
      first,
      known,
      ids: base === null ? rest : [...all[base].ids.slice(0, keep), ...rest],
    });
  return all;
}

/**
 * @param {Log} given
 * @param {number} index
 */
export const entryAt = ({ first, ids }, index) =>
  index < first ? "kept" : (ids[index - first] ?? null);
