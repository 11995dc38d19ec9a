/* Runs that go and come: a recorded one by its place, one that a reader has made by all that happened in it. */

import { h } from "../shared/dom.js";
import { clamp, messageOf } from "../shared/values.js";

/** @param {Stage} stage */
export function createLinks(stage) {
  const { at, library, page, player, requests } = stage;
  const { say } = requests;
  /** @type {Load} */
  const module = stage.module ?? (() => Promise.reject(new Error("Nothing can be loaded here.")));
  /**
   * @param {Scene[]} roads
   * @param {number} i
   */
  const seedName = (roads, i) => String(roads[0].seed ?? i);

  /* -- a link to the step in view -- */
  async function copyLink() {
    const { recorded, roads } = stage.seed();
    const { id, nth } = stage.entry();
    const { run } = stage.run;
    const own = at.road >= recorded;
    const place = { seed: seedName(roads, at.seed), road: `${at.road + 1}` };
    const query = new URLSearchParams({
      run: id,
      ...(nth > 1 && { nth: `${nth}` }),
      ...(!own && place),
      step: `${stage.k}`,
    });
    try {
      if (own) query.set("made", await (await module("share")).encode(run));
      history.replaceState(history.state, "", `#${query}`);
      await navigator.clipboard.writeText(location.href).then(
        () => say("Link to this step copied."),
        () => say("The link to this step is in the address bar."),
      );
    } catch (error) {
      say(messageOf(error));
    }
  }

  /* Goes where a link says that names a run of this stage. */
  async function follow() {
    const query = new URLSearchParams(location.hash.slice(1));
    const made = query.get("made");
    /** @param {string} name */
    const whole = (name) => Math.trunc(Number(query.get(name))) || 0;
    const k = whole("step");
    const entry = library.findIndex(
      ({ id, nth }) => id === query.get("run") && nth === (whole("nth") || 1),
    );
    if (entry < 0) return;
    const { seeds } = library[entry];
    const seed = Math.max(
      0,
      seeds.findIndex(({ roads }, i) => seedName(roads, i) === query.get("seed")),
    );
    const road = clamp(whole("road") - 1, 0, seeds[seed].roads.length - 1);
    player.pause();
    stage.load({ entry, seed, road }, { k: made === null ? k : 0 });
    stage.element.scrollIntoView({ block: "start" });
    if (made === null) return;
    bring(
      (share) => share.decode(made),
      k,
      "open the run of this link",
      "This link cannot be opened: ",
    );
  }

  /**
   * Shows a run from elsewhere.
   *
   * @param {(share: Modules["share"]) => Promise<RunJson>} get
   * @param {number} k
   * @param {string} what
   * @param {string} trouble
   */
  async function bring(get, k, what, trouble) {
    try {
      const share = await module("share");
      const run = await get(share);
      /** @param {Run} run */
      /** @type {(run: RunJson, adopt: (scene: Scene) => void) => void} */
      const ask = (run, adopt) => requests.ask({ do: "open", run }, what, adopt, trouble);
      share.bring(run, stage.entry().seeds, k, stage.load, ask);
    } catch (error) {
      say(messageOf(error), true);
    }
  }
  /** @param {File} file */
  const open = (file) =>
    bring((share) => share.read(file), 0, "open this run", "This file cannot be opened: ");

  /* -- files -- */
  /** @param {string} ending */
  function fileName(ending) {
    const name = [stage.entry().id, stage.run.seed ?? at.seed, stage.k].join("-");
    return `${name.replace(/[^\w.-]+/g, "_")}.${ending}`;
  }
  async function savePicture() {
    const { pictureOf } = await module("picture");
    const fill = getComputedStyle(page.box).backgroundColor;
    const title = `${stage.run.title}, step ${stage.k}`;
    save(
      fileName("svg"),
      "image/svg+xml",
      pictureOf({ title, fill }, stage.ring.svg(), stage.diagram.svg()),
    );
    say("Picture saved.");
  }
  function saveRun() {
    save(fileName("json"), "application/json", JSON.stringify(stage.run.run, null, 1));
    say("Run saved.");
  }

  return { copyLink, follow, open, savePicture, saveRun };
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
function save(name, type, text) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
