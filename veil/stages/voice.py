"""Voice: the words to be heard and the plan go in; one sound track for the whole film comes out.

Where a hidden voice may be heard, not one sample is the original's: a synthetic room stands there, and new voices in
it. The track waits in the case, sealed with what it depends on, until the cut lays it under the film.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from veil import __version__
from veil.disguise.scene.acoustics import Acoustics
from veil.disguise.scene.room import Room, loudness_db
from veil.media import PIECE_S, SOUND_HZ, Channels, SoundWriter, pieces, read
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard, Phone, Placed, Sound, Transcript, Word
from veil.nouns.time import Span
from veil.progress import Progress, silent
from veil.stages.audible import CELL_S, Cells, audible, runs_of, speech_cells
from veil.stages.bent import bent, said_in
from veil.stages.case import Case, CaseFolder, write_json
from veil.stages.lines import Place, cut_off_s, latest, lines, places
from veil.stages.mixing import Mix, mixed
from veil.stages.placed import save_placed
from veil.stages.sound_ledger import SoundLedger, owed
from veil.stages.sound_marks import read_notes, read_sum, track_notes
from veil.stages.utterances import Utterance, Utterances, Voices

_QUIETEST_DB, _LOUDEST_DB, _STEP_DB = -32.0, -18.0, 2.0  # of a voice while it speaks
_SCENE_S = 20  # two pieces at least
_ALIKE_DB = 6.0  # noises that differ by no more than that in any octave are one
_TONGUES = 2  # lines that are spoken at once
_AROUND_CELLS = 15  # around a voice nothing counts as the air of a room


def track_of(folder: CaseFolder) -> Path:
    """Return where a case keeps the new sound of its film."""
    return folder.sound / "track.flac"


def voice(  # noqa: PLR0913 - what the former steps give, one by one
    case: Case,
    plan: Plan,
    folder: CaseFolder,
    heard: Heard,
    transcript: Transcript,
    voices: Voices,
    progress: Progress = silent,
) -> Path:
    """Write the new sound of the film and what is said in it; return where the track is.

    `transcript` holds the words as they are to be heard. What is there already and still holds is not made again.
    Raises Exposed when a hidden voice would be heard, VeilError when a line cannot be spoken.
    """
    folder.sound.mkdir(exist_ok=True)
    end_s = case.end_s
    utterances = Utterances(folder.sound / "lines", plan, voices)
    every = lines(plan, transcript, end_s)
    with ThreadPoolExecutor(_TONGUES) as pool:
        said = list(progress(pool.map(utterances.say, every), doing="speaking", total=len(every)))
    found = places(every, [u.length_s for u in said], end_s)
    with read(case.film) as reader:
        film = _Film(case, reader.offset_s, heard, audible(plan, heard, end_s))
    bends = bent(plan, heard, transcript, utterances, film.pieces())
    utterances.drop_others()
    spoken = sorted((*zip(said, found, strict=True), *bends), key=lambda pair: pair[1].at)
    path, key = track_of(folder), _key(case, plan, heard, spoken)
    if path.is_file() and read_notes(folder)[0] == key and read_sum(folder) == _sum(path):
        return path
    for kept in (track_notes(folder), path):  # the notes first: they must never stand beside another track
        kept.unlink(missing_ok=True)
    place = _survey(film, plan, progress)
    runs = runs_of(film.may, SOUND_HZ, speech_cells(heard, len(film.may)))
    mix = Mix(plan.seed, film.count, place.channels, runs, place.rooms, spoken, place.levels_db)
    ledger = SoundLedger(owed(plan, heard, end_s))
    with SoundWriter(path, place.channels) as writer:
        for sound, clean in progress(mixed(mix, film.pieces()), doing="mixing", total=film.pieces_count):
            writer.put(sound)
            for span in clean:
                ledger.pay(span)
        if film.ends < end_s:  # by a part of a sample, where nothing is written
            ledger.pay(Span(film.ends, end_s))
        ledger.settle()
    said_there = (_placed(u, p, plan, transcript) for u, p in spoken)
    save_placed(folder, tuple(_in_film(line, end_s) for line in said_there if line.span.start < end_s))
    sums = {**ledger.sums(), "lost_s": ledger.lost_s(plan, heard), "late_s": float(latest(every, found))}
    sums["cut_off_s"] = float(cut_off_s(found, end_s))
    write_json(track_notes(folder), {"key": key, "ledger": sums, "sha256": _sum(path)})
    return path


@dataclass(frozen=True, eq=False)
class _Film:
    """The sound of a film as it was recorded."""

    case: Case
    offset_s: Fraction
    heard: Heard
    may: Cells

    @property
    def count(self) -> int:
        return round(self.case.end_s * SOUND_HZ)

    @property
    def ends(self) -> Fraction:
        """When the last sample ends: a film need not end with one."""
        return Fraction(self.count, SOUND_HZ)

    @property
    def pieces_count(self) -> int:
        return -(-self.count // (PIECE_S * SOUND_HZ))

    def pieces(self) -> Iterator[Channels]:
        """Yield the film's own sound, or silence where it has none."""
        there = False
        for piece in pieces(self.case.film.path, self.offset_s, self.case.end_s):
            there = True
            yield piece
        for start in range(0, 0 if there else self.count, PIECE_S * SOUND_HZ):
            yield np.zeros((1, min(PIECE_S * SOUND_HZ, self.count - start)), np.float32)


@dataclass(frozen=True)
class _Surveyed:
    """What the original's sound tells of its place, coarsely."""

    channels: int
    rooms: tuple[tuple[int, Room], ...]
    levels_db: dict[str, float]


def _survey(film: _Film, plan: Plan, progress: Progress) -> _Surveyed:
    """Go through the original once and measure its rooms and how loud its speakers are."""
    rooms, levels, channels, at = _Rooms(film.case, plan.seed), _Levels(film.heard), 1, 0
    voiced = speech_cells(film.heard, len(film.may) + 1)
    near = np.convolve(voiced, np.ones(2 * _AROUND_CELLS + 1), mode="same") > 0
    cell = int(CELL_S * SOUND_HZ)
    for piece in progress(film.pieces(), doing="measuring the room", total=film.pieces_count):
        channels, mono = piece.shape[0], piece.mean(0)
        rooms.take(mono, near[at // cell : (at + len(mono)) // cell + 1], at)
        levels.take(mono, at)
        at += len(mono)
    return _Surveyed(channels, rooms.found(), levels.found())


class _Rooms:
    """The air of each scene, and one echo for all of the film; scenes that sound alike are one."""

    def __init__(self, case: Case, seed: int) -> None:
        self._seed, self._film = seed, Acoustics(seed)
        self._starts = [round(start * SOUND_HZ) for start in _scenes(case)]
        self._scene, self._next = Acoustics(seed), 1
        self._noises: list[tuple[float, ...] | None] = []

    def take(self, sound: Sound, voiced: Cells, at: int) -> None:
        """Hear a piece that begins at sample `at`; a scene begins with the piece in which its first shot does."""
        while self._next < len(self._starts) and self._starts[self._next] < at + len(sound):
            self._noises.append(self._scene.noise_db())
            self._scene, self._next = Acoustics(self._seed), self._next + 1
        for acoustics in (self._film, self._scene):
            acoustics.take(sound, voiced)

    def found(self) -> tuple[tuple[int, Room], ...]:
        """Return the rooms, each with the sample from which on it is heard."""
        usual = self._film.room()
        rooms: list[tuple[int, Room]] = []
        for start, noise in zip(self._starts, [*self._noises, self._scene.noise_db()], strict=False):
            room = usual if noise is None or _alike(noise, usual.noise_db) else replace(usual, noise_db=noise)
            if not rooms or not _alike(room.noise_db, rooms[-1][1].noise_db):
                rooms.append((start, room))
        return tuple(rooms)


def _alike(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _ALIKE_DB


def _scenes(case: Case) -> list[Fraction]:
    """Return when scenes begin: shots in a row that last long enough to tell of a place."""
    starts = [Fraction(0)]
    for shot in case.shots[1:]:
        if shot.span.start - starts[-1] >= _SCENE_S and case.end_s - shot.span.start >= _SCENE_S:
            starts.append(shot.span.start)
    return starts


class _Levels:
    """How loud each speaker is where they speak alone; coarse, and one figure for all of the film."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._found: dict[str, list[float]] = {}

    def take(self, sound: Sound, at: int) -> None:
        """Hear a piece that begins at sample `at`."""
        for turn in self._heard.turns:
            first = max(0, round(turn.span.start * SOUND_HZ) - at)
            part = sound[first : max(0, round(turn.span.end * SOUND_HZ) - at)]
            if len(part) >= SOUND_HZ // 2 and not turn.overlapped and (level := loudness_db(part)) is not None:
                self._found.setdefault(turn.speaker, []).append(level)

    def found(self) -> dict[str, float]:
        """Return the level of everyone who was heard, dB of full scale."""
        return {who: _coarse(float(np.median(levels))) for who, levels in self._found.items()}


def _coarse(level_db: float) -> float:
    return float(np.clip(round(level_db / _STEP_DB) * _STEP_DB, _QUIETEST_DB, _LOUDEST_DB))


def _placed(utterance: Utterance, place: Place, plan: Plan, transcript: Transcript) -> Placed:
    """Return a line as it is heard, in seconds of the film."""
    line, spoken, at_s = utterance.line, utterance.spoken(), float(place.at)
    span = Span(place.at, place.at + utterance.length_s)
    if not utterance.dry:
        return Placed(line.speaker, span, said_in(transcript, line.speaker, span), (), "convert")
    timed = (
        spoken.words if len(spoken.words) == len(line.words) else ((0.0, float(utterance.length_s)),) * len(line.words)
    )
    words = tuple(
        Word(said.text, _span(place.at, start_s, end_s))
        for said, (start_s, end_s) in zip(line.words, timed, strict=True)
    )
    phones = tuple(Phone(p.symbol, p.start_s + at_s, p.end_s + at_s) for p in spoken.phones)
    return Placed(line.speaker, span, words, phones, plan.role_of(line.speaker).voicing.by)


def _in_film(line: Placed, end_s: Fraction) -> Placed:
    """Return a line as far as the film goes: what its end cuts off is not heard, nor read, nor seen on lips."""

    def within_film(span: Span) -> Span:
        return Span(span.start, min(span.end, end_s))

    words = tuple(replace(w, span=within_film(w.span)) for w in line.words if w.span.start < end_s)
    phones = tuple(p for p in line.phones if p.start_s < end_s)
    return replace(line, span=within_film(line.span), words=words, phones=phones)


def _span(at: Fraction, start_s: float, end_s: float) -> Span:
    start, end = (at + Fraction(round(s * 1000), 1000) for s in (start_s, end_s))
    return Span(start, max(start, end))


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(case: Case, plan: Plan, heard: Heard, spoken: list[tuple[Utterance, Place]]) -> str:
    """Return what the track depends on, as a name."""
    people = sorted({*heard.speakers, *(u.line.speaker for u, _ in spoken)})
    roles = [(p, plan.role_of(p).voicing, plan.role_of(p).lift) for p in people]
    lines_said = [(u.line.speaker, u.path.stem, _sum(u.path), p) for u, p in spoken]
    told = (
        __version__, case.film.fingerprint, case.end_s, plan.seed, plan.ambience, roles, heard.turns, heard.voiced,
        lines_said,
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()
