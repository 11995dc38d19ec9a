"""What a reader does with a chapter in a JupyterLab, and with its first stage anywhere."""

import json
import re
import time

PATIENCE = 180_000  # milliseconds, for a browser's Python on a busy machine
NOTEBOOK = "jupyterapp.shell.currentWidget"


def open_chapter(page, address):
    page.goto(address)
    page.wait_for_function(f"window.jupyterapp && {NOTEBOOK}?.context?.isReady", timeout=PATIENCE)
    page.wait_for_function(f"{NOTEBOOK}.sessionContext.session?.kernel?.status === 'idle'", timeout=PATIENCE)


def run_all(page):
    """Run all cells as the menu does, and return those with code as the notebook has them then."""
    page.set_default_timeout(PATIENCE)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.allRan = true; })")
    page.wait_for_function("window.allRan")  # unlike `evaluate`, it gives up
    cells = page.evaluate(f"{NOTEBOOK}.content.model.toJSON().cells")
    return [cell for cell in cells if cell["cell_type"] == "code"]


def errors(cells):
    return [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]


def go_to(stage, step):
    """By keyboard: to the start, and forward from there."""
    stage.scroll_into_view_if_needed()  # JupyterLab lays out what is in view
    stage.locator(".cl-say").click()
    grip = stage.locator(".grip")
    grip.press("Home")
    for _ in range(step):
        grip.press("ArrowRight")
    stage.locator(".cl-count b").first.filter(has_text=re.compile(f"^{step}$")).wait_for()


def leave_the_road(stage, step):
    """Deliver a message at this step that the recorded run leaves in flight there."""
    go_to(stage, step + 1)
    later = stage.locator(".msg").evaluate_all("messages => messages.map(m => m.dataset.m)")
    go_to(stage, step)
    now = stage.locator(".msg").evaluate_all("messages => messages.map(m => m.dataset.m)")
    number = next(number for number in now if number in later)
    stage.locator(f".msg[data-m='{number}']").dispatch_event("click")
    stage.get_by_role("button", name="Deliver now", exact=True).click()


def session(page):
    """Change the run of the page's first stage, in every way but a link; the runs that come of it, as downloaded."""
    stage = page.locator(".cl-stage").first
    roads = stage.locator(".cl-roads [data-road]")
    kept = []

    def press(name):
        stage.get_by_role("button", name=name, exact=True).click()

    def wait(condition):
        deadline = time.monotonic() + PATIENCE / 1000
        while not condition():
            assert time.monotonic() < deadline, stage.locator(".cl-note").inner_text()
            page.wait_for_timeout(50)

    def keep(number_of_roads):
        wait(lambda: roads.count() == number_of_roads)
        with page.expect_download() as download:
            press("JSON")
        kept.append(json.loads(download.value.path().read_text(encoding="utf-8")))

    leave_the_road(stage, 4)
    keep(2)
    stage.locator(".node").nth(2).dispatch_event("click")
    press("Crash")
    keep(3)
    press("Let it run")
    keep(4)
    go_to(stage, 9)  # undone: back to before any of that, on the last road
    stage.locator(".msg").last.dispatch_event("click")
    press("Deliver now")
    keep(5)
    roads.first.click()
    press("New seed")
    keep(1)
    return kept
