/* An exercise: the reader's code in an editor, a Check button, and what the checker found, with the run that shows it.
	 Python checks; this page keeps the text and shows the answer. Text is data, never markup: elements are made by `h`. */

const NEAR = "600px";  // the editor is fetched when it comes so near to the window
const HINT = "Tab indents; Escape, then Tab, leaves the editor. Ctrl+Enter checks. Of several protocols, the last is checked.";
const NO_PYTHON = "There is no Python here to check it. Open the chapter in a notebook.";

/* ---- small tools ---- */
const SVG = "http://www.w3.org/2000/svg";
const h = (selector, ...children) => {
	const [tag, ...classes] = selector.split("."), element = document.createElement(tag);
	const attributes = children[0]?.constructor === Object ? children.shift() : {};
	if (classes.length) element.className = classes.join(" ");
	for (const name in attributes) if (attributes[name] != null) element.setAttribute(name, attributes[name]);
	element.append(...children.flat().filter(child => child != null && child !== ""));
	return element;
};
const ICONS = {
	holds: ["M3.5 9.5 7.2 13 14.5 5.2"], broken: ["M5 5 13 13M13 5 5 13"], open: ["M6.4 6.6a2.7 2.7 0 1 1 4 2.3c-1 .6-1.4 1.1-1.4 2M9 13.6v.01"],
	check: ["M6 3.6v10.8L14.4 9z", "f"], stop: ["M5 5h8v8H5z", "f"], reset: ["M3.5 7.2A5.8 5.8 0 1 1 3.2 10M3.2 3.4v3.9h3.9"],
};
const icon = name => {
	const [d, classes = ""] = ICONS[name], svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
	svg.setAttribute("class", "cl-i"); svg.setAttribute("viewBox", "0 0 18 18"); svg.setAttribute("aria-hidden", "true");
	path.setAttribute("d", d); path.setAttribute("class", classes);
	svg.append(path);
	return svg;
};
/* Paragraphs of text, with `code` and *stress* in them. */
const prose = text => text.split("\n\n").map(part => h("p", part.split(/(`[^`]+`|\*[^*]+\*)/).map(piece =>
	piece.startsWith("`") ? h("code", piece.slice(1, -1)) : piece.startsWith("*") ? h("em", piece.slice(1, -1)) : piece)));

/* What is kept of an exercise: the reader's `text`, and the text `before` that a reset or a template has replaced. */
const shelf = name => {
	const key = `consensus-lab exercise ${name}`;
	return {
		read() { try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; } },
		write(kept) { try { localStorage.setItem(key, JSON.stringify(kept)); } catch { /* a page that may keep nothing */ } },
	};
};

/* Where code is typed until the editor is there, and where there is none. */
function plainEditor(parent, { text, label, onchange, onsubmit }) {
	const area = h("textarea", { "aria-label": label, spellcheck: "false", autocapitalize: "off", wrap: "off", rows: 12 });
	const grow = () => { area.rows = Math.min(Math.max(area.value.split("\n").length + 1, 8), 40); };
	area.value = text;
	area.addEventListener("input", () => { grow(); onchange(); });
	area.addEventListener("keydown", event => {
		if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
		event.preventDefault();
		event.stopPropagation();  // a notebook would run the cell
		onsubmit();
	});
	grow();
	parent.append(area);
	return {
		get text() { return area.value; },
		set text(value) { area.value = value; grow(); onchange(); },
		mark(line) {
			if (!line) return;
			const lines = area.value.split("\n"), from = lines.slice(0, line - 1).join("\n").length + (line > 1);
			area.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
		},
		destroy: () => area.remove(),
	};
}

/* ---- the widget ---- */
let instances = 0;

export function mount(element, payload, { request = null, load = null } = {}) {
	const { name, title, starter, templates = [], budgets = [] } = payload, keeper = shelf(name), id = `cl-exercise-${++instances}`;
	const kept = { text: starter, ...keeper.read() };
	let checking = null, stage = null, checked = null, dead = false;

	/* -- the page of it -- */
	const hint = h("p.cl-hint", { id: `${id}-hint` }, HINT);
	const place = h("div.cl-editor"), note = h("span.cl-note", { role: "status" }), told = h("span.vh", { role: "status" });
	const check = h("button.cl-go", { type: "button" }), reset = h("button", { type: "button" }, icon("reset"), "Reset");
	const undo = h("button", { type: "button" }, "Bring my text back");
	const headline = h("h4"), why = h("p.cl-why"), lines = h("ul.cl-lines"), scene = h("div"), framed = h("div.cl-scene", scene), stale = h("p.cl-stale", "Your code has changed since this check.");
	const result = h("div.cl-result", { tabindex: -1, "aria-label": "What the checker found", role: "region", hidden: "" }, h("header", headline), why, lines, stale, framed);
	const field = (label, input) => h("label", h("span", label), input);
	const select = (options, first) => {
		const input = h("select", options.map(([value, text]) => h("option", { value }, text)));
		if (first !== undefined) input.value = first;
		return input;
	};
	const chosen = budgets.map(budget => ({ ...budget, input: select(budget.texts.map((text, i) => [i, text]), budget.choices.indexOf(budget.first)) }));
	const start = select([["", "Choose one…"], ...templates.map((template, i) => [i, template.about.split(/[:.]/)[0]])]), aboutStart = h("p.cl-about");
	const bounds = payload.bounds && h("details.cl-bounds", h("summary", "What is checked"),
		h("p", "Every schedule of each of these systems, and that what should be possible is."), h("ul", payload.bounds.map(text => h("li", text))));
	const box = h("section.cl-task", { "aria-label": title },
		h("header.cl-head", h("h3.cl-title", title)), h("div.cl-prose", prose(payload.task), bounds),
		templates.length ? h("div.cl-settings", field("Start from", start), aboutStart) : null,
		budgets.length ? h("div.cl-settings", { role: "group", "aria-label": "The system" }, chosen.map(({ label, input }) => field(label, input))) : null,
		h("div.cl-work", h("div.cl-left", place, hint, h("div.cl-tools", check, note, undo, reset, told)), result));

	/* -- the text -- */
	const options = {
		text: kept.text, label: `Your code: ${title}`, hint: hint.id, onsubmit: () => run(),
		onchange() { kept.text = editor.text; save(); stale.hidden = checked === null || checked === kept.text; },
	};
	let editor = plainEditor(place, options);
	function save() {
		keeper.write({ ...kept, text: kept.text === starter ? undefined : kept.text });
		reset.disabled = kept.text === starter;
		undo.hidden = kept.before === undefined || kept.before === kept.text;
	}
	function replace(text) {  // what was there can be brought back
		kept.before = kept.text;
		editor.text = text;
		note.textContent = "";
	}
	async function improve() {  // from the plain editor to the real one; the plain one stays where that cannot be had
		const module = await load("editor").catch(() => null);
		while (place.contains(place.getRootNode().activeElement)) await new Promise(done => place.addEventListener("focusout", () => setTimeout(done), { once: true }));
		if (dead || !module) return;
		const plain = editor;
		editor = module.createEditor(place, { ...options, text: kept.text });
		plain.destroy();
		place.classList.add("rich");
	}

	/* -- checking -- */
	function draw() {
		check.replaceChildren(icon(checking ? "stop" : "check"), checking ? "Cancel" : "Check");
		box.classList.toggle("checking", checking !== null);
	}
	async function run() {
		if (checking) return;
		if (!request) { note.textContent = NO_PYTHON; return; }
		const mine = checking = new AbortController(), code = kept.text;
		const message = { do: "check", exercise: name, code };
		if (budgets.length) message.system = Object.fromEntries(chosen.map(({ name, choices, input }) => [name, choices[+input.value]]));
		editor.mark(null);
		note.textContent = "Checking every schedule…";
		told.textContent = "";
		draw();
		let answer;
		try {
			answer = await request(message, { signal: mine.signal, progress: text => { if (checking === mine) note.textContent = `${text}…`; } });
			if (!answer?.check) throw new Error(answer?.error ?? "There was no answer.");
		} catch (error) {
			if (checking === mine && !dead) note.textContent = mine.signal.aborted ? "Canceled. Your text is still here." : String(error?.message ?? error);
			answer = null;
		}
		if (dead || checking !== mine) return;
		checking = null;
		draw();
		if (!answer) return;
		note.textContent = "";
		checked = code;
		await show(answer.check, code);
	}
	async function show(found, code) {
		const sign = { passed: "holds", bound: "open" }[found.kind] ?? "broken";
		result.dataset.kind = sign;
		result.hidden = false;
		headline.replaceChildren(icon(sign), found.headline);
		why.textContent = found.why;
		lines.replaceChildren(...(found.lines ?? []).map(([sign, text]) => h(`li.${sign}`, icon(sign), h("span", text))));
		lines.hidden = !found.lines?.length;
		stale.hidden = checked === kept.text;
		stage?.destroy(); stage = null;
		framed.hidden = !found.stage;
		editor.mark(found.line, found.why);
		told.textContent = `${found.headline}. ${found.why}`;
		if (!found.stage || !load) return;
		const module = await load("stage").catch(() => null);
		if (dead || !module || checked !== code) return;
		const ask = (message, options) => request({ do: "with", code, request: message }, options);
		scene.replaceChildren();
		stage = module.mount(scene, found.stage, { request: ask, load });
		if (sign === "broken" && !matchMedia("(prefers-reduced-motion: reduce)").matches) stage.play();
	}

	check.addEventListener("click", () => { if (checking) checking.abort(); else run(); });
	reset.addEventListener("click", () => replace(starter));
	undo.addEventListener("click", () => { const { before } = kept; delete kept.before; editor.text = before; save(); });
	start.addEventListener("change", () => {
		const template = templates[start.value];
		aboutStart.textContent = template?.about ?? "";
		if (template) replace(template.code);
	});

	/* -- into the page; what was there comes back at the end -- */
	const fallback = [...element.childNodes];
	const seen = new IntersectionObserver(([entry]) => { if (entry.isIntersecting && load) { seen.disconnect(); improve(); } }, { rootMargin: NEAR });
	save(); draw();
	element.classList.add("cl-stage", "cl-exercise");
	element.replaceChildren(box);
	seen.observe(element);
	function destroy() {
		dead = true;
		checking?.abort(); seen.disconnect(); stage?.destroy(); editor.destroy();
		element.classList.remove("cl-stage");
		element.replaceChildren(...fallback);
	}
	return { destroy, run, get text() { return kept.text; }, get stage() { return stage; } };
}
