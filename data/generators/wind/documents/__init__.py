"""The writers: each turns part of a region into pages."""

from __future__ import annotations

from collections.abc import Iterator

from ..page import Page
from ..region import Region
from .books import write_catalogues, write_fault_manuals, write_procedure_books
from .bulletin import write_bulletins
from .contract import write_contracts
from .directories import write_directories
from .handbook import write_handbooks
from .incident import write_incidents
from .park import write_parks

WRITERS = (
    write_handbooks,
    write_fault_manuals,
    write_procedure_books,
    write_catalogues,
    write_parks,
    write_contracts,
    write_directories,
    write_incidents,
    write_bulletins,
)


def write_region(region: Region) -> Iterator[Page]:
    """Every page of a region's first edition."""
    for write in WRITERS:
        yield from write(region)
