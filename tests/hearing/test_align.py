"""Words get the times at which they were heard, or a place between those that did; phrases end where people pause."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from veil.hearing.align import LONGEST_S, agreement, lined_up, phrased, speaker_of, spread, steadied
from veil.nouns.speech import Turn, Word
from veil.nouns.time import Span


def span(start: float, end: float) -> Span:
    return Span(Fraction(round(start * 1000), 1000), Fraction(round(end * 1000), 1000))


def words(text: str, at: Span | None = None) -> list[Word]:
    """Return words of half a second each, or all of them in `at`."""
    return [Word(w, at or span(k / 2, k / 2 + 0.4)) for k, w in enumerate(text.split())]


def test_words_that_were_heard_get_their_times() -> None:
    """A corrected line has the times of the words that stayed; what was corrected lies between its neighbours."""
    heard = words("we lift the mouse before dawn")
    found = lined_up(words("We left the house before dawn.", span(0, 3)), span(0, 3), heard, [span(0, 3)])
    assert [w.text for w in found] == ["We", "left", "the", "house", "before", "dawn."]
    assert [w.timed for w in found] == [True, False, True, False, True, True]
    assert found[2].span == heard[2].span
    assert heard[0].span.end <= found[1].span.start < found[1].span.end <= heard[2].span.start


def test_a_lone_word_amid_a_sentence_is_of_its_speaker() -> None:
    """One short word is cut out of nobody's sentence; an answer after its end, or a longer one, stays."""
    said = ("about", "talking", "to", "you.", "Yes.", "You", "do")
    sentence = [Word(w, span(k / 5, k / 5 + 0.15)) for k, w in enumerate(said)]
    speakers = ["P2", "P2", "P1", "P2", "P1", "P2", "P2"]
    steady = steadied(list(zip(speakers, sentence, strict=True)))
    assert [who for who, _ in steady] == ["P2", "P2", "P2", "P2", "P1", "P2", "P2"]
    assert [word for _, word in steady] == sentence
    slow = [("P2", sentence[0]), ("P1", Word("really", span(0.2, 0.8))), ("P2", Word("you", span(0.9, 1)))]
    assert steadied(slow) == slow
    assert steadied([]) == []


def test_words_that_nobody_heard_lie_where_somebody_speaks() -> None:
    """Without a recogniser the words of a cue are spread by their length over the speech in it."""
    found = lined_up(words("да нет", span(0, 10)), span(0, 10), [], [span(2, 3), span(5, 6)])
    assert not any(w.timed for w in found)
    assert found[0].span.start == 2
    assert found[-1].span.end == 6
    assert found[1].span.start >= 2.8


def test_a_small_word_from_elsewhere_is_not_taken() -> None:
    """One small word that was heard outside the line does not draw the line away."""
    found = lined_up(words("and then", span(4, 5)), span(4, 5), words("and"), [])
    assert all(4 <= w.span.start <= w.span.end <= 5 for w in found)


TEXTS = st.lists(st.sampled_from(["a", "the", "house", "dawn", "before", "nobody"]), min_size=1, max_size=9)


@given(TEXTS, TEXTS, st.integers(0, 5), st.integers(1, 8))
def test_times_go_forward(said: list[str], heard: list[str], start: int, length: int) -> None:
    """Whatever was said and heard, every word has a place, and they go forward."""
    line = span(start, start + length)
    found = lined_up(words(" ".join(said), line), line, words(" ".join(heard)), [line])
    assert [w.text for w in found] == said
    ends = [at for w in found for at in (w.span.start, w.span.end)]
    assert ends == sorted(ends)


@given(TEXTS, st.sets(st.integers(0, 9), max_size=8))
def test_spreading_fills_what_is_spoken(texts: list[str], ends: set[int]) -> None:
    """Texts share the speech by their length, in order."""
    edges = sorted(ends)[: len(ends) // 2 * 2]
    found = spread(texts, span(1, 8), [span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)])
    assert len(found) == len(texts)
    assert all(1 <= s.start <= s.end <= 8 for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_phrases_end_at_pauses_and_sentences() -> None:
    """A pause, the end of a sentence and another speaker end a phrase; no phrase is too long for one breath."""
    said = [("P1", w) for w in [Word("We", span(0, 0.2)), Word("left.", span(0.2, 1.4)), Word("Nobody", span(1.4, 2))]]
    said += [("P1", Word("knew", span(2.4, 3))), ("P2", Word("Why?", span(3, 3.5)))]
    assert [(p.speaker, p.said) for p in phrased(said, "recognised")] == [
        ("P1", "We left."), ("P1", "Nobody"), ("P1", "knew"), ("P2", "Why?"),
    ]  # fmt: skip
    long = [("P1", Word(f"word{',' * (k == 21)}", span(k / 2, k / 2 + 0.5))) for k in range(40)]
    phrases = phrased(long, "recognised")
    assert all(p.span.length_s <= LONGEST_S for p in phrases)
    assert sum(len(p.words) for p in phrases) == 40
    assert any(p.words[-1].text == "word," for p in phrases)


def test_whose_words_they_are() -> None:
    """Words belong to whose turn they lie in, else to who speaks nearest; nobody's are V1's."""
    turns = [Turn("P1", span(0, 2)), Turn("P2", span(2, 5))]
    assert speaker_of(span(1.8, 2.6), turns) == "P2"
    assert speaker_of(span(7, 8), turns) == "P2"
    assert speaker_of(span(7, 8), []) == "V1"


def test_subtitles_that_say_something_else_do_not_agree() -> None:
    """The same words agree, whatever stands between them; other words do not."""
    heard = words("we left the house before dawn")
    assert agreement(words("so we left the house, yes, before the dawn"), heard) == 1
    assert agreement(words("nobody knew where that road would take us"), heard) < 0.2
