"""What a plan may say of one thing: one of some words, a whole number, and no more than Veil knows."""

import json
from typing import Any

from veil.errors import VeilError

HINT = "correct plan.toml in the case folder, or delete it and run `veil plan` again"


def quoted(value: object) -> str:
    """Return a text, a truth or a list of texts as TOML says it: JSON's words are TOML's, but for one letter."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def only(table: dict[str, Any], known: set[str], where: str) -> None:
    """Raise VeilError when a part of the plan, called `where`, says something that Veil does not know."""
    for key in table:
        if key not in known:
            raise VeilError(f"{where} says {key!r}, which Veil does not know", HINT)


def one_of(value: Any, choices: tuple[Any, ...], what: str) -> Any:
    """Return the value; raise VeilError when it is none of the choices."""
    if value not in choices:
        raise VeilError(f"{what} cannot be {value!r}", f"choose one of {', '.join(choices)}")
    return value


def whole(value: Any, what: str, low: int, high: int) -> int:
    """Return the value; raise VeilError when it is no whole number from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise VeilError(f"{what} must be a whole number from {low} to {high}", HINT)
    return value
