/* Small tools for numbers and values. */

/** @type {(x: number, low: number, high: number) => number} */
export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
/** @type {(x: number) => number} to a tenth */
export const round = (x) => Math.round(x * 10) / 10;
/**
 * @template T
 * @param {T} x
 * @returns {x is Exclude<T, null | undefined | false | "">}
 */
export const present = (x) => x !== null && x !== undefined && x !== false && x !== "";

/** @type {(error: unknown) => string} what an error says, whatever was thrown */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
