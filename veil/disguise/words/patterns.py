"""Patterns: what is told by its shape or by the words before it: numbers, papers, plates, dates, ages, addresses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from veil.disguise.words.contract import NAMING, Find, Kind
from veil.disguise.words.numbers import Reader, Run, runs
from veil.disguise.words.spelling import Token, key_of, tokens

Shapes = tuple[tuple[Kind, str, "re.Pattern[str]"], ...]


@dataclass(frozen=True)
class Shaped:
    """What a language says in shapes: its numbers, words before which something follows, and expressions."""

    read: Reader
    joins: frozenset[str]  # may stand within a run of numbers
    phone: frozenset[str]  # words shortly before a phone number
    paper: frozenset[str]  # ... the number of a paper or a case
    plate: frozenset[str]  # ... a number plate
    money: frozenset[str]  # words after a number that is none of these
    shapes: Shapes  # what is found is the group "it", or the whole expression


_ANY: Shapes = (
    ("account", "e-mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("account", "address", re.compile(r"https?://\S+[\w/]|www\.\S+[\w/]|\b(?:vk|t|fb|instagram|facebook)\.(?:com|me)/[\w./-]+\w", re.IGNORECASE)),
    ("account", "user name", re.compile(r"(?<!\w)@[A-Za-z_][\w.]{2,}")),
    ("account", "user name", re.compile(r"(?<![\w@.-])(?=\w*[^\W\d_])(?:\w+_\w+(?:[._]\w+)*|(?!covid|sars|mp[34])(?:[^\W\d_]{2,}[._])*(?:[^\W\d_]{3,}[._]?\d|[^\W\d_]{2,}[._]?\d{2,4}))(?![\w-])", re.IGNORECASE)),
    ("date", "day", re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b|\b(?:19|20)\d{2}-\d{2}-\d{2}\b")),
    ("phone", "", re.compile(r"(?<![\w+])\+?\d[\d\s().-]{7,18}\d(?!\w)")),
    ("plate", "", re.compile(r"\b[авекмнорстухabekmhopctyx]\s?\d{3}\s?[авекмнорстухabekmhopctyx]{2}\s?\d{2,3}\b", re.IGNORECASE)),
)  # fmt: skip
_SPELLED = re.compile(r"(?<![\w'’-])[^\W\d_](?:(?:\s*[-,.]\s*|\s+)[^\W\d_](?![\w'’])){2,}", re.UNICODE)


def shaped(text: str, known: Shaped) -> list[Find]:
    """Return what has a telling shape, the surest first; finds may overlap."""
    words = tokens(text)
    found = [_find(text, m, kind, of) for kind, of, pattern in (*known.shapes, *_ANY) for m in pattern.finditer(text)]
    found = [f for f in found if f.kind != "phone" or _digits(text[f.start : f.end]) >= 7]
    found += _numbers(text, words, known)
    found += _spelled(text)
    return found


def _find(text: str, match: re.Match[str], kind: Kind, of: str) -> Find:
    name = "it" if "it" in match.re.groupindex and match["it"] else 0
    start, end = match.span(name)
    said = text[start:end]
    return Find(start, end, kind, plain_key(said), said, type=of)


def plain_key(said: str) -> str:
    """Return the key of what has no forms: its letters and digits."""
    return key_of(said) or said.strip().lower()


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _numbers(text: str, words: Sequence[Token], known: Shaped) -> Iterator[Find]:
    """Yield phones, papers and plates among the numbers that are written or said."""
    for run in runs(words, text, known.read, known.joins):
        before = [w.low for w in words[max(0, run.first - 8) : run.first]]
        after = words[run.last].low if run.last < len(words) else ""
        kind = _kind_of(run, before, after, known)
        if kind is None:
            continue
        first, last = _widened(words, run, known.read) if kind in {"plate", "paper"} else (run.first, run.last)
        if kind == "phone" and first and words[first - 1].low in {"plus", "плюс"}:
            first -= 1
        start, end = words[first].start, words[last - 1].end
        start -= text[:start].endswith("+")
        said = text[start:end]
        yield Find(start, end, kind, plain_key(said), said)


def _kind_of(run: Run, before: list[str], after: str, known: Shaped) -> Kind | None:
    near = set(before)
    figures = run.digits
    if near & known.plate and figures >= 2:
        return "plate"
    if near & known.paper and figures >= 3 and not (run.counted and figures < 6):
        return "paper"
    if run.counted or after in known.money:
        return None
    if figures >= 7 or (figures >= 5 and near & known.phone):
        return "phone"
    return None


def _widened(words: Sequence[Token], run: Run, read: Reader) -> tuple[int, int]:
    """Return the run with single letters around it: they belong to a plate or a paper."""
    first, last = run.first, run.last
    while first and _is_code(words[first - 1].text) and words[first - 1].low not in {"a", "и", "i", "в", "с", "у"}:
        first -= 1
    while (
        last < len(words)
        and words[last].low not in {"i", "a", "я", "и"}
        and (_is_code(words[last].text) or read(words[last].low) is not None)
    ):
        last += 1
    return first, last


def _is_code(word: str) -> bool:
    return len(word) == 1 or any(c.isdigit() for c in word) or (word.isupper() and len(word) <= 3)


def _spelled(text: str) -> Iterator[Find]:
    """Yield names that are spelled letter by letter."""
    for match in _SPELLED.finditer(text):
        letters = [c for c in match[0] if c.isalpha()]
        if len(letters) >= 3 and len({c.lower() for c in letters}) > 1:
            said = "".join(letters)
            yield Find(match.start(), match.end(), "other", key_of(said), said, type="spelled")


_INITIALS = re.compile(r"(?<![\w.])(?:(?!I\.|Я\.)[A-ZА-ЯЁ]\.|[A-ZА-ЯЁ]\. ?[A-ZА-ЯЁ]\.)\s?$")
"""What stands before a surname for the rest of the name; one I alone ends a sentence."""


def with_initials(text: str, finds: Sequence[Find]) -> list[Find]:
    """Return finds with the initials before a name made part of it: "A. Petrov" leaves no A."""
    done = []
    for find in finds:
        initials = _INITIALS.search(text[: find.start]) if find.kind in NAMING else None
        done.append(replace(find, start=initials.start()) if initials else find)
    return done


def without_initials(text: str, find: Find) -> tuple[str, Find]:
    """Return a text and what was found in it as they are without initials before the name."""
    said = re.match(r"(?:[A-ZА-ЯЁ]\. ?){1,2}(?=\w{2})", text[find.start : find.end])
    if said is None or find.kind not in NAMING:
        return text, find
    return text[: find.start] + text[find.start + said.end() :], replace(find, end=find.end - said.end())


def joined_places(text: str, finds: list[Find]) -> list[Find]:
    """Return finds with names right behind an unknown place made part of it: "to Mineralnye Vody"."""
    done: list[Find] = []
    for find in finds:
        last = done[-1] if done else None
        touches = last is not None and text[last.end : find.start] in {" ", "-"}
        if (
            last is not None
            and touches
            and last.kind == "place"
            and find.kind in {"surname", "given name", "place"}
            and not find.culture
        ):
            said = text[last.start : find.end]
            done[-1] = Find(last.start, find.end, "place", plain_key(said), said, type=last.type)
        else:
            done.append(find)
    return done


def untangled(found: list[Find]) -> tuple[Find, ...]:
    """Return finds in order of the text; where two overlap, the longer stays, of equals the one named first."""
    kept: list[Find] = []
    for find in sorted(found, key=lambda f: f.start - f.end):
        if find.end > find.start and not any(find.meets(other) for other in kept):
            kept.append(find)
    return tuple(sorted(kept, key=lambda f: f.start))
