"""Speech to attack: utterances of the folder of speech, disguised as the product would, kept on disk from run to run.

An utterance is heard by the recogniser that ships, cut into phrases at its pauses, and each phrase is said anew by a
blend of voices at the place that it has, as in a film whose transcript nobody corrected. Nothing of it goes into the
project.
"""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soxr

from veil.disguise.voices import voice_for
from veil.hearing.recognisers import recogniser_for
from veil.media.listen import listen
from veil.nouns.plan import Plan
from veil.nouns.speech import HEARING_HZ, Phrase, Sound, Transcript, Word
from veil.nouns.time import Span
from veil.nouns.voicing import Voicing
from veil.stages.lines import lines, places

_PAUSE_S = 0.35  # between two words, from which a new phrase begins


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

    def heard(self, spoken: Spoken) -> Spoken:
        """Return an utterance with its words."""

        def make() -> dict[str, np.ndarray]:
            part = self._recogniser.recognise(spoken.sound, "en")
            times = [(float(w.span.start), float(w.span.end)) for w in part.words]
            return {"words": np.array([w.text for w in part.words], str), "times": np.array(times).reshape(-1, 2)}

        found = self._kept(f"words {_sum(spoken.sound)}", make)
        return spoken.read(tuple(map(str, found["words"])), tuple((float(a), float(b)) for a, b in found["times"]))

    def revoiced(self, spoken: Spoken, seed: int) -> Spoken | None:
        """Return the words of an utterance in another voice, drawn by `seed`; None where no words were heard."""
        known = self.heard(spoken)
        if not known.words:
            return None

        def make() -> dict[str, np.ndarray]:
            sound, times = revoice(known, seed)
            return {"sound": (sound * 32767).astype(np.int16), "times": np.array(times).reshape(-1, 2)}

        found = self._kept(f"revoice 1 {seed} {_sum(spoken.sound)}", make)
        sound = np.asarray(found["sound"] / 32767, np.float32)
        times = tuple((float(a), float(b)) for a, b in found["times"])
        return Spoken(spoken.who, spoken.sex, spoken.name, sound, known.words, times)

    def kept_array(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an array that was kept under a name, or make it."""
        return self._kept(name, lambda: {"array": make()})["array"]

    def _kept(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        path = self.kept / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.npz"
        if not path.is_file():
            draft = path.with_suffix(".part.npz")
            np.savez(draft, **make())  # type: ignore[arg-type]  # names to arrays
            draft.replace(path)
        with np.load(path) as stored:
            return {key: stored[key] for key in stored.files}


def revoice(known: Spoken, seed: int) -> tuple[Sound, list[tuple[float, float]]]:
    """Return an utterance said anew as in a film, and when each of its words begins and ends."""
    plan = Plan(seed, sound="disguised")
    end_s = Fraction(len(known.sound), HEARING_HZ) + 1
    every = lines(plan, Transcript("en", phrases_of(known)), end_s)
    voice = voice_for(Voicing(), "en", seed)
    said = [voice.speak(line, seed) for line in every]
    found = places(every, [Fraction(s.length_s).limit_denominator(1000) for s in said], end_s)
    track = np.zeros(round(float(end_s + 4) * HEARING_HZ), np.float32)
    times: list[tuple[float, float]] = []
    for spoken, place in zip(said, found, strict=True):
        sound = soxr.resample(spoken.sound, spoken.rate_hz, HEARING_HZ)
        at = round(float(place.at) * HEARING_HZ)
        part = track[at : at + len(sound)]
        part += sound[: len(part)]
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
