"""Attack: every frame of the result is searched again for faces that are not a double."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from veil.adversary.search import Search
from veil.errors import VeilError
from veil.media import probe, read
from veil.nouns.cut import Attendance
from veil.nouns.film import Shot
from veil.nouns.picture import Box, Frame
from veil.nouns.plan import Plan
from veil.nouns.report import Finding, Report
from veil.progress import Progress, silent
from veil.sight.motion import Motion
from veil.stages.ahead import ahead, in_order
from veil.stages.case import Case, CaseFolder, write_json
from veil.stages.cut import load_found

_SURE, _DOUBTFUL = 0.55, 0.35  # scores; a doubtful face counts when it shows in a neighbouring frame too
_QUICK_PX, _DEEP_PX = 256, 736  # every frame is searched at the first size, and in turn at the second
_DEEP_EVERY = 12


def attack(case: Case, plan: Plan, folder: CaseFolder, result: Path, progress: Progress = silent) -> Report:
    """Search the finished cut at `result` and write `report.json`.

    A face counts as found where nothing was painted and nobody may be seen. Raises VeilError when the result cannot
    be read, or is not the whole film.
    """
    painted = _painted(folder)
    allowed = _Allowed(case, plan)
    seen: list[Finding] = []
    frames = 0
    with read(probe(result)) as reader:
        searching = _Searching(case.frames)
        searched = in_order(searching, ahead(reader), workers=2)
        for frame, faces in progress(searched, doing="attacking", total=case.frames):
            frames += 1
            mine = painted[frame.index] + allowed.boxes(frame)
            for box, score in faces:
                if not any(_belongs(box, m) for m in mine):
                    searching.deep_until = frame.index + _DEEP_EVERY  # look closer where there is a doubt
                    seen.append(Finding(frame.index, box, score))
    if frames != case.frames:
        raise VeilError("the cut has other frames than the film", "run `veil cut CASE` again")
    findings = tuple(sorted(_believed(seen), key=lambda f: -f.score))
    report = Report(frames, case.undecodable, findings)
    write_report(folder, report)
    return report


def write_report(folder: CaseFolder, report: Report) -> None:
    """Write the verdict as JSON."""
    write_json(
        folder.report,
        {
            "verdict": "safe" if report.safe else "exposed",
            "frames_searched": report.frames,
            "undecodable": report.undecodable,
            "findings": [
                {"frame": f.index, "box": [f.box.left, f.box.top, f.box.right, f.box.bottom], "score": f.score}
                for f in report.findings
            ],
            "not_checked": [
                "whether a face recogniser would know anyone again",
                "voices, where the plan lets the sound be heard",
                "hair, ears, body, clothes, gait, tattoos, jewellery, reflections and written text",
            ],
        },
    )


def feed_back(folder: CaseFolder, report: Report, shots: Sequence[Shot]) -> None:
    """Put what was found into the next cut: each face is covered a little before and after, within its shot."""
    found = {index: list(boxes) for index, boxes in load_found(folder).items()}
    for finding in report.findings:
        shot = next((s for s in shots if s.first <= finding.index < s.last), None)
        if shot is None:
            raise ValueError("a finding lies in no shot of the film")
        first, last = finding.index - _DEEP_EVERY, finding.index + _DEEP_EVERY + 1
        for index in range(max(shot.first, first), min(shot.last, last)):
            found.setdefault(index, []).append(finding.box)
    write_json(folder.found, {str(i): [[b.left, b.top, b.right, b.bottom] for b in bs] for i, bs in found.items()})


def _painted(folder: CaseFolder) -> dict[int, list[Box]]:
    if not (folder.path / "painted.npy").is_file():
        raise VeilError("there is no cut to attack", "run `veil cut CASE` first")
    boxes: dict[int, list[Box]] = defaultdict(list)
    for index, left, top, right, bottom in np.load(folder.path / "painted.npy").tolist():
        boxes[index].append(Box(left, top, right, bottom))
    return boxes


class _Searching:
    """Searches frames; every thread has a net of its own."""

    def __init__(self, frames: int) -> None:
        self._last = frames - 1
        self.deep_until = -1
        self._mine = threading.local()

    def __call__(self, frame: Frame) -> tuple[Frame, list[tuple[Box, float]]]:
        if not hasattr(self._mine, "search"):
            self._mine.search = Search()
        deep = frame.index % _DEEP_EVERY == 0 or frame.index <= self.deep_until or frame.index == self._last
        return frame, self._mine.search.look(frame.picture, _DEEP_PX if deep else _QUICK_PX, _DOUBTFUL)


class _Allowed:
    """Where those are who may be seen."""

    def __init__(self, case: Case, plan: Plan) -> None:
        self._attendance = Attendance(case.cast)
        self._plan = plan
        self._rate_hz = float(case.film.rate_hz)
        self._tracks = {t.label: t for t in case.cast.tracks}
        self._motions: dict[str, Motion] = {}

    def boxes(self, frame: Frame) -> list[Box]:
        """Return the boxes of everyone who may be seen in this frame."""
        allowed = []
        for track, person in self._attendance.at(frame.index):
            if self._plan.role_of(person).shows(frame.at):
                if track not in self._motions:
                    self._motions[track] = Motion(self._tracks[track], self._rate_hz)
                allowed.append(self._motions[track].face(frame.index, frame.at).box.grown(0.25))
        return allowed


def _belongs(box: Box, mine: Box) -> bool:
    """Tell whether a face that was found lies in a region that was painted, or may be seen."""
    return box.shared_px(mine) > 0.6 * max(1, box.area)


def _believed(seen: list[Finding]) -> list[Finding]:
    """Drop doubtful sightings that no neighbouring frame confirms."""
    by_frame: dict[int, list[Finding]] = defaultdict(list)
    for finding in seen:
        by_frame[finding.index].append(finding)

    def confirmed(finding: Finding) -> bool:
        near = [n for k in range(-_DEEP_EVERY, _DEEP_EVERY + 1) if k for n in by_frame.get(finding.index + k, [])]
        return sum(n.box.overlap(finding.box) > 0.3 for n in near) >= 2

    return [f for f in seen if f.score >= _SURE or confirmed(f)]
