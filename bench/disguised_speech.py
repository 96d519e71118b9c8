"""Speech to attack: utterances of the folder of speech, disguised as the product would, kept on disk from run to run.

An utterance is heard by the recogniser that ships, cut into phrases at its pauses, and each phrase is said anew by a
blend of voices at the place that it has, as in a film whose transcript nobody corrected. Nothing of it goes into the
project.
"""

import hashlib
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pocketsphinx
import soxr
from numpy.typing import NDArray

from veil.disguise.voices import blend, voice_for
from veil.disguise.voices.convert import Convert
from veil.disguise.voices.kokoro import Kokoro
from veil.disguise.voices.saying import Asked
from veil.hearing.recognisers import recogniser_for
from veil.media.listen import listen
from veil.nouns.plan import Plan
from veil.nouns.speech import HEARING_HZ, Phrase, Sound, Stress, Transcript, Word
from veil.nouns.time import Span
from veil.nouns.voicing import Voicing
from veil.stages.lines import lines, places

_PAUSE_S = 0.35  # between two words, from which a new phrase begins
_TAIL_S = 0.1  # of an excerpt, behind its last word


@dataclass(frozen=True)
class Spoken:
    """One utterance: its sound at 16 kHz, its words by the recogniser that ships, and when each is said."""

    who: str
    sex: str
    name: str
    sound: Sound
    words: tuple[str, ...] = ()
    times: tuple[tuple[float, float], ...] = ()

    def read(self, words: tuple[str, ...], times: tuple[tuple[float, float], ...]) -> "Spoken":
        return Spoken(self.who, self.sex, self.name, self.sound, words, times)


@dataclass(frozen=True)
class Set:
    """Who is attacked: ten utterances of each; and who an informed opponent may learn from: one of each."""

    tested: tuple[Spoken, ...]
    others: tuple[Spoken, ...]


def read_set(speech: Path, others: int, most_s: float) -> Set:
    """Return the speakers of the folder; of the others at most so many, half of them women, so much of each."""
    sexes = {}
    for line in (speech / "librispeech_test_other" / "SPEAKERS.TXT").read_text("utf-8").splitlines():
        if "|" in line and not line.startswith(";"):
            number, sex = line.split("|")[:2]
            sexes[number.strip()] = sex.strip()

    def load(path: Path, who: str, most_s: float) -> Spoken:
        sound = listen(path, HEARING_HZ)
        if sound is None:
            raise ValueError("a file of speech holds no sound")
        return Spoken(who, sexes.get(who, ""), path.stem, sound[: round(most_s * HEARING_HZ)])

    tested = [load(p, p.parent.name, 20) for p in sorted((speech / "librispeech_test_other").glob("*/*.flac"))]
    rest = sorted((speech / "librispeech_train_one_each").glob("*.flac"), key=lambda p: zlib.crc32(p.stem.encode()))
    chosen = [p for sex in "FM" for p in [q for q in rest if sexes.get(q.stem.split("-")[0]) == sex][: others // 2]]
    return Set(tuple(tested), tuple(load(p, p.stem.split("-")[0], most_s) for p in chosen))


class Workshop:
    """Makes disguised speech, or finds it where it was kept."""

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        kept.mkdir(parents=True, exist_ok=True)
        self._recogniser = recogniser_for()
        self._aligner = _Aligner()

    def heard(self, spoken: Spoken) -> Spoken:
        """Return an utterance with its words."""

        def make() -> dict[str, np.ndarray]:
            part = self._recogniser.recognise(spoken.sound, "en")
            times = [(float(w.span.start), float(w.span.end)) for w in part.words]
            return {"words": np.array([w.text for w in part.words], str), "times": np.array(times).reshape(-1, 2)}

        found = self._kept(f"words {_sum(spoken.sound)}", make)
        return spoken.read(tuple(map(str, found["words"])), tuple((float(a), float(b)) for a, b in found["times"]))

    def revoiced(self, spoken: Spoken, seed: int, sex: float | None = None) -> Spoken | None:
        """Return the words of an utterance in another voice, drawn by `seed`; None where no words were heard.

        `sex` is 0 female to 1 male, as a film's pictures tell; None where they do not.
        """
        return self._said(spoken, f"revoice 1 {seed}" + ("" if sex is None else f" {sex:g}"), seed, sex, sound=True)

    def timed(self, spoken: Spoken, seed: int, sex: float | None = None) -> Spoken | None:
        """Return the same without its sound: only when its words are said, for a tenth of the work."""
        return self._said(spoken, f"timed 1 {seed} {sex}", seed, sex, sound=False)

    def _said(self, spoken: Spoken, name: str, seed: int, sex: float | None, *, sound: bool) -> Spoken | None:
        known = spoken if spoken.words else self.heard(spoken)
        if not known.words:
            return None

        def make() -> dict[str, np.ndarray]:
            said, times = revoice(known, seed, sex, sound=sound)
            kept = said if sound else said[:0]
            return {"sound": (kept * 32767).astype(np.int16), "times": np.array(times).reshape(-1, 2)}

        text = f" {zlib.crc32(' '.join(spoken.words).encode())}" if spoken.words else ""
        found = self._kept(f"{name}{text} {_sum(spoken.sound)}", make)
        heard = np.asarray(found["sound"] / 32767, np.float32)
        times = tuple((float(a), float(b)) for a, b in found["times"])
        return Spoken(spoken.who, spoken.sex, spoken.name, heard, known.words, times)

    def aligned(self, spoken: Spoken) -> list[tuple[str, float]]:
        """Return the phones of an utterance (ARPAbet) and how long each lasts in seconds; none where that fails."""

        def make() -> dict[str, np.ndarray]:
            found = self._aligner(spoken)
            lengths = np.array([length for _, length in found], np.float64)
            return {"phones": np.array([phone for phone, _ in found], str), "lengths": lengths}

        text = zlib.crc32(" ".join(spoken.words).encode())
        found = self._kept(f"phones {text} {_sum(spoken.sound)}", make)
        return [(str(p), float(s)) for p, s in zip(found["phones"], found["lengths"], strict=True)]

    def bent(self, spoken: Spoken, seed: int) -> Spoken:
        """Return an utterance as the preview bends it, with its words where they were."""
        made = self._kept(
            f"bent 1 {seed} {_sum(spoken.sound)}",
            lambda: {"sound": (Convert(seed).bend(spoken.sound, HEARING_HZ) * 32767).astype(np.int16)},
        )
        sound = np.asarray(made["sound"] / 32767, np.float32)
        return Spoken(spoken.who, spoken.sex, spoken.name, sound, spoken.words, spoken.times)

    def kept_array(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an array that was kept under a name, or make it."""
        return self._kept(name, lambda: {"array": make()})["array"]

    def _kept(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        path = self.kept / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.npz"
        if not path.is_file():
            draft = path.with_suffix(f".{os.getpid()}.npz")
            np.savez(draft, **make())  # type: ignore[arg-type]  # names to arrays
            draft.replace(path)
        with np.load(path) as stored:
            return {key: stored[key] for key in stored.files}


def excerpt(known: Spoken, most_s: float) -> Spoken:
    """Return the beginning of an utterance, as far as its last whole word within so many seconds."""
    count = sum(1 for _, end_s in known.times if end_s <= most_s)
    if count == len(known.words) or not count:
        return known
    end = round((known.times[count - 1][1] + _TAIL_S) * HEARING_HZ)
    return Spoken(known.who, known.sex, known.name, known.sound[:end].copy(), known.words[:count], known.times[:count])


class _Aligner:
    """Lays the words of an utterance along its sound, phone by phone (pocketsphinx)."""

    def __init__(self) -> None:
        self._decoder = pocketsphinx.Decoder(lm=None, samprate=HEARING_HZ, loglevel="FATAL")

    def __call__(self, u: Spoken) -> list[tuple[str, float]]:
        text = ["".join(c for c in w.lower() if c.isalpha() or c == "'") for w in u.words]
        known = [w for w in text if w and self._decoder.lookup_word(w)]
        if not known:
            return []
        raw = (np.clip(u.sound, -1, 1) * 32767).astype(np.int16).tobytes()
        try:
            self._decoder.set_align_text(" ".join(known))
            self._pass(raw)
            self._decoder.set_alignment()
            self._pass(raw)
        except RuntimeError:  # how it says that words and sound do not go together
            return []
        return [(phone.name, phone.duration / 100) for word in self._decoder.get_alignment() for phone in word]

    def _pass(self, raw: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(raw, full_utt=True)
        self._decoder.end_utt()


class _Mute(Kokoro):
    """Takes as long as the voice does, and sounds like nothing."""

    def sounded(
        self, asked: Asked, frames: NDArray[np.int64], stress: Sequence[Stress], random: np.random.Generator
    ) -> Sound:
        del asked, stress, random
        ahead = round(self.ahead_s * self.rate_hz)
        sound = np.zeros(int(frames.sum()) * self.frame, np.float32)
        sound[int(frames[0]) * self.frame - ahead : len(sound) - int(frames[-1]) * self.frame] = 0.1
        return sound


def revoice(
    known: Spoken, seed: int, sex: float | None = None, *, sound: bool = True
) -> tuple[Sound, list[tuple[float, float]]]:
    """Return an utterance said anew as in a film, and when each of its words begins and ends."""
    plan = Plan(seed, sound="disguised")
    end_s = Fraction(len(known.sound), HEARING_HZ) + 1
    every = lines(plan, Transcript("en", phrases_of(known)), end_s)
    own = blend(seed, sex)
    voice = voice_for(Voicing(), "en", seed, own) if sound else _Mute(own)
    said = [voice.speak(line, seed) for line in every]
    found = places(every, [Fraction(s.length_s).limit_denominator(1000) for s in said], end_s)
    track = np.zeros(round(float(end_s + 4) * HEARING_HZ), np.float32)
    times: list[tuple[float, float]] = []
    for spoken, place in zip(said, found, strict=True):
        heard = soxr.resample(spoken.sound, spoken.rate_hz, HEARING_HZ)
        at = round(float(place.at) * HEARING_HZ)
        part = track[at : at + len(heard)]
        part += heard[: len(part)]
        times += [(float(place.at) + start_s, float(place.at) + stop_s) for start_s, stop_s in spoken.words]
    return np.clip(track, -1, 1), times


def phrases_of(known: Spoken) -> tuple[Phrase, ...]:
    """Return an utterance's words in phrases, cut where it pauses."""
    found: list[list[Word]] = []
    last_s = -np.inf
    for text, (start_s, end_s) in zip(known.words, known.times, strict=True):
        start, end = (Fraction(round(s * 100), 100) for s in (start_s, max(end_s, start_s + 0.01)))
        if start_s - last_s >= _PAUSE_S or not found:
            found.append([])
        found[-1].append(Word(text, Span(start, end)))
        last_s = end_s
    return tuple(Phrase("P1", Span(p[0].span.start, p[-1].span.end), tuple(p)) for p in found)


def _sum(sound: Sound) -> str:
    return hashlib.sha256(sound.tobytes()).hexdigest()
