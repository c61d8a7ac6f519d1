"""Tests touch no network, no cache and no log of the user, whatever is set."""

import os

import pytest

collect_ignore = ["browser"]  # minutes, and Chromium: `make test-browser`

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",  # some tests fork, and a child has no threads of OpenMP
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory):
    """One cache for a whole run: the corpus is embedded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, cache_folder) -> None:
    """The bundled model; of what a user set, only LABS_DATA stays."""
    for name in ("LABS_MODEL", "LABS_BASE_URL", "LABS_EMBEDDER", "LABS_CHROMA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABS_PROFILE", "pocket")
    monkeypatch.setenv("LABS_CACHE", str(cache_folder))
    monkeypatch.setenv("LABS_RUNS", str(cache_folder / "runs.sqlite"))
