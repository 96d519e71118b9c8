"""Cut: film, cast and plan go in; a film in which everyone is disguised comes out, and the ledger.

The film is cut in sections. A finished section is kept in the case until the whole film is safe, so that interrupted
work goes on, and only what a new plan or a new finding touches is cut again.
"""

import hashlib
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from veil import __version__
from veil.disguise.scene.camera import SensorNoise
from veil.disguise.wardrobe import mark
from veil.errors import VeilError
from veil.media import Reader, Writer, join, probe, read
from veil.nouns.cut import Attendance
from veil.nouns.picture import Box, Frame
from veil.nouns.plan import Plan
from veil.nouns.publication import Publication
from veil.nouns.signals import Signals
from veil.nouns.voicing import Voicing
from veil.progress import Progress, silent
from veil.stages.ahead import ahead, in_order
from veil.stages.bodies import bodies
from veil.stages.burned import load_captions
from veil.stages.case import Case, CaseFolder, load_found, write_json
from veil.stages.dressing import CuttingRoom, Scenery, Settled
from veil.stages.foreground import load_refused
from veil.stages.mouths import mouths_of
from veil.stages.painted import save_painted, seal_of
from veil.stages.paths import paths
from veil.stages.presence import Presence
from veil.stages.said import burn_in
from veil.stages.signing import disguises, signs_of
from veil.stages.sound_marks import sound_sums
from veil.stages.sounding import sounding

_SECTION = 900  # frames
_CARD_GONE_S = 20  # long after this the title card is no more, however the frames are spaced


def cut(case: Case, plan: Plan, folder: CaseFolder, part: Path, progress: Progress = silent) -> None:
    """Write the disguised film to `part`.

    `part` must not be the final name: until the result was attacked nobody may take it for one. Raises Exposed when
    someone was not covered, VeilError when the film changed since it was watched or cannot be read or written.
    """
    if probe(case.film.path).fingerprint != case.film.fingerprint:
        raise VeilError("the film is not the one that was watched", "run `veil watch FILM` again")
    folder.cuts.mkdir(exist_ok=True)
    sound = sounding(case, plan, folder, progress)
    burn_in(case, plan, folder)
    found, scenery = load_found(folder), scenery_of(case, plan, folder, progress)
    seal = seal_of(case, plan, folder)
    sections = [
        _Section(folder.cuts, first, _key(case, plan, (found, scenery.covers), first, scenery))
        for first in _starts(case)
    ]
    open_ones = [s for s in sections if not s.done]
    with read(case.film, start=open_ones[0].first if open_ones else case.frames - 1) as reader:
        if open_ones:
            room = CuttingRoom(case, plan, found, np.fromfile(folder.sums, np.uint32), scenery)
            _Cutting(case, plan, room, {s.first: s for s in open_ones}).run(reader, progress)
        folder.painted.unlink(missing_ok=True)
        join([(s.film, s.begins_s) for s in sections], reader, part, heard=plan.sound == "as it is", sound=sound)
    _sum_up(sections, plan, folder, seal)


def _starts(case: Case) -> range:
    return range(0, case.frames, _SECTION)


class _Faces:
    """Where everybody's head is; a camera's pattern is never measured on them."""

    def __init__(self, case: Case) -> None:
        self._presence, self._rate_hz = Presence(case), case.film.rate_hz

    def __call__(self, index: int) -> list[Box]:
        """Return the boxes of their heads, with a margin; frames must be asked for in order."""
        faces = self._presence.faces(index, index / self._rate_hz)
        return [face.box.grown(0.5) for _, face in faces]


def scenery_of(case: Case, plan: Plan, folder: CaseFolder, progress: Progress = silent) -> Scenery:
    """Return what is done to the picture beside the people; what must be measured is measured once."""
    covers, noise = paths(case, plan, folder, progress), _sensor_noise(case, plan, folder)
    refused, mouths = load_refused(folder), mouths_of(case, plan, folder)
    captions = load_captions(plan, folder)
    signs = signs_of(case, plan, captions)
    return Scenery(covers, noise, bodies(case, plan, folder, progress), signs, refused, mouths, captions)


def _sensor_noise(case: Case, plan: Plan, folder: CaseFolder) -> SensorNoise:
    """Return the camera's own pattern of noise, measured once and kept in the case; none where it may stay."""
    kept = folder.path / f"camera-{__version__}.npz"
    if plan.camera != "removed":
        return SensorNoise()
    if not kept.is_file():
        with read(case.film, start=SensorNoise.starts(case.frames)) as reader:
            noise = SensorNoise.estimate(ahead(reader), case.frames, _Faces(case))
        noise.save(kept)
    return SensorNoise.load(kept)


def _key(case: Case, plan: Plan, boxes: tuple[dict[int, list[Box]], ...], first: int, scenery: Scenery) -> str:
    """Return what a section depends on, as a name: another role of somebody in it, finding or version gives another."""
    plan = _pictured(plan)
    here = [sorted((i, str(b)) for i, b in found.items() if first <= i < first + _SECTION) for found in boxes]
    present = {t.label for t in case.cast.tracks if t.first < first + _SECTION and t.last > first}
    people = sorted(p.label for p in case.cast.people if present & set(p.tracks))
    last = first + _SECTION
    bare = sorted((label, i) for label, frames in scenery.refused.items() for i in frames if first <= i < last)
    said = scenery.mouths.told(people, first, last) if scenery.mouths else []
    whole = replace(plan, roles={}, signals=_signals_in(case, plan, first), title="", publication=Publication())
    roles = [(p, plan.role_of(p)) for p in people]
    marks = sorted({(r.double, mark(r.double)) for r in (plan.others, *(r for _, r in roles)) if r.double})
    told = (__version__, case.film.fingerprint, whole, roles, marks, here, bare, said, *scenery.captions)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _pictured(plan: Plan) -> Plan:
    """Return the plan as far as the picture alone bears it: another voice does not paint anybody anew."""
    roles = {label: replace(role, voicing=Voicing()) for label, role in plan.roles.items()}
    others = replace(plan.others, voicing=Voicing())
    return replace(plan, roles=roles, others=others, sound="left out", ambience="synthetic")


def _signals_in(case: Case, plan: Plan, first: int) -> Signals:
    """Return the signals as far as the section from frame `first` on bears them: the card stands at the beginning."""
    signals = plan.signals
    if not disguises(case, plan):
        return Signals(signals.halo, "off")
    late = first / case.film.rate_hz > _CARD_GONE_S
    bears = replace(signals, card="off", text="") if late or signals.card == "off" else signals
    return replace(bears, language="en") if bears.card == bears.mark == "off" else bears


@dataclass(frozen=True)
class _Section:
    """A stretch of the film from frame number `first`; its files are there when it is finished."""

    folder: Path
    first: int
    key: str

    @property
    def film(self) -> Path:
        return self.folder / f"{self.first:08d}-{self.key}.mp4"

    @property
    def notes(self) -> Path:
        return self.film.with_suffix(".npz")

    @property
    def done(self) -> bool:
        return self.film.is_file() and self.notes.is_file()

    @property
    def begins_s(self) -> Fraction:
        with np.load(self.notes) as stored:
            return Fraction(int(stored["begins"][0]), int(stored["begins"][1]))


class _Cutting:
    """Goes through the film once and writes the sections that are missing."""

    def __init__(self, case: Case, plan: Plan, room: CuttingRoom, missing: dict[int, _Section]) -> None:
        self._case, self._plan, self._room, self._missing = case, plan, room, missing
        self._attendance = Attendance(case.cast)
        self._section: _Section | None = None
        self._writer: Writer | None = None
        self._begins = Fraction(0)
        self._wanted = False

    def run(self, reader: Reader, progress: Progress) -> None:
        first = min(self._missing)
        frames = first
        try:
            # Reading, dressing and encoding go on at once; every frame passes through all three in order.
            dressed = in_order(self._dress, ahead(reader))
            for frame, settled in progress(dressed, doing="cutting", total=self._case.frames - first):
                frames = frame.index + 1
                if settled is not None:
                    self._finish(frame.at, settled)
                if frame.index % _SECTION == 0:
                    self._begin(reader, frame)
                if self._writer:
                    self._writer.put(Frame(frame.index, frame.at - self._begins, frame.picture))
            if frames != self._case.frames:
                raise VeilError("the film has other frames than when it was watched", "run `veil watch FILM` again")
            self._finish(reader.end_s, self._room.settled())
        finally:
            if self._writer:
                self._writer.abandon()

    def _dress(self, frame: Frame) -> tuple[Frame, Settled | None]:
        """Dress a frame; with the first frame of a section, settle the section before it."""
        settled = None
        if frame.index % _SECTION == 0:
            settled = self._room.settled() if self._wanted else None
            self._wanted = frame.index in self._missing
        if not self._wanted:
            return frame, settled
        self._room.ledger.owe(frame.index, frame.at, self._attendance, self._plan)
        return self._room.dress(frame), settled

    def _begin(self, reader: Reader, frame: Frame) -> None:
        section = self._missing.get(frame.index)
        if section is None:
            return
        self._section, self._begins = section, frame.at
        plan = self._plan
        draft = section.film.with_suffix(".mp4.part")
        draft.unlink(missing_ok=True)
        self._writer = Writer.like(reader, draft, codec=plan.codec, quality=plan.quality, preset=plan.preset)

    def _finish(self, end_s: Fraction, settled: Settled) -> None:
        """Give the file of the section in work, whose ledger is settled, its name."""
        if self._writer is None or self._section is None:
            return
        section, writer = self._section, self._writer
        writer.end_s = end_s - self._begins
        writer.close()
        self._writer = self._section = None
        np.savez(
            section.notes,
            painted=settled.painted,
            begins=np.array([self._begins.numerator, self._begins.denominator], np.int64),
            counts=np.array([settled.owed, settled.paid, settled.escalated]),
        )
        writer.path.rename(section.film)


def _sum_up(sections: list[_Section], plan: Plan, folder: CaseFolder, seal: str) -> None:
    """Write what was painted and the ledger of the whole film; drop sections that no longer belong to it."""
    painted, counts = [], np.zeros(3, np.int64)
    for section in sections:
        with np.load(section.notes) as stored:
            painted.append(stored["painted"])
            counts += stored["counts"]
    owed, paid, escalated = (int(c) for c in counts)
    about = {"owed": owed, "paid": paid, "escalated": escalated, "sound": plan.sound}
    write_json(folder.ledger, {**about, **(sound_sums(folder) if plan.sound == "disguised" else {})})
    kept = {s.film for s in sections} | {s.notes for s in sections}
    for path in folder.cuts.iterdir():
        if path not in kept:
            path.unlink()
    save_painted(folder, painted, seal)
