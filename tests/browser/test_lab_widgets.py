"""Every widget in a real browser: used by mouse and by keys, seen in both themes.

Each notebook is made of a lab's own cells, up to its widget; what would take minutes is
replaced by something small.
"""

import re
from pathlib import Path

import pytest
from cuts import cut
from lab_page import LabPage
from playwright.sync_api import expect

from labs.votes import Store

GRAPH = """
documents = corpus.load_documents()[:40]
chunks = chunk(documents)
names = Gazetteer.of(harvest([document.text for document in documents]))
graph = MentionGraph.build(chunks, {own.id: names.find(own.text) for own in chunks})
centre = max(graph.passages, key=lambda own: len(graph.passages[own]))
communities = graph_communities.find(graph)
"""
# Shares of the questions that each answers, at the least and at the most tokens.
BOARD = """
modest, best = "at: hybrid", "after: + hybrid"
found = {"naive: dense": (0.3, 0.4), "naive + reranking": (0.35, 0.5),
         "before: + adapted": (0.2, 0.6), "at: hybrid": (0.15, 0.7),
         "after: + reranked": (0.1, 0.8), "after: + hybrid": (0.05, 0.9)}
tests = range(60)
def recalls(asked, ends, budget):
    share = ends[0] if budget < 512 else ends[1]
    return [float(random.Random(i).random() < share) for i in asked]
"""
PAIRS = """
answers = [("92 m", "For the Curlew, the answer is 92 m."), ("7 bar", "8 bar")]
rated = {i: (Pair(f"What is fact {i}?", *answers[i % 2]), None) for i in range(4)}
"""
STRATEGIES = """
from labs.retrieval import BM25Index
documents, questions = corpus.load_documents(), corpus.load_questions("dev")
chunks = chunk(documents)
tried, index = [q for q in questions if q.evidence][:6], BM25Index.build(chunks)
class Sides:
    def __init__(self, index):
        self.index = index
    def search(self, texts, k):
        return self.index.search([text.split(" and ")[0] for text in texts], k)
"""


def test_the_chunk_explorer_cuts_anew(open_lab) -> None:
    call = "explore_chunks.explore_chunks("
    lab: LabPage = open_lab(
        "chunks.ipynb", cut("1_rag/02_before_retrieval.ipynb", call)
    )
    lab.run_all()
    page = lab.output().locator(".widget-html")
    expect(page).to_contain_text("size 64 tokens")
    before = _passages(lab)
    lab.slider("Size").press("ArrowRight")
    expect(page).to_contain_text("size 72 tokens")
    assert 1 < _passages(lab) < before
    lab.drag(lab.slider("Overlap"), 200)
    expect(page).not_to_contain_text("overlap 0")
    lab.label("Cut by").select_option("windows")
    expect(page).to_contain_text("cut by windows")
    lab.label("Document").select_option(index=1)
    expect(page).to_contain_text(lab.label("Document").input_value())
    lab.look("chunks")


def _passages(lab: LabPage) -> int:
    text = lab.output().locator(".widget-html").inner_text()
    return int(re.search(r"(\d+) passages of", text)[1])


def test_the_graph_explorer_draws_anew(open_lab) -> None:
    short = cut("1_rag/06_knowledge_graph.ipynb", "explore_graph.explore(", GRAPH)
    lab = open_lab("graph.ipynb", short)
    lab.run_all()
    picture = lab.output().locator("img")
    told, drawn = picture.get_attribute("alt"), picture.get_attribute("src")
    assert "is named with:" in told
    lab.slider("Steps").press("ArrowRight")
    expect(picture).not_to_have_attribute("src", drawn)
    lab.label("Choose").select_option(index=1)
    other = lab.label("Choose").input_value()
    expect(lab.label("or type")).to_have_value(other)
    expect(picture).to_have_attribute("alt", re.compile(f"^{re.escape(other)} is"))
    lab.label("or type").fill("Nobody")
    lab.label("or type").press("Enter")
    expect(lab.output()).to_contain_text("'Nobody' is no entity of the graph")
    lab.label("or type").fill(told.split(" is named")[0].upper())
    lab.label("or type").press("Enter")
    expect(picture).to_have_attribute("alt", re.compile("is named with"))
    lab.look("graph")


def test_the_leaderboard_sorts_anew(open_lab) -> None:
    call = "explore_leaderboard.explore("
    lab = open_lab("board.ipynb", cut("1_rag/08_leaderboard.ipynb", call, BOARD))
    lab.run_all()
    page = lab.output().locator(".widget-html")
    expect(page).to_contain_text("within 64 tokens")
    assert _order(lab)[-1] == "after: + hybrid"
    for budget in (128, 256, 512):
        lab.slider("Tokens").press("ArrowRight")
        expect(page).to_contain_text(f"within {budget} tokens")
    assert _order(lab)[0] == "after: + hybrid"
    lab.look("leaderboard")


def _order(lab: LabPage) -> list[str]:
    lines = lab.output().locator(".widget-html").inner_text().splitlines()
    return [line[2:] for line in lines if line[:1] in "▲▼≈●" and ": " in line[2:]]


def test_votes_by_mouse_and_by_key_are_stored(open_lab, cache_folder: Path) -> None:
    short = cut("2_finetuning/04_human_feedback.ipynb", "rating.rate(pairs", PAIRS)
    lab = open_lab("rating.ipynb", short)
    lab.run_all()
    store = Store(cache_folder / "votes.sqlite")
    out = lab.output()
    expect(out).to_contain_text("0 of 4 rated by attendee")
    out.get_by_role("button", name="tie (t)").click()
    expect(out).to_contain_text("1 of 4 rated by attendee")
    lab.label("Keys").press("b")
    expect(out).to_contain_text("2 of 4 rated by attendee")
    expect(lab.label("Keys")).to_have_value("")
    assert [vote.choice for vote in store.votes()] == ["tie", "both_bad"]
    lab.label("Keys").press("u")
    expect(out).to_contain_text("1 of 4 rated by attendee")
    lab.label("Your own").fill("90 m")
    lab.label("Keys").press("l")
    expect(out).to_contain_text("2 of 4 rated by attendee")
    expect(lab.label("Your own")).to_have_value("")
    *_, last = store.votes()
    assert last.choice == last.left and last.edited == "90 m"
    lab.look("rating")


def test_every_control_of_the_rating_is_reached_by_tab(open_lab) -> None:
    short = cut("2_finetuning/04_human_feedback.ipynb", "rating.rate(pairs", PAIRS)
    lab = open_lab("tab.ipynb", short)
    lab.run_all()
    lab.label("Your own").focus()
    names = []
    for _ in range(6):
        lab.page.keyboard.press("Tab")
        names.append(lab.focused())
    keys = [f"{what} ({key})" for key, what in zip("lrtb", BUTTONS, strict=True)]
    assert names == [*keys, "undo (u)", "Keys"]


BUTTONS = ("left is better", "right is better", "tie", "both bad")


def test_the_what_if_reckons_anew(open_lab) -> None:
    call = "explore_roi.explore("
    lab = open_lab("roi.ipynb", cut("3_benchmarking/04_cost_and_roi.ipynb", call))
    lab.run_all()
    page = lab.output().locator(".widget-html")
    expect(page).to_contain_text("10,000 questions a month")
    lab.slider("Questions a month").press("ArrowRight")
    expect(page).not_to_contain_text("10,000 questions a month")
    figures = page.locator("table")
    with lab.anew(figures):
        lab.drag(lab.slider("A wrong answer costs"), -400)
    with lab.anew(figures):
        lab.label("Runs on").select_option(index=1)
    lab.look("what-if")


@pytest.mark.parametrize(
    ("lab", "call", "given", "control"),
    [
        ("1_rag/03_query", "explore_retrieval.explore(", STRATEGIES, "Choose"),
        ("3_benchmarking/02_four_arms", "explore_arms.explore(", "", "Question"),
        ("3_benchmarking/03_uncertainty_and_errors", "explore_errors.", "", "Arm"),
        ("3_benchmarking/06_decide", "explore_decision.", "", "What is asked"),
    ],
)
def test_a_menu_changes_the_page(open_lab, lab, call, given, control) -> None:
    name = call.split(".")[0].removeprefix("explore_")
    shown = open_lab(f"{name}.ipynb", cut(f"{lab}.ipynb", call, given))
    shown.run_all()
    page = shown.output().locator(".widget-html").last
    menu = shown.label(control)
    with shown.anew(page):
        chosen = menu.evaluate("own => own.selectedIndex")
        menu.select_option(index=0 if chosen else 1)
    shown.look(name)
