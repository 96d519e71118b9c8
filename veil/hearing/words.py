"""What is said: the contract of a recogniser, what is given to it, and when its answer is not believed."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from veil.hearing.speech import MARGIN_S
from veil.nouns.speech import HEARING_HZ, Sound, Word
from veil.nouns.time import Instant, Span
from veil.progress import Progress, silent

PACK_S = 10.0  # of sound in one go: of more, Whisper leaves whole sentences out
_NEAR_S = 1  # of silence between two spans of speech that are heard in one go
_SHORT_S = 4.5  # of what is heard again because a recogniser stammered over it
_LET_GO_S = Fraction(1, 2)  # before the end of speech a recogniser may end its last word
_LOST_S = Fraction(1, 2)  # of speech without a word that is worth a remark

_LIKELY, _LIKELY_STATED = -0.75, -1.0  # mean log-probability below which words are guesses
_REPEATS = 2.4  # compression ratio above which a recogniser stammers (Radford et al. 2022)
_SILENT, _SILENT_LIKELY = 0.6, -0.5
_UNDERSTOOD = 0.15  # of all speech: below it another language is spoken than the recogniser knows (Russian: 0.02)
_ENOUGH_S = 120.0  # of speech after which a language that is not understood is given up
_STOCK = {
    "thank you", "thank you very much", "thanks for watching", "thank you for watching", "bye", "bye bye", "you",
    "okay", "oh", "so", "the", "i", "uh", "um", "thank you for watching this video", "see you next time", "",
}  # fmt: skip
"""What Whisper writes where nobody says anything; believed only when it is sure of it."""


@dataclass(frozen=True)
class Part:
    """What a recogniser made of one sound; the words' spans count from its start.

    `likely` is the mean log-probability of what it wrote, 0 where it does not tell; `silent` how likely nobody speaks;
    `repeats` how far its text can be compressed.
    """

    words: tuple[Word, ...]
    likely: float = 0.0
    silent: float = 0.0
    repeats: float = 1.0
    language: str = ""

    @property
    def sure(self) -> float:
        return float(np.mean([word.sure for word in self.words])) if self.words else 0.0


class Recogniser(Protocol):
    """Writes down what is said in a sound."""

    made_by: str  # stands in the transcript
    identity: str  # changes when the model does
    languages: tuple[str, ...]  # that it knows, ISO 639-1; empty where any may be tried

    def recognise(self, sound: Sound, language: str) -> Part:
        """Return the words of a sound of 16 kHz, at most 30 s; `language` "" lets it guess."""
        ...


@dataclass(frozen=True)
class Recognised:
    """All words of a film in order of time, the language in which they are, and what is to be said about them.

    `lost` are the spans of speech in which nobody knows what is said.
    """

    words: tuple[Word, ...]
    language: str
    lost: tuple[Span, ...] = ()
    remarks: tuple[str, ...] = ()


def recognise(
    recogniser: Recogniser, sound: Sound, speech: tuple[Span, ...], language: str = "", progress: Progress = silent
) -> Recognised:
    """Return the words in the spans `speech` of a sound of 16 kHz; `language` "" where nobody said which is spoken.

    Where the recogniser does not know the language, there are no words and a remark says what to do.
    """
    if not speech:
        return Recognised((), language)
    if language and recogniser.languages and language not in recogniser.languages:
        return Recognised((), language, speech, (foreign(recogniser, language),))
    limit = _LIKELY_STATED if language or len(recogniser.languages) != 1 else _LIKELY
    packs = packed(speech, sound)
    heard: list[tuple[Span, Part]] = []
    for pack in progress(packs, doing="listening", total=len(packs)):
        part = recogniser.recognise(_of(sound, pack), language)
        apart = _cut(pack, sound, _SHORT_S) if part.repeats > _REPEATS else []
        heard += [(span, recogniser.recognise(_of(sound, span), language)) for span in apart] or [(pack, part)]
        if _length_s(heard) > _ENOUGH_S and not _understood(heard, limit):
            break
    if not _understood(heard, limit):
        return Recognised((), language, speech, (foreign(recogniser, language),))
    spoken = language or next((part.language for _, part in heard if believed(part, limit)), "")
    words: list[Word] = []
    lost: list[Span] = []
    for pack, part in heard:
        inside = [Span(max(s.start, pack.start), min(s.end, pack.end)) for s in speech if s.meets(pack)]
        found = _in_film(part, pack, limit)
        for span in _left(inside, found) if len(inside) > 1 else []:
            found += _in_film(recogniser.recognise(_of(sound, span), spoken), span, limit)
        words += found
        lost += [span for span in _left(inside, found) if span.length_s > _LOST_S]
    words.sort(key=lambda word: word.span.start)
    return Recognised(_spoken_out(words, speech), spoken, tuple(lost), (_unclear(len(lost)),) if lost else ())


def believed(part: Part, limit: float = _LIKELY) -> bool:
    """Tell whether the words of a part were heard, and not made up over noise, silence or another language."""
    if not part.words or part.likely < limit or part.repeats > _REPEATS:
        return False
    if part.silent > _SILENT and part.likely < _SILENT_LIKELY:
        return False
    said = " ".join(w.text for w in part.words).lower()
    stock = "".join(c for c in said if c.isalpha() or c == " ").strip() in _STOCK
    return not (stock and (part.sure < 0.7 or part.silent > 0.5))


def foreign(recogniser: Recogniser, language: str) -> str:
    """Return the remark that a language has no model, with what to do."""
    told = f"the language {language!r}" if language else "the language that is spoken, or speech as unclear as this,"
    return (
        f"{told} is not known to {recogniser.made_by}, so there are no words: name a model of that language "
        "with --model, or give subtitles with --subtitles, or write the words into transcript.txt"
    )


def _unclear(count: int) -> str:
    places = "one place" if count == 1 else f"{count} places"
    return f"in {places} nobody knows what is said; transcript.txt marks them with (?): write the words there"


def _spoken_out(words: list[Word], speech: tuple[Span, ...]) -> tuple[Word, ...]:
    """Return words of which the last before a pause lasts until the speech ends: recognisers let go of it early."""
    found: list[Word] = []
    for word, after in zip(words, [*words[1:], None], strict=False):
        ends = [span.end - MARGIN_S for span in speech if word.span.end in span]
        limit = min([word.span.end + _LET_GO_S, *ends, *([after.span.start] if after else [])])
        longer = ends and limit > word.span.end and (after is None or after.span.start >= ends[0])
        found.append(replace(word, span=Span(word.span.start, limit)) if longer else word)
    return tuple(found)


def _understood(heard: list[tuple[Span, Part]], limit: float) -> bool:
    """Tell whether enough of what was heard so far is in a language that the recogniser knows."""
    spoken = [(span, part) for span, part in heard if part.silent <= _SILENT]
    clear = [(span, part) for span, part in spoken if part.likely >= limit and part.repeats <= _REPEATS]
    return not spoken or _length_s(clear) >= _UNDERSTOOD * _length_s(spoken)


def _length_s(heard: list[tuple[Span, Part]]) -> float:
    return float(sum(span.length_s for span, _ in heard))


def _left(speech: list[Span], words: list[Word]) -> list[Span]:
    """Return the spans of speech in which there is no word."""
    return [span for span in speech if not any(span.meets(word.span) for word in words)]


def _of(sound: Sound, span: Span) -> Sound:
    return sound[round(span.start * HEARING_HZ) : round(span.end * HEARING_HZ)]


def _in_film(part: Part, span: Span, limit: float) -> list[Word]:
    """Return the words of a part with their times in the film, none where they are not believed."""
    if not believed(part, limit):
        return []
    found = []
    for word in part.words:
        start = min(word.span.start + span.start, span.end)
        found.append(replace(word, span=Span(start, max(start, min(word.span.end + span.start, span.end)))))
    return found


def packed(speech: tuple[Span, ...], sound: Sound) -> list[Span]:
    """Return stretches of at most `PACK_S` that hold all speech, cut where nobody speaks or where it is softest."""
    packs: list[Span] = []
    for span in (part for whole in speech for part in _cut(whole, sound, PACK_S)):
        if packs and span.start - packs[-1].end <= _NEAR_S and float(span.end - packs[-1].start) <= PACK_S:
            packs[-1] = Span(packs[-1].start, span.end)
        else:
            packs.append(span)
    return packs


def _cut(span: Span, sound: Sound, most_s: float) -> list[Span]:
    """Return a span in parts no longer than `most_s`, cut where it is softest."""
    parts: list[Span] = []
    while float(span.length_s) > most_s:
        first = round((float(span.start) + 0.5 * most_s) * HEARING_HZ)
        last = round((float(span.start) + 0.95 * most_s) * HEARING_HZ)
        power = np.square(sound[first:last][: (last - first) // 800 * 800].reshape(-1, 800)).mean(axis=1)
        soft = np.convolve(power, np.ones(3), "same")[1:-1] if len(power) > 3 else np.zeros(1)
        at = Instant(first + (int(np.argmin(soft)) + 1) * 800 + 400, HEARING_HZ)
        parts.append(Span(span.start, at))
        span = Span(at, span.end)
    return [*parts, span]
