"""Films with sound made on the spot: nobody's voice, or a synthetic one that ships; several tracks, rates, layouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from tests.films import SAME, Recipe, _frame, _video, shapes
from veil.media import probe
from veil.nouns.cast import Cast, Person
from veil.nouns.speech import HEARING_HZ, Sound
from veil.stages.case import Case, CaseFolder

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


@dataclass(frozen=True, eq=False)
class Track:
    """A sound track: float32 (channels, samples)."""

    sound: NDArray[np.float32]
    rate_hz: int = HEARING_HZ
    starts_s: Fraction = Fraction(0)


def talkie(path: Path, *tracks: Track, length_s: float = 0, first_s: Fraction = Fraction(0)) -> Path:
    """Write a small film with these sound tracks, uncompressed, and a picture that begins at `first_s` of its clock.

    It is as long as its longest sound, unless `length_s` is given.
    """
    length_s = length_s or max(t.sound.shape[1] / t.rate_hz for t in tracks)
    recipe = Recipe(frames=-int(-length_s * 5 // 1), size=(64, 48), rate=Fraction(5))
    paint = shapes(*recipe.size)
    with av.open(str(path), "w", container_options=SAME) as container:
        video = _video(container, recipe)
        sounds = [container.add_stream("pcm_s16le", rate=t.rate_hz, layout=LAYOUTS[len(t.sound)]) for t in tracks]
        for track, stream in zip(tracks, sounds, strict=True):
            pcm = np.clip(np.round(track.sound * 32767), -32768, 32767).astype(np.int16)
            frame = AudioFrame.from_ndarray(pcm.T.reshape(1, -1).copy(), format="s16", layout=LAYOUTS[len(pcm)])
            frame.sample_rate, frame.time_base = track.rate_hz, Fraction(1, track.rate_hz)
            frame.pts = round(track.starts_s * track.rate_hz)
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        clock = Fraction(1, 90_000)
        for index, at in enumerate(recipe.instants):
            picture = _frame(paint(index), recipe)
            picture.time_base, picture.pts = clock, round((at + first_s) / clock)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    return path


def case_of(film: Path, folder: Path, labels: Sequence[str] = ("P1",)) -> tuple[Case, CaseFolder]:
    """Return a case with these people, of whom nothing is known but that they are there."""
    kept = CaseFolder(folder)
    kept.make()
    probed = probe(film)
    people = tuple(Person(label, ()) for label in labels)
    return Case(probed, probed.frames, 0, (), Cast((), people), {}, {}), kept


@cache
def spoken(text: str = "We left the house before dawn. Nobody knew where the road would take us.") -> Sound:
    """Return a synthetic voice that says these words, 16 kHz, with half a second of silence at both ends."""
    from hibari import Hibari

    said = soxr.resample(Hibari()(text, seed=1), 24_000, HEARING_HZ).astype(np.float32)
    return np.pad(said, HEARING_HZ // 2)


def tone(hz: float, length_s: float, rate_hz: int = HEARING_HZ, level: float = 0.3) -> Sound:
    """Return a tone with five harmonics."""
    at = np.arange(round(length_s * rate_hz)) / rate_hz
    sound = sum(np.sin(2 * np.pi * hz * k * at) / k for k in range(1, 6))
    return np.asarray(level * sound / 2, np.float32)


def hiss(length_s: float, level: float = 0.05, seed: int = 3) -> Sound:
    """Return white noise."""
    return (level * np.random.default_rng(seed).standard_normal(round(length_s * HEARING_HZ))).astype(np.float32)
