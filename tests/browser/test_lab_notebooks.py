"""A lab run whole, and an exercise that is done, in a real browser."""

import inspect
import re
from collections.abc import Callable

import nbformat
from attempts import baseline
from cuts import NOTEBOOKS, cut, notebook
from lab_page import LabPage
from playwright.sync_api import expect


def test_the_first_lab_runs_whole_and_its_widget_answers(open_lab) -> None:
    whole = nbformat.read(NOTEBOOKS / "1_rag/01_baseline.ipynb", as_version=4)
    lab: LabPage = open_lab("baseline.ipynb", whole)
    lab.run_all(timeout_s=600)
    lab.scroll_to(lab.label("or type"))
    page = lab.page.locator(".widget-html").last
    expect(page).to_contain_text(re.compile("Answer: .*Right: "))
    with lab.anew(page):
        lab.label("Choose").select_option(index=1)
        lab.page.get_by_role("button", name="Ask", exact=True).click()
    expect(page).to_contain_text(lab.label("Choose").input_value())
    lab.label("or type").fill("Who wrote Hamlet?")
    lab.label("or type").press("Tab")
    assert lab.focused() == "Ask"
    lab.page.keyboard.press("Enter")
    expect(page).to_contain_text("Who wrote Hamlet?")
    expect(page).not_to_contain_text("Right:")
    lab.look("ask")


def test_an_exercise_turns_green_or_gives_a_hint(open_lab) -> None:
    short = cut("1_rag/01_baseline.ipynb", 'exercises.grade("recall_at_k"')
    lab = open_lab("exercise.ipynb", short)
    lab.run_all()
    expect(lab.output()).to_contain_text("○ recall_at_k: not written yet")
    attempts = baseline.ATTEMPTS["recall_at_k"]
    _attempt(lab, short.cells[-1].source, attempts.wrong[0])
    expect(lab.output()).to_contain_text("✗ recall_at_k: wrong")
    expect(lab.output()).to_contain_text("Hint: ")
    lab.look("exercise-wrong")
    _attempt(lab, short.cells[-1].source, attempts.right)
    expect(lab.output()).to_contain_text("✓ recall_at_k: all")
    expect(lab.output()).not_to_contain_text("Hint: ")
    box = lab.output().locator("div[style*=border-left]")
    expect(box).to_have_css("border-left-color", "rgb(45, 164, 78)")
    lab.look("exercise-right")


def _attempt(lab: LabPage, cell: str, attempt: Callable) -> None:
    """Write the attempt where the stub stood, and run the cell by its keys."""
    written = inspect.getsource(attempt)
    written = re.sub(r"def \w+", "def recall_at_k", written, count=1)
    graded = cell[cell.index("recall_at_k = exercises.grade") :]
    lab.page.locator(".jp-CodeCell .cm-content").last.click()
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.insert_text(f"{written}\n\n{graded}")
    lab.page.keyboard.press("Control+Enter")
    lab.wait()


def test_a_picture_has_a_text(open_lab) -> None:
    code = "from matplotlib import pyplot as plt\nfrom labs import plots\n"
    code += 'plt.plot([1, 2])\nplt.xlabel("days")\nplt.title("Wear");'
    lab = open_lab("picture.ipynb", notebook([code]))
    lab.run_all()
    picture = lab.output().get_by_alt_text("Wear. Across: days.")
    expect(picture).to_be_visible()
    lab.look("picture")
