"""What is said of sealed files, slips and security keys: each sentence has a Russian one, with the same facts in it."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import veil

ROOM = Path(veil.__file__).parent / "vault"
LOCALE = Path(veil.__file__).parent / "web" / "locale" / "seals"
FILES = [*sorted((ROOM / "age").glob("*.py")), ROOM / "slips.py", ROOM / "security_key.py"]
PAGE = ROOM.parent / "web" / "templates" / "veil" / "security_key.html"
FILES += [ROOM / "usb_key.py", ROOM / "waiting.py", PAGE]
_SENTENCE = re.compile(r"[a-z%][^ ]* [^ ]+ ")
_FACT = re.compile(r"%\(\w+\)[sd]")


def sentences(path: Path) -> Iterator[str]:
    """Yield the texts of a file that a person may read: not docstrings, nor what only a programmer sees."""
    if path == PAGE:
        yield from re.findall(r'translate "([^"]+)"', path.read_text())
        return
    tree = ast.parse(path.read_text())
    unseen: set[int] = set()
    for node in ast.walk(tree):
        bug = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ValueError"
        if isinstance(node, ast.Expr):
            unseen.add(id(node.value))
        elif bug or isinstance(node, ast.JoinedStr):
            unseen |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in unseen else None
        if isinstance(text, str) and _SENTENCE.match(text):
            yield text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sentence_is_in_russian(path: Path) -> None:
    """No sentence comes in English to a reader of Russian, and none loses a number or a word on the way."""
    told = gettext.translation("django", LOCALE, ["ru"])
    for sentence in sentences(path):
        russian = told.gettext(sentence)
        assert russian != sentence, sentence
        assert sorted(_FACT.findall(russian)) == sorted(_FACT.findall(sentence))


def test_the_test_sees_sentences() -> None:
    """The test above looks at real sentences."""
    found = [sentence for path in FILES for sentence in sentences(path)]
    assert len(found) > 70
    assert "these slips do not belong together" in found


def test_nothing_is_left_over() -> None:
    """No translation stays behind whose sentence is gone, and the compiled catalogue is the written one."""
    used = {sentence for path in FILES for sentence in sentences(path)}
    pairs = _written((LOCALE / "ru" / "LC_MESSAGES" / "django.po").read_text())
    assert set(pairs) == used
    told = gettext.translation("django", LOCALE, ["ru"])
    assert all(told.gettext(english) == russian for english, russian in pairs.items())


def _written(text: str) -> dict[str, str]:
    """Return what a catalogue says, entry by entry."""
    found = {}
    for entry in text.strip().split("\n\n")[1:]:
        english, _, russian = entry.partition("msgstr ")
        found[_joined(english.partition("msgid ")[2])] = _joined(russian)
    return found


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.strip().splitlines())
