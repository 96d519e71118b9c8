"""What the plan says of a head beside its inner face: outline, hair, ears, glasses; read and written."""

from typing import Any, cast

from veil.errors import VeilError
from veil.nouns.plan import EARS, HAIRS, SPECTACLES, Beyond, Ears, Hair, Spectacles

KEYS = {"outline", "hair", "ears", "glasses"}
"""What the plan may say of a person here."""


def beyond_of(about: dict[str, Any], who: str) -> Beyond:
    """Read it; raise VeilError when it says something that Veil does not know."""
    outline = about.get("outline", 100)
    if not isinstance(outline, int) or isinstance(outline, bool) or not 0 <= outline <= 100:
        raise VeilError(f"outline of {who} must be a whole number from 0 to 100", "100 is the usual, 0 leaves it alone")
    return Beyond(
        outline,
        cast(Hair, _one_of(about.get("hair", "as it is"), HAIRS, f"hair of {who}")),
        cast(Ears, _one_of(about.get("ears", "as they are"), EARS, f"ears of {who}")),
        cast(Spectacles, _one_of(about.get("glasses", "as the double's"), SPECTACLES, f"glasses of {who}")),
    )


def written_beyond(beyond: Beyond) -> list[str]:
    """Return the lines of the plan that say it."""
    return [
        f"outline = {beyond.outline}  # percent: how far jaw and outline go towards the double's; 0 leaves them",
        f'hair = "{beyond.hair}"  # or black, dark brown, brown, blond, red, grey, white',
        f'ears = "{beyond.ears}"  # or "softened": smaller and flatter',
        f'glasses = "{beyond.glasses}"  # or none, round, square, half',
    ]


def _one_of(value: Any, choices: tuple[str, ...], what: str) -> Any:
    if value not in choices:
        raise VeilError(f"{what} cannot be {value!r}", f"choose one of {', '.join(choices)}")
    return value
