"""A translation that the user supplies, laid along what is said in the result; it keeps no time of the original."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from veil.errors import VeilError
from veil.nouns.time import Span, parse_clock
from veil.stages.caption_files import Cue, decoded, read_cues
from veil.stages.captions import Speaking, spread

Rename = Callable[[str, str], str]
"""Takes a text and its language, and returns it with every hidden name and word replaced."""

_OWN = re.compile(r"\[(\d+:\d\d:\d\d(?:\.\d+)?)\]\s*([^:]{1,40}):\s+(.*)")  # a line of Veil's own transcript
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'»”’)]*\s+")
_COVERS = Fraction(1, 2)  # of a line that a cue must cover to be said in it, too


@dataclass(frozen=True)
class Translation:
    """A text in another language, and its language (ISO 639-1)."""

    text: str
    language: str


def read_translation(path: Path, language: str) -> Translation:
    """Read a translation: SRT, WebVTT or plain text. Raises VeilError when it cannot be read or is empty."""
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise VeilError("the language of the translation is not clear", "say it in two letters: --language ru")
    try:
        text = decoded(path.read_bytes())
    except OSError as error:
        raise VeilError("the translation cannot be read", "check the path of --translation") from error
    if not text.strip():
        raise VeilError("the translation is empty", "give a file with the translated words: SRT, WebVTT or plain text")
    return Translation(text, language)


def aligned(translation: Translation, said: Sequence[Speaking], rename: Rename) -> tuple[Speaking, ...]:
    """Return the translated words in the places where the same is said in the result, names replaced.

    Words with times go where most of them falls on something that is said; words without go in order, by their length,
    one line to one line where there are as many of both.
    """
    lines = sorted(said, key=lambda s: s.span)
    if not lines:
        raise VeilError("nothing is said in the film that the translation could stand beside", "leave it out")
    cues = read_cues(translation.text) or _own_cues(translation.text)
    if cues:
        renamed = [Cue(cue.span, rename(cue.text, translation.language)) for cue in cues]
        return _by_time(renamed, lines)
    return _by_length(translation, lines, rename)


def _own_cues(text: str) -> tuple[Cue, ...]:
    """Return what stands in a translated copy of Veil's own transcript, each until the next begins."""
    found = [m for line in text.splitlines() if (m := _OWN.fullmatch(line.strip()))]
    starts = [parse_clock(m[1]) for m in found]
    ends = [*starts[1:], *([starts[-1] + 7] if starts else [])]
    return tuple(
        Cue(Span(start, max(start, end)), m[3]) for m, start, end in zip(found, starts, ends, strict=True) if m[3]
    )


def _by_time(cues: Sequence[Cue], lines: Sequence[Speaking]) -> tuple[Speaking, ...]:
    """Return each cue in the line that it mostly covers, and in those after it that it covers and no other does."""
    owner = [_most_covered(cue, lines) for cue in cues]
    texts: dict[int, list[str]] = {}
    for cue, at in zip(cues, owner, strict=True):
        if at is not None:
            texts.setdefault(at, []).append(cue.text)
    out = []
    for at, parts in texts.items():
        line, end = lines[at], lines[at].span.end
        mine = [cue for cue, its in zip(cues, owner, strict=True) if its == at]
        for after in range(at + 1, len(lines)):
            other = lines[after]
            wide = other.span.length_s * _COVERS
            if after in texts or other.speaker != line.speaker or max(_shared(c.span, other.span) for c in mine) < wide:
                break
            end = other.span.end
        out.append(Speaking(line.speaker, spread(" ".join(parts), Span(line.span.start, end))))
    # What stands where nobody speaks, on a title say, keeps its place.
    out += [Speaking("", spread(c.text, c.span)) for c, at in zip(cues, owner, strict=True) if at is None]
    return tuple(sorted(out, key=lambda s: s.span))


def _most_covered(cue: Cue, lines: Sequence[Speaking]) -> int | None:
    shared = [_shared(cue.span, line.span) for line in lines]
    best = max(range(len(lines)), key=lambda i: shared[i])
    return best if shared[best] > 0 else None


def _shared(one: Span, other: Span) -> Fraction:
    return max(Fraction(0), min(one.end, other.end) - max(one.start, other.start))


def _by_length(translation: Translation, lines: Sequence[Speaking], rename: Rename) -> tuple[Speaking, ...]:
    """Return a text without times in order along what is said, as long here as there."""
    rows = [" ".join(row.split()) for row in translation.text.splitlines() if row.strip()]
    if len(rows) != len(lines):
        rows = [part for row in rows for part in _SENTENCE.split(row) if part.strip()]
    rows = [rename(row, translation.language) for row in rows]
    if len(rows) == len(lines):
        places = list(range(len(lines)))
    else:
        places = _places([len(row) for row in rows], [sum(len(p.text) + 1 for p in line.pieces) for line in lines])
    out = []
    for at in dict.fromkeys(places):
        text = " ".join(row for row, place in zip(rows, places, strict=True) if place == at)
        out.append(Speaking(lines[at].speaker, spread(text, lines[at].span)))
    return tuple(out)


def _places(rows: Sequence[int], lines: Sequence[int]) -> list[int]:
    """Return for each row the line whose share of the whole holds the row's middle."""
    bounds = [Fraction(b, max(1, sum(lines))) for b in accumulate(lines)]
    ends = list(accumulate(rows))
    middles = [Fraction(2 * end - row, 2 * max(1, ends[-1])) for end, row in zip(ends, rows, strict=True)]
    return [min(sum(bound <= middle for bound in bounds), len(lines) - 1) for middle in middles]
