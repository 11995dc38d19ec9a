interface RoomParts {
    ballots?: BallotsPart;
}

interface BallotsPart extends RoomPart {
    /** Of each row the step that opened it. */
    opened: number[];
    acceptors: number[];
    /** Row, node, step, the step at which it was first heard of, and the value of a vote. */
    grants: [number, number, number, number | null, string | null][];
    /** Step, row, kind, nodes, value. */
    quorums: [number, number, "prepared" | "chosen" | "known", number[], string | null][];
    /** From this step on, of a row: the words, and the value it asks for. */
    says: [number, number, string, string | null][];
}
