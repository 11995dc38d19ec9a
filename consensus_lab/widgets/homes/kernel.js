/* A widget in a live kernel: requests go over the widget's comm, and the modules that it asks for later come over it as text.
   What the first frame needs is here already, for a kernel that is busy answers nobody. All of it is JSON text: a null
   would not get through from the kernel that runs in the browser. */

import { createLoader } from "./loader.js";

const { kind, texts } = SETTINGS; // put here by base.py

/**
 * @param {{
 *   model: KernelModel,
 *   el: HTMLElement,
 *   experimental: { invoke: (name: string, text: string, options: object) => Promise<[string]> },
 * }} given
 */
function render({ model, el, experimental }) {
  /**
   * With a signal of ours there is no time-out.
   *
   * @param {Message} message
   * @param {RequestOptions} [given]
   */
  async function request(message, { signal = new AbortController().signal } = {}) {
    const [text] = await experimental.invoke("request", JSON.stringify(message), { signal });
    return JSON.parse(text);
  }
  /** @param {string} name */
  async function textOf(name) {
    if (name in texts) return texts[name];
    const { module, error } = await request({ do: "module", name });
    if (error) throw new Error(error);
    return module;
  }
  const load = createLoader(textOf);
  /** @type {{ destroy: () => void } | null} */
  let widget = null;
  let ended = false;

  async function renew() {
    const { mount } = await load(kind);
    if (ended) return;
    widget?.destroy();
    widget = mount(el, JSON.parse(model.get("payload")), { request, load });
  }
  renew();
  model.on("change:payload", renew);
  return () => {
    ended = true;
    model.off("change:payload", renew);
    widget?.destroy();
  };
}

export default { render };
