"""Checks of what the labs bring and ask for: models, data, stores, servers, kernel."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labs import profiles
from labs.contents import NOTEBOOKS, load_index
from labs.doctor_finding import Finding, fail, ok, warn

TIMEOUT_S = 5.0
_WHERE = "import sys, labs; print(sys.executable, labs.__file__)"


def kernel() -> Finding:
    """The kernel that the notebooks name, started elsewhere: does it find the labs?"""
    from jupyter_client.kernelspec import NoSuchKernel

    [name] = {_kernel_of(NOTEBOOKS / lab.path) for lab in load_index()}
    todo = "`python -m ipykernel install --sys-prefix`, with the Python of the labs"
    try:
        said = _ask_kernel(name, _WHERE)
    except NoSuchKernel:
        return fail(f"no kernel {name}, which the notebooks name", todo)
    except RuntimeError as error:  # kernels are spoken to over the loopback interface
        todo = "allow connections to 127.0.0.1 (firewall, container)"
        return fail(f"{name} does not answer ({error})", todo)
    if __file__.removesuffix("doctor_labs.py") not in said:
        return fail(f"{name} does not import these labs: {said}", todo)
    if sys.executable not in said:
        return warn(f"{name} is another Python, with the same labs: {said}", todo)
    return ok(f"{name} starts and imports the labs")


def _ask_kernel(name: str, code: str) -> str:
    """What a new kernel prints, or the last line of its error."""
    from jupyter_client.manager import start_new_kernel

    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        own = message["content"]
        said.append(
            own.get("text") or f"{own.get('ename', '')} {own.get('evalue', '')}"
        )

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        manager, client = start_new_kernel(
            kernel_name=name, cwd=folder, stderr=subprocess.DEVNULL
        )
        try:
            client.execute_interactive(code, timeout=60, output_hook=hear)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    return "".join(said).strip()


def _kernel_of(path: Path) -> str:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook["metadata"]["kernelspec"]["name"]


def model() -> Finding:
    """The files of the profile's model, without fetching them."""
    from labs import assembled, checkpoints

    profile = profiles.current()
    if profile.base_url:
        return ok(f"{profile.model} runs on the server")
    path = Path(profile.model)
    if path.is_dir() and not assembled.is_recipe(path):
        checkpoints.locate(profile.model)  # tells what it lacks
    elif checkpoints.here(profile.model) is None:
        todo = "`python -m labs prefetch`, with a network"
        return fail(f"{profile.model} is not on this disk yet", todo)
    directory = checkpoints.locate(profile.model)
    size = _read(directory) / 1e9
    digest = checkpoints.fingerprint(directory)[:12]
    return ok(f"{directory.name}, {size:.2f} GB, digest {digest}")


def laptop() -> Finding:
    """The larger model, which some labs take where no other is asked for."""
    from labs import assembled

    recipe = Path(profiles.LAPTOP)
    if assembled.is_at_hand(recipe):
        return ok(f"the weights of {assembled.Base.of(recipe).package} are here")
    return warn(
        "its weights are not here: the labs that prefer it take the bundled model",
        "`python -m labs prefetch --profile laptop`, with a network",
    )


def _read(directory: Path) -> int:
    """The bytes of the weights; they and the tokenizer are opened, to see if they do.

    Raises LabsError where one does not open.
    """
    from safetensors import safe_open
    from transformers import AutoTokenizer

    from labs.errors import unreadable

    files = list(directory.glob("*.safetensors"))
    try:
        AutoTokenizer.from_pretrained(directory, local_files_only=True)
        for file in files:
            with safe_open(file, "np") as opened:  # its head, held against its size
                opened.keys()
    except Exception as error:  # many kinds
        raise unreadable(directory, error) from error
    return sum(file.stat().st_size for file in files)


def embedder() -> Finding:
    """The embedding model; its weights are the official ones or an error tells."""
    from labs import checkpoints, embedding

    given = os.environ.get("LABS_EMBEDDER")
    if given and checkpoints.here(given) is None:
        return fail(f"{given} is not on this disk, or not whole", "unset LABS_EMBEDDER")
    embedding.Embedder()  # checks the digest
    if given:
        return ok(f"LABS_EMBEDDER: {given}")
    return ok(f"{embedding.PACKAGE}, sha256 {embedding.MINILM_SHA256[:12]}")


def reranker() -> Finding:
    """The files of the reranker."""
    from labs.reranking import Reranker

    return ok(f"{Reranker({}).directory.name} is whole")


def data() -> Finding:
    """Documents, facts and questions, each of which is read."""
    from labs import corpus

    documents, facts = corpus.load_documents(), corpus.load_facts()
    questions, changes = corpus.load_questions(), corpus.load_changes()
    return ok(
        f"{profiles.data_dir().name}: {len(documents):,} documents, {len(facts):,} "
        f"facts, {len(questions):,} questions, {len(changes):,} changes"
    )


def adapters() -> Finding:
    """The recorded adapters of the benchmark's arms: do they fit data and model?"""
    from labs import arm_training

    lacking = [t for t in arm_training.TRAININGS if not arm_training.recorded(t, 0)]
    if lacking and profiles.current().base_url:
        return warn("a server generates: it has no adapter of the labs", "see 3.2")
    if lacking:
        return warn(
            f"none for this data and model: {', '.join(lacking)}",
            "`python -m labs train-arms`; else 3.2 trains them, for minutes",
        )
    return ok(f"{', '.join(arm_training.TRAININGS)} fit this data and model")


def chroma() -> Finding:
    """A server where LABS_CHROMA names one; else a store within the process."""
    if os.environ.get("LABS_CHROMA", "").strip():
        from labs import store

        store.client().heartbeat()
        return ok(f"the server at {os.environ['LABS_CHROMA']} answers")
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        client = chromadb.PersistentClient(folder, settings)
        kept = client.create_collection("doctor", embedding_function=None)
        kept.add(ids=["a"], embeddings=[[1.0, 0.0]])
        found = kept.query(query_embeddings=[[1.0, 0.0]], n_results=1)["ids"]
        chromadb.api.client.SharedSystemClient.clear_system_cache()
    if found != [["a"]]:
        return fail(f"embedded, it found {found}, expected [['a']]", "install it again")
    return ok(f"embedded, version {chromadb.__version__}")


def server() -> Finding:
    """The server that LABS_BASE_URL names, and whether it has the model."""
    profile = profiles.current()
    if not profile.base_url:
        return ok("LABS_BASE_URL is not set: the labs generate here")
    key = os.environ.get("LABS_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(f"{profile.base_url}/models", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            rows: Any = json.loads(reply.read())["data"]
            names = [row["id"] for row in rows]
    except urllib.error.HTTPError as error:
        return _answers(profile, f"{request.full_url} gives HTTP {error.code}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        return fail(
            f"{request.full_url} gives no list of models ({reason})",
            "start the server, or unset LABS_BASE_URL",
        )
    if profile.model not in names:
        return warn(
            f"{profile.base_url} lists {', '.join(names[:5])}, not {profile.model}",
            "set LABS_MODEL to a name that it lists",
        )
    return ok(f"{profile.base_url} serves {profile.model}")


def _answers(profile: profiles.Profile, problem: str) -> Finding:
    """What to say of a server that cannot list its models: it may still answer.

    Raises LabsError where it does not.
    """
    from labs.server import ChatServer

    asked = [{"role": "user", "content": "Is anybody there?"}]
    list(ChatServer(profile.base_url, profile.model).run([asked], max_new_tokens=1))
    return warn(
        f"{problem} for a list of models, and still answers as {profile.model}",
        "nothing: transformers serve cannot list a model in a directory",
    )


def network() -> Finding:
    """Whether the hub can be reached; the labs need it to fetch a model, once."""
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    if HF_HUB_OFFLINE:
        return ok("cut off by HF_HUB_OFFLINE; what is fetched already is used")
    problem = _within(TIMEOUT_S, lambda: _reach(ENDPOINT))
    if problem:
        return ok(
            f"none: {ENDPOINT} cannot be reached ({problem}); what is here is used"
        )
    return ok(f"{ENDPOINT} can be reached")


def _reach(url: str) -> str:
    try:
        urllib.request.urlopen(url, timeout=TIMEOUT_S).close()
    except urllib.error.HTTPError:
        return ""  # it answered
    except OSError as error:
        return str(getattr(error, "reason", error))
    return ""


def _within(seconds: float, ask: Callable[[], str]) -> str:
    """What `ask` says; a name server that says nothing has no time limit of its own."""
    said = ["nothing within the time limit"]

    def keep() -> None:
        said[0] = ask()

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    thread.join(seconds)
    return said[0]
