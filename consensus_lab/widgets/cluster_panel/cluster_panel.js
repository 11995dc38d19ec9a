/* Real processes: one card each with what can be done to it, and the run that really happened on a stage. The kernel has
	 the processes and says how they are; this page draws that and passes on clicks. Text is data: elements are made by `h`. */

const GOAL = "Each node is a process of its own. They talk over TCP, and what a node promises is on the disk before it leaves. "
	+ "Start them, ask them for something, ill-treat them, and then watch what really happened.";
const NO_KERNEL = "Real processes need a kernel: open this chapter in JupyterLab or on Binder to start them. Here is a run that has "
	+ "really happened, as the processes recorded it.";
const OFTEN = 600;  // milliseconds from one look at the processes to the next
const ICONS = {
	start: "M6 3.6v10.8L14.4 9z", end: "M5 5h8v8H5z", kill: "M5 5 13 13M13 5 5 13", restart: "M3.5 7.2A5.8 5.8 0 1 1 3.2 10M3.2 3.4v3.9h3.9",
	pause: "M6.2 4.4v9.2M11.8 4.4v9.2", resume: "M6 3.6v10.8L14.4 9z", cut: "M9 2.6v3.2M9 7.6v2.8M9 12.2v3.2M2.6 9h3.2M12.2 9h3.2",
	join: "M2.6 9h12.8", propose: "M3 9h11M9.6 4.6 14 9l-4.4 4.4", play: "M6 3.6v10.8L14.4 9z",
};
const FILLED = ["start", "end", "resume", "play"];
const STATES = { up: "running", paused: "paused", down: "killed" };

export function mount(element, payload, { request = null, load }) {
	const { title, live, names, values, at, stage: recorded } = payload, fallback = [...element.childNodes];
	let dead = false, api = null;

	load("stage").then(module => { if (!dead) api = build(module); })
		.catch(error => console.error("The panel did not start:", error));

	function build({ mount: mountStage, TOOLS: { h, s } }) {
		const real = live && request;
		let nodes = [], busy = false, timer = 0, player = null;

		/* -- the page of it -- */
		const icon = name => s("svg.cl-i", { viewBox: "0 0 18 18", "aria-hidden": true }, s(`path${FILLED.includes(name) ? ".f" : ""}`, { d: ICONS[name] }));
		const button = (name, text, click, more) => {
			const made = h("button", { type: "button", ...more }, icon(name), h("span", text));
			made.addEventListener("click", click);
			return made;
		};
		const label = (made, name, text) => { made.firstChild.replaceWith(icon(name)); made.lastChild.textContent = text; };
		const note = h("span.cl-note", { role: "status" });
		const power = button("start", "Start the processes", () => act({ act: nodes.length ? "end" : "start" }));
		const replay = button("play", "Play what happened", () => act({ act: "play" }));
		const choice = (text, options) => h("select", { "aria-label": text }, options.map(([value, text]) => h("option", { value }, text)));
		const what = choice("Value", values.map(value => [value, value])), where = choice("Node", at.map(i => [i, names[i]]));
		const ask = button("propose", "Propose", () => act({ act: "propose", node: +where.value, value: what.value }));
		const asking = h("div.cl-ask", { role: "group", "aria-label": "Propose" }, what, h("span", "at"), where, ask);
		const cards = names.map((name, i) => {
			const words = h("p.cl-words"), state = h("span.cl-state"), pid = h("span.cl-pid.num");
			const life = button("kill", "Kill", () => act({ act: nodes[i].state === "down" ? "restart" : "kill", node: i }));
			const rest = button("pause", "Pause", () => act({ act: nodes[i].state === "paused" ? "resume" : "pause", node: i }));
			const wire = button("cut", "Cut off", () => act({ act: "cut", node: i }));
			return { words, state, pid, life, rest, wire, el: h("li.cl-process", { "aria-label": name },
				h("div.cl-who", h("b", name), state, pid), words, h("div.cl-acts", life, rest, wire)) };
		});
		const list = h("ul.cl-cards", cards.map(card => card.el)), scene = h("div");
		const box = h("section.cl-panel", { "aria-label": title },
			h("header.cl-head", h("h3.cl-title", title)), h("p.cl-goal", live ? GOAL : NO_KERNEL),
			real ? [h("div.cl-tools", power, asking, replay, note), list] : null, h("div.cl-scene", scene));

		/* -- the processes -- */
		async function act(message) {
			if (busy || dead) return;
			busy = true;
			clearTimeout(timer);
			if (message.act === "start") { note.textContent = "Starting…"; draw(); }
			const reply = await request({ do: "cluster", ...message }).catch(error => ({ error: String(error?.message ?? error) }));
			busy = false;
			if (dead) return;
			if (message.act !== "look" || reply.error) note.textContent = reply.error ?? "";
			nodes = reply.nodes ?? nodes;
			draw();
			if (reply.stage) show(reply.stage, true);
			if (nodes.length) timer = setTimeout(() => act({ act: "look" }), OFTEN);
		}
		function draw() {
			const on = nodes.length > 0;
			label(power, on ? "end" : "start", on ? "Stop them all" : "Start the processes");
			power.classList.toggle("cl-go", !on);
			replay.classList.toggle("cl-go", on);
			for (const part of [asking, replay, list]) part.hidden = !on;
			nodes.forEach(({ state, words, cut, pid }, i) => {
				const card = cards[i];
				card.el.dataset.state = state;
				card.el.classList.toggle("cut", cut);
				card.state.textContent = cut && state !== "down" ? `${STATES[state]}, cut off` : STATES[state];
				card.pid.textContent = pid ? `pid ${pid}` : "";
				card.words.textContent = words;
				label(card.life, state === "down" ? "restart" : "kill", state === "down" ? "Restart" : "Kill");
				label(card.rest, state === "paused" ? "resume" : "pause", state === "paused" ? "Resume" : "Pause");
				label(card.wire, cut ? "join" : "cut", cut ? "Join again" : "Cut off");
				card.rest.disabled = state === "down";
			});
		}

		/* -- the stage -- */
		function show(stage, play) {
			player?.destroy();
			scene.replaceChildren();
			player = mountStage(scene, stage, { request, load });
			if (play && !matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
		}

		draw();
		element.classList.add("cl-stage", "cl-cluster_panel");
		element.replaceChildren(box);
		show(recorded, false);
		if (real) act({ act: "look" });  // they may be running already
		return { act, get nodes() { return nodes; }, get stage() { return player; }, destroy() { clearTimeout(timer); player?.destroy(); } };
	}
	function destroy() {
		dead = true;
		api?.destroy();
		element.classList.remove("cl-stage", "cl-cluster_panel");
		element.replaceChildren(...fallback);
	}
	return { destroy, get panel() { return api; } };
}
