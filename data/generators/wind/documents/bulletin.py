"""Service bulletins: terse, dated, one value of one model each."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator

from ..names import Deck
from ..page import MONTHS, Page, load_text, spoken_date
from ..region import Bulletin, Region


def write_bulletins(region: Region) -> Iterator[Page]:
    """The bulletins of the first edition."""
    yield from bulletin_pages(region, region.bulletins, "bulletins")


def bulletin_pages(region: Region, bulletins: list[Bulletin], purpose: str):
    """Pages for these bulletins."""
    closing = load_text("bulletin")["closing"]["lines"]
    deck = Deck(closing, region.rng(purpose))
    for bulletin in bulletins:
        yield _page(region, bulletin, deck)


def _page(region: Region, bulletin: Bulletin, closing: Deck) -> Page:
    rng = region.rng(f"bulletin/{bulletin.code}")
    values = ChainMap({(bulletin.model, bulletin.relation): bulletin.value},
                      region.values)  # fmt: skip
    topic = rng.choice(load_text("bulletin")["topics"][bulletin.relation])
    title = f"Service bulletin {bulletin.code}: {topic}, {bulletin.model}"
    page = Page(f"bulletin-{bulletin.code.lower()}", title, "bulletin",
                bulletin.date, values, rng)  # fmt: skip
    if bulletin.replaces:
        page.supersedes = f"bulletin-{bulletin.replaces.lower()}"
    rng.choice((_memo, _sections, _list, _letter))(page, bulletin, closing)
    return page


def _works(page: Page, bulletin: Bulletin, count: int) -> list[str]:
    lines = load_text("bulletin")["work"][bulletin.relation]
    return page.rng.sample(lines, min(count, len(lines)))


def _scope(page: Page, bulletin: Bulletin) -> str:
    names = ["bulletin_model"] + ["bulletin_replaces"] * bool(bulletin.replaces)
    return page.passage(bulletin.code, names)


def _memo(page: Page, bulletin: Bulletin, closing: Deck) -> None:
    page.add(_scope(page, bulletin))
    page.add(page.tell(bulletin.model, bulletin.relation))
    page.add(page.passage(bulletin.code, ("bulletin_reason", "bulletin_deadline")))
    page.add(" ".join(_works(page, bulletin, 2)))
    page.add(closing.draw())


def _sections(page: Page, bulletin: Bulletin, closing: Deck) -> None:
    page.add(_scope(page, bulletin))
    page.heading("Why")
    page.add(page.tell(bulletin.code, "bulletin_reason"))
    page.heading("What applies from now on")
    page.add(page.tell(bulletin.model, bulletin.relation))
    page.heading("How")
    page.steps(_works(page, bulletin, 3))
    page.heading("When")
    page.add(f"{page.tell(bulletin.code, 'bulletin_deadline')} {closing.draw()}")


def _list(page: Page, bulletin: Bulletin, closing: Deck) -> None:
    names = ["bulletin_model", "bulletin_reason", "bulletin_deadline"]
    names += ["bulletin_replaces"] * bool(bulletin.replaces)
    lines = [page.tell(bulletin.code, name) for name in names]
    value = page.tell(bulletin.model, bulletin.relation)
    page.add(f"Technical office, {_month(bulletin.date)}")
    page.bullets([lines[0], f"**{value}**", *lines[1:]])
    page.add(*_works(page, bulletin, 2), closing.draw())


def _month(date: str) -> str:
    return f"{MONTHS[int(date[5:7]) - 1]} {date[:4]}"


def _letter(page: Page, bulletin: Bulletin, closing: Deck) -> None:
    page.add(f"To all crews, {spoken_date(bulletin.date)}")
    opening = page.passage(bulletin.code, ("bulletin_reason", "bulletin_model"))
    page.add(f"{opening} {page.tell(bulletin.model, bulletin.relation)}")
    page.add(" ".join(_works(page, bulletin, 3)))
    ending = page.tell(bulletin.code, "bulletin_deadline")
    if bulletin.replaces:
        ending += " " + page.tell(bulletin.code, "bulletin_replaces")
    page.add(ending, closing.draw(), "The technical office")
