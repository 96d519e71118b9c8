"""Gazetteer: names and places that are known by name, from the lists that ship; all lists were written for Veil."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from veil.disguise.words.contract import Alias, Part, Sex
from veil.disguise.words.spelling import key_of

_LISTS = Path(__file__).parent / "lists"
_SEXES: dict[str, Sex] = {"m": "man", "w": "woman", "b": ""}


@dataclass(frozen=True)
class Known:
    """A given name that is known: the key of its full form, whether it is a short form, whose it is."""

    key: str
    part: Part
    sex: Sex
    culture: str


@dataclass(frozen=True)
class Drawable:
    """An alias that may be drawn, with the culture and sex that it keeps."""

    culture: str
    sex: Sex
    alias: Alias


def lines(name: str) -> Iterator[str]:
    """Yield the lines of a list that ships, without remarks."""
    for line in (_LISTS / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@lru_cache(maxsize=1)
def given_names() -> dict[str, Known]:
    """Return the known given names by the keys of all their spellings; the first list that has one wins."""
    found: dict[str, Known] = {}
    for line in lines("given"):
        full, _, short = line.partition(" / ")
        culture, sex, *spellings = full.split()
        key = key_of(spellings[0])
        for part, words in (("full", spellings), ("short", short.split())):
            for word in words:
                found.setdefault(key_of(word), Known(key, part, _SEXES[sex], culture))  # type: ignore[arg-type]
    for row in drawable_given():  # what may be drawn is a name too
        key, part = key_of(row.alias.english), "full"
        for word in (row.alias.english, row.alias.russian, row.alias.english_short, row.alias.russian_short):
            if word:
                known = found.get(key_of(word)) or Known(key, part, row.sex, row.culture)  # type: ignore[arg-type]
                found.setdefault(key_of(word), known)
            part = "short" if word == row.alias.russian else part
    return found


@lru_cache(maxsize=1)
def places() -> dict[str, tuple[str, str, str]]:
    """Return the known places by key of the English and of the Russian form: (kind, key, Russian form)."""
    found: dict[str, tuple[str, str, str]] = {}
    for line in lines("places"):
        kind, rest = line.split(" ", 1)
        english, russian = rest.split(" / ")
        key = key_of(english)
        for spelling in (english, russian):
            found.setdefault(key_of(spelling), (kind, key, russian))
    return found


@lru_cache(maxsize=1)
def drawable_given() -> tuple[Drawable, ...]:
    rows = [line.split() for line in lines("aliases")]
    return tuple(
        Drawable(c, _SEXES[s], Alias(ru, en, ru_short.strip("-"), en_short.strip("-")))
        for c, s, ru, ru_short, en, en_short in rows
    )


@lru_cache(maxsize=4)
def drawable(name: str) -> tuple[Drawable, ...]:
    """Return what may be drawn of surnames, patronymics or towns; of towns, `culture` is the kind of place."""
    return tuple(Drawable(c, "", Alias(ru, en)) for c, ru, en in (line.split() for line in lines(name)))
