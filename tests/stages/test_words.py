"""Words: what becomes of everything that names somebody, reviewed in one file that keeps what a person decides."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.annotated import annotated
from veil.disguise.words.coarser import COVERED
from veil.disguise.words.contract import NAMING
from veil.disguise.words.gazetteer import given_names
from veil.disguise.words.spelling import key_of, tokens
from veil.errors import VeilError
from veil.nouns.plan import Plan, Role
from veil.nouns.speech import Heard, Phrase, Transcript, Word
from veil.nouns.time import Span
from veil.stages import words
from veil.stages.case import Case, CaseFolder
from veil.stages.hidden_words import check_transcript, wording
from veil.stages.names_file import Entry, load_names
from veil.stages.words import Review, review, reworded

PLAN = Plan(seed=11)
CASE = cast(Case, object())  # only the search for writing asks it anything


@pytest.fixture(autouse=True)
def unsurveyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture was not searched for writing."""
    monkeypatch.setattr(words, "surveyed", lambda case, folder: None)  # noqa: ARG005


@pytest.fixture
def folder(tmp_path: Path) -> CaseFolder:
    return CaseFolder(tmp_path)


def heard(language: str, *lines: str) -> Heard:
    """Return what was heard: lines such as "P1: my name is ...", a third of a second a word."""
    phrases, at = [], Fraction(0)
    for line in lines:
        speaker, said = line.split(": ", 1)
        spoken = []
        for text in said.split():
            spoken.append(Word(text, Span(at, at + Fraction(1, 3))))
            at += Fraction(1, 3)
        phrases.append(Phrase(speaker, Span(spoken[0].span.start, at), tuple(spoken)))
        at += 1
    return Heard(transcript=Transcript(language, tuple(phrases)))


def said(transcript: Transcript) -> str:
    return " | ".join(p.said for p in transcript.phrases)


def entry(done: Review, name: str) -> Entry:
    return next(e for e in done.entries if e.said == name)


ENGLISH = heard(
    "en",
    "P1: My name is Grigory Petrov. I was born in Grozny.",
    "P2: Grisha's sister Anna Petrova rang me, and Grisha cried.",
    "P1: Call plus seven nine one six",
    "P1: five five five one two three four please.",
)
RUSSIAN = heard("ru", "P1: Меня зовут Григорий Петров.", "P2: Я жил с Гришей у Анны Петровой в Грозном.")


def test_nothing_of_a_name_is_left(folder: CaseFolder) -> None:
    """Names, their short forms, places and numbers do not cross; family shares a surname, and forms are kept."""
    text = said(reworded(CASE, PLAN, folder, ENGLISH))
    for gone in ("Grig", "Grish", "Petrov", "Grozny", "Anna", "five", "nine"):
        assert gone not in text
    grigory, petrov = (
        entry(review(CASE, PLAN, folder, ENGLISH), "Grigory"),
        entry(review(CASE, PLAN, folder, ENGLISH), "Petrov"),
    )
    assert f"My name is {grigory.becomes} {petrov.becomes}." in text
    assert f"{grigory.short}'s sister" in text
    assert f"{petrov.becomes}a rang me, and {grigory.short} cried." in text
    assert f"Call {COVERED} | {COVERED} please." in text


def test_russian_is_inflected(folder: CaseFolder) -> None:
    """«с Гришей у Анны Петровой в Грозном» comes out in the same cases."""
    text = said(reworded(CASE, PLAN, folder, RUSSIAN))
    done = review(CASE, PLAN, folder, RUSSIAN)
    short = entry(done, "Григорий").short
    assert short[:-1] + ("ей" if short[-1] == "я" or short[-2] in "шжчщ" else "ой") in text
    assert entry(done, "Петров").becomes + "ой" in text
    assert "Гриш" not in text
    assert "Грозн" not in text


def test_it_is_the_same_again(folder: CaseFolder) -> None:
    """A second run gives the same words and the same file."""
    first = reworded(CASE, PLAN, folder, ENGLISH)
    file = folder.names.read_text("utf-8")
    assert reworded(CASE, PLAN, folder, ENGLISH) == first
    assert folder.names.read_text("utf-8") == file


def test_what_a_person_changes_stays(folder: CaseFolder) -> None:
    """Kept, renamed, covered, accepted and added entries survive a new run, in which new finds are added."""
    review(CASE, PLAN, folder, ENGLISH)
    text = folder.names.read_text("utf-8")
    place = text.index('said = "Grozny"')
    text = text[:place] + text[place:].replace('does = "replaced"', 'does = "kept"', 1).replace(
        "accepted = false", "accepted = true", 1
    )
    name = text.index('said = "Grigory"')
    end = text.index("[[hidden]]", name)
    text = (
        text[:name]
        + 'said = "Grigory"\nkind = "given name"\nsex = "man"\ndoes = "replaced"\nbecomes = "Tom"\n\n'
        + text[end:]
    )
    folder.names.write_text(text + '\n[[hidden]]\nsaid = "cried"\n', "utf-8")
    more = replace(
        ENGLISH,
        transcript=replace(
            ENGLISH.transcript,
            phrases=(*ENGLISH.transcript.phrases, *heard("en", "P1: I knew Zelim.").transcript.phrases),
        ),
    )
    text = said(reworded(CASE, PLAN, folder, more))
    assert "My name is Tom" in text
    assert "in Grozny." in text
    assert "cried" not in text
    done = review(CASE, PLAN, folder, more)
    assert entry(done, "Grozny").accepted
    assert entry(done, "Zelim").does == "replaced"
    assert "Zelim" not in text


def test_an_alias_of_the_plan_is_honoured(folder: CaseFolder) -> None:
    """Who says "my name is" is called what the plan calls them, unless the file says that it is not theirs."""
    plan = Plan(seed=11, roles={"P1": Role(alias="Akhmed")})
    assert "My name is Akhmed" in said(reworded(CASE, plan, folder, ENGLISH))
    folder.names.write_text(folder.names.read_text("utf-8").replace('who = "P1"\n', ""), "utf-8")
    assert "Akhmed" not in said(reworded(CASE, plan, folder, ENGLISH))


@pytest.mark.parametrize("alias", ["Zelim", "Зелим", "Grisha", "Zelim Karimov"])
def test_an_alias_is_no_hidden_name(folder: CaseFolder, alias: str) -> None:
    """Nobody goes by a name that the film hides, in either script and in a short form; it is told before any work."""
    film = heard("en", "P1: My name is Grigory. My brother Zelim stayed.")
    with pytest.raises(VeilError, match="alias of P1") as told:
        reworded(CASE, Plan(seed=11, roles={"P1": Role(alias=alias)}), folder, film)
    assert alias not in str(told.value)
    file = folder.names.read_text("utf-8")
    becomes = entry(review(CASE, PLAN, folder, film), "Grigory").becomes
    folder.names.write_text(file.replace(f'becomes = "{becomes}"', f'becomes = "{alias}"'), "utf-8")
    with pytest.raises(VeilError, match="entry 1 of names"):
        reworded(CASE, PLAN, folder, film)
    assert any("entry 1" in remark for remark in review(CASE, PLAN, folder, film).remarks)


def test_two_people_of_one_alias_are_told(folder: CaseFolder) -> None:
    """Where an alias that somebody chose is another's already, the review says so, by number."""
    film = heard("en", "P1: My name is Grigory.", "P2: My brother Zelim stayed.")
    alias = entry(review(CASE, PLAN, folder, film), "Zelim").becomes
    done = review(CASE, Plan(seed=11, roles={"P1": Role(alias=alias)}), folder, film)
    assert "entry 2 becomes the same name as the alias of P1: two people are called alike" in done.remarks


def test_no_name_hides_behind_what_nobody_sees(folder: CaseFolder) -> None:
    """Soft hyphens, spaces of no width and accents written apart do not keep a name from being found."""
    film = heard("en", "P1: We met Ram\u00adzan, Zel\u200bim and Mari\u0301a, and Ramzan2 wrote.")
    text = said(reworded(CASE, PLAN, folder, film))
    assert not [gone for gone in ("Ram", "zan", "Zel", "im ", "Mari") if gone in text]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Это грозненский хлеб.", "Это местный хлеб."), ("Был на махачкалинской улице.", "Был на местной улице."),
        ("Он из ростовских.", "Он из местных."), ("Это русский городской хлеб.", "Это русский городской хлеб."),
    ],
)  # fmt: skip
def test_what_a_town_gives_its_name_to(folder: CaseFolder, text: str, becomes: str) -> None:
    """An adjective made from a town leads there as the town does."""
    assert said(reworded(CASE, PLAN, folder, heard("ru", f"P1: {text}"))) == becomes


def test_a_number_is_an_age_where_it_is_one(folder: CaseFolder) -> None:
    """Nineteen is coarser as an age, and stays in a year and among numbers; coarser ages expose nobody."""
    film = heard(
        "en", "P1: I was nineteen then. It was in nineteen fifty seven.", "P2: She was seventeen, I was eighteen."
    )
    text = said(reworded(CASE, PLAN, folder, film))
    assert "I was nineteen" not in text
    assert "nineteen fifty seven" in text
    check_transcript(reworded(CASE, PLAN, folder, film), wording(CASE, PLAN, folder, film)[0])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_was_reworded_may_be_told(folder: CaseFolder, language: str) -> None:
    """A long film of many people, in which ages, years and aliases meet, is not refused after it was reworded."""
    texts = [one.text for half in ("heldout", "second") for one in annotated(f"{language}_{half}")]
    film = heard(language, *(f"P{i % 3 + 1}: {text}" for i, text in enumerate(texts)))
    check_transcript(reworded(CASE, PLAN, folder, film), wording(CASE, PLAN, folder, film)[0])


def test_a_book_of_aliases(tmp_path: Path) -> None:
    """Another film of the same people has the same aliases, in another language too, where both name one book."""
    book = tmp_path / "aliases.json"
    one, other = CaseFolder(tmp_path / "one"), CaseFolder(tmp_path / "other")
    one.path.mkdir()
    other.path.mkdir()
    first = review(CASE, Plan(seed=1), one, ENGLISH, book)
    second = review(CASE, Plan(seed=2), other, RUSSIAN, book)
    rename = words.reworded_line("Grigory", "en", second, PLAN)
    assert rename == entry(first, "Grigory").becomes
    assert book.stat().st_mode & 0o077 == 0


def test_a_translation_has_the_same_aliases(folder: CaseFolder) -> None:
    """A line in the other language has the aliases of the film; what is found only there is coarser, or covered."""
    done = review(CASE, PLAN, folder, heard("en", "P1: My name is Grigory. I fled from Russia to the Caucasus."))
    line = words.reworded_line(
        "Гриша бежал из России четырнадцатого марта 2017 года, ему было тридцать лет.", "ru", done, PLAN
    )
    assert line is not None
    assert "из другой страны весной, ему было около тридцати лет." in line
    assert "Гриш" not in line
    told = words.reworded_line("Zelim, call +7 928 555-12-34.", "en", done, PLAN)
    assert told == f"{COVERED}, call {COVERED}."


def test_the_letters_tell_the_language(folder: CaseFolder) -> None:
    """Where nobody said which language it is, Russian letters are read as Russian; other letters as nobody's."""
    assert "Гриш" not in said(reworded(CASE, PLAN, folder, heard("", "P1: Я жил с Гришей.")))
    assert said(reworded(CASE, PLAN, folder, heard("", "P1: მე ვარ გელა"))) == COVERED


def test_the_file_is_guarded_and_says_where(folder: CaseFolder) -> None:
    """names.toml is its owner's only, and names kind, alias and every place of a thing."""
    review(CASE, PLAN, folder, ENGLISH)
    assert folder.names.stat().st_mode & 0o077 == 0
    grigory = next(e for e in load_names(folder.names).entries if e.said == "Grigory")
    assert grigory.kind == "given name"
    assert grigory.places == ("0:00:01.000 P1", "0:00:04.333 P2", "0:00:06.667 P2")
    assert set(grigory.also) == {"Grisha's", "Grisha"}


def test_a_language_that_nobody_reads(folder: CaseFolder) -> None:
    """Every word is covered, until a person says that they have gone through them; what they name is hidden then."""
    georgian = heard("ka", "P1: me var gela")
    assert said(reworded(CASE, PLAN, folder, georgian)) == COVERED
    file = folder.names.read_text("utf-8").replace("read_by_hand = false", "read_by_hand = true")
    folder.names.write_text(file + '[[hidden]]\nsaid = "gela"\nbecomes = "levan"\n', "utf-8")
    assert said(reworded(CASE, PLAN, folder, georgian)) == "me var levan"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ('[[hidden]]\nsaid = "Secretname"\ndoes = "lost"\n', "`does` of entry 1"),
        ('[[hidden]]\nsaid = "A1"\n[[hidden]]\nsaid = "Secretname"\ncolour = "red"\n', "entry 2"),
        ('[[hidden]]\nsaid = "Secretname"\ndoes = "replaced"\n', "entry 1 of names.toml is replaced by nothing"),
        ('[[hidden]]\nsaid = ""\n', "entry 1 of names.toml does not say"),
        ('[[hidden]]\nsaid = "Secretname\n', "not valid TOML, line 2"),
        ('secretname = "x"\n', "does not know"),
        ('[[hidden]]\nsaid = ["Secretname"]\n', "entry 1"),
        ('[[hidden]]\nsaid = "Secretname"\nsex = 3\n', "`sex` of entry 1"),
    ],
)  # fmt: skip
def test_errors_name_the_entry_and_no_word(folder: CaseFolder, file: str, told: str) -> None:
    """What is wrong in the file is told by its number or line, and no word of it stands in the error."""
    folder.names.write_text(file, "utf-8")
    with pytest.raises(VeilError, match=told) as caught:
        review(CASE, PLAN, folder, ENGLISH)
    assert "secretname" not in f"{caught.value} {caught.value.hint}".lower()


def test_the_rare_combination_is_shown_and_not_applied(folder: CaseFolder) -> None:
    """An event planner of thirty from the honey fair in Grozny is shown, with what would say less of each."""
    film = heard("en", "P1: I am an event planner, I was thirty years old and I worked at the Honey Fair in Grozny.")
    done = review(CASE, PLAN, folder, film)
    (together,) = done.together
    assert {f.kind for f in together.facts} == {"work", "age", "organisation", "place"}
    assert {f.coarser for f in together.facts} >= {"a fair", "about thirty years old"}
    assert "event planner" in said(reworded(CASE, PLAN, folder, film))
    assert "[[together]]" in folder.names.read_text("utf-8")


def test_what_tells_hidden_words(folder: CaseFolder) -> None:
    """A hidden word is known in any form and in both languages; aliases and ordinary words are not taken for one."""
    hidden, rename = wording(CASE, PLAN, folder, ENGLISH)
    for text in (
        "Grisha left",
        "и Гришей тоже",
        "from GROZNY",
        "Петровых",
        "plus seven nine one six five five five one two three four",
    ):
        assert hidden(text)
    for text in ("My name is something", "я жил там", said(reworded(CASE, PLAN, folder, ENGLISH))):
        assert not hidden(text)
    assert "Гриш" not in rename("Я жил с Гришей.", "ru")
    with pytest.raises(VeilError, match="the language of the translation"):
        rename("me var gela", "ka")


@pytest.mark.parametrize(
    ("language", "lines", "gone"),
    [
        ("en", ("P1: Ramzan came to us.", "P1: then zelim told us that movsar was in kurchaloy"), "zelim movsar"),
        ("en", ("P1: i saw Ramzan and then zelim came from kurchaloy", "P1: Movsar."), "zelim kurchaloy"),
        ("ru", ("P1: Рамзан пришёл.", "P1: потом зелим сказал что мовсар в курчалое"), "зелим мовсар курчалое"),
        ("en", ("P1: I left. " + "and then we went on " * 8 + "and zelim came",), "zelim"),
    ],
)  # fmt: skip
def test_capitals_in_some_lines_only(folder: CaseFolder, language: str, lines: tuple[str, ...], gone: str) -> None:
    """Where a person corrected some lines that a recogniser wrote without capitals, names in the rest are found."""
    film = heard(language, *lines)
    text = said(reworded(CASE, PLAN, folder, film))
    assert not [word for word in gone.split() if word in text]


def test_the_words_of_a_person_count(folder: CaseFolder) -> None:
    """What a person adds is hidden whole, in a translation too, though Veil found a part; editors' marks are read."""
    film = heard("en", "P1: I told them that I saw Ramzan at night.")
    folder.names.write_text('\ufeff[[hidden]]\nsaid = "that I saw Ramzan"\nbecomes = "something"\n', "utf-8")
    assert said(reworded(CASE, PLAN, folder, film)) == "I told them something at night."
    done = review(CASE, PLAN, folder, film)
    assert words.reworded_line("That I saw Ramzan is true.", "en", done, PLAN) == "Something is true."
    assert "[[hidden]]  # 1\n" in folder.names.read_text("utf-8")


def test_a_name_in_what_becomes_of_it_does_not_pass(folder: CaseFolder) -> None:
    """Ramzan is not hidden as "a friend of Ramzan", and two entries for one word are told."""
    film = heard("en", "P1: I saw Ramzan at night.")
    folder.names.write_text('[[hidden]]\nsaid = "Ramzan"\nbecomes = "a friend of Ramzan"\n', "utf-8")
    assert wording(CASE, PLAN, folder, film)[0](said(reworded(CASE, PLAN, folder, film)))
    both = '[[hidden]]\nsaid = "Ramzan"\ndoes = "kept"\n[[hidden]]\nsaid = "ramzan"\nbecomes = "Tom"\n'
    folder.names.write_text(both, "utf-8")
    with pytest.raises(VeilError, match="entries 1 and 2"):
        reworded(CASE, PLAN, folder, film)


_NAMES = sorted(k for k, known in given_names().items() if known.culture in {"ru", "cau"} and len(k) > 3)
_AROUND = st.lists(st.sampled_from(["i", "went", "with", "and", "told", "the", "door", "a", "letter"]), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_AROUND, st.sampled_from(_NAMES)), min_size=1, max_size=4), st.booleans())
def test_renaming_never_leaves_a_hidden_word(
    folder: CaseFolder, told: list[tuple[list[str], str]], capitals: bool
) -> None:
    """Whatever names are said where, none that is hidden stands in what comes out."""
    folder.names.unlink(missing_ok=True)
    text = " ".join(" ".join([*around, name.capitalize() if capitals else name]) for around, name in told)
    film = heard("en", f"P1: {text}")
    done = review(CASE, PLAN, folder, film)
    out = {key_of(t.text) for t in tokens(said(reworded(CASE, PLAN, folder, film)))}
    hidden = {key_of(w) for e in done.entries if e.kind in NAMING for w in (e.said, *e.also)}
    assert not out & hidden
