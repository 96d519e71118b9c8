"""Rewording: aliases take the places of words, and times, marks and punctuation stay where they were."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veil.disguise.words.coarser import COVERED
from veil.disguise.words.contract import Find
from veil.disguise.words.rewording import passages, reworded
from veil.nouns.speech import Phrase, Word
from veil.nouns.time import Span


def phrase(text: str, start: int = 0, speaker: str = "P1") -> Phrase:
    words = tuple(Word(t, Span(Fraction(start + i), Fraction(start + i + 1))) for i, t in enumerate(text.split()))
    return Phrase(speaker, Span(Fraction(start), Fraction(start + len(words))), words)


def put(phrases: list[Phrase], said: str, instead: str) -> tuple[Phrase, ...]:
    read = []
    for passage in passages(phrases):
        at = passage.text.find(said)
        finds = [Find(at, at + len(said), "other", said, said)] if at >= 0 else []
        read.append((passage, finds))
    return reworded(phrases, read, lambda text, find: instead)  # noqa: ARG005


def test_one_word_for_one() -> None:
    """A word keeps its time and its punctuation."""
    (done,) = put([phrase('He said "Grisha", and left.')], "Grisha", "Kolya")
    assert done.said == 'He said "Kolya", and left.'
    assert [w.span for w in done.words] == [w.span for w in phrase("a b c d e").words]


def test_many_words_for_one_and_one_for_many() -> None:
    """Where the number of words changes, the place stays the same and no time is made up as known."""
    (done,) = put([phrase("I fled to Canada then.")], "Canada", "another country")
    assert [w.text for w in done.words] == ["I", "fled", "to", "another", "country", "then."]
    assert (done.words[3].span.start, done.words[4].span.end) == (Fraction(3), Fraction(4))
    assert not done.words[3].timed
    (done,) = put([phrase("call eight nine one now")], "eight nine one", COVERED)
    assert [w.text for w in done.words] == ["call", COVERED, "now"]
    assert done.words[1].span == Span(Fraction(1), Fraction(4))


def test_a_name_over_a_pause() -> None:
    """What is split by a pause is replaced in the first phrase, and covered in the next."""
    first, second = put([phrase("call me on eight nine"), phrase("one two now", 9)], "eight nine one two", COVERED)
    assert first.said == f"call me on {COVERED}"
    assert second.said == f"{COVERED} now"


def test_a_name_that_a_line_divides() -> None:
    """A name with a hyphen at the end of a phrase is one word, and none of it is left."""
    both = [phrase("We asked Alek-"), phrase("sandr for help.", 9)]
    assert "Alek-sandr for" in passages(both)[0].text
    assert [p.said for p in put(both, "Alek-sandr", "Boris")] == ["We asked Boris", f"{COVERED} for help."]


@pytest.mark.parametrize(
    ("text", "said", "alias", "becomes"),
    [
        ("Об Аслане.", "Аслане", "Егоре", "О Егоре."), ("Я о Егоре.", "Егоре", "Аслане", "Я об Аслане."),
        ("Жил во Владимире.", "Владимире", "Самаре", "Жил в Самаре."), ("В Туле.", "Туле", "Фрязине", "Во Фрязине."),
        ("Шёл со Стасом.", "Стасом", "Толей", "Шёл с Толей."), ("Шёл с Толей.", "Толей", "Светой", "Шёл со Светой."),
        ("Ко Льву.", "Льву", "Ивану", "К Ивану."), ("Об Аслане.", "Аслане", COVERED, f"О {COVERED}."),
        ("in a Grozny street", "Grozny", "Omsk", "in an Omsk street"), ("а Аслан ушёл", "Аслан", "Егор", "а Егор ушёл"),
        ("Он, Аслан.", "Аслан", "Егор", "Он, Егор."),
    ],
)  # fmt: skip
def test_the_word_before_goes_with_the_alias(text: str, said: str, alias: str, becomes: str) -> None:
    """об, во, со, ко and an follow what is said now, and tell nothing of how the name began."""
    (done,) = put([phrase(text)], said, alias)
    assert done.said == becomes
    assert len(done.words) == len(text.split())


def test_speakers_are_read_apart() -> None:
    """What two people say in turn is not read as one text."""
    assert [p.speaker for p in passages([phrase("a"), phrase("b", 2, "P2"), phrase("c", 4)])] == ["P1", "P2", "P1"]


_WORDS = st.lists(
    st.text("aбВ.,!-' ", min_size=1, max_size=6).filter(str.strip).map(lambda t: t.replace(" ", "x")),
    min_size=1,
    max_size=8,
)


@given(_WORDS, st.data())
def test_anything_may_be_replaced(texts: list[str], data: st.DataObject) -> None:
    """Whatever is replaced where, words stay in order of time, in their phrase, and none is empty."""
    original = phrase(" ".join(texts))
    (passage,) = passages([original])
    start = data.draw(st.integers(0, len(passage.text) - 1))
    end = data.draw(st.integers(start + 1, len(passage.text)))
    finds = [Find(start, end, "other", "k", "k")]
    (done,) = reworded([original], [(passage, finds)], lambda text, find: data.draw(st.sampled_from([COVERED, "a b"])))  # noqa: ARG005
    assert done.words
    assert all(w.text.strip() for w in done.words)
    assert all(a.span.end <= b.span.start for a, b in zip(done.words, done.words[1:], strict=False))
    assert done.words[0].span.start >= original.span.start
    assert done.words[-1].span.end <= original.span.end
