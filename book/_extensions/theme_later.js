// What the frame of the page needs is fetched when the first widget is drawn; or soon after all else, should none be.
(() => {
  let sources = SOURCES;
  const fetchAll = () => {
    for (const src of sources) document.head.append(Object.assign(document.createElement("script"), { src, async: false }));
    sources = [];
  };
  addEventListener("load", () => setTimeout(fetchAll, 3000));
  document.addEventListener("first-frame", fetchAll, { once: true });
})();
