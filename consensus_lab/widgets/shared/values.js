/* Small tools for numbers and values. */

export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
export const round = (x) => Math.round(x * 10) / 10;
export const present = (x) => x !== null && x !== undefined && x !== false && x !== "";
