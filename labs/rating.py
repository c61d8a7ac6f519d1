"""Two answers side by side, and a vote by mouse or key that is kept at once.

Plain ipywidgets, alike in versions 7 (Colab) and 8; without a kernel the first pair
stands there as a page. First shown in notebooks/2_finetuning/04_human_feedback.
"""

import random
from collections.abc import Sequence
from html import escape
from typing import Any

from labs.errors import LabsError
from labs.votes import Pair, Store, Vote, vote_on
from labs.widgets import Interactive

# A key, what it says, and what it means where the left answer is the pair's first.
BUTTONS = {
    "l": ("left is better", "first"),
    "r": ("right is better", "second"),
    "t": ("tie", "tie"),
    "b": ("both bad", "both_bad"),
}
_OTHER = {"first": "second", "second": "first"}
_ANSWER = (
    '<div style="flex: 1 1 200px; border: 1px solid #8888; border-radius: 4px; '
    'padding: 4px 12px"><small>{}</small>'
    '<p style="white-space: pre-wrap">{}</p></div>'
)


def rate(pairs: Sequence[Pair], store: Store, rater: str, seed: int = 0) -> "Rating":
    """A widget that asks `rater` about each pair; every vote goes to the store at once.

    Which answer stands on the left is drawn for each pair, and is the same again after
    a restart. Pairs that this rater has voted on are not asked again.

    Raises:
        LabsError: there is no pair, or the rater has no name.
    """
    if not pairs or not rater.strip():
        raise LabsError(
            f"Found {len(pairs)} pairs and the rater {rater!r}; expected at least one "
            "pair, and a name or a nickname that no other attendee has."
        )
    return Rating(pairs, store, rater.strip(), seed)


def stands_left(pair: Pair, seed: int = 0) -> str:
    """Which answer of a pair stands on the left: "first" or "second", by chance."""
    return random.Random(f"{seed} {pair.id}").choice(("first", "second"))


class Rating(Interactive):
    """What `rate` returns; `press(key)` does what a button or a key does."""

    def __init__(
        self, pairs: Sequence[Pair], store: Store, rater: str, seed: int
    ) -> None:
        import ipywidgets

        self._pairs, self._store, self._rater, self._seed = pairs, store, rater, seed
        self._note = ""
        self.page = ipywidgets.HTML()
        self.edit = ipywidgets.Textarea(
            description="Your own",
            placeholder="Better than both? Write it here before you vote.",
            layout=ipywidgets.Layout(width="98%", height="60px"),
        )
        self.keys = ipywidgets.Text(
            description="Keys",
            placeholder="or click here and press l, r, t, b, u",
            layout=ipywidgets.Layout(width="370px"),
        )
        self.buttons = {key: self._button(key) for key in [*BUTTONS, "u"]}
        self.bar = ipywidgets.IntProgress(max=len(pairs), description="rated")
        self.keys.observe(self._on_key, names="value")
        row = ipywidgets.HBox(list(self.buttons.values()))
        foot = ipywidgets.HBox([self.keys, self.bar])
        self.box = ipywidgets.VBox([self.page, self.edit, row, foot])
        self._redraw()

    def _button(self, key: str) -> Any:
        import ipywidgets

        text = "undo" if key == "u" else BUTTONS[key][0]
        button = ipywidgets.Button(description=f"{text} ({key})")
        button.on_click(lambda _: self.press(key))
        return button

    def _on_key(self, change: Any) -> None:
        """A key typed into the box votes; the box is empty again afterwards."""
        typed = change["new"].strip().lower()
        if typed:
            self.keys.value = ""
            self.press(typed[-1])

    @property
    def current(self) -> Pair | None:
        """The first pair without a vote of this rater."""
        votes = self._store.votes()
        done = {vote.pair for vote in votes if vote.rater == self._rater}
        return next((pair for pair in self._pairs if pair.id not in done), None)

    def press(self, key: str) -> None:
        """Vote by l, r, t or b, take back by u; other keys say what there is."""
        try:
            self._note = self._pressed(key)
        except LabsError as error:  # a full disk: the pair stays, nothing is lost
            self._note = str(error)
        self._redraw()

    def _pressed(self, key: str) -> str:
        if key == "u":
            undone = self._store.undo(self._rater)
            return "Taken back." if undone else "There is no vote to take back."
        if key not in BUTTONS:
            return f"{key!r} is no key here: press l, r, t, b or u."
        if pair := self.current:
            self._store.add(self._vote(pair, BUTTONS[key][1]))
            self.edit.value = ""
        return ""

    def _vote(self, pair: Pair, choice: str) -> Vote:
        left = stands_left(pair, self._seed)
        if left == "second":
            choice = _OTHER.get(choice, choice)
        edited = self.edit.value.strip()
        return vote_on(pair, choice, self._rater, left=left, edited=edited)

    def _render(self) -> str:
        done, total = self._store.progress(self._rater, self._pairs)
        self.bar.value = done
        head = f"<small>{done} of {total} rated by {escape(self._rater)}</small>"
        note = f"<p><i>{escape(self._note)}</i></p>" if self._note else ""
        pair = self.current
        if pair is None:
            return f"<div>{head}{note}<p>All pairs are rated. Thank you.</p></div>"
        return f"<div>{head}{note}{_shown(pair, stands_left(pair, self._seed))}</div>"


def _shown(pair: Pair, left: str) -> str:
    """The question, what the documents say, and the two answers side by side."""
    texts = [pair.first, pair.second]
    if left == "second":
        texts.reverse()
    cells = [
        _ANSWER.format(side, escape(text) or "(nothing)")
        for side, text in zip(("left", "right"), texts, strict=True)
    ]
    told = f"<br><small>{escape(pair.passage)}</small>" if pair.passage else ""
    return (
        f"<p><strong>{escape(pair.question)}</strong>{told}</p>"
        f'<div style="display: flex; flex-wrap: wrap; gap: 8px">{"".join(cells)}</div>'
    )
