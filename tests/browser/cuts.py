"""Short notebooks: the cell of a lab that shows a widget, after what it needs."""

import symtable
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def cut(lab: str, call: str, given: str = "") -> NotebookNode:
    """The last cell of `lab` that holds `call`, and those cells that its names need.

    Args:
        lab: path of a notebook, below notebooks/.
        call: text of the cell that is looked for.
        given: code that stands in for cells that take minutes; the cells that define
            its names are left out, unless they define something else that is needed.
    """
    whole = nbformat.read(NOTEBOOKS / lab, as_version=4)
    code = [cell.source for cell in whole.cells if cell.cell_type == "code"]
    last = max(i for i, source in enumerate(code) if call in source)
    stands_in, asks = _written(given), _read(given) - _written(given)
    kept, need = [code[last]], _read(code[last]) - stands_in
    for source in reversed(code[:last]):
        written = _written(source)
        if given and written & asks:
            kept.insert(0, given)
            given, need = "", need | asks
        if found := written & need:
            kept.insert(0, source)
            need = (need - found) | (_read(source) - stands_in)
    return notebook([given, *kept] if given else kept)


def notebook(sources: list[str]) -> NotebookNode:
    """A notebook of these code cells."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    metadata = {"kernelspec": _KERNEL}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _written(source: str) -> set[str]:
    """The names of the notebook that a cell gives a value."""
    own = symtable.symtable(source, "cell", "exec").get_symbols()
    return {s.get_name() for s in own if s.is_assigned() or s.is_imported()}


def _read(source: str) -> set[str]:
    """The names of the notebook that a cell looks up, also within its functions."""
    return set(_looked_up(symtable.symtable(source, "cell", "exec")))


def _looked_up(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        of_notebook = table.get_type() == "module" or symbol.is_global()
        if symbol.is_referenced() and of_notebook:
            yield symbol.get_name()
    for child in table.get_children():
        yield from _looked_up(child)
