"""What gives people away beside their faces: the file, its sound, its camera, writing in the picture."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from veil.adversary.camera import CameraHunt
from veil.adversary.soundprint import attack_on_sound
from veil.media.audit import attack_on_file, compare
from veil.media.listen import listen
from veil.nouns.picture import Frame
from veil.nouns.plan import Plan
from veil.nouns.report import Attack, Finding
from veil.stages.case import Case
from veil.stages.left_over import LeftOver, Reading
from veil.stages.opponent import Pair

_SOUND_HZ = 8000


class Elsewhere:
    """Looks at both films on the way; none of this needs every frame."""

    def __init__(self, case: Case, plan: Plan) -> None:
        self._case, self._plan = case, plan
        self._hunt = CameraHunt(case.frames)
        self._reading = Reading(case, plan)
        self._left: LeftOver | None = None

    def take(self, pair: Pair) -> None:
        """Look at a pair of frames, in order."""
        self._hunt.original(Frame(pair.index, pair.at, pair.original))
        now = Frame(pair.index, pair.at, pair.result)
        self._hunt.result(now, (*pair.painted, *pair.words))
        self._reading.look(now, pair.words)

    def attacks(self, result: Path) -> tuple[Attack, ...]:
        """Return what was tried on the file as a whole."""
        found = [
            attack_on_file(compare(self._case.film.path, result)),
            self._sound(result),
            self._camera(),
        ]
        return (*found, self._writing().attack)

    def _sound(self, result: Path) -> Attack:
        """Return whether the original's sound is heard: exposed where the plan leaves it out, else to be judged."""
        before, after = listen(self._case.film.path, _SOUND_HZ), listen(result, _SOUND_HZ)
        attack = attack_on_sound(before, after, _SOUND_HZ)
        if self._plan.sound == "as it is" or (self._plan.sound == "disguised" and self._somebody_sounds()):
            return _for_judgement(attack)
        if self._plan.sound == "disguised":
            deaf = any(sound is not None and np.isnan(sound).any() for sound in (before, after))
            short = attack.verdict == "not proven" and not deaf  # `overheard` looks for leftovers in half a second
            return _for_judgement(attack) if short else attack
        said = "the plan leaves the sound out, and there is some"
        return attack if after is None else replace(attack, verdict="exposed", said=said)

    def _somebody_sounds(self) -> bool:
        """Tell whether the plan lets anything of the original be heard: then the recording is recognised in it."""
        roles = self._plan.roles.values()
        return self._plan.ambience == "as it is" or any(role.voicing.heard or role.lift for role in roles)

    def _camera(self) -> Attack:
        """Return whether the camera is recognised: to be put right where the plan asks for it, else to be judged."""
        attack = self._hunt.attack()
        mend = attack.verdict == "exposed" and self._plan.camera == "if recognised"
        return attack if mend else _for_judgement(attack)

    def findings(self) -> tuple[Finding, ...]:
        """Return the writing that was to be covered and can be read."""
        return tuple(Finding(index, box, 1.0, "writing") for index, box in self._writing().places)

    def _writing(self) -> LeftOver:
        if self._left is None:
            self._left = self._reading.judge()
        return self._left


def _for_judgement(attack: Attack) -> Attack:
    """Return an attack whose success does not show anybody's face: a person must judge, the film is not held back."""
    return attack if attack.verdict == "safe" else replace(attack, verdict="warned")
