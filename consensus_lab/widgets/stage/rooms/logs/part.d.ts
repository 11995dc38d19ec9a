interface RoomParts {
    logs?: LogsPart;
}

interface LogsPart extends RoomPart {
    servers: number[];
    /** The row of its term, words, value. */
    entries: [number, string, string | null][];
    /** An earlier version, how many of its entries, the first index, the other entries, the indexes known to be chosen. */
    versions: [number | null, number, number, (number | null)[], number[]?][];
    /** Index, entry, the step since when it is known. */
    committed: [number, number, number][];
    /** Step, node, index, entry, whether it was committed. */
    lost: [number, number, number, number, boolean][];
    /** Client, command, value, first step, last step, answer. */
    calls: [number, string, string | null, number, number | null, string | null][];
}
