"""Which of the two stores the present work is in: each request, and each command, works in one world only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from veil.casework import zone
from veil.vault import stores
from veil.vault.slots import STORES
from veil.vault.sqlcipher import base

_here: ContextVar[str | None] = ContextVar("world", default=None)
_noted: ContextVar[dict[str, Any] | None] = ContextVar("noted in this world", default=None)
_furnished: set[tuple[Path, str]] = set()
_turns = {store: threading.RLock() for store in STORES}


def here() -> str:
    """Return the store that is worked in; raise `Locked` outside of any world."""
    store = _here.get()
    if store is None:
        raise stores.Locked
    return store


def noted() -> dict[str, Any]:
    """Return what was noted since the present block began: for what is asked often and cannot change meanwhile."""
    told = _noted.get()
    if told is None:
        raise stores.Locked
    return told


@contextmanager
def within(store: str) -> Iterator[None]:
    """Work in one store until the block ends, by its network's hours; what it wrote is kept whole or not at all."""
    token, noted = _here.set(store), _noted.set({})
    try:
        with stores.working(store), _turn(store), transaction.atomic(using=store), _hours():
            yield
    finally:
        _noted.reset(noted)
        _here.reset(token)


@contextmanager
def _turn(store: str) -> Iterator[None]:
    """Wait for one's turn at a store in a file, and work with the one connection to it."""
    if stores.postgres() is not None:
        yield
        return
    # a store in a file takes one writer at a time: who waits here is woken at once, in SQLite they sleep and retry
    with _turns[store]:
        own = {one.alias: one for one in connections.all(initialized_only=True)}.get(store)
        connections[store] = base.shared(store)  # each page of the file is unsealed once, not once a thread
        try:
            yield
        finally:
            del connections[store]
            if own is not None:
                connections[store] = own


@contextmanager
def _hours() -> Iterator[None]:
    with timezone.override(zone.of_this_world()):
        yield


def furnish(store: str) -> None:
    """Make the tables of a new store (in a team's database: in a schema of its own)."""
    if stores.postgres() is not None:
        with connections[store].cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS veil_{store}")
    base.making.add(store)
    try:
        call_command("migrate", database=store, verbosity=0)
    finally:
        base.making.discard(store)
    _furnished.add((stores.folder(), store))


def refurnish(store: str) -> None:
    """Bring the tables of an open store, which an older Veil may have made, to those of today; once a process."""
    if (stores.folder(), store) in _furnished:
        return
    plan = MigrationExecutor(connections[store])
    if plan.migration_plan(plan.loader.graph.leaf_nodes()):
        call_command("migrate", database=store, verbosity=0)
    _furnished.add((stores.folder(), store))


class Router:
    """Sends every query to the world of the present work; both worlds have the same tables."""

    def db_for_read(self, model: type, **_: Any) -> str:  # noqa: ARG002  (Django's signature)
        """Return the store to read from."""
        return here()

    def db_for_write(self, model: type, **_: Any) -> str:  # noqa: ARG002
        """Return the store to write to."""
        return here()

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool:
        """Refuse to tie a row of one world to a row of the other."""
        return bool(one._state.db == other._state.db)  # noqa: SLF001  (Django's own way to ask)

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:  # noqa: ARG002
        """Make the same tables in both."""
        return db in {"a", "b"}
