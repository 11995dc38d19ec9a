/* The rooms of a stage: parts of a scene that are drawn by a module of their own. It comes after the first frame. */

import { messageOf } from "../shared/values.js";

/** @param {Stage} stage */
export function createRooms(stage) {
  const { module } = stage;
  const box = stage.page.rooms;
  /** @type {Map<RoomName, Room | null>} */
  const loaded = new Map(); // name -> what draws that part of a scene, or null while its module is on its way

  const wanted = () => ROOMS.filter((name) => module && stage.run[name]);
  const here = () => wanted().flatMap((name) => loaded.get(name) ?? []);

  /** @param {boolean} small */
  function layout(small) {
    const names = wanted();
    const ready = here();
    /** @param {RoomName} name */
    const height = (name) => {
      const lines = stage.run[name]?.lines;
      return lines ? 24 + lines * (small ? 51 : 30) : 0;
    };
    box.style.minHeight = ready.length
      ? ""
      : `${names.map(height).reduce((sum, px) => sum + px, 0)}px`;
    for (const room of ready) room.layout(stage.ring.room(), small);
    box.replaceChildren(...ready.map((room) => room.el));
    for (const name of names) if (module && !loaded.has(name)) fetchRoom(module, name);
  }
  /**
   * @param {Load} module
   * @param {RoomName} name
   */
  function fetchRoom(module, name) {
    loaded.set(name, null);
    module(name).then(
      ({ createRoom }) => {
        loaded.set(name, createRoom(stage));
        stage.layout();
      },
      (error) => stage.requests.say(messageOf(error)),
    );
  }

  return {
    layout,
    /** @param {number} k */
    step: (k) => here().forEach((room) => room.step(k)),
    /** @param {DiagramPlaces} tools */
    items: (tools) => here().flatMap((room) => room.items?.(tools) ?? []),
    /** @param {KeyItem} item */
    key: (item) => here().flatMap((room) => room.key(item)),
  };
}
