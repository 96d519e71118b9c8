"""How long work tells that it goes on; the door (CLI, studio) decides how it is shown."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Wraps an iterable; `doing` is a participle such as "cutting", `total` counts items or is None."""

    def __call__(self, items: Iterable[T], *, doing: str, total: int | None = None) -> Iterator[T]: ...


def silent(items: Iterable[T], *, doing: str, total: int | None = None) -> Iterator[T]:
    """Pass the items on and show nothing."""
    del doing, total
    yield from items
