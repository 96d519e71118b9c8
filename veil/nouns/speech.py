"""What is said in a film: sounds, turns, words, phrases and the transcript; and what a voice makes of them."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from veil.nouns.time import Instant, Span
from veil.nouns.voicing import Speech

Sound = NDArray[np.float32]
"""Float32 (samples,), -1 to 1, one channel; its rate stands beside it."""

HEARING_HZ = 16_000
"""The rate at which Veil hears: what every net of speech was made for."""

Source = Literal["recognised", "subtitles", "corrected"]
"""Where words come from: a recogniser, subtitles that came with the film, a person's own hand."""

DOUBTFUL = 0.6
"""A word less sure than this is marked for the person who corrects the transcript."""

DOUBTFUL_TURN = 0.7
"""A turn less sure than this may be somebody else's: it is hidden even where its speaker may be heard."""


Stress = Literal["", "strong", "soft"]
Tempo = Literal["", "slow", "fast"]


@dataclass(frozen=True)
class Word:
    """One word as it is written, with the punctuation that belongs to it, and when it is said.

    `timed` is False where nobody knows when: then `span` is a place between its neighbours. What follows it is how
    a person marked the word in the transcript, for the voice that will say it.
    """

    text: str
    span: Span
    sure: float = 1.0  # 0 to 1: how sure the recogniser is; 1 where a person wrote it
    timed: bool = True
    stress: Stress = ""
    tempo: Tempo = ""
    pause_s: float = 0.0  # of silence after it


@dataclass(frozen=True)
class Turn:
    """One voice speaks, or laughs, sobs and breathes between its words, without a longer pause.

    `speaker` is a label of the cast (P1), or V1, V2, ... for a voice whose face is never seen to speak.
    `overlapped` are the spans in it where somebody else speaks too.
    """

    speaker: str
    span: Span
    sure: float = 1.0  # 0 to 1: that it is this speaker
    overlapped: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """Words of one speaker between two pauses: what is spoken anew in one breath.

    `words` may be empty: something is said there and nobody knows what.
    """

    speaker: str
    span: Span
    words: tuple[Word, ...]
    source: Source = "recognised"

    @property
    def said(self) -> str:
        """The words in a row."""
        return " ".join(word.text for word in self.words)

    def renamed(self, words: tuple[Word, ...]) -> "Phrase":
        return replace(self, words=words)


@dataclass(frozen=True)
class Transcript:
    """Everything that is said in a film, in order of time."""

    language: str  # ISO 639-1; "" where it is not known
    phrases: tuple[Phrase, ...]
    made_by: str = ""  # which recogniser, or which subtitles; it stands in the file that a person corrects

    def at(self, instant: Instant) -> tuple[Phrase, ...]:
        return tuple(p for p in self.phrases if instant in p.span)


@dataclass(frozen=True)
class Heard:
    """What hearing a film gave: who speaks when, where anything of a voice is to be heard, and what is said.

    `voiced` holds every span in which somebody may be heard, breath, laughter and sobs included: it is generous, and
    wherever it holds, a hidden person is owed another sound.
    """

    turns: tuple[Turn, ...] = ()
    voiced: tuple[Span, ...] = ()
    transcript: Transcript = field(default_factory=lambda: Transcript("", ()))
    remarks: tuple[str, ...] = ()  # what could not be heard and why, in plain words, for the user
    recognised: tuple[Word, ...] = ()  # the words before a person corrected them: what the film's own sound says

    @property
    def speakers(self) -> tuple[str, ...]:
        """The labels of everyone who is heard, in the order in which they begin."""
        return tuple(dict.fromkeys(t.speaker for t in sorted(self.turns, key=lambda t: t.span.start)))


@dataclass(frozen=True)
class Said:
    """One word as it is to be spoken: the disguised word, and how a person marked it in the transcript."""

    text: str
    stress: Stress = ""
    tempo: Tempo = ""
    pause_s: float = 0.0  # of silence after it, by a mark


@dataclass(frozen=True)
class Line:
    """A phrase as a voice gets it: disguised words, and the place that they have. Nothing else of the original.

    `start` and `length_s` are on a coarse grid; phones and words of the original are not in here, and cannot be.
    """

    speaker: str
    words: tuple[Said, ...]
    language: str
    start: Instant
    length_s: Fraction
    room_s: Fraction = Fraction(0)  # of silence behind it that it may use too

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Phone:
    """One speech sound of a new voice, in IPA, in seconds from the start of the sound it is in."""

    symbol: str
    start_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class Spoken:
    """What a voice made of a line: the sound, and when each phone and each word of it is.

    `words` are (start, end) in seconds for each of the line's words; `phones` move the lips of the double.
    """

    sound: Sound
    rate_hz: int
    phones: tuple[Phone, ...] = ()
    words: tuple[tuple[float, float], ...] = ()

    @property
    def length_s(self) -> float:
        return len(self.sound) / self.rate_hz


@dataclass(frozen=True)
class Placed:
    """A line as it is heard in the result: whose, when, by what; words and phones in seconds of the film.

    It is what subtitles, lips and the attack know of the new sound.
    """

    speaker: str
    span: Span
    words: tuple[Word, ...]
    phones: tuple[Phone, ...]
    by: Speech
