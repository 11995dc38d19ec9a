/* The stage: plays a run, lets the reader walk through it and change it.
	 Python decides, this page draws: every state, word and verdict is in the scene, and nothing below knows a rule of any
	 protocol. Positions are functions of the display time `u`, so going back is exact. A scene is data, never markup:
	 elements are made by `h` and `s`, and text is always a text node. */

const SECONDS = 2.4;  // that one unit of time takes at speed 1
const GAP = 0.1, MOST = 3;  // two steps are neither nearer nor further apart than this on the time line
const LEAD = 0.3, TAIL = 0.6;  // room before the first step and after the last
const WHOLE = 110, WINDOW = 80;  // the diagram shows this many steps whole; of a longer run, a window of so many
const THICKET = 450;  // with so many things in the diagram, its arrows are mere lines
const LOST_AT = 0.58, LOST_FOR = 0.7;  // where on its road a message is lost, and how long the cross stays
const CROSSING = 1.3, HELD_AT = 0.93;  // how long a message travels that is never delivered, and where it hangs
const COINS = 48;  // with more messages in flight than this, each is a dart
const ROOMS = ["ballots", "logs"];  // parts of a scene that are drawn by a module of their own, after the first frame
const OWNERS = 5;  // colors that ballots and terms have in turn
const ROW = 26, ALL_ROWS = 300;  // the list of events: height of a row, and from when on it has a window too
const READABLE = 80;  // milliseconds: while playing, words do not change faster than this

const OURS = { "data-lm-suppress-shortcuts": true };  // JupyterLab takes no keys here; a slider needs it on itself
const QUIETLY = { preventScroll: true };  // a focus handed on does not move the page
const recordedOnly = () => "This run is recorded. Open the chapter in a notebook to change it.";

/* ---- small tools ---- */
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const round = x => Math.round(x * 10) / 10;
const present = x => x !== null && x !== undefined && x !== false && x !== "";
const translate = (x, y) => `translate(${round(x)} ${round(y)})`;

/* h("b.name", { title }, "text", child): an element with classes, attributes and children; what is not present is left out. */
const maker = space => (selector, ...children) => {
	const [tag, ...classes] = selector.split("."), element = document.createElementNS(space, tag);
	const attributes = children[0]?.constructor === Object ? children.shift() : {};
	if (classes.length) element.setAttribute("class", classes.join(" "));
	for (const name in attributes) {
		const value = name.startsWith("aria-") ? String(attributes[name] ?? "") : attributes[name];
		if (present(value)) element.setAttribute(name, value === true ? "" : value);
	}
	element.append(...children.flat(2).filter(present));
	return element;
};
const h = maker("http://www.w3.org/1999/xhtml"), s = maker("http://www.w3.org/2000/svg");
const g = (...children) => s("g", ...children);
const path = (classes, d, more) => s(`path${classes && "."}${classes}`, { d, ...more });
const circle = (classes, r, more) => s(`circle.${classes}`, { r, ...more });

/* Sets an attribute only when it changes. */
function put(element, name, value) {
	const memo = element.clMemo ??= {};
	if (memo[name] === value) return;
	memo[name] = value;
	element.setAttribute(name, value);
}
const dress = (element, { slot, owner }) => { put(element, "data-slot", slot); put(element, "data-owner", owner ?? "none"); };
const move = (element, x, y) => put(element, "transform", translate(x, y));
const show = (element, on) => put(element, "visibility", on ? "visible" : "hidden");

/* Measures and cuts text without asking the page for a layout. */
function ruler(family) {
	const context = document.createElement("canvas").getContext("2d"), memo = new Map();
	let font = "";
	const width = (text, size, weight = 400) => {
		const wanted = `${weight} ${size}px ${family}`, key = wanted + text;
		if (memo.has(key)) return memo.get(key);
		if (font !== wanted) context.font = font = wanted;
		const found = context.measureText(text).width;
		memo.set(key, found);
		return found;
	};
	const cut = (text, max, size, weight) => {
		if (width(text, size, weight) <= max) return text;
		const signs = [...text.slice(0, 200)];
		while (signs.length > 1 && width(`${signs.join("")}…`, size, weight) > max) signs.pop();
		return `${signs.join("").trimEnd()}…`;
	};
	return { width, cut };
}

/* Finds what overlaps a span of steps without looking at the whole run. Items have a first step `a` and a last step `b`. */
function spanIndex(items, N) {
	const blocks = Array.from({ length: (N >> 5) + 1 }, () => []);
	for (const item of items) for (let j = item.a >> 5; j <= item.b >> 5; j++) blocks[j].push(item);
	return (a, b) => {
		const found = [];
		for (let j = a >> 5; j <= b >> 5; j++)
			for (const item of blocks[j]) if (item.a <= b && item.b >= a && j === Math.max(item.a, a) >> 5) found.push(item);  // once
		return found;
	};
}

/* The last place in a sorted list that is not above x. */
function search(list, x) {
	let a = 0, b = list.length - 1;
	while (a < b) { const middle = (a + b + 1) >> 1; if (list[middle] <= x) a = middle; else b = middle - 1; }
	return a;
}

/* ---- the palette: what makes a value more than a color ---- */
const PALETTE = [
	{ look: "upright lines", tip: "M-7.5-4.2 0 0-7.5 4.2Z", hatch: "M3 0V6" },
	{ look: "level lines", tip: "M-6-5 0 0-6 5", hatch: "M0 3H6" },
	{ look: "dots", tip: "M0 0-4.2-3.1A3.4 3.4 0 1 0-4.2 3.1Z", hatch: "M1.5 1.5h.01M4.5 4.5h.01" },
	{ look: "slanted lines", tip: "M-8.5-4.4 0 0-8.5 4.4Z", hatch: "M-1 1 1-1M-1 7 7-1M5 7 7 5" },
	{ tip: "M-7-2.8 0 0-7 2.8Z" },
];
const tipOf = slot => (PALETTE[slot] ?? PALETTE[4]).tip;
const dots = slot => slot === 2 ? ".dots" : "";

/* Three strokes in a value's direction, or five dots: on coins, small nodes and swatches. */
function strokes(slot, gap, long, outer = 0.72 * long) {
	const line = (x, y, dx, dy) => `M${round(x - dx)} ${round(y - dy)}l${round(2 * dx)} ${round(2 * dy)}`, q = Math.SQRT1_2;
	const three = draw => draw(-gap, outer) + draw(0, long) + draw(gap, outer);
	const dot = ([x, y]) => `M${round(x * gap)} ${round(y * gap)}h.01`;
	return [() => three((o, l) => line(o, 0, 0, l)), () => three((o, l) => line(0, o, l, 0)),
		() => [[0, 0], [-1, -1], [1, -1], [-1, 1], [1, 1]].map(dot).join(""),
		() => three((o, l) => line(o * q, o * q, l * q, -l * q))][slot]?.() ?? "";
}
const swatch = slot => s("svg.sw", { viewBox: "0 0 16 16", "aria-hidden": true, "data-slot": slot }, s("rect", { width: 16, height: 16 }),
	path(`hatching${dots(slot)}`, strokes(slot, 4, 8, 8), { transform: "translate(8 8)" }));

/* ---- glyphs ---- */
const ICONS = {  // paths in a box of 18: [d, stroke width], or [d, "f"] when filled
	start: ["M4.5 4v10", ["M14 4.2v9.6L7 9z", "f"]], end: ["M13.5 4v10", ["M4 4.2v9.6L11 9z", "f"]],
	back: ["M11 4.5 6.5 9l4.5 4.5"], fwd: ["M7 4.5 11.5 9 7 13.5"], right: ["M6.5 4 11.5 9l-5 5"], down: ["M4 6.5 9 11.5l5-5"],
	play: [["M6 3.6v10.8L14.4 9z", "f"]], pause: [["M6.3 4.4v9.2M11.7 4.4v9.2", 3]],
	seed: ["M14.5 7.2A5.8 5.8 0 1 0 14.8 10M14.8 3.4v3.9h-3.9"], reset: ["M3.5 7.2A5.8 5.8 0 1 1 3.2 10M3.2 3.4v3.9h3.9"],
	road: ["M2.5 6h3.2c3.6 0 3.6 6 7.2 6h2.6M6 6h9.5"], run: ["M2.5 9h4M8.5 4.5v9L15.5 9z"],
	check: ["M3.5 9.5 7.2 13 14.5 5.2"], dots: [["M4 9h.01M9 9h.01M14 9h.01", 2.4]], close: ["M4.5 4.5l9 9M13.5 4.5l-9 9"],
	undo: ["M6.5 4 3.3 7.2l3.2 3.2M3.5 7.2h7a3.8 3.8 0 0 1 0 7.6H7.4"], open: ["M9 11V3M5.6 6.2 9 2.8l3.4 3.4M3.5 14.5h11"],
	link: ["M7.6 10.4a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2l-.8.8M10.4 7.6a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2l.8-.8"],
	save: ["M9 3v8M5.6 7.8 9 11.2l3.4-3.4M3.5 14.5h11"],
	key: ["M7.9 9a2.7 2.7 0 1 1-5.4 0a2.7 2.7 0 1 1 5.4 0M10.5 9h5M10.5 5h5M10.5 13h5"],
};
const icon = name => s("svg.cl-i", { viewBox: "0 0 18 18", "aria-hidden": true }, ICONS[name].map(part => {
	const [d, how] = [part].flat();
	return path(how === "f" ? "f" : "", d, { "stroke-width": how > 0 && how });
}));
const SIGNS = {  // a verdict, in ink, around 0,0
	ne: "M-4-1.9H4M-4 1.9H4M2.3-4.6-2.3 4.6", cross: "M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2", bang: "M0-4.6V.8M0 4.2v.01",
	none: "M-4.2 0A4.2 4.2 0 1 0 4.2 0A4.2 4.2 0 1 0-4.2 0M-3 3 3-3",
};
const signPath = (sign, more) => path("", SIGNS[sign] ?? SIGNS.bang, more);
const signIcon = sign => s("svg.cl-i", { viewBox: "-6 -6 12 12", "aria-hidden": true }, signPath(sign));
const signDisc = (sign, r) =>
	g({ class: "sign" }, s("circle", { r, "stroke-width": r > 12 ? 3 : 0 }), signPath(sign, { transform: `scale(${round(r / 9)})` }));

/* The small node, the same shapes as on the ring, around 0,0; and what can happen to one. */
const crossed = d => `M${-d} ${-d} ${d} ${d}M${d} ${-d} ${-d} ${d}`;
function mini(what, slot, r = 5) {
	const disc = radius => [circle("fill", radius), path(`bars${dots(slot)}`, strokes(slot, r * 0.42, r * 0.62))];
	const parts = {
		voted: () => disc(r), decided: () => [disc(r - 0.5), circle("rim", r + 2)],
		crashed: () => [circle("gone", 6.75), path("ink", crossed(2.6))], down: () => path("ink", crossed(4.5)),
		lost: () => path("soft", crossed(4)), alarm: () => [circle("empty", 6), path("soft", "M0-3V.4L2.2 1.6")],
		up: () => path("ink", "M4.6-1.6A4.8 4.8 0 1 0 4.8 1M5-4.8v3.3H1.7"),
	}[what]?.() ?? circle("empty", r);
	return g({ class: "mini", "data-slot": slot }, parts);
}
const miniSvg = (what, slot, size = 16) =>
	s("svg", { width: size, height: size, viewBox: "-8 -8 16 16", "aria-hidden": true }, mini(what, slot));
const MARKS = { vote: "voted", decide: "decided", drop: "lost", crash: "down", restart: "up" };
const MAJOR = ["decide", "crash", "restart"];

/* ---- the model: a scene, indexed for drawing ---- */
function prepare(scene) {
	const { steps, names } = scene, N = steps.length, n = names.length;
	const { T, U } = timeline(steps), stepAt = u => search(U, u + 1e-9);
	const toU = t => { const k = search(T, t); return U[k] + clamp(t - T[k], 0, k < N ? U[k + 1] - U[k] : Infinity); };

	const slots = new Map(scene.values), slot = value => present(value) ? slots.get(value) ?? 4 : "none";
	const states = [scene.nodes], can = [], changes = new Map(scene.can ?? []);
	for (const { set = {} } of steps) {
		const row = states[states.length - 1];
		const change = (view, i) => set[i] ? { ...set[i], fields: updated(view.fields, set[i].fields) } : view;
		states.push(Object.keys(set).length ? row.map(change) : row);
	}
	for (let k = 0; k <= N; k++) can.push(changes.has(k) ? changes.get(k) : can[k - 1] ?? null);

	const downs = [names.map(() => 0)];  // how many steps a node was down, up to each step
	for (const row of states) downs.push(row.map((view, i) => downs[downs.length - 1][i] + (view.state === "crashed")));
	const down = (k, i) => downs[Math.max(k, -1) + 1][i];
	const { rows: tags = [], messages: rowOf = [] } = scene.tags ?? {}, tag = row => tags[row]?.[0];
	const owner = row => present(tags[row]?.[1]) ? tags[row][1] % OWNERS : "none";
	const messages = lanes(scene.messages.map(([from, to, label, value, sent, end, fate, fields], id) => {
		const late = fate === "deliver" && down(end - 1, to) > down(sent - 1, to);  // it waits until its receiver is up again
		const u1 = present(end) ? U[end] : null, b = u1 === null ? N : fate === "drop" ? stepAt(u1 + LOST_FOR) : end;
		const row = rowOf[id], tagged = present(row) && { tag: tag(row), owner: owner(row) };
		return { id, from, to, label, ...tagged, value: value ?? null, slot: slot(value), sent, end: end ?? null, fate, late,
			fields: fields ?? [], u0: U[sent], u1, a: sent, b, lane: 0, road: null, view: null };
	}));
	const broken = scene.properties.filter(p => present(p.broken)).sort((p, q) => p.broken - q.broken);
	return { ...scene, N, n, T, U, uA: U[0], uB: U[N] + TAIL, stepAt, toU, slot, tag, owner, states, can, messages,
		flying: spanIndex(messages, N), broken, clashes: broken.filter(p => p.between.length) };
}

/* The fields of a node, of which a step tells those that it changed. */
const updated = (fields, changed) => [...new Map([...fields, ...changed])];

/* When each step happened, and where it is on the time line: crowds are spread, long waits are shortened. */
function timeline(steps) {
	const N = steps.length, mean = N ? steps[N - 1].t / N : 0, gap = mean > 0 ? Math.min(GAP, 0.6 * mean) : 0.5, T = [0], U = [-LEAD];
	let idle = 0;
	for (const { t } of steps) {
		const last = U[U.length - 1], next = Math.max(t - idle, last + gap);
		if (next - last > MOST) idle += next - last - MOST;
		U.push(Math.min(next, last + MOST)); T.push(t);
	}
	return { T, U };
}

/* Messages between the same two nodes at the same time get lanes of their own. */
function lanes(messages) {
	const busy = new Map();
	for (const m of messages) {
		const key = Math.min(m.from, m.to) * 1e3 + Math.max(m.from, m.to), until = busy.get(key) ?? [];
		while (until[m.lane] > m.u0) m.lane++;
		until[m.lane] = m.u1 ?? m.u0 + 2; busy.set(key, until);
	}
	return messages;
}

/* Stretches of a node's life between which neither its shape nor its value changes. */
function lives({ states, N }, i) {
	const found = [];
	for (let k = 1, a = 0; k <= N + 1; k++) {
		const now = states[k]?.[i], was = states[k - 1][i];
		if (now === was || (now && now.state === was.state && now.value === was.value)) continue;
		found.push({ a, b: k, view: states[a][i] }); a = k;
	}
	return found;
}

/* Stretches during which a timer of a node is armed. */
function waits({ states, N }, i) {
	const armed = new Map(), found = [];
	for (let k = 0; k <= N; k++) {
		const { timers = [] } = states[k][i];
		if (k && states[k][i] === states[k - 1][i] || !(armed.size || timers.length)) continue;
		const now = new Set(timers.map(([name, from]) => `${name} ${from}`));
		timers.forEach(([name, from, due]) => {
			if (!armed.has(`${name} ${from}`)) armed.set(`${name} ${from}`, { a: k, b: N, due, over: false, level: armed.size });
		});
		for (const [key, wait] of armed) if (!now.has(key)) { found.push({ ...wait, b: k, over: true }); armed.delete(key); }
	}
	return [...found, ...armed.values()];
}

/* How many events of a kind a run may still hold after k steps; Infinity where there is no limit. */
const remaining = ({ budgets = {}, steps }, k, kind) =>
	(budgets[kind] ?? Infinity) - steps.slice(0, k).filter(step => step.kind === kind).length;

const titleOf = m => [m.label, m.tag, m.value].filter(present).join(" ");
const looks = m => ({ "data-slot": m.slot, "data-owner": m.owner });
const inFlight = (m, k) => k >= m.sent && !(m.end !== null && k >= m.end);

/* Where a message is at time u: how far along its road (from 0 to 1), or -1 when it is not to be seen. */
function progress(m, u) {
	if (u < m.u0) return -1;
	if (m.fate === "deliver" && (!m.late || u >= m.u1)) return u < m.u1 ? (u - m.u0) / (m.u1 - m.u0) : -1;
	if (m.fate === "drop") return u < m.u1 ? LOST_AT * (u - m.u0) / (m.u1 - m.u0) : u < m.u1 + LOST_FOR ? LOST_AT : -1;
	return (u - m.u0) / CROSSING;
}

/* The ticket of a ballot or a term, around 0,0. */
function ticket({ ruler }, tag, owner) {
	const w = Math.ceil(ruler.width(tag, 10.5, 700)) + 8, box = s("rect.ticket", { x: -w / 2, y: -7, width: w, height: 14, rx: 3.5 });
	return { w, el: g({ "data-owner": owner }, box, s("text.tag", { y: 3.8 }, tag)) };
}
export const TOOLS = { h, s, g, path, circle, put, crossed, strokes, dots, ticket,  // for the modules that come later
	icon, miniSvg, signIcon, swatch, titleOf, inFlight, remaining };

/* The last step that two roads of one seed have in common. */
function parting(roads, one, other) {
	const line = road => {
		const upTo = new Map([[road, Infinity]]);
		for (let fork = roads[road].fork, k = Infinity; fork && !upTo.has(fork.road) && roads[fork.road]; fork = roads[fork.road].fork)
			upTo.set(fork.road, k = Math.min(k, fork.step));
		return upTo;
	};
	const theirs = line(other);
	for (const [road, k] of line(one)) if (theirs.has(road)) return Math.min(k, theirs.get(road));
	return 0;
}

/* ---- the ring ---- */
const degrees = angle => Math.round(angle * 572.95779513) / 10;
const pathOf = p => `M${round(p[0])} ${round(p[1])}Q${round(p[2])} ${round(p[3])} ${round(p[4])} ${round(p[5])}`;
const nodeRadius = n => n <= 5 ? 25 : n <= 7 ? 21 : n <= 10 ? 18 : 15;

function ringGeometry(n, W, small, named) {
	const r = nodeRadius(n) - (small ? 2 : 0), label = r + (named ? 66 : 53), corner = n > 7 ? 26 : 0;
	const ry = n === 1 ? 0 : small ? Math.min(W / 2 - r - 24, 132) : 142 + (n > 5 ? 10 : 0) + (n > 9 ? 14 : 0);
	const rx = n === 1 ? 0 : Math.min(W / 2 - r - (small ? 22 : 34), ry * 1.32);
	const angles = Array.from({ length: n }, (_, i) => 2 * Math.PI * i / n - (n === 2 ? Math.PI / 2 : 0));
	const ups = angles.map(Math.cos), low = -Math.min(...ups), high = -Math.max(...ups);
	const H = Math.max(small ? 240 : 300, Math.round(ry * (low - high) + 2 * label + corner));
	const cx = W / 2, cy = (H + corner) / 2 - ry * (low + high) / 2;
	const nodes = angles.map((a, i) => ({ x: cx + rx * Math.sin(a), y: cy - ry * ups[i], up: ups[i] > 0.01 }));
	return { n, W, H, r, rx, ry, cx, cy, nodes };
}

/* The bent way from one node to another; lanes bend inwards and outwards by turns. */
function roadOf(m, { n, r, cx, cy, nodes }) {
	const a = nodes[m.from], b = nodes[m.to], dx = b.x - a.x, dy = b.y - a.y, len = Math.hypot(dx, dy) || 1;
	const mx = (a.x + b.x) / 2, my = (a.y + b.y) / 2, side = (cx - mx) * dy - (cy - my) * dx;
	const sign = Math.abs(side) < len ? (m.from < m.to ? 1 : -1) : Math.sign(side);
	const rim = n > 2 && [1, n - 1].includes((m.to - m.from + n) % n);  // between neighbors the words lie outside: bend inwards first
	const bow = len * (rim ? [0.06, 0.22, -0.06, 0.38, 0.5] : [0.06, -0.12, 0.24, -0.28, 0.38])[m.lane % 5] * sign;
	const qx = mx + dy / len * bow, qy = my - dx / len * bow;
	const trim = (p, d) => { const l = Math.hypot(qx - p.x, qy - p.y) || 1; return [p.x + (qx - p.x) / l * d, p.y + (qy - p.y) / l * d]; };
	return [...trim(a, r), qx, qy, ...trim(b, r + 8)];
}

function createRing(stage) {
	const el = h("div.cl-svg"), views = new Set(), molds = new Map();
	let G, run, svg, layer, trails, under, over, road, done, doneLine, doneTip, clash, pulse, nodes = [], grain, room, stamp = 0;
	let spare = {};  // darts that have landed, by slot

	function layout(W, small) {
		run = stage.run;
		const { width, cut } = stage.ruler, { n } = run;
		const sizes = r => run.names.map(name => width(name, 18, 650) <= 1.4 * r ? 18 : width(name, 12.5, 650) <= 1.75 * r ? 12.5 : 0);
		G = { ...ringGeometry(n, W, small, sizes(nodeRadius(n)).includes(0)), wide: n > 6 ? 112 : small ? 128 : 160 };
		G.sizes = sizes(G.r);  // of a name in its node; 0: it stands outside
		room = Math.floor(W * G.H * (small ? 0.06 : 0.08) / 1250);  // so many labeled messages fit
		nodes = run.names.map((name, i) => nodeView(cut(name, G.wide, 14, 650), i));
		for (const m of run.messages) m.road = m.view = null;
		views.clear(); molds.clear(); spare = {};
		const pattern = ({ hatch }, slot) => s("pattern", { id: `${stage.id}h${slot}`, width: 6, height: 6, patternUnits: "userSpaceOnUse",
			"data-slot": slot }, path(`hatching${dots(slot)}`, hatch));
		svg = s("svg", { viewBox: `0 0 ${W} ${G.H}`, height: G.H, role: "group", "aria-label": "Nodes and messages in flight" },
			s("defs", PALETTE.slice(0, 4).map(pattern)), n > 2 && s("ellipse.orbit", { cx: G.cx, cy: G.cy, rx: G.rx, ry: G.ry }),
			under = g({ class: "room" }), road = path("road"), done = g(doneLine = path("done"), doneTip = path("tip")), trails = g(),
			pulse = circle("pulse"),
			layer = g({ class: "msgs" }), clash = g({ class: "clash" }), g({ class: "nodes" }, nodes.map(v => v.el)), over = g({ class: "room" }));
		for (const hidden of [road, done, pulse]) show(hidden, false);
		el.replaceChildren(svg);
	}

	function nodeView(name, i) {
		const { r } = G, { x, y, up } = G.nodes[i], size = G.sizes[i], base = up ? -r : r;
		const at = up ? { name: -15, words: -32, pips: size ? -21 : -49 } : { name: 26, words: size ? 42 : 43, pips: size ? 21 : 56 };
		const hatch = circle("hatch", r - 1), turned = { pathLength: 1, "stroke-dasharray": 1, transform: "rotate(-90)" };
		const timer = circle("timer", r + 7, turned), plate = size && circle("plate", Math.round(r * 0.54));
		const words = s("text.st.words", { y: base + at.words }), pips = g({ transform: translate(0, base + at.pips) });
		const label = size ? s("text.name", { "font-size": size, y: size === 18 ? 6.3 : 4.4 }, name)
			: s("text.st.long", { x: inFrame(x, stage.ruler.width(name, 14, 650)), y: base + at.name }, name);
		const node = g({ class: "node", "data-node": i, role: "button", tabindex: 0, "aria-pressed": false, transform: translate(x, y) },
			circle("hit", r + 14), circle("sel", r + 10), circle("outer", r + 4.5), circle("body", r), hatch, plate, circle("timer0", r + 7),
			timer, g({ transform: translate(r * 0.74, -r * 0.74) }, circle("xb", 9), path("x", crossed(4.5))), words, label, pips);
		return { el: node, hatch, timer, words, pips, told: null, parked: 0, view: null, arc: null, tally: [] };
	}
	/* How far to the right words may go in the upper left corner: up to those of the nodes at the top. */
	function corner() {
		const wide = i => Math.max(G.sizes[i] ? 2 * G.r : stage.ruler.width(run.names[i], 14, 650),
			...[...new Set(run.states.map(row => row[i].words))].map(words => stage.ruler.width(words, 13, 650)));
		return Math.min(G.W, ...G.nodes.map(({ x, y }, i) => y - G.r > 130 ? G.W : x - Math.min(wide(i), G.wide) / 2 - 10));
	}
	const inFrame = (x, width) => round(clamp(x, width / 2 + 4, Math.max(G.W - width / 2 - 4, width / 2 + 4)) - x);  // words stay inside

	/* The words beside a node, and the same for who cannot see it. */
	function tell(i) {
		const v = nodes[i], words = v.view.words + (v.parked ? `, ${v.parked} waiting` : "");
		if (v.told === words) return;
		v.told = words;
		const weight = v.view.state === "decided" ? 650 : 400;
		const text = stage.ruler.cut(words, G.wide, 13, weight), heard = v.view.tally?.filter(present).length;
		v.words.textContent = text;
		v.words.setAttribute("x", inFrame(G.nodes[i].x, stage.ruler.width(text, 13, weight)));
		v.el.setAttribute("aria-label", `${run.names[i]}: ${words}${heard === undefined ? "" : `. ${heard} votes heard`}`);
	}

	function showNode(view, i) {
		const v = nodes[i];
		if (v.view === view) return;
		v.view = view;
		const slot = run.slot(view.value), first = soonest(view.timers ?? []), due = first?.[2] ?? null;
		put(v.el, "data-state", view.state); put(v.el, "data-slot", slot);
		put(v.el, "class", `node${first ? " armed" : ""}${first && due === null ? " anytime" : ""}`);
		v.arc = due === null ? null : [run.toU(first[1]), run.toU(due)];
		v.hatch.style.fill = ["voted", "decided"].includes(view.state) && slot < 4 ? `url(#${stage.id}h${slot})` : "none";
		const { tally = [] } = view, space = run.n > 9 ? 7 : run.n > 5 ? 9 : 12, spot = j => (j - (tally.length - 1) / 2) * space;
		if (v.tally.length !== tally.length) v.pips.replaceChildren(...tally.map((value, j) => pip(run.slot(value), spot(j))));
		else tally.forEach((value, j) => { if (value !== v.tally[j]) v.pips.children[j].replaceWith(pip(run.slot(value), spot(j))); });
		v.tally = tally; v.told = null; tell(i);
	}
	const soonest = timers => timers.reduce((best, timer) => !best || (timer[2] ?? Infinity) < (best[2] ?? Infinity) ? timer : best, null);

	/* One drawing for each label, ballot and value, copied for each message. */
	function mold(m) {
		const full = m.slot === 4 ? [m.label, m.value].filter(present).join(" ") : m.label, key = `${m.slot} ${m.tag} ${full}`;
		if (molds.has(key)) return molds.get(key);
		const striped = m.slot < 4, text = stage.ruler.cut(full, 124, 12, 600), tip = tipOf(m.slot);
		const tab = m.tag ? Math.ceil(stage.ruler.width(m.tag, 11, 700)) + 11 : 0, cap = striped ? 15 : m.tag ? 4 : 0;
		const w = Math.ceil(stage.ruler.width(text, 12, 600)) + (m.tag ? 12 : 14) + (cap || 6) + tab, x = -w / 2;
		const attributes = { role: "button", "data-slot": m.slot, "data-owner": m.owner };
		const letters = m.tag && !striped ? m.tag : [...m.value ?? m.label].slice(0, 2).join("");
		const pill = (classes, more) =>
			s(`rect.${classes}.large`, { x: x - more, y: -11 - more, width: w + 2 * more, height: 22 + 2 * more, rx: 11 + more });
		const label = g(attributes, pill("back", 1.5), circle("back.small", 11),
			g({ class: "dir" }, path("shaft", "M-14 0H-2"), path("tip", tip)), pill("pill", 0),
			striped && m.tag && path("full.large", `M${-x - 15} -11V11H${-x - 11}a11 11 0 0 0 0-22Z`),
			striped && path("cap.large", `M${x + 15} -10V10H${x + 11}a10 10 0 0 1 0-20Z`,
				{ fill: `url(#${stage.id}h${m.slot})`, transform: m.tag && "scale(-1 1)" }),
			m.tag && [path("ticket.large", `M${x + tab} -11V11H${x + 11}a11 11 0 0 1 0-22Z`),
				s("text.tag.large", { x: x + tab / 2 + 1, y: 4 }, m.tag)],
			s("text.large", { x: m.tag ? (tab - cap) / 2 : striped ? 5 : 0, y: 4.2 }, text), circle("coin.small", 9.5),
			striped ? path(`bars.small${dots(m.slot)}`, strokes(m.slot, 3.3, 4.8)) : s("text.letter.small", { y: 3.6 }, letters),
			path("cross", crossed(4)), pill("halo", 3.5), circle("halo.small", 13));
		const dart = path("msg.dart.tip", tip, { ...attributes, transform: "translate(0 0)rotate(0)" });
		molds.set(key, { label, dart, reach: (w - 22) / 2 });
		return molds.get(key);
	}

	function enter(m, dart) {
		const old = m.view, shapes = mold(m);
		const node = dart && spare[`${m.slot} ${m.owner}`]?.pop() || (dart ? shapes.dart : shapes.label).cloneNode(true);
		const v = m.view = { m, dart, el: node, reach: shapes.reach, seen: 0, f: -1, turned: 9, look: "", opacity: 1 };
		node.setAttribute("tabindex", stage.playing || dart ? -1 : 0);
		node.setAttribute("aria-pressed", stage.selected?.msg === m.id);
		node.setAttribute("aria-label", `Message ${titleOf(m)}, ${run.names[m.from]} to ${run.names[m.to]}`);
		if (dart) [v.move, v.turn] = node.transform.baseVal;
		else { v.dir = node.querySelector(".dir"); inOrder(trails, v.trail = path("trail", "", looks(m)), m.id); }
		inOrder(layer, node, m.id);
		views.add(v);
		if (old) leave(old, node);
		return v;
	}
	function inOrder(parent, node, id) {  // so that going back finds the same ones on top
		node.dataset.m = id;
		parent.insertBefore(node, +parent.lastChild?.dataset.m > id ? [...parent.children].find(other => +other.dataset.m > id) : null);
	}
	function leave(v, heir) {  // the focus of a message that has gone is handed on
		if (v.el === stage.focused()) (heir ?? nodes[v.m.to].el).focus(QUIETLY);
		if (v.dart) (spare[`${v.m.slot} ${v.m.owner}`] ??= []).push(v.el); else v.trail.remove();
		v.el.remove(); views.delete(v);
		if (v.m.view === v) v.m.view = null;
	}

	/* Draws a message at f of its road. The tip is where the message is; its label rides just behind. */
	function place(m, f, mode, opacity) {
		const pointed = m.id === stage.hot || m.id === stage.selected?.msg;  // that one is always labeled
		const dart = grain === "dart" && !pointed && !mode, v = m.view?.dart === dart ? m.view : enter(m, dart), p = m.road ??= roadOf(m, G);
		v.seen = stamp;
		const e = 1 - f, a = e * e, b = 2 * e * f, c = f * f, x = a * p[0] + b * p[2] + c * p[4], y = a * p[1] + b * p[3] + c * p[5];
		const turn = Math.atan2(e * (p[3] - p[1]) + f * (p[5] - p[3]), e * (p[2] - p[0]) + f * (p[4] - p[2]));
		if (dart) {  // by the numbers: ten times as quick as the attribute
			if (v.f !== f) v.move.setTranslate(x, y);
			if (Math.abs(v.turned - turn) > 0.02) v.turn.setRotate(degrees(v.turned = turn), 0, 0);
			v.f = f;
			return;
		}
		const look = `msg ${mode}${m.id === stage.hot ? " hot" : ""}${grain && !pointed ? " coined" : ""}`;
		if (v.f === f && v.look === look && v.opacity === opacity) return;
		if (v.look !== look) { v.el.setAttribute("class", look); v.trail.setAttribute("class", `trail ${mode}`); }
		if (v.opacity !== opacity) v.el.setAttribute("opacity", opacity);
		Object.assign(v, { f, look, opacity });
		const scale = Math.min(1, 0.2 + f * Math.hypot(p[4] - p[0], p[5] - p[1]) / 62);  // it comes out from behind its sender
		const behind = 10 + (look.includes("coined") || mode === "lost" ? 9.5 : pillRadius(v.reach, turn));
		const bx = x - Math.cos(turn) * behind * scale, by = y - Math.sin(turn) * behind * scale;
		v.el.setAttribute("transform", `translate(${bx.toFixed(2)} ${by.toFixed(2)})scale(${scale.toFixed(3)})`);
		put(v.dir, "transform", `rotate(${degrees(turn)})translate(${round(behind)} 0)`);
		v.trail.setAttribute("d", pathOf([p[0], p[1], p[0] + (p[2] - p[0]) * f, p[1] + (p[3] - p[1]) * f, x, y]));
	}

	function step(k, crowd) {
		const event = run.steps[k - 1], clashes = run.clashes.filter(p => k >= p.broken);
		run.states[k].forEach(showNode);
		grain = crowd <= room ? "" : crowd <= COINS ? "coin" : "dart";
		if (clash.childElementCount !== clashes.length) clash.replaceChildren(...clashes.map(clashView));
		if (!event) return;
		const m = event.kind === "deliver" && run.messages[event.msg], { x, y } = G.nodes[event.node] ?? { x: 0, y: 0 };
		if (m) {
			const p = m.road ??= roadOf(m, G);
			dress(done, m); put(doneLine, "d", pathOf(p)); put(doneTip, "d", tipOf(m.slot));
			put(doneTip, "transform", `${translate(p[4], p[5])}rotate(${degrees(Math.atan2(p[5] - p[3], p[4] - p[2]))})scale(1.2)`);
		}
		move(pulse, x, y);
	}
	function clashView({ sign, between }, j, all) {
		const [a, b] = between.map(i => G.nodes[i]);
		if (!b) return g({ transform: translate(a.x - G.r * 0.8, a.y - G.r * 0.8) }, signDisc(sign, 11));
		const dx = b.x - a.x, dy = b.y - a.y, l = Math.hypot(dx, dy) || 1, q = (G.r + 12) / l;
		const f = 0.5 + (j - (all.length - 1) / 2) * 34 / l;
		return g(s("line", { x1: a.x + dx * q, y1: a.y + dy * q, x2: b.x - dx * q, y2: b.y - dy * q }),
			g({ transform: translate(a.x + dx * f, a.y + dy * f) }, signDisc(sign, 15)));
	}

	/* What has just happened fades; timers run on; messages that were not placed have gone. */
	function frame(parked) {
		for (const v of views) if (v.seen !== stamp) leave(v);
		stamp++;
		const { u, k } = stage, { kind } = run.steps[k - 1] ?? {}, age = u - run.U[k], fresh = kind && age < 0.5;
		nodes.forEach((v, i) => {
			if (v.parked !== parked[i]) { v.parked = parked[i]; tell(i); }
			if (v.arc) put(v.timer, "stroke-dashoffset", clamp((u - v.arc[0]) / (v.arc[1] - v.arc[0] || 1), 0, 1).toFixed(3));
		});
		show(done, fresh && kind === "deliver");
		show(pulse, fresh && !["drop", "duplicate"].includes(kind) && (kind !== "deliver" || stage.playing));
		if (!fresh) return;
		put(done, "opacity", clamp((0.5 - age) / 0.25, 0, 1).toFixed(2));
		put(pulse, "opacity", clamp((0.5 - age) / 0.4, 0, 1).toFixed(2));
		put(pulse, "r", round(G.r + 14 + (stage.still() ? 0 : 14 * Math.min(1, age * 2))));
	}

	function showRoad() {  // the whole way of the message that is pointed at or selected
		const m = run.messages[stage.hot ?? stage.selected?.msg ?? -1], on = m && (stage.hot !== null || inFlight(m, stage.k));
		show(road, on);
		if (on) { dress(road, m); put(road, "d", pathOf(m.road ??= roadOf(m, G))); }
	}
	const light = node => nodes.forEach((v, i) => put(v.el, "data-hot", i === node));
	function press() {
		nodes.forEach((v, i) => v.el.setAttribute("aria-pressed", stage.selected?.node === i));
		for (const v of views) v.el.setAttribute("aria-pressed", stage.selected?.msg === v.m.id);
	}
	function tabStops() {  // messages only while paused, and of a swarm of darts only the first
		[...views].forEach((v, j) => v.el.setAttribute("tabindex", stage.playing || (v.dart && j) ? -1 : 0));
	}
	return { el, layout, place, step, frame, showRoad, press, light, tabStops,
		node: i => nodes[i]?.el, svg: () => svg, room: () => ({ G, under, over, node: i => nodes[i].el }), corner, size: () => views.size };
}
const pillRadius = (reach, turn) => {  // from the middle of a label to its edge, in one direction
	const c = Math.abs(Math.cos(turn)), q = Math.abs(Math.sin(turn)), d = 11 / Math.max(q, 1e-6);
	return d * c <= reach ? d : reach * c + Math.sqrt(Math.max(0, 121 - reach * reach * q * q));
};
function pip(slot, x) {  // a vote that was heard
	if (slot === "none") return circle("pip0", 1.75, { cx: x });
	if (slot === 2) return circle("pip", 3.6, { "data-slot": slot, cx: x });
	const [width, height] = slot === 1 ? [9, 3.5] : slot === 4 ? [6, 6] : [3.5, 11], transform = slot === 3 && `rotate(40 ${x} 0)`;
	return s("rect.pip", { "data-slot": slot, x: x - width / 2, y: -height / 2, width, height, rx: 1, transform });
}

/* ---- the space-time diagram and the scrubber ---- */
function createDiagram(stage) {
	const el = h("div.cl-time"), live = new Set();
	let run, G, parts, within, from, to, marks = [], arrows = [], crossings = [], used = 0, thick = false;
	let held = null, slack = 0;  // the window while it is dragged in; how far it is from where it belongs

	const X = u => round((u - run.uA) * G.px), Y = i => G.top + G.row * i; // in the pane, which moves
	const scrubX = u => round(G.g0 + (u - run.uA) / (run.uB - run.uA) * (G.g1 - G.g0));
	const inRun = start => clamp(start, run.uA, run.uB - G.span), middle = () => inRun(stage.u - G.span / 2);
	const left = () => !G.long ? run.uA : held ?? inRun(middle() + slack);

	function typicalSpan() {
		const spans = run.U.slice(0, -WINDOW).map((u, k) => run.U[k + WINDOW] - u).sort((a, b) => a - b);
		return Math.min(spans[spans.length >> 1], run.uB - run.uA);
	}

	function layout(TW, small) {
		run = stage.run;
		live.clear(); crossings = []; from = to = -1; slack = 0; held = null;
		const { width, cut } = stage.ruler, names = run.names.map(name => cut(name, small ? 58 : 92, 13, 650)), edge = small ? 16 : 20;
		const wide = Math.ceil(Math.max(...names.map(name => width(name, 13, 650)))), g0 = edge + wide + (small ? 26 : 34), g1 = TW - 22;
		const long = run.N > WHOLE, span = long ? typicalSpan() : run.uB - run.uA, row = small ? 34 : 40;
		const top = stage.roads().length > 1 ? 88 : long ? 80 : 74, TH = top + row * (run.n - 1) + 22, y0 = top - 22, bleed = long ? 3 : 12;
		G = { TW, g0, g1, row, top, TH, y0, small, long, span, px: (g1 - g0) / span };
		const lines = run.names.flatMap((_, i) => [...lifeItems(i), ...waitItems(i)]);
		within = spanIndex([...lines, ...arrowItems(), ...markItems(), ...breakItems(), ...stage.extras({ X, Y })], run.N);

		const pane = (...groups) => s("svg", { x: g0 - bleed, y: y0, width: (long ? g1 + 10 : TW) - g0 + bleed, height: TH - y0 },
			g({ transform: translate(bleed, -y0) }, groups));
		const guts = names.map((_, i) => g({ transform: translate(edge + wide + 15, Y(i)) }));
		const range = { "aria-valuemin": 0, "aria-valuemax": run.N, "aria-valuenow": 0 };
		parts = { lives: g(), waits: g(), arrows: g(), over: g(), dots: g(), guts, views: [],
			link: path(long ? "link.far" : "link"), played: path("track0"), lens: path("lens"),
			frame: s("rect.frame", { y: 27, height: 14, rx: 4 }), veil: s("rect.veil", { width: TW, height: TH - y0, y: y0 }),
			grip: g({ class: "grip", role: "slider", tabindex: 0, "aria-label": "Step", ...range },
				circle("touch", 20, { cy: 34 }), circle("fr", 13, { cy: 34 }), circle("handle", 8.5, { cy: 34 })) };
		parts.marks = parts.over;
		parts.under = g(parts.lives, parts.waits, parts.arrows);
		parts.cursor = g(path("cursor", `M0 ${y0}V${TH - 6}`), parts.dots);
		const label = "Space-time diagram: one line a node, time runs to the right";
		parts.svg = s("svg", { viewBox: `0 0 ${TW} ${TH}`, height: TH, role: "group", "aria-label": label },
			long && parts.lens, names.map((name, i) => s("text.gut", { x: edge, y: Y(i) + 4.6 }, name)), guts,
			pane(parts.under), parts.veil, pane(parts.over), long && fades(), path("track", `M${g0} 34H${g1}`), scrubberMarks(),
			parts.played, long && parts.frame, parts.link, parts.cursor, forks(), parts.grip);
		el.replaceChildren(parts.svg);
	}

	/* -- what lies in the pane: each thing knows the steps between which it can be seen, and is made when it is -- */
	const lifeItems = i => lives(run, i).map(({ a, b, view: { state, value } }) => ({ a, b: Math.min(b, run.N), layer: "lives", make() {
		const x0 = (a && X(run.U[a])) + (state === "crashed" ? 12 : 0), x1 = X(b > run.N ? run.uB : run.U[b]);
		const line = y => `M${x0} ${Y(i) + y}H${x1}`;
		return path(`life.${state}`, state === "decided" ? line(-2.75) + line(2.75) : line(0), { "data-slot": run.slot(value) });
	} }));
	const calls = i => run.logs?.calls.some(([node]) => node === i);
	const waitItems = i => calls(i) ? [] : waits(run, i).map(({ a, b, due, over, level }) => ({ a, b, layer: "waits", make() {
		const end = over ? run.U[b] : present(due) ? Math.min(run.toU(due), run.uB) : run.uB, y = Y(i) - 9 - 2.5 * (level % 3);
		return path(present(due) ? "timerline" : "timerline.anytime", `M${X(run.U[a])} ${y + 4}V${y}H${X(end)}V${y + 3}`);
	} }));
	const arrowItems = () => arrows = run.messages.map(m => {
		const end = m.fate ? m.u1 : Math.min(m.u0 + 0.95, run.uB);
		return { a: m.sent, b: m.end ?? run.stepAt(end), layer: "arrows", make: () => arrow(m, end) };
	});
	const markItems = () => marks = run.steps.map((event, j) => ({ a: j + 1, b: j + 1, layer: "marks", make: () => mark(event, j + 1) }));
	const breakItems = () => run.clashes.map(({ broken, between }) => ({ a: broken, b: broken, layer: "waits",
		make: () => path("brk", `M${X(run.U[broken])} ${G.top - 18}V${Math.max(...between.map(Y)) - 12}`) }));

	function arrow(m, end) {
		const x0 = X(m.u0), y0 = Y(m.from), dx = X(end) - x0, dy = Y(m.to) - y0, whole = m.fate === "deliver";
		const f = whole ? 1 - 5 / (Math.hypot(dx, dy) || 1) : m.fate ? LOST_AT : 0.72, x = round(x0 + dx * f), y = round(y0 + dy * f);
		const transform = translate(x, y), d = `M${x0} ${y0}L${x} ${y}`, line = m.fate ? "arrow" : "arrow.open";
		if (thick) return path(line, d, looks(m));
		const turned = { transform: `${transform}rotate(${degrees(Math.atan2(dy, dx))})scale(.92)` };
		const tip = whole ? path("tip", tipOf(m.slot), turned)
			: m.fate ? path("mkx", crossed(3.5), { transform }) : circle("ring", 3, { transform });
		const hot = m.id === stage.hot ? ".hot" : "", sel = m.id === stage.selected?.msg ? ".sel" : "";
		return s(`g.arr${hot}${sel}`, { "data-m": m.id, ...looks(m) }, path(line, d), tip, path("grab", d));
	}

	/* What happened at a node lies over the veil, so that no mark is ever cut in half. */
	function mark(event, k) {
		const what = MARKS[event.mark], copied = event.kind === "duplicate" && run.messages[event.msg];
		const node = copied ? copied.from : event.node;
		const transform = translate(X(run.U[k]), Y(node)), later = k > stage.k ? ".later" : "";
		if (event.kind === "drop") return g();
		if (!what) return circle(`mark.dot${later}`, 2.25, { transform });
		return s(`g.mark${later}`, { transform }, what !== "down" && circle("disc", what === "decided" ? 10.5 : 7.5),
			mini(what, run.slot(run.states[k][node]?.value), 6));
	}
	function fades() {  // a window has soft sides
		const id = `${stage.id}fade`, { g0, g1, y0, TH } = G, stop = (offset, opacity) => s("stop", { offset, "stop-opacity": opacity });
		const side = transform => s("rect", { fill: `url(#${id})`, width: 16, height: TH - y0, transform });
		return [s("linearGradient", { id }, stop(0, 1), stop(1, 0)), side(translate(g0 - 3, y0)), side(`${translate(g1 + 10, y0)}scale(-1 1)`)];
	}

	/* -- the scrubber, the whole run: a mark that would touch its neighbor is left out, a violation never is -- */
	function scrubberMarks() {
		const near = x => run.broken.some(p => Math.abs(scrubX(run.U[p.broken]) - x) < 17);
		const tick = (k, x, y, glyph) => g({ class: "tk", "data-k": k, transform: translate(x, y) }, circle("touch", 11), glyph);
		const out = [path("tick", run.N > 120 ? "" : run.U.slice(1).map(u => `M${scrubX(u)} 40V43`).join(""))];
		let last = -99;
		run.steps.forEach(({ mark, node }, j) => {
			const x = scrubX(run.U[j + 1]);
			if (!MAJOR.includes(mark) || x - last < 14 || near(x)) return;
			out.push(tick(j + 1, last = x, 15, g({ transform: "scale(.86)" }, mini(MARKS[mark], run.slot(run.states[j + 1][node]?.value)))));
		});
		last = -99;
		for (const p of run.broken) out.push(tick(p.broken, last = Math.max(scrubX(run.U[p.broken]), last + 19), 14, signDisc(p.sign, 9)));
		return out;
	}

	/* -- roads not taken leave the line where they fork, with the first words of each; near ones share a way -- */
	const opening = road => {
		const roads = stage.roads(), { steps } = roads[road];
		return steps[parting(roads, stage.at.road, road)]?.text ?? "ends here";
	};
	function forks() {
		const roads = stage.roads(), here = stage.at.road, ways = [];
		for (const road of roads.keys()) {
			if (road === here) continue;
			const x = scrubX(run.U[Math.min(parting(roads, here, road), run.N)]), near = ways.find(way => Math.abs(way.x - x) < 110);
			if (near) near.roads.push(road); else ways.push({ x, roads: [road] });
		}
		return ways.map(({ x, roads }) => {
			const some = roads.slice(0, 4), xe = Math.min(x + (G.small ? 34 : 44), G.TW - 36 - 20 * some.length);
			const words = `road ${some[0] + 1}: ${opening(roads[0])}`, room = G.TW - 12 - xe, { cut } = stage.ruler;
			const only = some.length < 2 && room > 120 ? cut(words, room, 12) : `road ${some[0] + 1}`;
			const name = (road, i) => g({ class: "forkhit", "data-road": road },
				s("rect", { x: xe + (i ? 26 + 20 * i : -20), y: 44, width: i ? 20 : 26 + stage.ruler.width(only, 12), height: 22 }),
				s("text", { x: xe + (i ? 31 + 20 * i : 6), y: 58 }, i ? road + 1 : only));
			const way = `M${x} 34C${x + 10} 34 ${xe - 36} 54 ${xe - 24} 54H${xe}M${xe - 4} 50.5 ${xe} 54 ${xe - 4} 57.5`;
			return g(path("fork", way), some.map(name));
		});
	}

	/* -- a frame -- */
	function sync(a, b) {  // only what is in the window is in the page
		if (a === from && b === to) return;
		from = a; to = b;
		const wanted = new Set(within(a, b));
		thick = wanted.size > THICKET;
		for (const item of live) if (!wanted.has(item)) { item.el.remove(); item.el = null; live.delete(item); }
		for (const item of wanted) if (!item.el) { item.el = item.make(); parts[item.layer].append(item.el); live.add(item); }
	}
	function dot(m, f) {  // a message in flight, where it crosses the cursor
		const d = crossings[used] ??= parts.dots.appendChild(circle("cdot", 3.5));
		dress(d, m); move(d, 0, Y(m.from) + (Y(m.to) - Y(m.from)) * f); put(d, "display", "inline");
		used++;
	}
	function frame() {
		for (; used < crossings.length; used++) put(crossings[used], "display", "none");
		used = 0;
		if (held !== null) held = inRun(clamp(held, stage.u - 0.96 * G.span, stage.u - 0.04 * G.span));
		const start = left(), x = round(G.g0 + (stage.u - start) * G.px), sx = scrubX(stage.u), pan = translate(-(start - run.uA) * G.px, 0);
		if (G.long) sync(Math.max(0, run.stepAt(start) - 1 & ~7), Math.min(run.N, run.stepAt(start + G.span) + 1 | 7)); else sync(0, run.N);
		for (const part of ["under", "over"]) put(parts[part], "transform", pan);
		for (const part of ["veil", "cursor"]) move(parts[part], x, 0);
		move(parts.grip, sx, 0);
		put(parts.played, "d", `M${G.g0} 34H${sx}`); put(parts.link, "d", `M${sx} 34L${x} ${G.y0}`);
		if (!G.long) return;
		const a = scrubX(start) - 3, b = scrubX(start + G.span) + 3;
		put(parts.frame, "x", a); put(parts.frame, "width", round(b - a));
		put(parts.lens, "d", `M${a} 38H${b}L${G.g1 + 9} ${G.y0}H${G.g0 - 3}Z`);
	}
	function step(k, was) {
		run.states[k].forEach((view, i) => {
			const old = parts.views[i];
			parts.views[i] = view;
			if (old?.state !== view.state || old.value !== view.value) parts.guts[i].replaceChildren(mini(view.state, run.slot(view.value), 5.5));
		});
		for (let j = Math.min(k, was); j < Math.max(k, was); j++) marks[j].el?.classList.toggle("later", j >= k);
	}
	function words(k, event) {
		put(parts.grip, "aria-valuenow", k); put(parts.grip, "aria-valuetext", event ? `Step ${k}: ${event.say}` : "Start");
	}

	/* -- dragging: the scrubber goes over the whole run, the pane over its window, which stays put meanwhile -- */
	el.addEventListener("pointerdown", event => {
		if (event.button || event.target.closest(".forkhit")) return;
		const tick = event.target.closest(".tk"), box = el.getBoundingClientRect(), whole = !G.long || event.clientY - box.top < G.y0 - 2;
		if (tick) return stage.goTo(+tick.dataset.k);
		const px = whole ? (G.g1 - G.g0) / (run.uB - run.uA) : G.px;
		stage.pause();
		if (!whole) held = left();
		const drag = ({ clientX }) => {
			const start = held ?? run.uA, x = clientX - box.left - G.g0, u = clamp(start + x / px, run.uA, run.uB), k = run.stepAt(u);
			const near = [k, k + 1].find(j => j <= run.N && Math.abs((run.U[j] - start) * px - x) < 4);  // steps are slightly sticky
			stage.seek(near === undefined ? u : run.U[near]);
		};
		const up = () => {
			el.removeEventListener("pointermove", drag);
			el.classList.remove("drag");
			if (held === null) return;
			slack = stage.still() ? 0 : held - middle();
			held = null;
			stage.draw(); stage.wake();
		};
		drag(event);
		el.setPointerCapture(event.pointerId); el.classList.add("drag");
		el.addEventListener("pointermove", drag);
		for (const name of ["pointerup", "pointercancel"]) el.addEventListener(name, up, { once: true });
		parts.grip.focus(QUIETLY);
		event.preventDefault();
	});

	/* After a drag the window glides back until the cursor is in its middle. */
	function settle(dt) {
		if (!slack) return false;
		slack = Math.abs(slack) * G.px < 0.5 ? 0 : slack * Math.exp(-dt * 9);
		return true;
	}
	const tag = (id, name, on) => arrows[id]?.el?.classList.toggle(name, on);
	return { el, layout, frame, step, words, dot, settle, tag, svg: () => parts.svg };
}

/* ---- the list of events: all rows of a short run, a window of rows of a long one ---- */
function createEvents(stage) {
	const shown = new Map(), rows = h("div.rows", { role: "presentation" }), count = h("span.num");
	const list = h("div.cl-list", { id: `${stage.id}list`, role: "listbox", tabindex: 0, "aria-label": "Events of the run" }, rows);
	const fold = h("button.cl-fold", { "aria-expanded": true, "aria-controls": list.id }, h("b", "Events"), count, icon("right"));
	const el = h("div.cl-events", { role: "group", "aria-label": "Events" }, fold, list);
	let run, first = 1, last = 0, height = 400, top = 0, wanted = null, moved = 0;  // kept: no frame asks for the layout

	function load() {
		run = stage.run; first = 1; last = 0; wanted = null;
		if (top) list.scrollTop = top = 0;
		shown.clear(); rows.replaceChildren();
		rows.style.height = `${run.N * ROW}px`;
		fill();
	}
	function makeRow(k) {
		const { text, effect, mark, msg, node, kind, by } = run.steps[k - 1], glyph = MARKS[mark];
		const row = h("div", { role: "option", id: `${stage.id}e${k}`, "data-k": k, "data-m": msg, "aria-setsize": run.N, "aria-posinset": k,
			title: text }, h("span.n", k), h("span.tx", text), h("span.ef", glyph && miniSvg(glyph, run.slot(run.states[k][node]?.value)),
			h("span", by === "reader" ? `you: ${effect || kind}` : effect)));
		row.style.top = `${(k - 1) * ROW}px`;
		shown.set(k, row); paint(k);
		return row;
	}
	function paint(k) {
		const row = shown.get(k), { mark, msg } = run.steps[k - 1] ?? {};
		if (!row) return;
		const major = mark && mark !== "vote" ? " major" : "", hot = msg === stage.hot ? " hot" : "";
		row.className = `ev num${major}${hot}${k > stage.k ? " later" : ""}`;
		row.setAttribute("aria-selected", k === stage.k);
	}
	function fill() {
		const all = run.N <= ALL_ROWS, a = all ? 1 : Math.max(1, Math.floor(top / ROW) - 8);
		const b = all ? run.N : Math.min(run.N, Math.ceil((top + height) / ROW) + 8), before = [], after = [];
		if (a === first && b === last) return;
		for (const [k, row] of shown) if (k < a || k > b) { row.remove(); shown.delete(k); }
		for (let k = a; k <= b; k++) if (!shown.has(k)) (k < first ? before : after).push(makeRow(k));
		rows.prepend(...before); rows.append(...after);
		first = a; last = b;
	}
	function words(k, was) {
		count.textContent = `${k} of ${run.N}`;
		if (list.hidden) return;
		const y = (k - 1) * ROW, most = Math.max(0, run.N * ROW + 8 - height);
		if (y < top + ROW || y > top + height - 3 * ROW) wanted = clamp(Math.round((y - height * 0.45) / ROW) * ROW, 0, most);
		for (let j = Math.min(k, was); j <= Math.max(k, was); j++) paint(j);
		if (!stage.playing) flush();
		if (shown.has(k)) list.setAttribute("aria-activedescendant", `${stage.id}e${k}`); else list.removeAttribute("aria-activedescendant");
	}
	function flush() {  // while playing: at the start of a frame, when the layout is known
		if (wanted === null || (stage.playing && performance.now() - moved < 5 * READABLE)) return;
		moved = performance.now();
		if (wanted !== top) list.scrollTop = top = wanted;
		wanted = null;
		fill();
	}
	const repaint = () => { for (const k of shown.keys()) paint(k); };
	function setFolded(folded) {
		list.hidden = folded;
		fold.setAttribute("aria-expanded", !folded);
		if (!folded) { repaint(); words(stage.k, stage.k); }
	}
	const resized = new ResizeObserver(() => {
		if (!run || !list.clientHeight) return;
		height = list.clientHeight;
		fill(); words(stage.k, stage.k);
	});
	resized.observe(list);
	list.addEventListener("scroll", () => { top = list.scrollTop; fill(); }, { passive: true });
	return { el, list, fold, load, words, flush, setFolded, repaint, destroy: () => resized.disconnect() };
}

/* ---- verdicts: the line of properties, and what can still be decided ---- */
function standing(p, k, N) {
	if (present(p.broken) && k >= p.broken) return "broken";
	if (p.eventual) return present(p.met) && k >= p.met ? "holds" : "still open";
	return k === N ? "holds" : "holds so far";
}
function chip(p, state) {
	const open = state === "still open", name = h("b", p.name), at = `${p.broken}`;
	if (state !== "broken") return h(open ? "span.cl-chip.open" : "span.cl-chip", icon(open ? "dots" : "check"), name, h("span", state));
	return h("button.cl-chip.broken", { "data-k": at, title: `${p.why ? `${p.why}. ` : ""}Go to step ${at}` }, signIcon(p.sign), name,
		" ", h("span", h("span.long", "broken at step"), h("span.short", "at"), ` ${at}`));
}
function outcome(run, values, decided) {
	const name = value => h("span", swatch(run.slot(value)), h("b", value)), word = text => h("span", text);
	const list = (all, and) => all.flatMap((value, j) => j && j === all.length - 1 ? [word(and), name(value)] : [name(value)]);
	const rest = values.filter(value => !decided.includes(value));
	if (decided.length > 1) return ["Ends in", list(decided, "and")];
	if (!values.length) return ["Can still end in", h("span", signIcon("none"), h("b", "nothing: stuck"))];
	if (decided.length) return ["Ends in", [name(decided[0]), rest.length && [word("and perhaps"), ...list(rest, "or")]]];
	return ["Can still end in", values.length > 1 ? list(values, "or") : [word("only"), name(values[0])]];
}
function createVerdicts(stage) {
	const el = h("div.cl-props", { role: "group", "aria-label": "Properties" });
	const can = h("div.cl-can", { role: "group", "aria-label": "What can still be decided" });
	let drawn = "";
	function update() {
		const { run, k } = stage, states = run.properties.map(p => standing(p, k, run.N)), values = run.can[k];
		const decided = [...new Set(run.states[k].filter(view => view.state === "decided").map(view => view.value))];
		const key = JSON.stringify([states, values, decided]);
		if (key === drawn) return;
		drawn = key;
		const focus = el.contains(stage.focused()) && stage.focused().dataset.k;
		el.replaceChildren(...run.properties.map((p, j) => chip(p, states[j])));
		if (focus) (el.querySelector(`[data-k="${focus}"]`) ?? stage.box).focus();
		can.hidden = !values;
		if (values) { const [lead, words] = outcome(run, values, decided); can.replaceChildren(lead, h("div", words)); }
	}
	return { el, can, update, load() { drawn = ""; } };
}

/* ---- files ---- */
function save(name, type, text) {
	const href = URL.createObjectURL(new Blob([text], { type }));
	h("a", { href, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(href), 1000);
}

/* ---- the stage ---- */
let instances = 0;
const met = new Map();  // id of an entry -> on how many stages it has been
const nth = id => met.set(id, 1 + (met.get(id) ?? 0)).get(id);

/* Puts a stage into an element. `request(message, {signal})` reaches Python, where there is one; `load(name)` gives our other
	 modules; `onframe(ms, inFlight)` hears what each frame took, `onrun(run)` which run is shown; a `game` is played on one
	 road. A link names a stage of a page, so one in a kernel has none. */
export function mount(element, payload, { request = null, load: module = null, onframe = null, onrun = null, game = null } = {}) {
	const reduced = matchMedia("(prefers-reduced-motion: reduce)"), ending = new AbortController();
	const own = roads => ({ roads: [...roads], recorded: roads.length });
	const book = payload.entries.map(entry => ({ ...entry, seeds: entry.seeds.map(own), nth: nth(entry.id) }));
	const at = { entry: 0, seed: 0, road: 0 }, seedOf = () => book[at.entry].seeds[at.seed];
	const stage = { id: `cl${++instances}`, at, run: null, u: 0, k: -1, playing: false, selected: null, hot: null, lit: null, ruler: null,
		box: null, still: () => reduced.matches, roads: () => seedOf().roads, focused: () => element.getRootNode().activeElement,
		goTo, seek, pause, wake, draw, extras: tools => furniture().flatMap(room => room.items?.(tools) ?? []) };
	let width = 0, flying = [], parked = [], speed = 1, goal = null, beat = 0, frameId = 0, last = 0, told = -1, toldAt = 0;
	const rooms = new Map();  // name -> what draws that part of a scene, or null while its module is on its way
	let onScreen = true, awake = true, asking = null, noteTimer = 0;

	/* -- the page of it -- */
	const ring = createRing(stage), diagram = createDiagram(stage), events = createEvents(stage);
	const verdicts = createVerdicts(stage), trail = [];  // the places that interventions left
	const later = { update() {}, reset() {}, point() {}, proposing: () => false, folded: () => true };
	let inspector = { ...later, el: h("div.cl-insp") }, next = later;  // what the first frame does not need
	const tool = (action, name, text, title) => h("button", { "data-do": action, title }, icon(name), text);
	const step = (action, label, key) => h("button.b", { "data-do": action, "aria-label": label, title: `${label} (${key})` }, icon(action));
	const select = h("select", { id: `${stage.id}run` }, book.map((entry, i) => h("option", { value: i }, entry.title)));
	const title = h("span.cl-title"), meta = h("span.cl-meta"), about = h("p.cl-about"), strip = h("span.cl-strip");
	const roads = h("span.cl-roads", { role: "group", "aria-label": "Roads: ways this run was continued" }, icon("road"), "Road", strip,
		tool("undo", "undo", "Undo", "Take back your last change (Backspace or Ctrl+Z)"));
	const sayStep = h("span.k.num"), sayText = h("span.s"), caption = h("p.cl-say", { "aria-live": "polite" }, sayStep, sayText);
	const playButton = h("button.pp", { "data-do": "play", "aria-label": "Play", title: "Play or pause (space)" }, icon("play"));
	const backward = [step("start", "To start", "Home"), step("back", "Step back", "left arrow")];
	const forward = [step("fwd", "Step forward", "right arrow"), step("end", "To end", "End")];
	const countStep = h("b"), countAll = h("span"), countTime = h("span.t"), rate = h("output.num");
	const range = h("input", { type: "range", "aria-label": "Speed", min: -3, max: 3, step: 0.5, value: 0, ...OURS });
	const newSeed = tool("seed", "seed", "New seed"), note = h("span.cl-note", { role: "status" });
	const key = h("div.cl-key", { id: `${stage.id}key`, hidden: true });
	const keyButton = tool("key", "key", "Key", "What the shapes and colors mean");
	keyButton.setAttribute("aria-expanded", false); keyButton.setAttribute("aria-controls", key.id); keyButton.hidden = !module;
	const picker = h("span.cl-pick", h("label.vh", { for: select.id }, "Run"), select, icon("down"));
	const head = h("div.cl-head", book.length > 1 ? picker : title, meta, roads, about);
	const roomBox = h("div.cl-rooms");
	const inner = h("div.cl-in", inspector.el, events.el);
	const file = h("input", { type: "file", accept: ".json,application/json", hidden: true });
	const box = stage.box = h("section.cl-box", { tabindex: -1, ...OURS },
		head,
		verdicts.el, h("div.cl-ring", ring.el, verdicts.can), h("div.cl-side", inner), roomBox, caption,
		h("div.cl-play", { role: "group", "aria-label": "Playback" }, backward, playButton, forward,
			h("span.cl-count.num", countStep, countAll, countTime),
			h("span.cl-more", h("label.cl-speed", h("span", "Speed"), range, rate),
				request && tool("continue", "run", "Let it run", "Go on from here with a fresh seed, on a new road"), newSeed)),
		diagram.el, key,
		h("div.cl-tools", keyButton, note,
			element.matches("[data-widget]") && tool("link", "link", "Link", "Copy a link to this run at this step"),
			module && tool("svg", "save", "SVG", "Download the picture"), tool("json", "save", "JSON", "Download the run"),
			request && module && [tool("open", "open", "Open", "Open a run that was downloaded as JSON"), file],
			tool("reset", "reset", "Reset", "Back to the run as recorded")));

	/* -- loading -- */
	function load(where, place = { k: 0 }) {
		Object.assign(at, where);
		if ("seed" in where) trail.length = 0;
		const roadList = stage.roads(), { seeds, about: text } = book[at.entry], run = stage.run = prepare(roadList[at.road]);
		stage.k = told = -1; stage.hot = stage.lit = goal = null;
		if (present(stage.selected?.msg) || stage.selected?.node >= run.n) stage.selected = null;
		inspector.reset(); verdicts.load(); events.load();
		select.value = at.entry; title.textContent = run.title; about.textContent = text ?? ""; about.hidden = !text;
		const nodes = `${run.n} ${run.n === 1 ? "node" : "nodes"}`;
		meta.textContent = `${run.protocol}, ${nodes}, ${run.network} network${present(run.seed) ? `, seed ${run.seed}` : ""}`;
		box.setAttribute("aria-label", `${run.title}: a run of ${run.protocol} on ${nodes}`);
		newSeed.hidden = seeds.length < 2 && !present(run.seed);
		roads.hidden = roadList.length < 2;
		roads.lastChild.hidden = !trail.length;
		strip.replaceChildren(...roadList.map(({ fork, steps }, i) => {
			const first = fork && steps[fork.step]?.text, leaves = fork && `leaves road ${fork.road + 1} at step ${fork.step}`;
			const words = `Road ${i + 1}: ${fork ? leaves + (first ? `, ${first}` : "") : "the run as recorded"}`;
			return h("button", { "data-road": i, "aria-pressed": i === at.road, "aria-label": words, title: words }, i + 1);
		}));
		if (!key.hidden) explain();
		onrun?.(run);
		const k = clamp(place.k, 0, run.N);
		stage.u = Math.min(run.U[k] + (place.rest ?? 0), k < run.N ? run.U[k + 1] - 1e-6 : run.uB);
		layout();
		strip.scrollLeft = Math.max(0, at.road - 3) * 32;
	}
	function layout() {
		if (!width) return;
		const small = width < 620, focus = focusKey(), { run } = stage;
		stage.ruler ??= ruler(getComputedStyle(box).fontFamily);
		box.classList.toggle("open", !!stage.selected);
		inspector.el.hidden = !stage.selected;
		const wide = [ring.el.clientWidth, diagram.el.clientWidth];  // read before anything is written
		const longest = run.steps.map(event => event.say).sort((a, b) => b.length - a.length);
		ring.layout(wide[0], small); furnish(small); diagram.layout(wide[1], small);
		verdicts.can.style.maxWidth = `${Math.max(80, ring.corner() - (small ? 16 : 20))}px`;
		const lines = longest.slice(0, 8).map(text => Math.ceil(stage.ruler.width(text, 15) * 1.06 / (width - (small ? 34 : 102))));
		caption.style.setProperty("--lines", clamp(Math.max(...lines, 1), 1, 4));  // so that the transport never moves
		parked = new Array(run.n).fill(0);
		stage.k = -1;
		draw(); ring.press();
		if (focus) (box.querySelector(focus) ?? box).focus(QUIETLY);
	}
	const furniture = () => ROOMS.flatMap(name => stage.run[name] && rooms.get(name) || []);
	function furnish(small) {  // the rooms of this run; their modules come after the first frame
		const names = ROOMS.filter(name => module && stage.run[name]), here = furniture();
		const high = name => stage.run[name].lines && 24 + stage.run[name].lines * (small ? 51 : 30);
		roomBox.style.minHeight = here.length ? "" : `${names.map(high).reduce((sum, px) => sum + px, 0)}px`;
		for (const room of here) room.layout(ring.room(), small);
		roomBox.replaceChildren(...here.map(room => room.el));
		for (const name of names) if (!rooms.has(name)) {
			rooms.set(name, null);
			module(name).then(({ createRoom }) => { rooms.set(name, createRoom(stage, TOOLS)); layout(); }, error => say(error.message));
		}
	}
	function focusKey() {  // what has the focus, in words that outlive a redrawing
		const { dataset, classList } = box.contains(stage.focused()) ? stage.focused() : {};
		return dataset?.node ? `.node[data-node="${dataset.node}"]` : classList?.contains("msg") ? `.msg[data-m="${dataset.m}"]`
			: classList?.contains("grip") ? ".grip" : null;
	}

	/* -- one frame: everything from u -- */
	function draw() {
		if (!width) return;
		const { run, u } = stage, k = run.stepAt(u), states = run.states[k];
		if (k !== stage.k) showStep(k);
		if (told !== k && (!stage.playing || performance.now() - toldAt > READABLE)) showWords(k);
		const plain = flying.length <= 60;
		parked.fill(0);
		for (const m of flying) {
			let f = progress(m, u), mode = "", opacity = 1;
			if (f < 0) continue;
			if (!m.fate || m.late) {  // never delivered, or much later: it hangs before its receiver, or waits unseen at a crashed one
				if (states[m.to].state !== "crashed") f = Math.min(f, HELD_AT);
				else if (f < 1) mode = "wait";
				else { parked[m.to]++; continue; }
			} else if (m.fate === "drop" && u >= m.u1) { mode = "lost"; opacity = +clamp((m.u1 + LOST_FOR - u) / 0.3, 0, 1).toFixed(2); }
			ring.place(m, f, mode, opacity);
			if (plain && !mode) diagram.dot(m, f);
		}
		ring.frame(parked); diagram.frame();
	}
	function showStep(k) {
		const { run, k: was } = stage, lying = m => (!m.fate || m.late) && run.states[k][m.to].state === "crashed";
		stage.k = k;
		flying = run.flying(k, k);
		ring.step(k, flying.filter(m => inFlight(m, k) && !lying(m)).length);
		diagram.step(k, Math.max(was, 0));
		for (const room of furniture()) room.step(k);
		if (stage.hot !== null || stage.selected) ring.showRoad();
	}
	function showWords(k) {  // what changes with the step, no faster than it can be read
		const { run } = stage, event = run.steps[k - 1];
		sayStep.textContent = k ? `Step ${k}` : "Start";
		sayText.textContent = event ? event.say : "Nothing has happened yet.";
		countStep.textContent = k; countAll.textContent = ` / ${run.N}`; countTime.textContent = `t ${run.T[k].toFixed(2)}`;
		for (const b of backward) dim(b, k === 0);
		for (const b of forward) dim(b, k === run.N);
		diagram.words(k, event); events.words(k, Math.max(told, 0)); verdicts.update();
		if (stage.selected) inspector.update();
		next.update();
		if (!stage.playing) ring.tabStops();
		told = k; toldAt = performance.now();
	}
	function dim(b, off) {  // a button that goes dim under the finger hands its focus on
		if (off && b === stage.focused()) playButton.focus();
		b.disabled = off;
	}

	/* -- time -- */
	function wake() {
		if (frameId || !awake || !width) return;
		last = performance.now();
		frameId = requestAnimationFrame(tick);
	}
	function tick(now) {
		const began = performance.now(), dt = clamp((now - last) / 1000, 0, 0.04);
		frameId = 0; last = now;
		events.flush();
		if (goal) glide(dt); else if (stage.playing) advance(dt);
		const settling = diagram.settle(dt);
		draw();
		onframe?.(performance.now() - began, ring.size());
		if (stage.playing || goal || settling) wake();
	}
	function glide(dt) {
		goal.done = Math.min(1, goal.done + dt / goal.seconds);
		stage.u = goal.from + (goal.to - goal.from) * (1 - (1 - goal.done) ** 3);
		if (goal.done === 1) { stage.u = goal.to; goal = null; }
	}
	function advance(dt) {
		const { run, k } = stage;
		if (!stage.still()) {
			stage.u = Math.min(run.uB, stage.u + dt * speed / SECONDS);
			if (stage.u === run.uB) pause();
			return;
		}
		beat += dt * speed;  // reduced motion: from step to step, nothing flies
		if (beat < 0.9) return;
		beat = 0;
		if (k < run.N) stage.u = run.U[k + 1]; else pause();
	}
	function seek(u) { goal = null; stage.u = clamp(u, stage.run.uA, stage.run.uB); draw(); }
	function goTo(k, seconds = 0.26) {
		const { run, u } = stage, aim = clamp(Math.round(k) || 0, 0, run.N);
		pause();
		if (stage.still() || !seconds || !awake || !width) return seek(run.U[aim]);
		goal = { from: u, to: run.U[aim], k: aim, done: 0, seconds };
		wake();
	}
	const heading = () => goal ? goal.k : stage.k;
	const stepBy = d => goTo(d < 0 && !goal && stage.u > stage.run.U[stage.k] + 0.02 ? stage.k : heading() + d);
	function nextMark(d) {  // the next decision, crash or violation
		const { run } = stage, notable = k => run.broken.some(p => p.broken === k) || MAJOR.includes(run.steps[k - 1].mark);
		let k = heading() + d;
		while (k > 0 && k < run.N && !notable(k)) k += d;
		goTo(k);
	}
	function setPlaying(on) {
		stage.playing = on; beat = 0.6;
		playButton.replaceChildren(icon(on ? "pause" : "play")); playButton.ariaLabel = on ? "Pause" : "Play";
		caption.setAttribute("aria-live", on ? "off" : "polite");
		ring.tabStops();
		if (stage.k >= 0) if (on || told === stage.k) next.update(); else showWords(stage.k);
	}
	function pause() { if (stage.playing) setPlaying(false); }
	function play() {
		if (stage.k === stage.run.N) seek(stage.run.uA);
		goal = null; setPlaying(true); wake();
	}

	/* -- pointing and selecting -- */
	function choose(selected) {
		diagram.tag(stage.selected?.msg, "sel", false); diagram.tag(selected?.msg, "sel", true);
		const reshape = !stage.selected !== !selected && (box.classList.contains("folded") || width < 620);
		stage.selected = selected;
		inspector.reset(); inspector.update();
		if (reshape) layout();
		ring.press(); ring.showRoad(); draw();
	}
	function point({ m, at: node } = {}) {  // at a message or a node, wherever it is shown
		const id = m === undefined ? null : +m, lit = node === undefined ? null : +node;
		if (lit !== stage.lit) ring.light(stage.lit = lit);
		if (id === stage.hot) return;
		diagram.tag(stage.hot, "hot", false); diagram.tag(id, "hot", true);
		stage.hot = id;
		events.repaint(); ring.showRoad(); next.point(id);
		if (!stage.playing && !goal) draw();
	}

	/* -- what Python is asked: the one place -- */
	function announce(onTop) {  // what a link has brought is told at the top, where the reader has come; else it is beside the buttons
		clearTimeout(noteTimer);
		if (onTop) head.append(note); else keyButton.after(note);
	}
	function say(text, stays = false) {
		announce(stays);
		note.replaceChildren(h("span", text));
		if (!stays) noteTimer = setTimeout(() => note.replaceChildren(), 6000);
	}
	async function ask(message, what, adopt, trouble = "") {
		pause(); asking?.abort();
		if (!request) return say(recordedOnly());
		const mine = asking = new AbortController(), { signal } = mine;
		announce(trouble);
		const status = h("span", `Asking Python to ${what}`), progress = text => status.replaceChildren(`${text} to ${what}`);
		note.replaceChildren(h("i.bar", h("i")), status, h("button", { "data-do": "cancel" }, "Cancel"));
		let reply;
		try {
			const canceled = new Promise((_, reject) => { signal.onabort = reject; });
			reply = await Promise.race([request(message, { signal, progress }), canceled]);
			if (reply?.scene) prepare(reply.scene); else reply = { error: String(reply?.error ?? "Python gave no answer.") };
		} catch (error) {
			reply = { error: `Python could not answer: ${error?.message ?? error}` };
		}
		if (asking !== mine) return;  // another question has been asked meanwhile
		asking = null;
		const focus = note.contains(stage.focused());
		note.replaceChildren();
		if (signal.aborted) say("Canceled. Nothing has changed."); else if (reply.error) say(trouble + reply.error, !!trouble);
		else adopt({ ...reply.scene, title: stage.roads()[0].title });
		if (focus) playButton.focus();
	}
	const fresh = () => 1 + Math.max(0, ...book[at.entry].seeds.flatMap(({ roads }) => roads.map(scene => scene.seed ?? 0)));
	function onward(k) {
		const { N, uB } = stage.run;
		goTo(k + 1, 0.5);
		if (game && k + 1 === N) if (goal) goal.to = uB; else seek(uB);  // what was sent comes on its way
	}
	function take(road, k) {  // goes over to another road that is the same up to step k
		const rest = stage.k === k ? stage.u - stage.run.U[k] : 0;
		pause(); load({ road }, { k, rest });
	}
	function newRoad(k, then) {  // the answer becomes a road that leaves this one at step k
		const { roads } = seedOf(), { road } = at;
		return scene => {
			const to = game ? road : roads.push({ ...scene, fork: { road, step: k } }) - 1;
			if (roads !== stage.roads()) return say("The answer is a new road of the run you left.");
			if (game) roads[to] = scene; else trail.push({ road: at.road, k: stage.k });
			take(to, k); then(k);
		};
	}
	const begins = (step, { kind, msg, node, name, value }) => step?.kind === kind && (present(msg) ? step.msg === msg
		: step.node === node && (!name || step.text.endsWith(`(${name})`)) && (!value || step.text.endsWith(` proposes ${value}`)));
	/* A road that already leaves here with this very event; a message may as well be lost later. */
	const roadTaken = (event, k) => stage.roads().findIndex(({ fork, steps }) => fork?.road === at.road
		&& begins(steps[fork.step], event) && (event.kind === "drop" ? k <= fork.step : k === fork.step));
	function change(event) {
		const { run, k } = stage, { road } = at, { kind, msg, node, name, value } = event, taken = roadTaken(event, k);
		const who = present(msg) ? titleOf(run.messages[msg]) : run.names[node];
		const what = { timeout: `fire timer ${name} of ${who}`, propose: `let ${who} propose ${value}` }[kind] ?? `${kind} ${who}`;
		if (begins(run.steps[k], event)) return onward(k);
		if (taken < 0) return ask({ do: "extend", run: run.run, at: k, event }, what, newRoad(k, onward));
		trail.push({ road, k });
		take(taken, k); onward(stage.run.fork.step);
		say(`This is road ${taken + 1}. Road ${road + 1} is kept.`);
	}
	function hint(event) {  // where a move has been recorded already
		const taken = roadTaken(event, stage.k);
		return begins(stage.run.steps[stage.k], event) ? "this road" : taken < 0 ? "" : `road ${taken + 1}`;
	}
	function undo() {
		const { road } = at, back = trail.pop();
		if (game) return goTo(stage.k - 1);
		if (!back) return say("There is no change of yours to take back.");
		pause(); load({ road: back.road }, back);
		say(`Taken back. Road ${road + 1} is kept; its number takes it up again.`);
	}
	function act({ act: kind, name, value }) {
		const { selected } = stage;
		if (kind === "propose" && value === undefined) return inspector.propose(!inspector.proposing());
		change(present(selected.msg) ? { kind, msg: selected.msg }
			: { kind, node: selected.node, ...(name && { name }), ...(value && { value }) });
	}
	function another() {
		const { seeds } = book[at.entry], next = at.seed + 1, seed = fresh();
		const go = i => { pause(); load({ seed: i, road: 0 }); play(); };
		if (next < seeds.length) return go(next);
		if (!request && next > 1) return go(0);
		const adopt = scene => { seeds.push({ roads: [scene], recorded: 0 }); go(seeds.length - 1); };
		ask({ do: "seed", run: stage.roads()[0].run, seed }, "try another seed", adopt);
	}

	/* -- runs that go and come: a recorded one by its place, one that a reader has made by all that happened in it -- */
	const seedName = (roads, i) => String(roads[0].seed ?? i);
	async function copyLink() {
		const { recorded, roads } = seedOf(), { id, nth } = book[at.entry], { run } = stage.run, own = at.road >= recorded;
		const place = { seed: seedName(roads, at.seed), road: at.road + 1 };
		const q = new URLSearchParams({ run: id, ...(nth > 1 && { nth }), ...(!own && place), step: stage.k });
		try {
			if (own) q.set("made", await (await module("share")).encode(run));
			history.replaceState(history.state, "", `#${q}`);
			await navigator.clipboard.writeText(location.href).then(() => say("Link to this step copied."),
				() => say("The link to this step is in the address bar."));
		} catch (error) {
			say(error.message);
		}
	}
	async function follow() {  // a link that names a run of this stage
		const q = new URLSearchParams(location.hash.slice(1)), whole = name => Math.trunc(+q.get(name)) || 0, made = q.get("made");
		const entry = book.findIndex(({ id, nth }) => id === q.get("run") && nth === (whole("nth") || 1)), k = whole("step");
		if (entry < 0) return;
		const { seeds } = book[entry], seed = Math.max(0, seeds.findIndex(({ roads }, i) => seedName(roads, i) === q.get("seed")));
		const road = clamp(whole("road") - 1, 0, seeds[seed].roads.length - 1);
		pause(); load({ entry, seed, road }, { k: made === null ? k : 0 });
		element.scrollIntoView({ block: "start" });
		if (made === null) return;
		bring(share => share.decode(made), k, "open the run of this link", "This link cannot be opened: ");
	}
	async function bring(get, k, what, trouble) {  // shows a run from elsewhere
		try {
			const share = await module("share");
			share.bring(await get(share), book[at.entry].seeds, k, load, (run, adopt) => ask({ do: "open", run }, what, adopt, trouble));
		} catch (error) {
			say(error.message, true);
		}
	}

	/* -- buttons, keys, pointer -- */
	const fileName = ending => `${[book[at.entry].id, stage.run.seed ?? at.seed, stage.k].join("-").replace(/[^\w.-]+/g, "_")}.${ending}`;
	const ACTIONS = {
		start: () => goTo(0, 0.4), end: () => goTo(stage.run.N, 0.4), back: () => stepBy(-1), fwd: () => stepBy(1),
		play: () => stage.playing ? pause() : play(), seed: another, undo, link: copyLink, open: () => file.click(),
		cancel: () => asking?.abort(),
		continue: () => ask({ do: "continue", run: stage.run.run, at: stage.k, seed: fresh() }, "let it run from here", newRoad(stage.k, play)),
		key: async b => { await explain(); key.hidden = !key.hidden; b.setAttribute("aria-expanded", !key.hidden); },
		svg: async () => {
			const { pictureOf } = await module("picture"), look = { s, fill: getComputedStyle(box).backgroundColor };
			const title = `${stage.run.title}, step ${stage.k}`;
			save(fileName("svg"), "image/svg+xml", pictureOf({ ...look, title }, ring.svg(), diagram.svg()));
			say("Picture saved.");
		},
		json: () => { save(fileName("json"), "application/json", JSON.stringify(stage.run.run, null, 1)); say("Run saved."); },
		reset: () => { pause(); load({ seed: 0, road: 0 }); },
		close: () => { const old = stage.selected; choose(null); (ring.node(old.node) ?? box).focus(QUIETLY); },
	};
	async function explain() {
		const { legend } = await module("key");
		key.replaceChildren(...legend(stage.run, { ...TOOLS, pip, PALETTE, rooms: furniture() }));
	}
	function setFolded(folded) { events.setFolded(folded); refold(); }
	function refold() { box.classList.toggle("folded", events.list.hidden && next.folded()); layout(); }

	box.addEventListener("click", ({ target }) => {
		const b = target.closest("[data-do], [data-act], [data-road], .cl-fold, .node, .msg, .ev[data-k], .cl-chip[data-k]");
		const { dataset } = b ?? {};
		const { selected } = stage;
		if (!b) return;
		if (dataset.do) ACTIONS[dataset.do](b);
		else if (dataset.act) act(dataset);
		else if (b === events.fold) setFolded(!events.list.hidden);
		else if (b === next.fold) { next.unfold(); refold(); }
		else if (dataset.node) choose(selected?.node === +dataset.node ? null : { node: +dataset.node });
		else if (b.matches(".msg")) { pause(); choose(selected?.msg === +dataset.m ? null : { msg: +dataset.m }); }
		else if (dataset.k) goTo(+dataset.k);
		else {
			take(+dataset.road, Math.min(stage.k, parting(stage.roads(), at.road, +dataset.road)));
			strip.children[at.road].focus(QUIETLY);
		}
	});
	box.addEventListener("submit", event => {
		const field = event.target.elements.value, value = field.value.trim();
		event.preventDefault();
		if (value) act({ act: "propose", value }); else field.focus();
	});
	box.addEventListener("keydown", event => {
		const { target, key: pressed } = event, message = target.closest(".msg");
		const inList = target === events.list, onGrip = target.matches(".grip"), withKey = event.ctrlKey || event.metaKey;
		if (target.matches("input:not([type=range]), select") && pressed !== "Escape") return;
		if (withKey && pressed === "z" || pressed === "Backspace" && !withKey) { event.preventDefault(); return undo(); }
		if (event.altKey || withKey) return;
		if (pressed === "Escape" && inspector.proposing()) return inspector.propose(false);
		if (pressed === "Escape" && stage.selected) return ACTIONS.close();
		if (target.matches("input, select")) return;
		const vertical = d => message ? () => (d > 0 ? message.nextElementSibling : message.previousElementSibling)?.focus()
			: (inList || onGrip) && (() => stepBy(inList ? d : -d));
		const deed = { ArrowRight: () => stepBy(1), ArrowLeft: () => stepBy(-1), Home: ACTIONS.start, End: ACTIONS.end, ArrowDown: vertical(1),
			ArrowUp: vertical(-1), PageDown: onGrip && (() => nextMark(1)), PageUp: onGrip && (() => nextMark(-1)) }[pressed];
		const press = [" ", "Enter"].includes(pressed) && target.closest(".node, .msg"), toggle = pressed === " " && !target.closest("button");
		if (!deed && !press && !toggle) return;
		event.preventDefault();
		if (deed) deed(); else if (press) press.dispatchEvent(new MouseEvent("click", { bubbles: true })); else ACTIONS.play();
	});
	box.addEventListener("pointerover", ({ target }) => point(target.closest("[data-m], [data-at]")?.dataset));
	box.addEventListener("focusin", ({ target }) => point(target.closest(".cl-moves button")?.dataset));
	box.addEventListener("pointerleave", () => point());
	file.addEventListener("change", () => {
		const [chosen] = file.files;
		if (chosen) bring(share => share.read(chosen), 0, "open this run", "This file cannot be opened: ");
		file.value = "";
	});
	select.addEventListener("change", () => { asking?.abort(); pause(); load({ entry: +select.value, seed: 0, road: 0 }); });
	function setSpeed() {
		speed = 2 ** range.value;
		rate.textContent = `${{ "-3": "⅛", "-2": "¼", "-1": "½" }[range.value] ?? +speed.toPrecision(2)}×`;
		range.setAttribute("aria-valuetext", rate.textContent);
	}
	range.addEventListener("input", setSpeed);
	setSpeed();

	/* -- what the reader does to a run comes when the first frame is drawn -- */
	async function join() {
		if (!module) return;
		const [{ createInspector }, { createMoves }] = await Promise.all(["inspector", "moves"].map(name => module(name)));
		inner.replaceChildren((inspector = createInspector(stage, TOOLS)).el, events.el,
			(next = createMoves(stage, { ...TOOLS, request, act: change, hint, grow: newRoad, play, game })).el);
		if (game) refold();
		next.update(); inspector.update();
	}

	/* -- into the page; what was there comes back if this fails, and at the end -- */
	const fallback = [...element.childNodes];
	function fit() {
		const first = !width;
		if (!element.clientWidth || element.clientWidth === width) return;
		width = element.clientWidth;
		if (first && (game || width < 620)) setFolded(true); else layout();
	}
	function watch() {  // nothing moves where nobody looks
		awake = onScreen && !document.hidden;
		if (awake && (stage.playing || goal)) wake();
		if (!awake) { cancelAnimationFrame(frameId); frameId = 0; }
	}
	const resized = new ResizeObserver(fit), seen = new IntersectionObserver(([entry]) => { onScreen = entry.isIntersecting; watch(); });
	function destroy() {
		for (const observer of [resized, seen]) observer.disconnect();
		ending.abort(); asking?.abort(); events.destroy(); cancelAnimationFrame(frameId); clearTimeout(noteTimer);
		width = 0;
		element.classList.remove("cl-stage");
		element.replaceChildren(...fallback);
	}
	try {
		const { entry = 0, seed = 0, road = 0, step: k = 0 } = payload.open ?? {};
		load({ entry, seed, road }, { k });
		element.classList.add("cl-stage");
		element.replaceChildren(box);
		fit(); follow();
		join();
	} catch (error) {
		destroy();
		throw error;
	}
	resized.observe(element); seen.observe(element);
	document.addEventListener("visibilitychange", watch, { signal: ending.signal });
	window.addEventListener("hashchange", follow, { signal: ending.signal });
	return { play, pause, goTo, seek, another, destroy, get road() { return at.road; },
		get step() { return Math.max(stage.k, 0); }, get playing() { return stage.playing; },
		get inFlight() { return ring.size(); } };
}
