"""The cutting room with bodies: clothes are painted for those who asked, told to the attack, and for nobody else."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import faces
from veil.nouns.body import BODY_CELLS, JOINTS, Body
from veil.nouns.picture import Box, Frame
from veil.nouns.plan import Plan, Role
from veil.nouns.time import ALWAYS
from veil.stages.bodies import Bodies
from veil.stages.case import Case
from veil.stages.dressing import CuttingRoom, Scenery
from veil.stages.unclothed import clothes_attacks

SCENE = faces.Scene((faces.Actor("farah", lambda i: faces.Pose(200 + 2 * i, 90, 60)),), 4, (400, 320))
SQUARE = Box(72, 60, 328, 316)


@dataclass(frozen=True, eq=False)
class _Trunk(Bodies):
    """Bodies of which only the trunk is known: a rectangle below the chin."""

    def at(self, track: str, index: int) -> Body | None:
        share = np.zeros((BODY_CELLS, BODY_CELLS), np.uint8)
        share[100:, 40:216] = 255
        return Body(SQUARE, share, np.zeros((JOINTS, 3), np.float32)) if track == "T1" and index < 3 else None

    def tone(self, person: str) -> tuple[float, float, float]:
        del person
        return (66.0, 84.0, 110.0)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return the case of one person before a wall."""
    return faces.case_of(SCENE, tmp_path)


def _dressed(case: Case, role: Role, index: int = 1) -> tuple[Frame, Frame, CuttingRoom]:
    room = CuttingRoom(case, Plan(3, {"P1": role}), {}, None, Scenery(bodies=_Trunk()))
    frame = faces.frame_of(SCENE, index)
    return frame, room.dress(frame), room


BARE = Role(double="boris")


def test_clothes_are_painted_and_told(case: Case) -> None:
    """What changes beside the face lies in a box that the attack is told of, and all of it is below the head."""
    _, plain, usual = _dressed(case, BARE)
    frame, out, room = _dressed(case, replace(BARE, clothes="red"))
    changed = cv2.absdiff(out.picture.y, plain.picture.y) > 0
    assert changed[200:316, 130:270].mean() > 0.9
    assert not changed[:110].any()
    told = [Box(*row[1:]) for row in room.painted]
    assert len(told) == len(usual.painted) + 1
    free = np.ones(changed.shape, bool)
    for box in told:
        free[box.top : box.bottom, box.left : box.right] = False
    assert np.array_equal(out.picture.y[free], frame.picture.y[free])


def test_who_may_be_seen_keeps_their_clothes(case: Case) -> None:
    """Whoever may be seen as they are is left alone, clothes and all."""
    frame, out, room = _dressed(case, replace(BARE, clothes="red", seen=(ALWAYS,)))
    assert np.array_equal(out.picture.y, frame.picture.y)
    assert not room.painted


def test_without_a_body_the_person_lies_in_shadow(case: Case) -> None:
    """Where clothes are to be changed and no body is known, the person wears the shadow, and it is counted and told."""
    _, dark, _ = _dressed(case, Role("shadow"), 3)
    role = replace(BARE, clothes="red")
    _, out, room = _dressed(case, role, 3)
    assert np.array_equal(out.picture.y, dark.picture.y)
    assert room.ledger.escalated == 1
    assert _dressed(case, role)[2].ledger.escalated == 0
    (told,) = clothes_attacks(case, Plan(3, {"P1": role}), _Trunk())
    assert (told.channel, told.verdict) == ("clothes", "warned")
    assert "in 1 of 4 frames no body was found" in told.said
    assert not clothes_attacks(case, Plan(3, {"P1": BARE}), _Trunk())


def test_an_empty_body_is_none(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of which no cell was found is not known: a shadow guesses it, and clothes fail closed."""
    nothing = Body(SQUARE, np.zeros((BODY_CELLS, BODY_CELLS), np.uint8), np.zeros((JOINTS, 3), np.float32))
    monkeypatch.setattr(_Trunk, "at", lambda *_: None)
    _, guessed, _ = _dressed(case, Role("shadow"))
    monkeypatch.setattr(_Trunk, "at", lambda *_: nothing)
    _, out, _ = _dressed(case, Role("shadow"))
    assert np.array_equal(out.picture.y, guessed.picture.y)
    assert _dressed(case, replace(BARE, clothes="red"))[2].ledger.escalated == 1


def test_a_shadow_takes_the_body_that_was_watched(case: Case) -> None:
    """The shadow is dark where the body is, and beside it nothing changes."""
    frame, out, _ = _dressed(case, Role("shadow"))
    assert out.picture.y[200:310, 140:260].max() < 60
    assert np.array_equal(out.picture.y[:, 350:], frame.picture.y[:, 350:])


def test_the_same_clothes_twice(case: Case) -> None:
    """The same plan gives the same clothes, bit for bit."""
    one, two = (_dressed(case, replace(BARE, clothes="recoloured"))[1] for _ in range(2))
    assert np.array_equal(one.picture.y, two.picture.y)
    assert np.array_equal(one.picture.u, two.picture.u)
