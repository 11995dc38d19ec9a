/* A scene as Python hands it over, and as a stage has it; README.md says what each part means. */

type Slot = number | "none";

interface View {
    state: "undecided" | "voted" | "decided" | "crashed";
    value: string | null;
    words: string;
    tally?: (string | null)[];
    /** Name, armed at, due at; null: it may fire at any moment. */
    timers?: [string, number, number | null][];
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

interface Step {
    t: number;
    kind: "deliver" | "propose" | "drop" | "duplicate" | "timeout" | "crash" | "restart";
    node: number;
    msg?: number;
    /** What was proposed. */
    value?: string;
    /** The timer that fired. */
    name?: string;
    text: string;
    effect?: string;
    mark?: string;
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

interface Fork {
    road: number;
    step: number;
}

interface Scene {
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
    run: any;
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
    view: any;
}

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
