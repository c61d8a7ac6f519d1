"""A notebook in JupyterLab, used as a person uses it: by menus, mouse and keys."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from axe_playwright_python.sync_playwright import Axe
from lab_server import Server
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    TimeoutError,
    expect,
)

PICTURES = Path(__file__).parents[2] / "build" / "browser"
THEMES = ("JupyterLab Light", "JupyterLab Dark")
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_READY_MS = 300_000
_AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
}
# No prompt waits, and the kernel has nothing to do.
_IDLE = """() => {
  const dot = document.querySelector(".jp-Notebook-ExecutionIndicator");
  const prompts = [...document.querySelectorAll(".jp-InputPrompt")];
  return dot?.dataset.status === "idle"
    && prompts.some(own => /\\d/.test(own.textContent))
    && !prompts.some(own => own.textContent.includes("*"));
}"""


class LabPage:
    """A page with one notebook; what went wrong in it stands in `errors`."""

    def __init__(self, context: BrowserContext, server: Server, name: str) -> None:
        self.errors: list[str] = []
        self.file = server.notebooks / name
        self.page: Page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._on_request)
        place = f"lab/workspaces/{self.file.stem}/tree/{name}?token={server.token}"
        self.page.goto(server.url + place, timeout=_READY_MS)
        # The notebook's own sign says idle before there is a kernel.
        status = self.page.locator("#jp-main-statusbar")
        expect(status).to_contain_text("(ipykernel) | Idle", timeout=_READY_MS)

    def _on_console(self, message: ConsoleMessage) -> None:
        # The badge's picture is the one thing that a notebook takes from elsewhere.
        if message.type == "error" and message.location["url"] != _BADGE:
            self.errors.append(message.text)

    def _on_request(self, request: Request) -> None:
        hosts = ("http://127.0.0.1:", "data:", "blob:", _BADGE)
        if not request.url.startswith(hosts):
            self.errors.append(f"asked another host: {request.url}")

    def menu(self, *path: str) -> None:
        """Choose an entry of the menu bar, by the names on the way to it."""
        self.page.get_by_role("menuitem", name=path[0], exact=True).click()
        entries = self.page.locator(".lm-Menu-itemLabel")
        for name in path[1:-1]:
            entries.get_by_text(name, exact=True).hover()
        entries.get_by_text(path[-1], exact=True).click()

    def run_all(self, timeout_s: float = 400) -> None:
        """Run every cell, wait for the kernel, and fail with the cell that failed."""
        self.menu("Run", "Run All Cells")
        self.wait(timeout_s)
        self.assert_ran()

    def wait(self, timeout_s: float = 60) -> None:
        """Until the kernel is idle and no cell waits for it."""
        try:
            self.page.wait_for_function(_IDLE, timeout=1000 * timeout_s)
        except TimeoutError:
            self.shoot("waited in vain")
            raise

    def saved(self) -> nbformat.NotebookNode:
        """The notebook as JupyterLab writes it."""
        self.menu("File", "Save Notebook")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)
        return nbformat.read(self.file, as_version=4)

    def assert_ran(self) -> None:
        """Every cell of code has run, and none has raised."""
        code = [cell for cell in self.saved().cells if cell.cell_type == "code"]
        for number, cell in enumerate(code, start=1):
            raised = [out for out in cell.outputs if out.output_type == "error"]
            told = [f"{out.ename}: {out.evalue}" for out in raised]
            assert not told and cell.execution_count, f"cell {number}: {told}"

    def label(self, text: str) -> Locator:
        """The control of a widget that bears this label."""
        return self.page.get_by_label(text, exact=True)

    def slider(self, text: str) -> Locator:
        """The handle of the slider that bears this label."""
        box = self.page.locator(".widget-inline-hbox").filter(has_text=text)
        return box.locator(".noUi-handle")

    def drag(self, handle: Locator, right_px: float) -> None:
        """Drag with the mouse, to the left where it is negative."""
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right_px, y, steps=5)
        self.page.mouse.up()

    def focused(self) -> str:
        """The name of what has the focus: its label, or what is written on it."""
        return self.page.evaluate(
            "() => { const own = document.activeElement;"
            " return own.labels?.[0]?.textContent || own.textContent.trim(); }"
        )

    def scroll_to(self, wanted: Locator) -> None:
        """Go down the notebook: JupyterLab draws only the cells that are near."""
        self.page.locator(".jp-Notebook .jp-Cell").first.click()
        self.page.keyboard.press("Escape")
        for _ in range(200):
            if wanted.count():
                break
            self.page.keyboard.press("ArrowDown")
        wanted.scroll_into_view_if_needed()

    @contextmanager
    def anew(self, page: Locator) -> Iterator[None]:
        """What is done within changes the text of this part of the page."""
        before = page.text_content()
        expect(page).to_have_text(before)
        yield
        expect(page).not_to_have_text(before)

    def output(self) -> Locator:
        """What the last cell shows."""
        return self.page.locator(".jp-Cell-outputArea").last

    def look(self, name: str) -> None:
        """Screenshots in both themes; in both, axe finds nothing wrong with outputs."""
        self.output().scroll_into_view_if_needed()
        faults = []
        for theme in THEMES:
            self.menu("Settings", "Theme", theme)
            light = str(theme == THEMES[0]).lower()
            expect(self.page.locator("body")).to_have_attribute(
                "data-jp-theme-light", light
            )
            self.page.wait_for_timeout(300)  # colours fade into each other
            self.shoot(f"{name}-{theme.split()[-1].lower()}")
            faults += [f"{theme}: {fault}" for fault in self._faults()]
        assert not faults, "\n".join(faults)

    def shoot(self, name: str) -> None:
        """A picture of the page, to look at: build/browser/NAME.png."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    def _faults(self) -> list[str]:
        found = Axe().run(self.page, ".jp-OutputArea-output", _AXE).response
        return [
            f"{rule['help']}: {node['html'][:200]} {_why(node)}"
            for rule in found["violations"]
            for node in rule["nodes"]
            if not _is_upstream(rule["id"], node["html"])
        ]


def _why(node: dict) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"] for check in checks)


def _is_upstream(rule: str, html: str) -> bool:
    """ipywidgets gives no name to a slider's handle; its label stands beside it."""
    return rule == "aria-input-field-name" and bool(re.search("noUi-handle", html))
