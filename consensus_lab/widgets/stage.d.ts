/* What the parts of a stage share, and what a stage and who puts it into a page say to each other. */

/** A scene, indexed for drawing. */
type Run = ReturnType<typeof import("./stage/model.js").prepare>;
type Ruler = ReturnType<typeof import("./shared/text.js").ruler>;
type StageWidget = ReturnType<typeof import("./stage/stage.js").mount>;

/** All runs of one seed: those recorded, and after them those that the reader has made. */
interface Seed {
    roads: Scene[];
    recorded: number;
}
interface Entry {
    id: string;
    title: string;
    about?: string;
    seeds: Seed[];
    /** It is the how-manieth of this id on the page. */
    nth: number;
}
interface Place {
    entry: number;
    seed: number;
    road: number;
}
/** A step `k` of a run, the time after it, and where none of it is wanted, the start. */
interface Moment {
    k: number;
    rest?: number;
}
interface Selected {
    node?: number;
    msg?: number;
}
/** What the data of an element says that the pointer is over. */
interface Pointed {
    m?: string;
    at?: string;
}

interface StagePayload {
    version: number;
    open?: Partial<Place> & { step?: number };
    entries: { id: string; title: string; about?: string; seeds: Scene[][] }[];
    source?: string;
}

/** A question to Python: what to do, and with what. */
interface Message {
    do: string;
    run?: RunJson;
    at?: number;
    event?: Move | null;
    [name: string]: unknown;
}
interface RequestOptions {
    signal?: AbortSignal;
    progress?: (text: string) => void;
    source?: string;
}
/** What Python answers: some of these, or why not. */
interface Reply {
    error?: string;
    /** Whether asking once more may help. */
    again?: boolean;
    scene?: Scene;
    next?: Moves;
    prospects?: Prospects;
    hint?: { event: Move; why: string } | null;
    draft?: Found;
    check?: Checked;
    sweep?: SweepResult;
    nodes?: Process[];
    stage?: StagePayload;
    module?: string;
}
type Ask = (message: Message, options?: RequestOptions) => Promise<Reply>;

/** The modules that are loaded by their names. */
interface Modules {
    stage: typeof import("./stage/stage.js");
    inspector: typeof import("./stage/later/inspector.js");
    moves: typeof import("./stage/later/moves.js");
    key: typeof import("./stage/later/key.js");
    share: typeof import("./stage/later/share.js");
    picture: typeof import("./stage/later/picture.js");
    packed: typeof import("./homes/packed.js");
    python: typeof import("./homes/python.js");
    editor: { createEditor: (parent: HTMLElement, options: EditorOptions) => Editor };
}
interface Load {
    <Name extends keyof Modules>(name: Name): Promise<Modules[Name]>;
    (room: RoomName): Promise<{ createRoom(stage: Stage): Room }>;
}

/** What the key of a stage has a line for. */
type KeyItem = (glyph: Element, text: string) => Element;

/** The places of a diagram: those of moments, and of nodes. */
interface DiagramPlaces {
    X: (u: number) => number;
    Y: (node: number) => number;
}
/** How a diagram is laid out: the places of its parts, and how far it reaches. */
interface DiagramShape {
    TW: number;
    TH: number;
    g0: number;
    g1: number;
    row: number;
    top: number;
    y0: number;
    small: boolean;
    long: boolean;
    span: number;
    px: number;
}
/** What lies in the diagram from step `a` to step `b`; it is made when it is first seen. */
interface DiagramItem {
    a: number;
    b: number;
    layer: Layer;
    make(): any;
    el?: any;
}

type Layer = "lives" | "waits" | "arrows" | "marks";

/** A ring, and how wide words beside nodes may be; the size of each name in its node, or 0 where it stands outside. */
interface MeasuredRing extends Ring {
    wide: number;
    sizes: number[];
}
/** What a room may draw on: two layers of the ring, under the nodes and over them. */
interface RingLayers {
    G: MeasuredRing;
    under: any;
    over: any;
    node: (i: number) => any;
}
/** A part of a scene that is drawn by a module of its own. */
interface Room {
    el: any;
    layout(ring: RingLayers, small: boolean): void;
    step(k: number): void;
    key(item: KeyItem): any[];
    items?(places: DiagramPlaces): DiagramItem[];
}

/** What is there of the inspector and of the list of moves before their modules are. */
type Inspector = Pick<
    ReturnType<typeof import("./stage/later/inspector.js").createInspector>,
    "el" | "update" | "reset" | "propose" | "proposing"
>;
type MoveList = Pick<
    ReturnType<typeof import("./stage/later/moves.js").createMoves>,
    "el" | "fold" | "update" | "unfold" | "point" | "folded"
>;

/** What a stage lends to a game that is played on it. */
interface Hands {
    /** Makes of an answer what goes on after step `k`. */
    grow: (k: number, then: (k: number) => void) => (scene: Scene) => void;
    play: () => void;
    act: (move: Move) => void;
    update: () => void;
    /** Gives this move the focus. */
    suggest: (move: Move) => void;
}
/** A game that is played by the list of what can happen next. */
interface Game {
    meet(hands: Hands): void;
    /** What the list depends on besides the stage. */
    seen(): unknown;
    /** Where a move leads, as the list shows it. */
    lead(move: Move): { look: object; words: any } | null;
    changed(stage: Stage): void;
}

/** What whoever mounts a stage can give to it. */
interface StageOptions {
    /** Reaches Python, where there is one. */
    request?: Ask | null;
    /** Gives our other modules. */
    load?: Load | null;
    /** Hears how many milliseconds each frame took, and how many messages were in flight. */
    onframe?: ((ms: number, inFlight: number) => void) | null;
    /** Hears which run is shown. */
    onrun?: ((run: Run) => void) | null;
    game?: Game | null;
}
/** What whoever mounts a widget gives to it. */
interface WidgetOptions {
    request?: Ask | null;
    load: Load;
}

/** What the parts of a stage share. */
interface Stage {
    id: string;
    element: HTMLElement;
    library: Entry[];
    at: Place;
    request: Ask | null;
    module: Load | null;
    game: Game | null;
    run: Run;
    /** The display time. */
    u: number;
    /** The step that it is in, or -1 before anything is drawn. */
    k: number;
    playing: boolean;
    width: number;
    ruler: Ruler;
    selected: Selected | null;
    /** The message that is pointed at. */
    hot: number | null;
    /** The node that is pointed at. */
    lit: number | null;
    entry: () => Entry;
    seed: () => Seed;
    roads: () => Scene[];
    still: () => boolean;
    focused: () => any;
    load: (where: Partial<Place>, moment?: Moment) => void;
    layout: () => void;
    choose: (selected: Selected | null) => void;
    point: (pointed?: Pointed) => void;
    explain: () => Promise<void>;
    setFolded: (folded: boolean) => void;
    refold: () => void;
    inspector: Inspector;
    moves: MoveList;
    box: any;
    page: ReturnType<typeof import("./stage/page.js").createPage>;
    ring: ReturnType<typeof import("./stage/ring.js").createRing>;
    diagram: ReturnType<typeof import("./stage/diagram.js").createDiagram>;
    events: ReturnType<typeof import("./stage/event_list.js").createEvents>;
    verdicts: ReturnType<typeof import("./stage/verdicts.js").createVerdicts>;
    rooms: ReturnType<typeof import("./stage/rooms.js").createRooms>;
    frame: ReturnType<typeof import("./stage/frame.js").createFrame>;
    player: ReturnType<typeof import("./stage/player.js").createPlayer>;
    requests: ReturnType<typeof import("./stage/requests.js").createRequests>;
    links: ReturnType<typeof import("./stage/links.js").createLinks>;
}
