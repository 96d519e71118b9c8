"""Annotated texts: what must be hidden in them, written down by hand, and how much of it a finder finds.

A text is a line of a file beside the tests of words: `I lived in [Grozny|place].` Half of each language's texts were
there while the finder was made (development), the other half was only measured (held out).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from veil.disguise.words.contract import Find, Tongue
from veil.disguise.words.spelling import tokens

TEXTS = Path(__file__).parent / "disguise" / "words"
_ARTICLES = {"the", "a", "an"}  # they name nobody
_MARK = re.compile(r"\[([^\]|]+)\|(\w+)\]")


@dataclass(frozen=True)
class Annotated:
    """A text, and the characters in it that must be hidden: (start, end, kind)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass
class Score:
    """What was found of what had to be: by kind, (found, all); what was found too much."""

    found: Counter[str] = field(default_factory=Counter)
    owed: Counter[str] = field(default_factory=Counter)
    right: int = 0
    finds: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def recall(self, kind: str = "") -> float:
        owed = self.owed[kind] if kind else self.owed.total()
        return (self.found[kind] if kind else self.found.total()) / max(1, owed)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.finds)


def annotated(name: str) -> tuple[Annotated, ...]:
    """Return the texts of a file, such as "en_heldout"."""
    lines = (TEXTS / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(_parsed(line) for line in lines if line and not line.startswith("#"))


def _parsed(line: str) -> Annotated:
    text, spans, last = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[last : mark.start()]
        spans.append((len(text), len(text) + len(mark[1]), mark[2]))
        text += mark[1]
        last = mark.end()
    return Annotated(text + line[last:], tuple(spans))


def hidden(finds: Sequence[Find]) -> list[Find]:
    """Return the finds that do not cross until a person says so: a year alone is only shown."""
    return [f for f in finds if not (f.kind == "date" and f.type == "year")]


def scored(texts: Sequence[Annotated], tongue: Tongue) -> Score:
    """Read every text; something is found when each of its words is under a find."""
    score = Score()
    for one in texts:
        finds = hidden(tongue.find(one.text))
        for start, end, kind in one.spans:
            words = [w for w in tokens(one.text) if w.start < end and start < w.end and w.low not in _ARTICLES]
            whole = all(any(f.start <= w.start and w.end <= f.end for f in finds) for w in words)
            score.owed[kind] += 1
            score.found[kind] += whole
            if not whole:
                score.missed.append(f"{kind}: {one.text[start:end]}")
        for find in finds:
            right = any(find.start < end and start < find.end for start, end, _ in one.spans)
            score.right += right
            score.finds += 1
            if not right:
                score.false.append(f"{find.kind}: {one.text[find.start : find.end]}")
    return score
