/** What base.py and book_widgets.py put in place of this name. */
declare const SETTINGS: any;

/** The names of the rooms of a stage, which tools/bundle.py puts here: those of the folders in stage/rooms. */
declare const ROOMS: RoomName[];

interface Window {
    /** The texts of the modules whose scripts have run, by name. */
    consensusLab?: Record<string, string>;
}

declare module "*.css" {
    const text: string;
    export default text;
}

interface EditorOptions {
    text: string;
    label: string;
    hint?: string;
    onchange: () => void;
    onsubmit: () => void;
}
interface Editor {
    text: string;
    /** Shows the line that a complaint is about, or none. */
    mark(line?: number | null, complaint?: string): void;
    destroy(): void;
}

/** Where the game against a network stands; a lead is what an event leads to, and with which value. */
type Lead = ["only" | "decided" | "open" | "stuck" | "unknown", string | null];
interface Prospects {
    state: Lead[0];
    say: string;
    moves: [Move, Lead[]][];
    oldest: Waiting | null;
    kept: number;
    rounds: number;
    round: [number, number];
}
interface Waiting {
    event: Move;
    waits: number;
}

/** What a search of a draft has found. */
type VerdictKind = "holds" | "disagrees" | "stuck";
interface Found {
    kind: VerdictKind;
    configurations: number;
    events: number;
    why: string;
    holds: string[];
    breaks?: string | null;
}

/** What a check of an exercise has found. */
type LineKind = "holds" | "broken" | "open";
interface Checked {
    kind: string;
    headline: string;
    why: string;
    line?: number | null;
    lines?: [LineKind, string][];
    stage?: StagePayload | null;
}

/** What a sweep has counted at a point of its settings. */
interface SweepRow {
    label: string;
    kind: string;
    share: number;
    low: number;
    high: number;
    text: string;
    between: string;
}
interface SweepResult {
    point: Record<string, unknown>;
    counts: Record<string, number>;
    runs: number;
    name: string;
    say: string;
    rows: SweepRow[];
}

/** A process of a cluster. */
interface Process {
    state: "up" | "paused" | "down";
    words: string;
    cut: boolean;
    pid?: number | null;
}

/** An event of the page, at an element of a kind. */
type Heard<Kind extends Event, Target extends Element = HTMLElement> = Kind & { target: Target };

interface NetworkPayload {
    title: string;
    opponents: { name: string; about: string; stage: StagePayload; prospects: Prospects }[];
}

/** A kind of configuration: what can still be decided, what is, and the sign of a verdict. */
interface GraphKind {
    can: string[] | null;
    decided: string[];
    sign: "" | "none" | "ne";
    label: string;
    say: string;
    count: number;
}
/** A recorded run, and the places that it passes through. */
interface Passing {
    passes: number[];
    scene: Scene;
}
interface GraphPayload {
    title: string;
    say: string;
    names: string[];
    values: [string, number][];
    kinds: GraphKind[];
    layers: number[];
    kind: number[];
    count: number[] | null;
    two_way: [number, string][];
    states: string[];
    nodes: number[][];
    labels: string[];
    edges: number[][];
    rows: unknown[];
    tree: number[];
    inside: number[];
    run: RunJson;
    recorded: Passing[];
}
type Point = [number, number];
type Graph = ReturnType<typeof import("./state_graph/graph.js").createGraph>;

interface ClusterPayload {
    title: string;
    /** Whether there are processes. */
    live: boolean;
    names: string[];
    values: string[];
    /** The nodes that can be asked. */
    at: number[];
    stage: StagePayload;
}
interface RaftPayload {
    servers: number[];
    packed: string;
}
interface SweepPayload {
    title: string;
    experiment: string;
    settings: { name: string; label: string; values: unknown[]; texts: string[]; at: number }[];
    recorded: SweepResult[];
}
interface ExercisePayload {
    name: string;
    title: string;
    task: string;
    starter: string;
    bounds?: string[];
    templates?: { about: string; code: string }[];
    budgets?: {
        name: string;
        label: string;
        choices: unknown[];
        texts: string[];
        first: unknown;
    }[];
}
interface Draft {
    name: string;
    title: string;
    idea: string;
    checked: string;
    found: Found;
    mends: string[];
}
interface DerivePayload {
    title: string;
    steps: string[];
    drafts: Draft[];
    packed: string;
}
/** What is looked at of a draft: its code, and the run that breaks it. */
interface Shown {
    code: string;
    scene: Scene | null;
}
interface DuelPayload {
    title: string;
    modes: { name: string; about: string; clock: boolean; start: Scene; shows: string }[];
    packed: string;
}
/** A widget's side in a kernel. */
interface KernelModel {
    get(name: string): string;
    on(name: string, heard: () => void): void;
    off(name: string, heard: () => void): void;
}
