"""Keeps both cores busy: work is done a little ahead, in threads, and handed over in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
_AHEAD = 4  # frames


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield the items while a thread fetches the next few; what fetching raises is raised here, in its place."""
    source = iter(items)

    def fetch() -> tuple[bool, T | None]:
        for item in source:
            return True, item
        return False, None

    with ThreadPoolExecutor(1, "reading") as pool:
        waiting: deque[Future[tuple[bool, T | None]]] = deque(pool.submit(fetch) for _ in range(_AHEAD))
        try:
            while True:
                there, item = waiting.popleft().result()
                if not there or item is None:
                    return
                waiting.append(pool.submit(fetch))
                yield item
        finally:
            for future in waiting:
                future.cancel()


def in_order(work: Callable[[S], T], items: Iterable[S], workers: int = 1) -> Iterator[T]:
    """Yield ``work(item)`` for each item, in order, done by so many threads a few items ahead.

    With one worker, `work` sees the items one after the other and may keep notes.
    """
    with ThreadPoolExecutor(workers, "working") as pool:
        waiting: deque[Future[T]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
