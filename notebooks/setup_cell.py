# On Colab this fetches the labs and what they need; elsewhere it does nothing.
import sys

KEEP_ON_DRIVE = False  # True: finished work is kept on your Google Drive
if "google.colab" in sys.modules:
    import subprocess
    from pathlib import Path

    REPOSITORY = ""  # owner/name on GitHub
    home = Path.home() / "labs-workbook"
    if not home.is_dir():
        assert REPOSITORY, "Set REPOSITORY in this cell to owner/name on GitHub"
        clone = ["git", "clone", "--quiet", "--depth=1"]
        url = f"https://github.com/{REPOSITORY}"
        subprocess.run([*clone, url, home], check=True)
    sys.path.insert(0, str(home))
    from labs import colab

    colab.setup(KEEP_ON_DRIVE)
