"""Mixes the new sound of a film in pieces: what may be heard of the original, a synthetic room, new voices in it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from veil.disguise.scene.room import Room, air, loudness_db, placed
from veil.media import SOUND_HZ, Channels
from veil.nouns.time import Span
from veil.stages.audible import Run
from veil.stages.lines import Place
from veil.stages.utterances import Utterance

_USUAL_DB = -24.0  # of a voice while it speaks, where the original does not tell
_CROSS_S = 0.5  # from one room to the next
_FADE_S = 0.01  # of a voice that the film's end cuts off


@dataclass(frozen=True)
class Mix:
    """All that the new sound is made of. `rooms` begin at the samples beside them, in order; the first at 0."""

    seed: int
    count: int  # samples of the whole film
    channels: int
    runs: Sequence[Run]
    rooms: Sequence[tuple[int, Room]]
    spoken: Sequence[tuple[Utterance, Place]]  # in order of their places
    levels_db: dict[str, float] = field(default_factory=dict)  # how loud each speaker's new voice is


def mixed(mix: Mix, original: Iterable[Channels]) -> Iterator[tuple[Channels, tuple[Span, ...]]]:
    """Yield pieces of the new sound, as long as those of the original, and where nothing of that is in them."""
    voices = _Voices(mix)
    at = 0
    for piece in original:
        length = piece.shape[1]
        gain = gain_of(mix.runs, at, length)
        here = np.flatnonzero(gain)
        sound = _air(mix, at, length) * np.sqrt(1 - gain**2)
        if len(here):  # not one sample of the rest is touched
            sound[:, here] += piece[:, here] * gain[here]
        yield np.asarray(sound + voices.at(at, length), np.float32), _without_original(gain, at)
        at += length


def gain_of(runs: Sequence[Run], at: int, length: int) -> NDArray[np.float32]:
    """Return the gain of the original for the samples from `at` on: 0 outside the runs, smooth inside their ends."""
    gain = np.zeros(length, np.float32)
    for run in runs:
        if run.end <= at or run.start >= at + length:
            continue
        first, last = max(run.start, at), min(run.end, at + length)
        inside = np.arange(first, last)
        into, out_of = (inside - run.start + 0.5) / run.fade_in, (run.end - inside - 0.5) / run.fade_out
        way = np.clip(np.minimum(into, out_of), 0, 1)
        gain[first - at : last - at] = np.sin(np.pi / 2 * way)
    return gain


def _without_original(gain: NDArray[np.float32], at: int) -> tuple[Span, ...]:
    steps = np.flatnonzero(np.diff(np.concatenate([[False], gain == 0, [False]]).astype(np.int8)))
    pairs = steps.reshape(-1, 2).tolist()
    return tuple(Span(Fraction(at + a, SOUND_HZ), Fraction(at + b, SOUND_HZ)) for a, b in pairs)


def _air(mix: Mix, at: int, length: int) -> Channels:
    """Return the air of the rooms for the samples from `at` on; one fades into the next."""
    cross = round(_CROSS_S * SOUND_HZ)
    sound = np.zeros((mix.channels, length), np.float32)
    for (begins, room), (ends, _) in zip(mix.rooms, [*mix.rooms[1:], (mix.count + cross, None)], strict=True):
        if begins - cross >= at + length or ends + cross <= at:
            continue
        where = np.arange(at, at + length)
        into = np.ones(length) if begins == 0 else np.clip((where - begins) / cross + 0.5, 0, 1)
        out_of = np.clip((ends - where) / cross + 0.5, 0, 1)
        share = np.sin(np.pi / 2 * into) * np.sin(np.pi / 2 * out_of)
        sound += air(room, mix.seed, at, length, mix.channels) * share.astype(np.float32)
    return sound


class _Voices:
    """The new voices in their rooms; only those that are heard now are held."""

    def __init__(self, mix: Mix) -> None:
        self._mix = mix
        self._waiting = list(mix.spoken)[::-1]
        self._open: list[tuple[int, Channels]] = []

    def at(self, at: int, length: int) -> Channels:
        """Return what is said in the samples from `at` on; pieces must be asked for in order."""
        end = at + length
        while self._waiting and round(self._waiting[-1][1].at * SOUND_HZ) < end:
            utterance, place = self._waiting.pop()
            self._open.append((round(place.at * SOUND_HZ), self._in_room(utterance, place)))
        sound = np.zeros((self._mix.channels, length), np.float32)
        for start, said in self._open:
            first, last = max(start, at), min(start + said.shape[1], end)
            if first < last:
                sound[:, first - at : last - at] += said[:, first - start : last - start]
        self._open = [(start, said) for start, said in self._open if start + said.shape[1] > end]
        return sound

    def _in_room(self, utterance: Utterance, place: Place) -> Channels:
        mix, start = self._mix, round(place.at * SOUND_HZ)
        sound = utterance.spoken().sound
        if not utterance.dry:
            return self._ending(np.repeat(sound[None], mix.channels, axis=0), start)
        level_db = loudness_db(sound)
        if level_db is not None:
            sound = sound * np.float32(10 ** ((mix.levels_db.get(utterance.line.speaker, _USUAL_DB) - level_db) / 20))
        room = next(room for begins, room in reversed(mix.rooms) if begins <= max(start, 0))
        return self._ending(placed(sound, room, mix.seed, mix.channels), start)

    def _ending(self, said: Channels, start: int) -> Channels:
        """Return what is said as far as the film goes."""
        mix = self._mix
        left, fade = max(0, mix.count - start), round(_FADE_S * SOUND_HZ)
        if said.shape[1] > left:
            said = said[:, :left].copy()
            said[:, -fade:] *= np.linspace(1, 0, min(fade, left), dtype=np.float32)
        return said
