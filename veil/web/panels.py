"""Panels: what other parts show on a case's page; a panel that a worker may not see is not made at all."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """One part of a case's page: a template and what it shows."""

    template: str
    told: dict[str, Any]


Maker = Callable[[HttpRequest, uuid.UUID], Panel | None]
_MAKERS: list[tuple[int, Maker]] = []


def panel(place: int) -> Callable[[Maker], Maker]:
    """Enter a maker of panels in the list; lower places come first."""

    def enter(maker: Maker) -> Maker:
        _MAKERS.append((place, maker))
        _MAKERS.sort(key=lambda told: told[0])
        return maker

    return enter


def panels_of(request: HttpRequest, case: uuid.UUID) -> list[Panel]:
    """Return what is shown on a case's page to this worker."""
    return [made for _, maker in _MAKERS if (made := maker(request, case)) is not None]
