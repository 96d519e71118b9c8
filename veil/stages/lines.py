"""From the phrases of a transcript to lines for new voices, and where each is heard in the end.

A line knows a phrase's start and length on a grid of 0.2 s and nothing of the times in it: those give people away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from veil.nouns.plan import Plan
from veil.nouns.speech import Line, Phrase, Said, Transcript, Word
from veil.nouns.time import Instant

GRID_S = Fraction(1, 5)
_SHORTEST_S = Fraction(2, 5)
_ROOM_S = Fraction(2)  # of silence behind a line that it may use at most
_BREATH_S = Fraction(1, 5)  # between two lines of one speaker
_LEAST_BREATH_S = Fraction(1, 20)  # between lines that are late already
_EARLIEST_S = Fraction(2, 5)  # by which a line may begin before its phrase
_TICK_S = Fraction(1, 1000)
LAST_EARLIEST_S = Fraction(3, 2)  # by which the last one may begin earlier, so that the film's end does not cut it off


@dataclass(frozen=True)
class Place:
    """Where a line begins in the result, in seconds of the film."""

    at: Instant
    length_s: Fraction

    @property
    def end(self) -> Instant:
        return self.at + self.length_s


def lines(plan: Plan, transcript: Transcript, end_s: Fraction) -> tuple[Line, ...]:
    """Return what new voices have to say, in order of time.

    Nothing for who is heard as they are, who is to be silent, and where nobody knows the words.
    """
    hidden = [rest for phrase in transcript.phrases if (rest := _hidden_part(plan, phrase)) and _sayable(rest)]
    hidden.sort(key=lambda p: (p.span.start, p.speaker))
    made = [_line(phrase, transcript.language, end_s) for phrase in hidden if phrase.span.start < end_s]
    return tuple(replace(line, room_s=_room_behind(line, made, end_s)) for line in made)


def _hidden_part(plan: Plan, phrase: Phrase) -> Phrase | None:
    """Return a phrase without the words that are heard in their speaker's own voice."""
    role = plan.role_of(phrase.speaker)
    if role.voicing.by in ("silence", "convert"):  # what is bent is not said anew
        return None
    words = tuple(w for w in phrase.words if not (role.sounds(w.span.start) and role.sounds(w.span.end - _TICK_S)))
    if len(words) == len(phrase.words):
        return phrase
    if not words:
        return None
    return replace(phrase, words=words, span=replace(phrase.span, start=max(phrase.span.start, words[0].span.start)))


def _sayable(phrase: Phrase) -> bool:
    """Tell whether there is anything to say: no letter is left of words that are covered."""
    return any(letter.isalnum() for letter in phrase.said)


def _line(phrase: Phrase, language: str, end_s: Fraction) -> Line:
    start = min(_on_grid(phrase.span.start), max(Fraction(0), end_s - _SHORTEST_S))
    length_s = max(_SHORTEST_S, _on_grid(phrase.span.end) - start)
    return Line(phrase.speaker, tuple(_said(word) for word in phrase.words), language, start, length_s)


def _on_grid(at: Instant) -> Instant:
    return max(Fraction(0), round(at / GRID_S) * GRID_S)


def _said(word: Word) -> Said:
    return Said(word.text, word.stress, word.tempo, word.pause_s)


def _room_behind(line: Line, every: Sequence[Line], end_s: Fraction) -> Fraction:
    """Return how much silence there is behind a line before its speaker goes on, or the film ends."""
    end = line.start + line.length_s
    later = [other.start - _BREATH_S for other in every if other.speaker == line.speaker and other.start > line.start]
    return max(Fraction(0), min([end_s, *later]) - end) if end_s < end + _ROOM_S or later else _ROOM_S


def places(every: Sequence[Line], lengths_s: Sequence[Fraction], end_s: Fraction) -> tuple[Place, ...]:
    """Return where each line is heard, given how long it became; lines are in order of time.

    No line begins before the former of the same speaker has ended. One that is too long first begins a little earlier,
    where its speaker is silent; what is left then pushes the next one back. Where the film's end would cut off the
    last, those before it make way too.
    """
    found = [Place(line.start, length_s) for line, length_s in zip(every, lengths_s, strict=True)]
    for speaker in {line.speaker for line in every}:
        mine = [i for i, line in enumerate(every) if line.speaker == speaker]
        limit = last = end_s
        for i, after in zip(reversed(mine), [None, *reversed(mine)], strict=False):
            place, breath = found[i], Fraction(0) if after is None else _breath(every[i], every[after])
            # What runs into the next line begins earlier; what would run out of the film, or push a line out, more so.
            soft = max(every[i].start - _EARLIEST_S, min(place.at, limit - breath - place.length_s))
            hard = max(every[i].start - LAST_EARLIEST_S, last - min(breath, _LEAST_BREATH_S) - place.length_s)
            found[i] = replace(place, at=max(Fraction(0), min(soft, hard)))
            limit, last = found[i].at, hard
        free = Fraction(0)
        for i in mine:
            found[i] = replace(found[i], at=max(found[i].at, free))
            free = found[i].end + _LEAST_BREATH_S
    return tuple(found)


def _breath(line: Line, after: Line) -> Fraction:
    """Return the silence between two lines of one speaker: no more than there was between the phrases."""
    gap = after.start - line.start - line.length_s
    return min(max(gap, _LEAST_BREATH_S), _BREATH_S)


def cut_off_s(found: Iterable[Place], end_s: Fraction) -> Fraction:
    """Return by how much lines run out of the film, in seconds; 0 where none does."""
    return max((max(Fraction(0), min(place.end - end_s, place.length_s)) for place in found), default=Fraction(0))


def latest(every: Iterable[Line], found: Iterable[Place]) -> Fraction:
    """Return by how much the latest line begins after its phrase, in seconds; 0 where none does."""
    return max((place.at - line.start for line, place in zip(every, found, strict=True)), default=Fraction(0))
