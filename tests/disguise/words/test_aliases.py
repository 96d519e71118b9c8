"""Aliases: drawn by a seed, unlike the name, nobody's twice, kept in a book that is guarded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veil.disguise.words.aliases import Book, counterpart, draw, keys_of, read_book
from veil.disguise.words.contract import Alias, Find, Sex
from veil.disguise.words.gazetteer import Known, drawable_given, given_names
from veil.disguise.words.spelling import key_of
from veil.errors import VeilError

NAMES = sorted(given_names().items())


def _find(known: Known) -> Find:
    return Find(0, 1, "given name", known.key, known.key, known.part, known.sex, known.culture)


@given(st.sampled_from(NAMES), st.integers(0, 2**40), st.sets(st.sampled_from([n for n, _ in NAMES]), max_size=20))
def test_an_alias_recalls_nothing(named: tuple[str, Known], seed: int, real: set[str]) -> None:
    """It is not the name, no form or first letter of it, and nobody's name in the film; it keeps the sex."""
    _, known = named
    alias = draw(_find(known), seed, set(), real)
    assert alias is not None
    keys = keys_of(alias)
    assert known.key not in keys
    assert known.key[0] not in {k[0] for k in keys}
    assert not keys & real
    assert any(row.alias == alias and (not known.sex or row.sex == known.sex) for row in drawable_given())


@pytest.mark.parametrize("seed", range(40))
def test_an_alias_has_no_name_in_it(seed: int) -> None:
    """Aslan Kazbekov does not become Kazbek, whatever the seed, nor somebody in a film with Umar Umarov."""
    alias = draw(Find(0, 1, "given name", "aslan", "aslan", "full", "man", "cau"), seed, set(), {"kazbekov", "omarov"})
    assert alias is not None
    assert not {key_of("Kazbek"), key_of("Umar"), key_of("Omar")} & keys_of(alias)


def test_nobody_shares_an_alias() -> None:
    """Forty men of one film have forty aliases, and the same seed gives the same ones."""
    men = [known for _, known in NAMES if known.sex == "man"]
    men = list({known.key: known for known in men}.values())[:40]

    def all_drawn(seed: int) -> list[Alias]:
        taken: set[str] = set()
        given_away = []
        for known in men:
            alias = draw(_find(known), seed, taken, set())
            assert alias is not None
            taken |= keys_of(alias)
            given_away.append(alias)
        return given_away

    first = all_drawn(3)
    assert len(set(first)) == 40
    assert first == all_drawn(3)
    assert first != all_drawn(4)


@pytest.mark.parametrize(
    ("culture", "sex"), [("ru", "man"), ("cau", "woman"), ("ca", "man"), ("ar", "woman"), ("en", "man")]
)
def test_culture_stays(culture: str, sex: Sex) -> None:
    """While there are enough, an alias is of the name's own culture."""
    alias = draw(Find(0, 1, "given name", "zzz", "Zzz", sex=sex, culture=culture), 5, set(), set())
    assert any(row.alias == alias and row.culture == culture and row.sex == sex for row in drawable_given())


def test_none_is_left() -> None:
    """Where every alias is taken there is none, and no error."""
    everything = {k for row in drawable_given() for k in keys_of(row.alias)}
    assert draw(Find(0, 1, "given name", "zzz", "Zzz", sex="man"), 5, everything, set()) is None


def test_the_other_language() -> None:
    """An alias has a form in the other language; a person's own one is written letter by letter."""
    assert counterpart("Николай", "en") == "Nikolai"
    assert counterpart("Kolya", "ru") == "Коля"
    assert counterpart("Вжик", "en") == "Vzhik"


def test_a_book_keeps_and_is_guarded(tmp_path: Path) -> None:
    """A book gives the same alias in the next film, and only its owner may read it."""
    book = Book()
    book.keep("given name", key_of("Grigory"), Alias("Николай", "Nikolai", "Коля", "Kolya"))
    book.write(tmp_path / "aliases.json")
    assert (tmp_path / "aliases.json").stat().st_mode & 0o077 == 0
    again = read_book(tmp_path / "aliases.json")
    assert again.alias_of("nickname", "grigori") == Alias("Николай", "Nikolai", "Коля", "Kolya")
    assert again.taken() == {"nikolai", "kolia"}
    assert read_book(tmp_path / "none.json").taken() == set()


def test_a_damaged_book_is_told(tmp_path: Path) -> None:
    """A book that cannot be read is an error, never a film with other aliases."""
    (tmp_path / "aliases.json").write_text('{"aliases": [["given name"', "utf-8")
    with pytest.raises(VeilError, match="book of aliases cannot be read"):
        read_book(tmp_path / "aliases.json")
