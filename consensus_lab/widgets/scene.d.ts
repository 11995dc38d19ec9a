/* A scene as Python hands it over, and as a stage has it; README.md says what each part means. */

type Slot = number | "none";

/** Name, armed at, due at; null: it may fire at any moment. */
type Timer = [string, number, number | null];

interface View {
    state: "undecided" | "voted" | "decided" | "crashed";
    value: string | null;
    words: string;
    tally?: (string | null)[];
    timers?: Timer[];
    fields: [string, string][];
    log?: number;
    commit?: number;
    term?: number;
    role?: string;
    machine?: string;
    floor?: number;
    flag?: [number, string];
    ballot?: number;
}

/** An event: at a node, or of a message. */
type Step =
    | StepOf<"deliver" | "drop" | "duplicate", number>
    | StepOf<"propose" | "timeout" | "crash" | "restart">;

interface StepOf<Kind extends string, Message extends number | undefined = undefined> {
    t: number;
    kind: Kind;
    node: number;
    msg: Message;
    /** What was proposed. */
    value?: string;
    /** The timer that fired. */
    name?: string;
    text: string;
    effect?: string;
    mark: string;
    say: string;
    set?: Record<number, View>;
    by?: "reader";
}

/** Sender, receiver, label, value, the step that sent it, the step that ended it, how it ended, fields. */
type MessageRow = [
    number,
    number,
    string,
    string | null,
    number,
    (number | null)?,
    ("deliver" | "drop" | null)?,
    [string, string][]?,
];

interface Property {
    name: string;
    sign: string;
    broken: number | null;
    met?: number | null;
    between: number[];
    why?: string;
    eventual?: boolean;
}

/** A property that is broken. */
interface Violation extends Property {
    broken: number;
}

interface Fork {
    road: number;
    step: number;
}

interface Scene extends RoomParts {
    title: string;
    protocol: string;
    network: string;
    seed: number | null;
    names: string[];
    values: [string, number][];
    nodes: View[];
    steps: Step[];
    messages: MessageRow[];
    properties: Property[];
    can: [number, string[] | null][] | null;
    budgets?: Record<string, number | null>;
    tags?: { rows: [string, number | null][]; messages: (number | null)[] };
    fork?: Fork;
    /** What can happen next, at every step; of a recorded run. */
    next?: Moves | null;
    duel?: DuelPart;
    run: RunJson;
}

/** A run as Python keeps it: nothing here reads more of it than which events two runs have in common. */
interface RunJson {
    system?: unknown;
    events?: [unknown, number][];
    [name: string]: unknown;
}

/** By the kind of event: the number of a message or a node, the first and the last step, the value or the timer. */
type MoveRow = [number, number, (number | null)?, string?];
type Moves = Record<string, MoveRow[]>;

/** The parts of a scene that are drawn by rooms, each declared beside its room. */
interface RoomParts {}
type RoomName = keyof RoomParts;
/** How many lines a room takes, for the first frame to leave space. */
interface RoomPart {
    lines: number;
}

interface DuelPart {
    /** After each step: ballots, how many of them were outbid, deliveries, how long the oldest message has waited. */
    standings: [number, number, number, number][];
    chosen: { step: number; say: string } | null;
    ends: Move[];
}

/** A branch of a run: what is needed of a scene to tell where it leaves another. */
type Road = Pick<Scene, "fork" | "steps">;

/** What a reader asks for. */
interface Move {
    kind: string;
    msg?: number;
    node?: number;
    name?: string;
    value?: string;
}

/** A message of a stage: from step `a` to step `b` it can be seen, from `u0` to `u1` it travels. */
interface Flight {
    id: number;
    from: number;
    to: number;
    label: string;
    value: string | null;
    tag?: string;
    owner?: number | "none";
    slot: Slot;
    sent: number;
    end: number | null;
    fate?: "deliver" | "drop" | null;
    /** Whether it waits until its receiver is up again. */
    late: boolean;
    fields: [string, string][];
    u0: number;
    u1: number | null;
    a: number;
    b: number;
    lane: number;
    curve: number[] | null;
    view: MessageView | null;
}

/** A message as it is drawn, in the frame `seen`: at f of its road. A dart has its transforms, any other its parts. */
type MessageView = {
    m: Flight;
    el: any;
    reach: number;
    seen: number;
    f: number;
    turned: number;
    look: string;
    opacity: number;
} & (
    | { dart: { move: SVGTransform; turn: SVGTransform }; label: null }
    | { dart: null; label: { dir: Element; trail: Element } }
);

interface Ring {
    n: number;
    W: number;
    H: number;
    r: number;
    rx: number;
    ry: number;
    cx: number;
    cy: number;
    nodes: { x: number; y: number; up: boolean }[];
}
