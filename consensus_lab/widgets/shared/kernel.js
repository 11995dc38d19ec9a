/* A widget in a live kernel. This text ends the module of each widget, which has `mount`: requests go over the widget's
	 comm, and the modules that it asks for come over it as text. All of it is JSON text: a null would not get through
	 from the kernel that runs in the browser. */

function render({ model, el, experimental }) {
	const request = async (message, { signal = new AbortController().signal } = {}) =>  // with a signal there is no time-out
		JSON.parse((await experimental.invoke("request", JSON.stringify(message), { signal }))[0]);
	const modules = new Map();  // name -> promise
	async function fetched(name) {
		const { module, error } = await request({ do: "module", name });
		if (error) throw new Error(error);
		return import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
	}
	function load(name) {
		if (!modules.has(name)) modules.set(name, fetched(name));
		return modules.get(name);
	}

	const mounted = () => mount(el, JSON.parse(model.get("payload")), { request, load });
	let widget = mounted();
	const renew = () => { widget.destroy(); widget = mounted(); };
	model.on("change:payload", renew);
	return () => { model.off("change:payload", renew); widget.destroy(); };
}
export default { render };
