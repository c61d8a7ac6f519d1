"""After the first failing cell of a notebook, its other cells are skipped.

They would fail for want of what that cell defines, and bury the one that matters.
"""

import pytest

_broken: dict[str, str] = {}  # notebook: its first failing cell


def pytest_runtest_setup(item: pytest.Item) -> None:
    if cell := _broken.get(str(item.path)):
        pytest.skip(f"{cell} of this notebook failed before")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    outcome = yield
    if outcome.get_result().failed:
        _broken.setdefault(str(item.path), item.name)
