"""The files of everyday tools hold together: pins, Python versions, hooks, settings."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import labs
from labs.contents import NOTEBOOKS
from labs.profiles import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PYTHONS = SpecifierSet(PROJECT["requires-python"])
MINORS = [f"3.{minor}" for minor in range(30) if PYTHONS.contains(f"3.{minor}")]
TARGETS = re.findall(r"^([a-z]\w*):", (ROOT / "Makefile").read_text("utf-8"), re.M)


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def pins() -> dict[str, list[Requirement]]:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    found: dict[str, list[Requirement]] = {}
    for line in lines:
        if line and line[0] not in "# ":
            pin = Requirement(line.partition(" #")[0])
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


# Environments -------------------------------------------------------------------------


def test_whatever_the_package_needs_is_pinned() -> None:
    """So `-e .` beside `-r requirements.txt` brings no version of its own."""
    pinned = pins()
    for needed in map(Requirement, PROJECT["dependencies"]):
        own = pinned[canonicalize_name(needed.name)]
        for pin in own:
            [exact] = pin.specifier
            assert exact.operator == "=="
            assert needed.specifier.contains(exact.version), needed.name


def test_conda_takes_python_and_the_pins() -> None:
    *packages, by_pip = read("environment.yml")["dependencies"]
    python, pip = packages
    assert pip == "pip" and python.removeprefix("python=") in MINORS
    assert by_pip == {"pip": ["-r requirements.txt", "-e ."]}
    assert read("environment.yml")["name"] == "labs"  # as the README activates it


def test_binder_fills_the_environment_by_the_same_files() -> None:
    own = read("binder/environment.yml")["dependencies"]
    assert own[0] == read("environment.yml")["dependencies"][0]
    assert "uv" in own  # postBuild calls it
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK) or os.name == "nt"
    told = script.read_text("utf-8")
    assert told.startswith("#!")
    named = re.findall(r"-r (\S+)|cp (\S+) ", told)
    files = [one or other for one, other in named]
    assert len(files) == 3 and all((ROOT / file).is_file() for file in files)


def test_torch_is_one_pin_that_make_and_binder_can_read() -> None:
    pattern = r"^torch==[^ ;]*"
    for name in ("Makefile", "binder/postBuild"):
        assert f"grep -o '{pattern}' requirements.txt" in (ROOT / name).read_text()
    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert re.findall(pattern, text, re.M) == [
        line for line in PROJECT["dependencies"] if line.startswith("torch==")
    ]
    assert re.findall(r"torch==[\d.]+", (ROOT / "docs/commands.md").read_text()) == (
        re.findall(pattern, text, re.M)
    )


def test_devcontainer() -> None:
    own = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert own["image"].removeprefix("python:") in MINORS
    assert own["postCreateCommand"].removeprefix("make ") in TARGETS


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
@pytest.mark.parametrize("script", ["binder/postBuild", ".ci/run", ".ci/python"])
def test_scripts_are_shell(script: str) -> None:
    subprocess.run(["bash", "-n", ROOT / script], check=True)


# CI and hooks -------------------------------------------------------------------------


def test_ci_runs_what_ci_run_runs_on_every_python() -> None:
    own = read(".github/workflows/ci.yml")
    assert {"schedule", "pull_request"} <= set(own[True])  # YAML reads `on` as true
    [job] = own["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == MINORS
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert "bash .ci/run" in runs
    named = {run.removeprefix("make ") for run in runs if run.startswith("make ")}
    assert named and named <= set(TARGETS)


HOOKS = {
    hook["id"]: hook
    for repo in read(".pre-commit-config.yaml")["repos"]
    for hook in repo["hooks"]
}


def run_hook(name: str, folder: Path, *files: Path) -> None:
    """As pre-commit does, with this Python as the active environment's."""
    script, *rest = shlex.split(HOOKS[name]["entry"])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [str(ROOT / script), *rest, *map(str, files)]
    subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, check=True)


def test_hooks_need_no_network() -> None:
    assert {repo["repo"] for repo in read(".pre-commit-config.yaml")["repos"]} == {
        "local"
    }
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}


@pytest.mark.skipif(os.name == "nt", reason="pre-commit finds the shell on Windows")
def test_ruff_hooks_mend_a_file(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / "own.py"
    file.write_text("import os\nx = {  'a':1 }\n", encoding="utf-8")
    run_hook("ruff-check", tmp_path, file)
    run_hook("ruff-format", tmp_path, file)
    assert file.read_text(encoding="utf-8") == 'x = {"a": 1}\n'


@pytest.mark.skipif(os.name == "nt", reason="pre-commit finds the shell on Windows")
def test_notebook_hook_takes_metadata_away_and_nothing_else(tmp_path: Path) -> None:
    clean = NOTEBOOKS / "1_rag" / "01_baseline.ipynb"
    notebook = json.loads(clean.read_text("utf-8"))
    notebook["metadata"]["widgets"] = {"state": {}}
    code = next(c for c in notebook["cells"] if c["cell_type"] == "code")
    code["metadata"] = {"execution": {"iopub.status.busy": "now"}}
    file = tmp_path / clean.name
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")
    run_hook("clean-notebooks", tmp_path, file)
    assert file.read_text("utf-8") == clean.read_text("utf-8")


# JupyterLab ---------------------------------------------------------------------------


def test_settings_are_known_to_jupyterlab_and_valid() -> None:
    """A key that JupyterLab does not know would be passed over without a word."""
    from jupyterlab.commands import get_app_dir
    from jupyterlab_server.settings_utils import get_settings

    schemas = Path(get_app_dir()) / "schemas"
    own = json.loads((ROOT / "jupyter" / "overrides.json").read_text("utf-8"))
    for plugin, settings in own.items():
        found, _ = get_settings(
            str(ROOT / "jupyter"), str(schemas), "", schema_name=plugin, overrides=own
        )
        properties = found["schema"]["properties"]
        for name, value in settings.items():
            assert name in properties, f"{plugin} has no {name}"
            if isinstance(value, dict):
                assert value.items() <= properties[name]["default"].items()
            else:
                assert properties[name]["default"] == value


def test_make_lab_uses_the_settings() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "--LabApp.app_settings_dir=jupyter" in makefile


# What the project is called -----------------------------------------------------------


def test_citation_and_changelog_name_the_version() -> None:
    citation = read("CITATION.cff")
    assert citation["version"] == labs.__version__
    assert citation["license"] == PROJECT["license"]
    assert citation["cff-version"] == "1.2.0" and citation["authors"]
    assert labs.__version__ in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_changelog_is_in_order() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    dates = re.findall(r"^### (\d{4}-\d\d-\d\d)$", text, re.M)
    assert dates == sorted(dates, reverse=True) and dates
    kinds = set(re.findall(r"^#### (\w+)$", text, re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
