"""Is a take fit to be heard? One sentence for each thing that is wrong, so that the volunteer knows what to do."""

import difflib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from veil.disguise.voices.read_aloud import speech, stretch_for
from veil.nouns.speech import HEARING_HZ, Line, Sound
from veil.stages.takes import RATE_HZ

Recogniser = Callable[[Sound], str | None]
"""Takes a sound at HEARING_HZ and returns the words that it hears; None where it is not to be believed."""

_QUIET_DB = -45.0  # of what is loud in a take
_CLIPPED, _MOST_CLIPPED = 0.985, 1e-4  # of full scale; of the samples
_LEAST_OVER_NOISE_DB = 20.0
_OVERRUN_S = 0.15  # that nobody hears
_SHORT = 0.5  # of the place: less cannot be all of it
_OTHER_WORDS = 0.4  # of the words may be misheard: recognisers err, and aliases they know least


@dataclass(frozen=True)
class Checked:
    """What is wrong with the take of a line (nothing, where `again` is empty), and what could not be checked."""

    number: int
    again: tuple[str, ...] = ()  # each a sentence that says what to do
    length_s: float = 0.0  # as it will be heard
    words_checked: bool = False


def check_take(
    number: int,
    line: Line,
    sound: Sound | None,
    recogniser: Recogniser | None = None,
    hidden: Callable[[str], bool] | None = None,
) -> Checked:
    """Return what is wrong with a take; `hidden` tells whether a text holds a word that must not be said.

    `sound` is at RATE_HZ, None where it could not be read.
    """
    if sound is None:
        return Checked(number, (f"line {number}: the file cannot be read; save it as WAV and hand it in again",))
    spans = speech(sound, RATE_HZ)
    level_db, over_noise_db = _levels(sound, spans)
    if not spans or level_db < _QUIET_DB:
        return Checked(number, (f"line {number}: hardly anything can be heard; record it louder",))
    said: list[str] = []
    if float(np.mean(np.abs(sound) >= _CLIPPED)) > _MOST_CLIPPED:
        said.append(f"line {number}: it is too loud and distorted; record it again with less gain")
    cut = spans[0][0] == 0 or spans[-1][1] == len(sound)
    if cut:
        said.append(f"line {number}: its beginning or end is cut off; leave half a second of silence around it")
    elif over_noise_db < _LEAST_OVER_NOISE_DB:
        said.append(f"line {number}: there is noise behind the voice; record it again in a quiet room")
    said += _length(number, line, spans)
    heard = recogniser(_at_hearing(sound)) if recogniser is not None else None
    if heard is not None:
        said += _words(number, line, heard, hidden)
    return Checked(number, tuple(said), stretch_for(line, spans, RATE_HZ).length_s, heard is not None)


def missing(number: int) -> Checked:
    """Return what is said of a line without a take."""
    return Checked(number, (f"line {number}: it is missing; record it",))


def _levels(sound: Sound, spans: list[tuple[int, int]]) -> tuple[float, float]:
    """Return the level of the speech, dB of full scale, and how far it stands over what is between and around it."""
    if not spans:
        return -120.0, 0.0
    spoken = np.concatenate([sound[a:b] for a, b in spans])
    step = RATE_HZ // 100
    frames = np.sqrt(np.mean(np.square(sound[: len(sound) // step * step].reshape(-1, step)), axis=1) + 1e-12)
    loud = float(np.sqrt(np.mean(np.square(spoken, dtype=np.float64)) + 1e-12))
    return 20 * np.log10(loud), 20 * np.log10(loud / float(np.percentile(frames, 3)))


def _length(number: int, line: Line, spans: list[tuple[int, int]]) -> list[str]:
    place_s, room_s = float(line.length_s), float(line.room_s)
    fitted_s = stretch_for(line, spans, RATE_HZ).length_s
    if fitted_s > place_s + room_s + _OVERRUN_S:
        spoken_s = (spans[-1][1] - spans[0][0]) / RATE_HZ
        return [f"line {number}: it is {spoken_s:.1f} s long and {place_s:.1f} s are free; read it faster"]
    if fitted_s < _SHORT * place_s:
        return [f"line {number}: it is much shorter than its {place_s:.1f} s; read all of it, and calmly"]
    return []


def _words(number: int, line: Line, heard: str, hidden: Callable[[str], bool] | None) -> list[str]:
    said = []
    if hidden is not None and hidden(heard):
        said.append(f"line {number}: a name that is hidden in the film may be heard; read what stands in the script")
    wanted, found = _plain(line.text), _plain(heard)
    if word_errors(wanted, found) > _OTHER_WORDS * max(3, len(wanted)):
        said.append(f"line {number}: other words were heard than the script has; read it as it stands there")
    return said


def word_errors(wanted: list[str], found: list[str]) -> int:
    """Return how many words were left out, put in or said otherwise."""
    return sum(
        max(b - a, d - c)
        for kind, a, b, c, d in difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes()
        if kind != "equal"
    )


def _plain(text: str) -> list[str]:
    return re.findall(r"[\w']+", unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("ё", "е"))


def _at_hearing(sound: Sound) -> Sound:
    return np.asarray(soxr.resample(sound, RATE_HZ, HEARING_HZ), np.float32)
