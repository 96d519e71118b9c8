"""The last look at what goes out: a hidden name is seen in any form, an alias and an ordinary word are not."""

import pytest

from veil.disguise.words.contract import tongue
from veil.stages.hidden_words import Hidden, hidden_among, standing
from veil.stages.names_file import Entry

ENTRIES = (
    Entry("Grigory", "given name", "replaced", "Egor", also=("Grisha",), sex="man"),
    Entry("Hope", "given name", "replaced", "Vera", sex="woman"),
    Entry("Gorny Alatau", "place", "replaced", "a town in the mountains"),
    Entry("the honey fair", "work", "replaced", "a market"),
    Entry("30", "age", "replaced", "about 30"),
    Entry("Berlin", "place", "kept"),
    Entry("19", "age", "replaced", "about 20"),
    Entry("18", "age", "replaced", "about 20"),
)


@pytest.fixture(scope="module")
def hidden() -> Hidden:
    return hidden_among(ENTRIES, [tongue("en"), tongue("ru")])


@pytest.mark.parametrize(
    "text",
    [
        "This is Grigory.", "grigory's brother", "I saw Grisha at night.", "Они пришли с Гришей.", "письмо Григорию",
        "Hope said so.", "We worked at the honey fair.", "in Gorny\nAlatau", "He is Grigory-Egor.",
    ],
)  # fmt: skip
def test_hidden_words_are_seen(hidden: Hidden, text: str) -> None:
    """A name is seen with capitals or without, in both scripts and in its cases; a phrase over the end of a line."""
    assert hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "This is Egor.", "Они пришли с Егором.", "There is no hope for us.", "He is about 30.", "I live in Berlin.", "",
        "A fair price for honey.", "… said so.", "It was in 2019, and 19 people came.", "She was under 18.",
    ],
)  # fmt: skip
def test_what_may_be_told_is_told(hidden: Hidden, text: str) -> None:
    """Aliases, ordinary words, what a person kept, and what holds the word that it was made from, pass."""
    assert not hidden(text)


def test_without_a_reader_words_are_seen_as_they_stand() -> None:
    """In a language that nobody here reads, what is hidden is seen word for word."""
    hidden = hidden_among(ENTRIES, [None])
    assert hidden("ეს არის GRIGORY")
    assert not hidden("ეს არის Egor")


def test_lines_are_read_with_their_neighbours(hidden: Hidden) -> None:
    """A line without capitals in a film that has them may hope; Hope is seen in it, and in a film that has none."""
    assert list(standing(("They came for us,", "and we hope so.", "The door broke."), hidden)) == []
    assert list(standing(("They came for us.", "and then Hope left", "The door broke."), hidden)) == [1]
    assert list(standing(("they came for us", "and hope left", "the door broke"), hidden)) == [1]
