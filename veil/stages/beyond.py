"""What the plan says of a head beside its inner face: outline, hair, ears, glasses; and where there is room for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from veil.disguise.faces.hair import hair_of
from veil.errors import VeilError
from veil.nouns.cast import Face
from veil.nouns.picture import Box
from veil.nouns.plan import EARS, HAIRS, SPECTACLES, Beyond, Ears, Hair, Role, Spectacles
from veil.stages.case import Case, looks_of
from veil.stages.told import one_of, whole

KEYS = {"outline", "hair", "ears", "glasses"}
"""What the plan may say of a person here."""


def beyond_of(about: dict[str, Any], who: str) -> Beyond:
    """Read it; raise VeilError when it says something that Veil does not know."""
    return Beyond(
        whole(about.get("outline", 100), f"outline of {who}", 0, 100),
        cast(Hair, one_of(about.get("hair", "as it is"), HAIRS, f"hair of {who}")),
        cast(Ears, one_of(about.get("ears", "as they are"), EARS, f"ears of {who}")),
        cast(Spectacles, one_of(about.get("glasses", "as the double's"), SPECTACLES, f"glasses of {who}")),
    )


def written_beyond(beyond: Beyond) -> list[str]:
    """Return the lines of the plan that say it."""
    return [
        f"outline = {beyond.outline}  # percent: how far jaw and outline go towards the double's; 0 leaves them",
        f'hair = "{beyond.hair}"  # or black, dark brown, brown, blond, red, grey, white',
        f'ears = "{beyond.ears}"  # or "softened": smaller and flatter',
        f'glasses = "{beyond.glasses}"  # or none, round, square, half',
    ]


def check_hair(roles: Mapping[str, Role], case: Case) -> None:
    """Raise VeilError when somebody's hair is to be dyed and Veil cannot tell what of them is hair."""
    for label, role in roles.items():
        wanted = role.cover == "double" and role.beyond.hair != "as it is"
        if wanted and hair_of(looks_of(case, label)) is None:
            problem = f"what of {label} is hair cannot be told from skin, a hat or a scarf"
            raise VeilError(problem, f'set hair = "as it is" for {label}: it cannot be dyed')


_ROOM = 0.5, 0.8
"""Of the height of a head: with somebody else's face nearer than the first there is no room, from the second on all."""


def with_room(faces: Sequence[Face], covers: Sequence[Box] = ()) -> list[Face]:
    """Return the faces, each told how much room it has: a picture bent around one must not move parts of another.

    Nor may what lies under `covers` (writing, a tattoo) be moved out from under them.
    """
    heads = [face.box for face in faces]
    return [
        replace(face, alone=_room(face.box, [*heads[:place], *heads[place + 1 :], *covers]))
        for place, face in enumerate(faces)
    ]


def _room(head: Box, others: Sequence[Box]) -> float:
    gaps = [_gap_px(head, other) / max(1, head.height) for other in others]
    return max(0.0, min(1.0, (min(gaps, default=_ROOM[1]) - _ROOM[0]) / (_ROOM[1] - _ROOM[0])))


def _gap_px(one: Box, other: Box) -> int:
    """Return how far two boxes lie apart; 0 where they touch."""
    across = max(one.left - other.right, other.left - one.right)
    return max(0, across, one.top - other.bottom, other.top - one.bottom)
