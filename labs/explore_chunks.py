"""A chunk explorer: the borders of passages, coloured in a document's text.

Plain ipywidgets, alike in versions 7 (Colab) and 8; without a kernel, the page of the
first document stands in the widget's place.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise
from statistics import median

from labs import chunking
from labs.corpus import Document
from labs.errors import LabsError
from labs.retrieval import Chunk, n_tokens
from labs.widgets import Interactive

Chunker = Callable[[Document, int, int], Sequence[Chunk]]  # document, size, overlap

# Neighbours differ in colour, and a number stands at each border for who sees none.
_TINTS = ("#DCEBF7", "#FCE9D4")
_TWICE = "border-bottom: 2px solid #D55E00"  # text that two passages share
_NUMBER = '<sup style="padding: 0 2px">{}</sup>'
_BAR = (
    '<div title="passage {}: {} tokens" style="display: inline-block; width: {:.1f}px; '
    'height: {:.0f}px; background: #0072B2; margin-right: 1px"></div>'
)
_BAR_HEIGHT_PX, _BARS_WIDTH_PX = 48, 640


def explore_chunks(
    documents: Sequence[Document],
    chunkers: Mapping[str, Chunker],
    size: int = 64,
    overlap: int = 0,
) -> "ChunkExplorer":
    """A document, a way to cut it and two sliders; below, where the borders fall.

    Args:
        documents: to choose from.
        chunkers: ways to cut by name; each takes a document, a size and an overlap in
            tokens, and may ignore the last two.
        size, overlap: what the sliders show first, in tokens.

    Raises:
        LabsError: there is no document or no chunker to choose from.
    """
    for name, given in (("documents", documents), ("chunkers", chunkers)):
        if not given:
            raise LabsError(f"explore_chunks got no {name}; expected at least one.")
    return ChunkExplorer(documents, chunkers, size, overlap)


class ChunkExplorer(Interactive):
    """What `explore_chunks` returns."""

    def __init__(
        self,
        documents: Sequence[Document],
        chunkers: Mapping[str, Chunker],
        size: int,
        overlap: int,
    ) -> None:
        import ipywidgets

        self._documents = {document.id: document for document in documents}
        self._chunkers = dict(chunkers)
        wide = ipywidgets.Layout(width="70%")
        slider = {"step": 8, "continuous_update": False, "layout": wide}
        self.document = ipywidgets.Dropdown(
            options=list(self._documents), description="Document", layout=wide
        )
        self.chunker = ipywidgets.Dropdown(
            options=list(self._chunkers), description="Cut by", layout=wide
        )
        self.size = ipywidgets.IntSlider(
            value=size, min=16, max=512, description="Size", **slider
        )
        self.overlap = ipywidgets.IntSlider(
            value=overlap, min=0, max=128, description="Overlap", **slider
        )
        self.page = ipywidgets.HTML()
        controls = [self.document, self.chunker, self.size, self.overlap]
        for control in controls:
            control.observe(self._redraw, names="value")
        self._redraw()
        self.box = ipywidgets.VBox([*controls, self.page])

    def _render(self) -> str:
        document = self._documents[self.document.value]
        cut = self._chunkers[self.chunker.value]
        chunks = cut(document, self.size.value, self.overlap.value)
        return page(document, chunks, self._title())

    def _title(self) -> str:
        return (
            f"{self.document.value}, cut by {self.chunker.value}; size "
            f"{self.size.value} tokens, overlap {self.overlap.value}"
        )


# HTML ---------------------------------------------------------------------------------


def page(document: Document, chunks: Sequence[Chunk], title: str) -> str:
    """The document as HTML: figures, a bar for each passage, the coloured text.

    Raises:
        LabsError: a passage is not literal text of the document.
    """
    texts = [chunk.text for chunk in chunks if chunk.text]
    sizes = [n_tokens(text) for text in texts]
    spans = chunking.spans(document.text, texts)
    return (
        f"<div><p><strong>{escape(title)}</strong><br>{_figures(sizes)}</p>"
        f'<div role="img" aria-label="Lengths of: {_figures(sizes)}">'
        f"{_bars(sizes)}</div>"
        '<div tabindex="0" role="region" aria-label="The text with its borders" '
        'style="white-space: pre-wrap; line-height: 1.5; max-height: 26em; '
        'overflow: auto; border: 1px solid #8888; padding: 6px 10px">'
        f"{coloured(document.text, spans)}</div></div>"
    )


def _figures(sizes: Sequence[int]) -> str:
    if not sizes:
        return "0 passages"
    return (
        f"{len(sizes)} passages of {min(sizes)} to {max(sizes)} tokens, "
        f"median {median(sizes):g}, {sum(sizes):,} in all"
    )


def _bars(sizes: Sequence[int]) -> str:
    """As high as the passages are long; all of them fit into one line."""
    width = min(12.0, max(1.0, _BARS_WIDTH_PX / max(1, len(sizes)) - 1))
    scale = _BAR_HEIGHT_PX / max([1, *sizes])
    return "".join(
        _BAR.format(i, size, width, max(1, scale * size))
        for i, size in enumerate(sizes, start=1)
    )


def coloured(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text as HTML: each passage tinted, with its number where it begins.

    What two passages share is underlined; what is in none has no tint.
    """
    borders = sorted({0, len(text), *(place for span in spans for place in span)})
    parts = []
    for start, end in pairwise(borders):
        inside = [i for i, (a, b) in enumerate(spans) if a <= start and end <= b]
        begins = [i for i in inside if spans[i][0] == start]
        parts += [_NUMBER.format(i + 1) for i in begins]
        parts.append(_tinted(escape(text[start:end]), inside))
    return "".join(parts)


def _tinted(piece: str, inside: Sequence[int]) -> str:
    if not inside:
        return piece
    style = f"background: {_TINTS[inside[-1] % 2]}; color: #111"
    style += f"; {_TWICE}" if len(inside) > 1 else ""
    return f'<span style="{style}">{piece}</span>'
