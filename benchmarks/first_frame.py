"""How long does a reader with a phone wait for the first frame of a stage?

The built book is served as `make book` serves it, text compressed, to a Chromium whose processor is slowed 4 times,
on a line of 12 Mbit/s with 40 ms to an answer, with nothing in its cache. Counted is the time from the call for the
page to the end of the first frame that has the nodes of a stage in it, drawn by its script: the recorded picture that
a page shows before does not count. Beside the book's pages stands a yardstick: RaftScope, if a folder with its files
is named (they are at https://github.com/ongardie/raftscope, with two submodules); without one, a page of its weight,
330 KB in 13 files, whose last script draws five circles. Pages take turns, so that a busy moment of the machine hits
them all; ratios are taken within a turn, and what is printed is the median over the turns.

Run it with ``python -m benchmarks.first_frame [--turns 7] [--yardstick FOLDER] [--pages FOLDER]``.
"""

import argparse
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from tests.browser import FLAGS, find_chromium
from tools.serve import server

TURNS = 7
SLOWER, BITS_A_SECOND, LATENCY = 4, 12_000_000, 40
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
PAGES = ("book/intro.html", "book/voting.html", "book/replication.html")
STAGE, RAFTSCOPE = '[data-widget] svg[role="group"] circle', "#servers circle"
WATCH = """selector => {
    const look = () => {
        if (!document.querySelector(selector)) return requestAnimationFrame(look);
        const after = new MessageChannel();
        after.port1.onmessage = () => console.debug(`first frame ${performance.now()}`);
        after.port2.postMessage(0);  // which arrives when the frame is painted
    };
    requestAnimationFrame(look);
}"""

# -- the yardstick, where RaftScope is not at hand -----------------------------------------------------------

STYLES = {"style-1.css": 100_000, "style-2.css": 4_000, "style-3.css": 3_000}
SCRIPTS = {"script-1.js": 84_000, "script-2.js": 29_000, "script-3.js": 22_000, "script-4.js": 5_000} | {
    "script-5.js": 3_000, "script-6.js": 12_000, "script-7.js": 2_000, "script-8.js": 23_000
}  # fmt: skip
FONT = 37_000
DRAW = """const ring = document.querySelector("#servers");
for (let i = 0; i < 5; i++) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of Object.entries({ cx: 60 + 70 * i, cy: 60, r: 30 })) node.setAttribute(name, value);
    ring.append(node);
}
"""


def write_yardstick(folder):
    """Write a page of RaftScope's weight: 13 files, 330 KB, rules and functions that a browser has to read."""
    for name, size in STYLES.items():
        rules = (f".part-{i} > .of-{i}:hover {{ margin: {i % 9}px; color: #{i % 4096:03x} }}\n" for i in range(size))
        (folder / name).write_text("@font-face { font-family: F; src: url(font.woff) }\n" + filled(rules, size))
    for name, size in SCRIPTS.items():
        functions = (f"function f{i}(a, b) {{ return a * {i} + (b || '{i * 7919}').length; }}\n" for i in range(size))
        (folder / name).write_text(f"(() => {{\n{filled(functions, size)}}})();\n")
    with open(folder / list(SCRIPTS)[-1], "a") as last:
        last.write(f'addEventListener("DOMContentLoaded", () => {{ {DRAW} }});\n')
    (folder / "font.woff").write_bytes(bytes(i * i % 251 for i in range(FONT)))
    styles = "".join(f'<link rel="stylesheet" href="{name}">' for name in STYLES)
    scripts = "".join(f'<script src="{name}"></script>' for name in SCRIPTS)
    text = "<p>A paragraph of the page.</p>\n" * 180
    (folder / "index.html").write_text(
        f"<!doctype html><title>A yardstick</title>{styles}{scripts}<svg><g id='servers'></g></svg>\n{text}"
    )


def filled(lines, size):
    """As many of the lines as fit."""
    text = []
    for line in lines:
        size -= len(line)
        if size < 0:
            break
        text.append(line)
    return "".join(text)


# -- the measuring -------------------------------------------------------------------------------------------


@contextmanager
def serving(folder):
    """The address of a folder that is being served as `make book` does."""
    with server(folder) as running:
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def visit(browser, address, selector):
    """Open a page as a phone does; return the seconds to its first frame and its bytes over the line."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    client, received = context.new_cdp_session(page), []
    client.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    client.send("Network.enable")
    line = {"latency": LATENCY, "downloadThroughput": BITS_A_SECOND / 8, "uploadThroughput": BITS_A_SECOND / 8}
    client.send("Network.emulateNetworkConditions", {"offline": False, **line})
    client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(f"({WATCH})({selector!r})")
    # What a page says needs no script of the measuring's own, which would take its share of the processor.
    with page.expect_console_message(lambda message: message.text.startswith("first frame"), timeout=60_000) as told:
        page.goto(address, wait_until="commit")
    seconds = float(told.value.text.removeprefix("first frame ")) / 1000
    page.wait_for_load_state("networkidle")
    context.close()
    return seconds, sum(received)


def measure(pages, turns):
    """Visit each `(address, selector)` as often; `{name: [(seconds, bytes), ...]}`. The first turn is thrown away."""
    taken = {name: [] for name in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for turn in range(turns + 1):
            for name, (address, selector) in pages.items():
                visited = visit(browser, address, selector)
                if turn:
                    taken[name].append(visited)
        browser.close()
    return taken


def table(taken):
    """The medians, as lines of text; the first of the pages is the yardstick."""
    yardstick, *_ = taken.values()
    width = max(map(len, taken))
    lines = [f"{'':{width}}  seconds  ratio  bytes over the line, compressed"]
    for name, visits in taken.items():
        seconds = median(seconds for seconds, _ in visits)
        ratio = median(ours / theirs for (ours, _), (theirs, _) in zip(visits, yardstick, strict=True))
        lines.append(f"{name:{width}}  {seconds:7.2f}  {ratio:5.2f}  {median(size for _, size in visits):9,.0f}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--yardstick", type=Path, help="the folder of RaftScope")
    parser.add_argument("--pages", type=Path, default=Path("_build/html"), help="the folder of the built book")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.yardstick or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not asked.yardstick:
            write_yardstick(folder)
        name = "RaftScope" if asked.yardstick else "page of its weight"
        pages = {name: (f"{stack.enter_context(serving(folder))}/index.html", RAFTSCOPE)}
        book = stack.enter_context(serving(asked.pages))
        pages |= {page: (f"{book}/{page}", STAGE) for page in PAGES}
        print(table(measure(pages, asked.turns)))


if __name__ == "__main__":
    main()
