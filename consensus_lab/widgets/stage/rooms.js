/* The rooms of a stage: parts of a scene that are drawn by a module of their own. It comes after the first frame. */

const ROOMS = ["ballots", "logs"];

export function createRooms(stage) {
  const box = stage.page.rooms;
  const loaded = new Map(); // name -> what draws that part of a scene, or null while its module is on its way

  const wanted = () => ROOMS.filter((name) => stage.module && stage.run[name]);
  const here = () => wanted().flatMap((name) => loaded.get(name) ?? []);

  function layout(small) {
    const names = wanted();
    const ready = here();
    const height = (name) =>
      stage.run[name].lines && 24 + stage.run[name].lines * (small ? 51 : 30);
    box.style.minHeight = ready.length
      ? ""
      : `${names.map(height).reduce((sum, px) => sum + px, 0)}px`;
    for (const room of ready) room.layout(stage.ring.room(), small);
    box.replaceChildren(...ready.map((room) => room.el));
    for (const name of names) if (!loaded.has(name)) fetchRoom(name);
  }
  function fetchRoom(name) {
    loaded.set(name, null);
    stage.module(name).then(
      ({ createRoom }) => {
        loaded.set(name, createRoom(stage));
        stage.layout();
      },
      (error) => stage.requests.say(error.message),
    );
  }

  return {
    layout,
    step: (k) => here().forEach((room) => room.step(k)),
    items: (tools) => here().flatMap((room) => room.items?.(tools) ?? []),
    key: (item) => here().flatMap((room) => room.key(item)),
  };
}
