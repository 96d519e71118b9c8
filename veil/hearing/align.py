"""Gives words their times: those that a recogniser heard too get its times, the rest a place between them."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from fractions import Fraction

from veil.nouns.speech import Phrase, Source, Turn, Word
from veil.nouns.time import Instant, Span

PAUSE_S = Fraction(3, 10)  # between two words: one phrase ends there
LONGEST_S = 8  # of what is spoken in one breath
_SENTENCE_S = Fraction(6, 5)  # of a phrase, before the end of a sentence ends it too
_ENDS, _HALTS = (".", "?", "!", "…", ".»", "?»", "!»", '."', '?"', '!"'), (",", ";", ":", "–", "—")
_LONE_S = Fraction(3, 10)  # of a word that nobody says alone amid another's sentence
_NEAR_S = Fraction(2)  # outside its line a word may have been heard this far


def key(text: str) -> str:
    """Return a word as it is compared: its letters and digits, ё as е."""
    return "".join(c for c in text.casefold() if c.isalnum()).replace("ё", "е")


def lined_up(words: Sequence[Word], span: Span, heard: Sequence[Word], speech: Sequence[Span]) -> tuple[Word, ...]:
    """Return `words`, said in order in `span`, with times: from `heard` where it holds the same words, else spread.

    A word of which nobody knows when it is said lies between its neighbours, where somebody speaks, and is not
    `timed`.
    """
    room = Span(max(Fraction(0), span.start - _NEAR_S), span.end + _NEAR_S)
    near = [word for word in heard if word.timed and word.span.meets(room)]
    same = SequenceMatcher(None, [key(w.text) for w in words], [key(w.text) for w in near], autojunk=False)
    times: dict[int, Span] = {}
    for block in same.get_matching_blocks():
        for k in range(block.size):
            if key(words[block.a + k].text):
                times[block.a + k] = near[block.b + k].span
    _without_strays(times, span)
    found: list[Word] = []
    start = 0
    while start < len(words):
        if start in times:
            found.append(replace(words[start], span=times[start], timed=True))
            start += 1
            continue
        end = next((k for k in range(start, len(words)) if k in times), len(words))
        first = found[-1].span.end if found else min(span.start, times[end].start if end in times else span.start)
        last = times[end].start if end in times else max(span.end, first)
        gap = Span(first, max(first, last))
        lengths = spread([word.text for word in words[start:end]], gap, speech)
        found += [replace(w, span=s, timed=False) for w, s in zip(words[start:end], lengths, strict=True)]
        start = end
    return tuple(found)


def _without_strays(times: dict[int, Span], span: Span) -> None:
    """Forget matches that lie apart from their line while others lie in it: small words are everywhere."""
    inside = [k for k, at in times.items() if at.meets(span)]
    for k in [k for k in times if k not in inside and (inside or len(times) < 3)]:
        del times[k]


def agreement(words: Sequence[Word], heard: Sequence[Word]) -> float:
    """Return which share of `heard` stands among `words` in the same order, 0 to 1: whether they are of one film."""
    one, other = [key(w.text) for w in heard], [key(w.text) for w in words]
    same = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return same / max(1, min(len(one), len(other)))


def spread(texts: Sequence[str], span: Span, speech: Sequence[Span]) -> list[Span]:
    """Return a span for each text, by its length, over what is spoken in `span`, or all of it where nothing is."""
    inside = [Span(max(s.start, span.start), min(s.end, span.end)) for s in speech if s.meets(span)]
    inside = [s for s in inside if s.length_s > 0] or [span]
    whole, letters = sum((s.length_s for s in inside), Fraction(0)), sum(len(text) + 1 for text in texts)
    spans: list[Span] = []
    done = 0
    for text in texts:
        start, end = (whole * Fraction(at, letters) for at in (done, done + len(text) + 1))
        spans.append(Span(_within(inside, start, late=True), _within(inside, end, late=False)))
        done += len(text) + 1
    return spans


def _within(spans: list[Span], at_s: Fraction, *, late: bool) -> Instant:
    """Return the instant after so many seconds of speech; between two spans the start of the later one if `late`."""
    for span in spans:
        if at_s < span.length_s or (at_s == span.length_s and (not late or span is spans[-1])):
            return span.start + at_s
        at_s -= span.length_s
    return spans[-1].end


def speaker_of(span: Span, turns: Sequence[Turn], instead: str = "V1") -> str:
    """Return who speaks in a span: whose turn holds most of it, else who speaks nearest to it."""

    def shared(turn: Turn) -> tuple[Fraction, float]:
        return min(turn.span.end, span.end) - max(turn.span.start, span.start), turn.sure

    return max(turns, key=shared).speaker if turns else instead


def steadied(said: Sequence[tuple[str, Word]]) -> list[tuple[str, Word]]:
    """Return words in order of time with their speakers; one short word amid another's sentence is that one's too.

    A turn that begins some hundredths of a second early would else cut a word out of a sentence for another voice.
    """
    steady = list(said)
    for before, (own, word), after in zip(range(len(said)), said[1:], range(2, len(said)), strict=False):
        (one, first), (other, last) = steady[before], said[after]
        lone = one == other != own and word.span.length_s <= _LONE_S and not first.text.endswith(_ENDS)
        if lone and word.span.start - first.span.end < _LONE_S and last.span.start - word.span.end < _LONE_S:
            steady[before + 1] = one, word
    return steady


def phrased(said: Sequence[tuple[str, Word]], source: Source) -> tuple[Phrase, ...]:
    """Return words with their speakers as phrases: each of one speaker, without a pause, spoken in one breath."""
    phrases: list[Phrase] = []
    for speaker in dict.fromkeys(name for name, _ in said):
        words: list[Word] = []
        for word in sorted((w for name, w in said if name == speaker), key=lambda w: w.span.start):
            if words and _ends(words, word):
                phrases += _breaths(speaker, words, source)
                words = []
            words.append(word)
        phrases += _breaths(speaker, words, source)
    return tuple(sorted(phrases, key=lambda p: p.span))


def _ends(words: list[Word], after: Word) -> bool:
    if after.span.start - words[-1].span.end >= PAUSE_S or words[-1].pause_s > 0:
        return True
    return words[-1].text.endswith(_ENDS) and words[-1].span.end - words[0].span.start >= _SENTENCE_S


def _breaths(speaker: str, words: list[Word], source: Source) -> list[Phrase]:
    """Return words as one phrase, or as several where they are too long: cut at a comma, else at the widest gap."""
    whole = Span(words[0].span.start, max(words[-1].span.end, words[0].span.start))
    if whole.length_s <= LONGEST_S or len(words) < 4:
        return [Phrase(speaker, whole, tuple(words), source)]

    def fit(k: int) -> tuple[bool, Fraction]:
        off = abs((words[k].span.start - whole.start) / whole.length_s - Fraction(1, 2))
        return words[k - 1].text.endswith(_HALTS) and off < Fraction(3, 10), words[k].span.start - words[
            k - 1
        ].span.end - off

    cut = max(range(1, len(words)), key=fit)
    return [*_breaths(speaker, words[:cut], source), *_breaths(speaker, words[cut:], source)]
