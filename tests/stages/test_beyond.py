"""The plan's words on a head beside its inner face, and how much room there is around it."""

from dataclasses import replace
from typing import Any

import pytest

from tests import faces
from veil.errors import VeilError
from veil.nouns.picture import Box
from veil.nouns.plan import Beyond
from veil.stages.beyond import beyond_of, with_room


@pytest.mark.parametrize(
    "about",
    [{"outline": 101}, {"outline": -1}, {"outline": True}, {"hair": "pink"}, {"ears": "gone"}, {"glasses": "heart"}],
)
def test_what_veil_does_not_know(about: dict[str, Any]) -> None:
    """Anything that Veil cannot do is told in one sentence that names the person and the key."""
    with pytest.raises(VeilError, match=f"{next(iter(about))} of P1"):
        beyond_of(about, "P1")


def test_a_plan_that_says_nothing() -> None:
    """Without a word, the outline moves, the double's glasses are worn, hair and ears stay."""
    assert beyond_of({}, "P1") == Beyond(100, "as it is", "as they are", "as the double's")


def test_room() -> None:
    """A lone head has all the room; two that touch have none; in between it shrinks as they come nearer."""
    face = faces.face_of(faces.posed("farah", faces.Pose(200, 200, 100)))
    tall = face.box.height

    def room(away_px: float) -> float:
        return with_room([face, face.moved(face.box.width + away_px, 0)])[0].alone

    assert with_room([face])[0].alone == 1
    assert room(0) == room(0.4 * tall) == 0
    assert 0 < room(0.6 * tall) < room(0.7 * tall) < 1
    assert room(0.9 * tall) == 1
    small = replace(face, box=face.box.grown(-0.3))
    assert with_room([face, small])[0].alone == 0


def test_nothing_is_bent_beside_a_cover() -> None:
    """Beside a cover over writing or a tattoo there is no room: what lies under it must not be moved out from it."""
    face = faces.face_of(faces.posed("farah", faces.Pose(200, 150, 90)))
    box = face.box
    tattoo = Box(box.left, box.bottom + 5, box.right, box.bottom + 40)
    assert with_room([face], [tattoo])[0].alone == 0
    assert with_room([face], [Box(tattoo.left + 900, tattoo.top, tattoo.right + 900, tattoo.bottom)])[0].alone == 1
