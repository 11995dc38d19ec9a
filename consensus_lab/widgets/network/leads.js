/* Where an event of a game leads, and how long one has waited: in words, glyphs and loudness. */

import { h } from "../shared/dom.js";
import { miniSvg, signIcon, swatch } from "../shared/glyphs.js";

const LOUDEST = 12; // events: who has waited so long cannot ask any louder
/** @type {Record<string, string>} */
const WORDS = { open: "open", stuck: "stuck", unknown: "not known" };

/** @param {Move} given */
export const sameMove = ({ kind, msg, node, name, value }) =>
  [kind, msg ?? node, name ?? value ?? ""].join(" ");

/** @param {Pick<Waiting, "waits">} given */
export const loudness = ({ waits }) => (Math.min(waits, LOUDEST) / LOUDEST).toFixed(2);
/**
 * A lead is [kind, value].
 *
 * @param {Lead} given
 */
export const wordsOf = ([lead, value]) =>
  lead === "only" ? `${value} only` : lead === "decided" ? `decides ${value}` : WORDS[lead];
/**
 * @param {Run} run
 * @param {Lead} given
 */
export function glyphOf(run, [lead, value]) {
  if (lead === "only") return swatch(run.slot(value));
  if (lead === "decided") return miniSvg("decided", run.slot(value), 14);
  if (lead === "stuck") return signIcon("none");
  return lead === "open" ? miniSvg("undecided", "none", 14) : h("i", "?");
}

/**
 * An event, as the beginning of a sentence.
 *
 * @param {Run} run
 * @param {Move} given
 */
export function wordsFor(run, { kind, msg, node, name, value }) {
  if (kind === "deliver") {
    const m = run.messages[msg ?? 0];
    return `${run.names[m.from]} → ${run.names[m.to]} ${m.label}${m.value === null ? "" : ` ${m.value}`}`;
  }
  return kind === "propose"
    ? `The proposal of ${run.names[node ?? 0]}, ${value},`
    : `Timer ‘${name}’ of ${run.names[node ?? 0]}`;
}

/**
 * The one value that can still be decided after k steps, or is.
 *
 * @param {Run} run
 * @param {number} k
 */
export const onlyValue = (run, k) =>
  run.states[k].find(({ state }) => state === "decided")?.value ?? run.can[k]?.[0] ?? null;
