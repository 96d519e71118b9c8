"""Left over: can writing still be read in the finished cut? Seen with other eyes than those that covered it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from veil.models import onnx_net
from veil.nouns.picture import Box, Frame
from veil.nouns.plan import Plan
from veil.nouns.report import Attack
from veil.nouns.time import clock
from veil.sight.writing import IMAGENET, Writing
from veil.stages.case import Case

_EVERY_S = 2
_NAMED = 5  # places that the report names
_BY = "text detector"
_LIMIT = 0.5  # the detector's own score from which something counts as writing


@dataclass(frozen=True)
class LeftOver:
    """What was seen of writing in the result."""

    attack: Attack
    places: tuple[tuple[int, Box], ...]  # frame number and box of what was to be covered and is not


@dataclass
class Reading:
    """Looks for writing in the frames of a result, every two seconds and wherever a shot begins."""

    case: Case
    plan: Plan
    seen: list[tuple[int, Box, float]] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        every = max(1, round(_EVERY_S * self.case.film.rate_hz))
        self._due = {i for s in self.case.shots for i in (*range(s.first, s.last, every), s.last - 1)}
        self._eyes = Writing(onnx_net("writing_other", "adversary"), IMAGENET)

    def look(self, frame: Frame, words: Sequence[Box] = ()) -> None:
        """Look at a frame of the result when it is due; what Veil itself wrote there, at `words`, is not meant."""
        if frame.index not in self._due:
            return
        self.looks += 1
        faces = [*self._faces(frame.index), *words]
        for line in self._eyes.look(frame.picture, _LIMIT):
            if all(line.box.shared_px(face) < 0.5 * line.box.area for face in faces):
                self.seen.append((frame.index, line.box, line.score))

    def _faces(self, index: int) -> list[Box]:
        """Return where the tracked faces are: what these eyes take for writing there is the features of a double."""
        tracks = [t for t in self.case.cast.tracks if t.first <= index < t.last]
        rows = [t.read(index - t.first, index - t.first + 1)[0] for t in tracks]
        return [Box(*(int(v) for v in np.round(row["box"]))).grown(0.1) for row in rows]

    def judge(self) -> LeftOver:
        """Return the verdict; a warning where there is writing and the plan leaves it as it is."""
        worst = max(self.seen, key=lambda s: s[2], default=None)
        if not self.looks:
            attack = Attack(None, "writing", _BY, None, _LIMIT, "not proven", said="no frame was looked at")
        elif worst is None:
            said = f"no writing was seen in {self.looks} looks; what shows for less than two seconds may be missed"
            attack = Attack(None, "writing", _BY, 0.0, _LIMIT, "safe", said=said)
        elif self.plan.writing != "covered":
            said = f'writing can be read {self._when()}; to cover it, set writing = "covered" in the plan'
            return LeftOver(Attack(None, "writing", _BY, worst[2], _LIMIT, "warned", worst[0], said), ())
        else:
            said = f"writing can still be read {self._when()}; cover these places with [[regions]] in the plan"
            attack = Attack(None, "writing", _BY, worst[2], _LIMIT, "exposed", worst[0], said)
        return LeftOver(attack, tuple((index, box) for index, box, _ in self.seen))

    def _when(self) -> str:
        frames = sorted({index for index, _, _ in self.seen})
        rate_hz = self.case.film.rate_hz
        named = ", ".join(clock(index / rate_hz) for index in frames[:_NAMED])
        more = f" and {len(frames) - _NAMED} other instants" if len(frames) > _NAMED else ""
        return f"at {named}{more} ({len(self.seen)} places in all)"
