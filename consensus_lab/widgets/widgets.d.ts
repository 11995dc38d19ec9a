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
