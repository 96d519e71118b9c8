"""Has each line spoken, once: what a voice said is kept in the case, so that a corrected phrase alone is said again."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import soxr

from veil import __version__
from veil.errors import VeilError
from veil.media import SOUND_HZ
from veil.nouns.plan import Plan
from veil.nouns.speech import Line, Phone, Sound, Spoken
from veil.nouns.voicing import Speech, Voicing
from veil.whole import whole

_LOUDEST = 32767


class Voice(Protocol):
    """Says a line: what new voices, takes of a voice double and converted voices have in common here."""

    def speak(self, line: Line, seed: int) -> Spoken: ...


@dataclass(frozen=True)
class Voices:
    """Who gives a voice for what a plan may ask: called with the speaker's label, voicing, language and seed.

    `marks` tell of each speaker what their voice depends on beside these, such as the blend that was drawn for them.
    """

    by: dict[Speech, Callable[[str, Voicing, str, int], Voice]]
    bend: Callable[[int, Sound], Sound] | None = None  # bends a voice by a seed: a sound at SOUND_HZ, of that length
    marks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Utterance:
    """A line that was spoken: how long it is, and the file in which it is kept."""

    line: Line
    path: Path
    length_s: Fraction
    dry: bool = True  # a bent voice has its room already

    def spoken(self) -> Spoken:
        """Return the sound at SOUND_HZ, with its phones and words; raise VeilError when it is damaged."""
        kept = _load(self.path)
        if kept is None:
            raise VeilError("a line of a new voice is damaged", "delete sound/ in the case folder, cut again")
        return kept


def seed_of(plan: Plan, speaker: str) -> int:
    """Return the seed of a person's voice: steady through the film, another for everyone."""
    told = hashlib.sha256(f"voice {plan.seed} {speaker}".encode()).digest()
    return int.from_bytes(told[:4], "big")


class Utterances:
    """The lines of a film, spoken and kept in a folder."""

    def __init__(self, folder: Path, plan: Plan, voices: Voices) -> None:
        self._folder, self._plan, self._voices = folder, plan, voices
        self._wanted: set[Path] = set()
        self._voice_of = lru_cache(maxsize=32)(self._voice)
        self._guard = threading.Lock()
        self._saying: dict[Path, threading.Lock] = {}

    def say(self, line: Line) -> Utterance:
        """Return a line as it is spoken; raise VeilError when nothing here can speak it.

        May be called from several threads: what is said twice is spoken once.
        """
        role, seed = self._plan.role_of(line.speaker), seed_of(self._plan, line.speaker)
        mark = self._voices.marks.get(line.speaker, "")
        path = self._folder / f"{_key(line, role.voicing, (seed, mark))}.npz"
        with self._guard:
            self._wanted.add(path)
            saying = self._saying.setdefault(path, threading.Lock())
        with saying:
            return self._said(line, path, seed)

    def _said(self, line: Line, path: Path, seed: int) -> Utterance:
        role = self._plan.role_of(line.speaker)
        fresh = role.voicing.by == "double"  # takes change on disk, and fetching one is cheap
        kept = _load(path) if path.is_file() and not fresh else None
        if kept is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            spoken = self._voice_of(line.speaker, line.language).speak(line, seed)
            kept = _at_rate(spoken)
            _keep(path, kept)
        return Utterance(line, path, Fraction(len(kept.sound), SOUND_HZ))

    def bend(self, line: Line, sound: Sound) -> Utterance:
        """Return a turn of the original, float32 at SOUND_HZ, as it is bent; raise VeilError when nothing bends."""
        if self._voices.bend is None:
            raise _missing("convert")
        told = (
            __version__,
            line.speaker,
            seed_of(self._plan, line.speaker),
            hashlib.sha256(sound.tobytes()).hexdigest(),
        )
        path = self._folder / f"{hashlib.sha256(repr(told).encode()).hexdigest()[:24]}.npz"
        self._wanted.add(path)
        if not path.is_file() or _load(path) is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            _keep(path, Spoken(self._voices.bend(seed_of(self._plan, line.speaker), sound), SOUND_HZ))
        return Utterance(line, path, Fraction(len(sound), SOUND_HZ), dry=False)

    def drop_others(self) -> None:
        """Remove what no line needs any more: it may hold words that were since hidden."""
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path not in self._wanted:
                path.unlink()

    def _voice(self, speaker: str, language: str) -> Voice:
        voicing = self._plan.role_of(speaker).voicing
        if voicing.by not in self._voices.by:
            raise _missing(voicing.by)
        return self._voices.by[voicing.by](speaker, voicing, language, seed_of(self._plan, speaker))


def _missing(by: Speech) -> VeilError:
    return VeilError(f'nothing here gives the voice "{by}"', 'choose the voice "revoice" or "silence" in plan.toml')


def _key(line: Line, voicing: Voicing, drawn: tuple[int, str]) -> str:
    """Return what the sound of a line depends on, as a name; where in the film it is said is no part of it."""
    told = (
        __version__, line.speaker, line.words, line.language, line.length_s, line.room_s, drawn,
        voicing.by, voicing.voice, voicing.takes, voicing.second_pass,
        line.start if voicing.by != "revoice" else None, _file_mark(voicing.voice),
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def _file_mark(voice: str) -> tuple[int, int] | None:
    """Return the size and age of the file of a voice; None where it is the name of one that ships."""
    try:
        found = Path(voice).stat() if voice else None
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns) if found else None


def _at_rate(spoken: Spoken) -> Spoken:
    sound = spoken.sound
    if spoken.rate_hz != SOUND_HZ:
        sound = np.asarray(soxr.resample(sound, spoken.rate_hz, SOUND_HZ), np.float32)
    return Spoken(np.nan_to_num(sound), SOUND_HZ, spoken.phones, spoken.words)


def _keep(path: Path, spoken: Spoken) -> None:
    timing = json.dumps([[[p.symbol, p.start_s, p.end_s] for p in spoken.phones], list(spoken.words)])
    with whole(path) as out:
        np.savez(out, sound=_as_int16(spoken.sound), timing=np.array(timing))


def _as_int16(sound: Sound) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.round(np.clip(sound, -1, 1) * _LOUDEST).astype(np.int16)


def _load(path: Path) -> Spoken | None:
    """Return what is kept; None where it is damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as stored:
            sound, timing = stored["sound"], json.loads(str(stored["timing"]))
        phones = tuple(Phone(*phone) for phone in timing[0])
        words = tuple((float(start), float(end)) for start, end in timing[1])
        return Spoken(sound.astype(np.float32) / _LOUDEST, SOUND_HZ, phones, words)
    except (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
        return None
