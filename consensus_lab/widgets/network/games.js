/* The best games of a reader, one against each opponent: { name: { kept, rounds, stuck } }. */

import { isRecord } from "../shared/shelf.js";
import { count } from "../shared/text.js";

const isGame = (one) => isRecord(one) && Number.isFinite(one.kept) && Number.isFinite(one.rounds);
/* What of any record is such games. */
export const games = (best) =>
  Object.fromEntries(Object.entries(best).filter(([, one]) => isGame(one)));

export const better = (one, other) =>
  !other ||
  (one.stuck ?? false) > (other.stuck ?? false) ||
  (!other.stuck === !one.stuck &&
    (one.rounds > other.rounds || (one.rounds === other.rounds && one.kept > other.kept)));

export const inWords = ({ kept, rounds, stuck }) =>
  `${stuck ? "stuck forever after " : ""}${count(kept, "event")}, ${count(rounds, "round")}`;
