/* The best games of a reader, one against each opponent: { name: { kept, rounds, stuck } }. */

/** @typedef {{ kept: number, rounds: number, stuck?: boolean }} Game */

import { isRecord } from "../shared/store.js";
import { count } from "../shared/text.js";

/** @type {(one: any) => boolean} */
const isGame = (one) => isRecord(one) && Number.isFinite(one.kept) && Number.isFinite(one.rounds);
/**
 * What of any record is such games.
 *
 * @type {(best: Record<string, any>) => Record<string, Game>}
 */
export const games = (best) =>
  Object.fromEntries(Object.entries(best).filter(([, one]) => isGame(one)));

/** @type {(one: Game, other?: Game) => boolean} */
export const better = (one, other) =>
  !other ||
  (one.stuck ?? false) > (other.stuck ?? false) ||
  (!other.stuck === !one.stuck &&
    (one.rounds > other.rounds || (one.rounds === other.rounds && one.kept > other.kept)));

/** @type {(game: Game) => string} */
export const inWords = ({ kept, rounds, stuck }) =>
  `${stuck ? "stuck forever after " : ""}${count(kept, "event")}, ${count(rounds, "round")}`;
