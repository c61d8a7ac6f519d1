"""Nothing pickled is loaded, nobody is told anything, and Windows can read it too."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labs import folder
from labs.profiles import ROOT

SOURCES = [
    path
    for top in ("labs", "data/generators", "notebooks")
    for path in sorted((ROOT / top).rglob("*.py"))
]

# The source ---------------------------------------------------------------------------

Told = Iterator[str]
_PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
_RUN = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "pd.read_pickle"}
_RUN |= {"os.system", "joblib.load", "pandas.read_pickle"}


def _dotted(node: ast.AST) -> str:
    """`np.load` as it is written; of what is no plain name, the end of it."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, dict[str, object]]]:
    """Each call with its name and its keyword arguments, where these are constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = {k.arg: getattr(k.value, "value", k.value) for k in node.keywords}
            yield node, _dotted(node.func), given


def loads_code(tree: ast.AST) -> Told:
    """What could run code that stands in a file of data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {
                getattr(node, "module", "") or ""
            }
            if names & _PICKLES:
                yield f"line {node.lineno}: {ast.unparse(node)}"
    for node, name, given in _calls(tree):
        pickled = name in ("np.load", "numpy.load") and "allow_pickle" in given
        weights = name == "torch.load" and given.get("weights_only") is not True
        code = given.get("trust_remote_code", False) is not False
        shell = given.get("shell", False) is not False
        if name in _RUN or pickled or weights or code or shell:
            yield f"line {node.lineno}: {ast.unparse(node)[:80]}"


def opens_to_others(tree: ast.AST) -> Told:
    """A server that listens on more than this machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in ("0.0.0.0", "::"):
            yield f"line {node.lineno}: listens to everybody"


def is_bound_to_this_system(tree: ast.AST) -> Told:
    """What Windows lacks, or reads as another alphabet."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) == "os.path":
            yield f"line {node.lineno}: os.path; use pathlib"
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and re.match(r"/(tmp|home|var|dev/shm)\b", text):
            yield f"line {node.lineno}: {text[:60]}"
    for node, name, given in _calls(tree):
        kind = name.rpartition(".")[2]
        if kind not in ("read_text", "write_text", "open") or "encoding" in given:
            continue
        modes = [ast.unparse(argument) for argument in node.args]
        binary = kind == "open" and any(re.match(r"'[rwax+]*b", m) for m in modes)
        if not binary and not (kind == "read_text" and modes):
            yield f"line {node.lineno}: {ast.unparse(node)[:60]} without encoding"


BAD = {
    loads_code: [
        "import pickle",
        "from joblib import load\neval('1')",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "yaml.load(text)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "subprocess.run(line, shell=True)",
    ],
    opens_to_others: ["serve(host='0.0.0.0')"],
    is_bound_to_this_system: [
        "os.path.join(a, b)",
        "path = '/tmp/labs'",
        "path.read_text()",
        "path.write_text(text)",
        "path.open('a')",
        "open(path)",
    ],
}
GOOD = {
    loads_code: [
        "torch.load(path, weights_only=True)",
        "np.load(path)",
        "yaml.safe_load(text)",
        "from_pretrained(name, trust_remote_code=False)",
    ],
    opens_to_others: ["serve(host='127.0.0.1')"],
    is_bound_to_this_system: [
        "path.open('rb')",
        "path.read_text(encoding='utf-8')",
        "path.read_text('utf-8')",
    ],
}
RULES = list(BAD)


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_sees_what_it_is_for(rule: Callable[[ast.AST], Told]) -> None:
    for source in BAD[rule]:
        assert list(rule(ast.parse(source))), source
    for source in GOOD[rule]:
        assert not list(rule(ast.parse(source))), source


@pytest.mark.parametrize("rule", RULES)
def test_no_source_breaks_the_rule(rule: Callable[[ast.AST], Told]) -> None:
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(ROOT)}, {told}" for told in rule(tree)]
    assert not found, "\n".join(found)


def test_names_that_windows_keeps_for_devices(tmp_path: Path) -> None:
    """`aux.md` cannot be written there; ids become file names."""
    own = tmp_path / "own"
    own.mkdir()
    for name in ("aux.txt", "con.v2.txt", "auxiliary.txt", "a.txt"):
        (own / name).write_text(f"The {name} has text.", encoding="utf-8")
    (own / "a.txt").write_text("id is in front matter", encoding="utf-8")
    (own / "b.md").write_text("---\nid: NUL\n---\nThe hut.\n", encoding="utf-8")
    ids = [document.id for document in folder.read_folder(own).documents]
    expected = ["a", "document-aux", "auxiliary", "document-NUL", "con-v2"]
    assert sorted(ids) == sorted(expected)


# Nobody is told -----------------------------------------------------------------------

# A whole RAG as somebody builds it, who imports trl first and sets nothing; what calls
# other machines is written down.
RAG = """
import sys, ipaddress
calls = []
def watch(event, arguments):
    if event == "socket.getaddrinfo":
        calls.append(arguments[0])
    if event in ("socket.connect", "socket.sendto") and arguments[-1]:
        calls.append(arguments[-1][0] if isinstance(arguments[-1], tuple) else "")
sys.addaudithook(watch)
import trl, chromadb
from llama_index.core import VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore
from labs import corpus, finetune, prompts, retrieval, store
from labs.embedding import Embedder
from labs.models import Generator

embedder = Embedder()
chunks = retrieval.chunk(corpus.load_documents())
collection = store.client().get_or_create_collection("hut", embedding_function=None)
vectors = ChromaVectorStore(chroma_collection=collection)
index = VectorStoreIndex.from_vector_store(vectors, embedder.as_llama_embedding())
index.insert_nodes([TextNode(id_=c.id, text=c.text) for c in chunks])
question = "Where does the key hang?"
hits = index.as_retriever(similarity_top_k=1).retrieve(question)
assert "van" in hits[0].text, hits
generator = Generator()
asked = prompts.answer(question, [hit.text for hit in hits])
assert generator.generate([asked])
row = finetune.row(prompts.answer_closed_book(question), "in the van")
finetune.supervised([row] * 2, finetune.Recipe(rank=2, epochs=1, batch_size=2))
print("called:", [host for host in calls if str(host) not in ("127.0.0.1", "::1", "")])
"""
DOCUMENT = (
    "---\nid: hut\ntitle: The hut\ntype: note\ndate: 2031-03-01\nedition: 1\n---\n\n"
    "The key hangs in the van.\n"
)


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has set nothing, online if this machine is."""
    (tmp_path / "data" / "documents").mkdir(parents=True)
    document = tmp_path / "data" / "documents" / "hut.md"
    document.write_text(DOCUMENT, encoding="utf-8")
    told = ("HF_", "LABS_", "DO_NOT", "ANONYMIZED", "RAY_", "CI", "TRANSFORMERS_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(told)}
    own = {"LABS_DATA": tmp_path / "data", "LABS_CACHE": tmp_path / "cache"}
    own |= {"HF_HOME": tmp_path / "hub", "LABS_PROFILE": "pocket"}
    return kept | {name: str(value) for name, value in own.items()}


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def _tracer(log: Path) -> list[str]:
    """A command that writes the kernel's calls to other machines, or nothing.

    Chroma, tokenizers and hf-xet are written in Rust: Python does not see their calls.
    """
    strace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg"]
    command = [*strace, "-o", str(log)]
    may_trace = (
        shutil.which("strace")
        and not subprocess.run([*command, "true"], capture_output=True).returncode
    )
    return command if may_trace else []


def test_a_whole_rag_and_a_training_call_nobody(
    bare: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    tracer = _tracer(log)
    assert "called: []" in _run([*tracer, sys.executable, "-c", RAG], bare)
    if tracer:
        calls = log.read_text(encoding="utf-8", errors="replace").splitlines()
        far = [
            line
            for line in calls
            if "AF_INET" in line and not re.search(r'"127\.|"::1"', line)
        ]
        assert not far, far[:5]


def test_what_reports_home_is_off_whatever_was_imported_first(
    bare: dict[str, str],
) -> None:
    script = (
        "from huggingface_hub import constants\n"
        "assert not constants.HF_HUB_DISABLE_TELEMETRY\n"
        "import os, labs, chromadb\n"
        "assert constants.HF_HUB_DISABLE_TELEMETRY\n"
        "assert chromadb.Settings().anonymized_telemetry is False\n"
        "print(os.environ['RAY_USAGE_STATS_ENABLED'])"
    )
    assert _run([sys.executable, "-c", script], bare).strip() == "0"
