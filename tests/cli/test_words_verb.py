"""`veil words`: a table of what is hidden, by entry, that says none of the words themselves."""

from dataclasses import replace
from pathlib import Path

import pytest

from veil.cli import words as verb
from veil.cli.words import facts_of
from veil.nouns.plan import Plan, Role
from veil.stages.names_file import Entry, Names
from veil.stages.words import Review

DONE = Review(
    Names(
        (
            Entry("Grigory", "given name", "replaced", "Коля", places=("0:00:01.000 P1", "0:01:02.500 P2")),
            Entry("plus seven", "phone", "covered", places=("0:00:04.000 P1",)),
            Entry("Grozny", "place", "kept"),
        )
    ),
    ("1 of 3 entries are not accepted yet",),
    (),
    "en",
)


def test_the_table() -> None:
    """It names kind, count, what it becomes and places; hidden words stand in names.toml only."""
    lines = verb._lines(DONE, facts_of(DONE, "film.veil/names.toml", Plan(0)))
    assert lines == [
        "entry  kind        times  becomes  places",
        "1      given name  2      Коля     0:00:01 P1, 0:01:02 P2",
        "2      phone       1      covered  0:00:04 P1",
        "3      place       0      kept     nowhere now",
        "remark  1 of 3 entries are not accepted yet",
        "names  film.veil/names.toml",
    ]


def test_the_alias_of_the_plan_is_shown() -> None:
    """Where an entry is somebody's own name the table has the alias that the plan gives them."""
    own = replace(DONE.entries[0], who="P1")
    done = replace(DONE, names=Names((own,)))
    lines = verb._lines(done, facts_of(done, "names.toml", Plan(0, {"P1": Role(alias="Egor")})))
    assert "Egor" in lines[1]
    assert "Коля" not in lines[1]


def test_json_holds_no_hidden_word() -> None:
    """The facts for machines hold no hidden word either."""
    facts = facts_of(DONE, "names.toml", Plan(0))
    assert facts["found"][0]["count"] == 2
    assert not any(word in str(facts) for word in ("Grigory", "seven", "Grozny"))


def test_a_folder_without_a_film(tmp_path: Path) -> None:
    """A folder in which no film was watched is told, with what to do."""
    with pytest.raises(Exception, match="holds no watched film"):
        verb.words.main([str(tmp_path)], standalone_mode=False)
