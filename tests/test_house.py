"""The house's own rules, kept: captions, cards, names, no network, nothing missing from the wheel."""

import ast
import hashlib
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import veil
from veil.models import PACKAGED, WEIGHTS

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "veil"
CARDS = HOUSE / "models" / "cards"
STORED = HOUSE / "models" / "weights"
VAGUE = {"util", "utils", "common", "manager", "managers", "helper", "helpers", "misc", "stuff"}
NETWORK = {"socket", "urllib", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "urllib3", "ssl"}


def _sources(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py") if "out" not in path.parts)


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the first word of every module that a file imports, wherever it does; `urllib.parse` parses only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names if alias.name != "urllib.parse")
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", _sources("veil", "bench", "tests", "tools"), ids=lambda p: str(p.relative_to(ROOT)))
def test_caption(path: Path) -> None:
    """Every file begins with a sentence that says what it is."""
    tree = ast.parse(path.read_text())
    caption = ast.get_docstring(tree)
    assert caption, "the file has no caption"
    assert path.read_text().startswith('"""'), "the caption is not on the first line"
    assert len(caption.split("\n")[0]) > 20, "the caption says too little"


@pytest.mark.parametrize("path", _sources("veil"), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_network_and_no_assert(path: Path) -> None:
    """No file of Veil imports anything that reaches a network, and none leaves safety to `assert`."""
    tree = ast.parse(path.read_text())
    listens = {"socket"} if path == HOUSE / "web" / "serve.py" else set()  # to this machine only
    assert not set(_imported(tree)) & (NETWORK - listens)
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]


def test_names_say_something() -> None:
    """No file or folder is called by a word that fits anything."""
    for path in _sources("veil", "bench", "tests", "tools"):
        words = {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.split("_")}
        assert not words & VAGUE, path


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_every_weight_has_its_card(name: str) -> None:
    """Each weight has a card that pins the same file and tells origin, licence, role, training and bias."""
    card = (CARDS / f"{name}.md").read_text()
    weight = WEIGHTS[name]
    assert weight.sha256 in card
    assert weight.file in card
    assert all(role in card.split("**Role**:")[1].split("\n")[0] for role in weight.roles)
    for heading in ("Licence", "Origin", "Changes", "Trained on", "Known bias", "Where it fails"):
        assert re.search(rf"\*\*{heading}\.?\*\*", card), heading


def test_every_stored_file_is_pinned() -> None:
    """Nothing lies among the weights that no card pins by its true SHA-256."""
    cards = "\n".join(path.read_text() for path in CARDS.glob("*.md"))
    for path in STORED.iterdir():
        if path.suffix not in {".py", ""}:
            assert hashlib.sha256(path.read_bytes()).hexdigest() in cards, path.name
    for weight in WEIGHTS.values():
        assert (STORED / weight.file).is_file()


def test_no_card_without_a_file() -> None:
    """Every card belongs to a file that ships, here or in a package."""
    stems = {path.stem for path in STORED.iterdir()}
    assert {path.stem for path in CARDS.glob("*.md")} <= stems | set(PACKAGED)


@pytest.mark.parametrize("name", sorted(PACKAGED))
def test_weights_of_packages_have_cards(name: str) -> None:
    """Weights that come in a package have a card: each file by its SHA-256, who may use them, origin, known bias."""
    card = (CARDS / f"{name}.md").read_text()
    for package, file, sha256 in PACKAGED[name].files:
        assert f"| `{file}` of `{package}` | `{sha256}` |" in card
    assert all(role in card.split("**Role**:")[1].split("\n")[0] for role in PACKAGED[name].roles)
    for heading in ("Licence", "Origin", "Changes", "Trained on", "Known bias", "Where it fails"):
        assert re.search(rf"\*\*{heading}\.?\*\*", card), heading


def test_everything_ships() -> None:
    """The wheel takes the whole package, and git ignores nothing in it: weights, cards and doubles are there."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert build == {"packages": ["veil"]}
    passing = ("__pycache__", ".part")  # what Python and the workshop leave for a while
    files = [str(p) for p in HOUSE.rglob("*") if p.is_file() and not any(s.endswith(passing) for s in p.parts)]
    try:
        ignored = subprocess.run(["git", "check-ignore", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("git is not here to be asked")
    assert ignored.stdout == ""


def test_version_is_in_the_changelog() -> None:
    """The version that Veil tells has a chapter in the changelog."""
    assert f"## [{veil.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_sockets_are_blocked() -> None:
    """A test that reaches for another machine fails, by address and by name."""
    with socket.socket() as plug, pytest.raises(AssertionError, match="no test may reach"):
        plug.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as plug, pytest.raises(AssertionError, match="no test may reach"):
        plug.sendto(b"", ("192.0.2.1", 53))
    with pytest.raises(AssertionError, match="no test may look up"):
        socket.create_connection(("veil.invalid", 80))


def test_importing_every_room_opens_no_socket() -> None:
    """Importing all of Veil, and all that it stands on, creates no socket of the internet."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in _sources("veil")
        if path.name != "__main__.py"
    ]
    script = (
        "import importlib, sys\n"
        "def refuse(event, given):\n"
        "    if event in {'socket.connect', 'socket.getaddrinfo', 'socket.sendto', 'socket.bind'}:\n"
        "        sys.exit(f'{event} while importing')\n"
        "sys.addaudithook(refuse)\n"
        "from pathlib import Path\n"
        "from veil.casework.ready import ready\n"
        "ready(Path('nowhere'), settings='veil.web.settings')\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_loading_the_nets_reports_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    """No part of it reports its use, nor leaves a file among the temporary ones, as ONNX Runtime would by itself."""
    words = [sys.executable, "-c", "import veil.models, onnxruntime, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"]
    told = subprocess.run(words, check=True, capture_output=True, text=True, env=os.environ | {"TMPDIR": str(tmp_path)})
    assert told.stdout == "1\n"
    assert [path.name for path in tmp_path.iterdir() if path.name != ".wardrobe"] == []
