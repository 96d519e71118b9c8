"""Aliases: the names that stand for real ones, drawn by a seed from lists that ship; and the book that keeps them.

An alias keeps culture, sex and part of a name, and the kind of a place. It is never made from the name: which one is
drawn depends on the seed and on who was named before; only what would recall the name is left out of the draw: itself
and its short forms, its first letter, every real name of the film, every alias that somebody has.

A book of aliases keeps them through all films of the same people. It is a list of who is who: whoever has it undoes
every alias in it. Keep it where the films' originals are, encrypted, never beside a result; it is written for its owner
only (0600), and Veil reads it only where it is named.
"""

import json
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from veil.disguise.words.contract import NAMING, Alias, Find, Kind, Sex
from veil.disguise.words.gazetteer import Drawable, drawable, drawable_given, given_names, lines
from veil.disguise.words.spelling import key_of
from veil.errors import VeilError
from veil.whole import write_whole

_NEAR = {
    "": ("ru", "cau", "eu"), "ru": ("ru", "eu"), "cau": ("cau", "ca", "ar"), "ca": ("ca", "cau", "ar"),
    "ar": ("ar", "ca", "cau"), "en": ("en", "eu"), "eu": ("eu", "en", "ru"),
}  # fmt: skip
_BEGINNING = 4  # letters
_BOOK_HINT = "name another file with --aliases, or put the copy of it back"


def draw(find: Find, seed: int, taken: Collection[str], real: Collection[str], culture: str = "") -> Alias | None:
    """Return an alias that recalls nothing of what was found, or None where the lists have none left.

    `taken` and `real` are keys: of the aliases that are given away, of the names that are in the film.
    """
    pools = _pools(find, find.culture or culture)
    own = {find.key, key_of(find.base)}
    first_letters = {key[:1] for key in own if key}
    for pool in pools:
        rows = list(pool)
        random.Random(f"{seed} {find.kind}").shuffle(rows)  # noqa: S311  no secret: the same draw another time
        for row in rows:
            keys = keys_of(row.alias)
            clusters = {given_names()[k].key for k in keys if k in given_names()}
            if (keys | clusters) & (own | set(taken) | set(real)) or {k[:1] for k in keys} & first_letters:
                continue
            if not any(_recalls(key, name) for key in keys | clusters for name in real):
                return row.alias
    return None


def _recalls(key: str, name: str) -> bool:
    """Tell whether an alias and a name have their beginning in common: Kazbek and Kazbekov."""
    least = min(len(key), len(name))
    return least >= _BEGINNING and key[:least] == name[:least]


def keys_of(alias: Alias) -> set[str]:
    """Return the keys of all forms of an alias."""
    forms = (alias.russian, alias.english, alias.russian_short, alias.english_short)
    return {key_of(form) for form in forms if form}


def _pools(find: Find, culture: str) -> list[Sequence[Drawable]]:
    """Return what may be drawn from, the nearest first."""
    if find.kind == "place":
        kind = find.type if find.type in {"town", "village", "city"} else "town"
        return [[d for d in drawable("towns") if d.culture == kind], drawable("towns")]
    if find.kind == "nickname":
        return [[d for d in _nicknames() if d.sex == (find.sex or "man")]]
    near = _NEAR.get(culture, _NEAR[""])
    if find.kind == "given name":
        sex = find.sex or "man"
        rows = [d for d in drawable_given() if d.sex == sex]
        in_short = find.part == "short"
        pools = [[d for d in rows if d.culture == c and bool(d.alias.english_short) >= in_short] for c in near]
        return [*pools, rows]
    table = drawable("surnames" if find.kind == "surname" else "patronymics")
    return [*([d for d in table if d.culture == c] for c in near), table]


def _nicknames() -> list[Drawable]:
    sexes: dict[str, Sex] = {"m": "man", "w": "woman"}
    return [Drawable("", sexes[s], Alias(ru, en)) for s, ru, en in (line.split() for line in lines("nicknames"))]


def counterpart(name: str, language: str) -> str:
    """Return an alias that is written in one language in another: from the lists, else letter by letter."""
    tables = (drawable_given(), drawable("surnames"), drawable("patronymics"), drawable("towns"), tuple(_nicknames()))
    for table in tables:
        for row in table:
            a = row.alias
            for one, other in ((a.russian, a.english), (a.russian_short, a.english_short)):
                if one and name in {one, other}:
                    return one if language == "ru" else other
    has_cyrillic = any("а" <= c <= "я" for c in name.lower())
    return key_of(name).capitalize() if has_cyrillic and language != "ru" else name


@dataclass(frozen=True)
class Row:
    """One line of a book: what is hidden, and what it becomes."""

    kind: Kind
    key: str
    alias: Alias


class Book:
    """The aliases of people through their films; see the caption of this file before you keep one."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self._rows = {(_group(r.kind), r.key): r for r in rows}

    def alias_of(self, kind: Kind, key: str) -> Alias | None:
        row = self._rows.get((_group(kind), key))
        return row.alias if row else None

    def keep(self, kind: Kind, key: str, alias: Alias) -> None:
        self._rows[_group(kind), key] = Row(kind, key, alias)

    def taken(self) -> set[str]:
        """Return the keys of all aliases in it."""
        return {key for row in self._rows.values() for key in keys_of(row.alias)}

    def write(self, path: Path) -> None:
        """Write it so that only its owner may read it, and that it is whole or not there."""
        rows = [
            [r.kind, r.key, r.alias.russian, r.alias.english, r.alias.russian_short, r.alias.english_short]
            for r in self._rows.values()
        ]
        told = json.dumps({"veil": "who is who: guard it", "aliases": rows}, ensure_ascii=False, indent=1)
        try:
            write_whole(path, told.encode())
        except OSError as error:
            raise VeilError("the book of aliases cannot be written", "name another place with --aliases") from error


def read_book(path: Path | None) -> Book:
    """Return a book of aliases, an empty one where there is no file yet; raise VeilError where it is damaged."""
    if path is None or not path.exists():
        return Book()
    try:
        rows = json.loads(path.read_text("utf-8"))["aliases"]
        return Book([Row(kind, key, Alias(*forms)) for kind, key, *forms in rows])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VeilError("the book of aliases cannot be read", _BOOK_HINT) from error


def _group(kind: Kind) -> str:
    return "name" if kind in NAMING else kind


def culture_of(finds: Sequence[Find]) -> str:
    """Return the culture that most given names of a film are from: that of surnames that tell nothing themselves."""
    told = [f.culture for f in finds if f.culture]
    return max(sorted(set(told)), key=told.count) if told else ""
