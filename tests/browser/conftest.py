"""One JupyterLab and one Chromium for all tests; a notebook is a page of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from lab_page import LabPage
from lab_server import Server, running
from playwright.sync_api import Browser, expect, sync_playwright

# How long a busy machine may take to answer a click; nothing is asserted about it.
_PATIENCE_MS = 60_000
expect.set_options(timeout=_PATIENCE_MS)

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def server(tmp_path_factory, cache_folder: Path) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("lab"), cache_folder) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    name = os.environ.get("CHROMIUM", "chromium")
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found, args=_OPTIONS)


@pytest.fixture
def open_lab(
    browser: Browser, server: Server
) -> Iterator[Callable[[str, nbformat.NotebookNode], LabPage]]:
    """Open a notebook, not run yet; its page must have no error at the end."""
    opened: list[LabPage] = []
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    context.set_default_timeout(_PATIENCE_MS)

    def open_it(name: str, notebook: nbformat.NotebookNode) -> LabPage:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell |= {"outputs": [], "execution_count": None}
        nbformat.write(notebook, server.notebooks / name)
        opened.append(LabPage(context, server, name))
        return opened[-1]

    yield open_it
    for lab in opened:
        lab.menu("Kernel", "Shut Down Kernel")
    errors = [error for lab in opened for error in lab.errors]
    context.close()
    assert not errors, "\n".join(errors)
