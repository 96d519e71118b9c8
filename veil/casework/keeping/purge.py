"""Purging: what is destroyed is gone from tables, files and noise, and so from every backup that follows."""

import uuid
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.utils.translation import gettext as _

from veil.casework import world
from veil.casework.hand import Hand
from veil.casework.keeping import backed_up, lasting
from veil.casework.keeping.models import Doomed, SealedFile
from veil.casework.network.models import AuditEvent, Compartment, Worker, World
from veil.errors import VeilError
from veil.vault import memory, stores

_KEPT = (AuditEvent, Worker, World)  # the audit keeps the random id, and that it was purged; nothing else
_SAYS_WHOSE = ("record", "owner", "what", "of")  # columns that name a thing by its id without being a foreign key
_SWEEP = {  # what was overwritten leaves the log of the database too
    "sqlite": "PRAGMA wal_checkpoint(TRUNCATE)",
    "postgresql": "VACUUM casework_sealed, casework_wrap, casework_compartment",
}
_RESERVED = 1 << 64  # ids below belong to the network itself


class InTheWay(VeilError):
    """Something that stays still points to what is to be destroyed."""

    def __init__(self) -> None:
        super().__init__(
            _("something else still depends on this"), _("end the stays and moves that use it, then try again")
        )


def purge(hand: Hand, root: uuid.UUID) -> None:
    """Destroy a case, a request or a house with everything in it; the audit keeps its random id only."""
    _destroy({root}, [root])
    hand.note("purged", root)


def destroy(hand: Hand, owners: Iterable[uuid.UUID]) -> None:
    """Destroy the secrets of these owners (a person, a move, a leg) and the rows that are theirs."""
    told = set(owners)
    _destroy(told, [])
    for owner in sorted(told):
        hand.note("purged", owner)


def destroy_kinds(hand: Hand, owner: uuid.UUID, kinds: Iterable[str]) -> None:
    """Destroy one owner's secrets of some kinds only, with their files; the rest of what is theirs stays."""
    _doom(Compartment.objects.filter(owner=owner, kind__in=list(kinds)), [])
    hand.note("purged", owner)


def goes_with(root: uuid.UUID) -> dict[str, int]:
    """Return how many rows of each table would be destroyed with a root: what somebody is told before they decide."""
    counts = {
        model.__name__: model._default_manager.filter(root=root).count()  # noqa: SLF001
        for model in tables()
        if _has(model, "root")
    }
    return {name: count for name, count in counts.items() if count}


def tables() -> list[type[models.Model]]:
    """Return every table from which purging deletes."""
    return [model for model in apps.get_app_config("casework").get_models() if model not in _KEPT]


def finish(places: Iterable[int], files: Iterable[uuid.UUID]) -> None:
    """Overwrite and remove what the database does not hold; called again after a crash, it does the same again."""
    lasting.the_noise().destroy(places)
    for file in files:
        (stores.folder() / "files" / file.hex).unlink(missing_ok=True)
    backed_up.follow()
    memory.soon()
    here = connections[world.here()]
    if not here.in_atomic_block:
        with here.cursor() as cursor:
            cursor.execute(_SWEEP[here.vendor])


def _destroy(owners: set[uuid.UUID], roots: list[uuid.UUID]) -> None:
    if any(owner.int < _RESERVED for owner in owners):
        raise ValueError("the network's own keys are not purged")
    ids = set(_family(owners, roots))
    dead = Compartment.objects.filter(models.Q(owner__in=ids) | models.Q(root__in=roots))
    _doom(dead, roots)
    _delete_rows(ids, roots)


def _doom(dead: Any, roots: list[uuid.UUID]) -> None:
    """Destroy compartments, now in the tables, and after the commit where the database does not reach."""
    places = list(dead.values_list("place", flat=True))
    files = list(
        SealedFile.objects.filter(models.Q(compartment__in=dead) | models.Q(root__in=roots)).values_list(
            "id", flat=True
        )
    )
    Doomed.objects.bulk_create([*(Doomed(place=place) for place in places), *(Doomed(file=file) for file in files)])
    dead.delete()
    transaction.on_commit(partial(_finish_or_say, places, files), using=world.here())


def _finish_or_say(places: list[int], files: list[uuid.UUID]) -> None:
    """Finish, or say what is left: by now the rows are gone, and “the last step was not saved” would not be true."""
    try:
        finish(places, files)
    except OSError as error:
        raise VeilError(
            _("it is gone from the vault, but the disk is full: an old backup still opens it until the next unlocking"),
            _("make room on this disk, then lock, and unlock again: that destroys the rest"),
        ) from error


def _delete_rows(ids: set[uuid.UUID], roots: list[uuid.UUID]) -> None:
    left = tables()
    while left:
        blocked = []
        for model in left:
            try:
                for rows in _rows(model, ids, roots):
                    rows.delete()
            except models.ProtectedError:
                blocked.append(model)
        if len(blocked) == len(left):
            raise InTheWay
        left = blocked


def _rows(model: type[models.Model], ids: set[uuid.UUID], roots: list[uuid.UUID]) -> Iterator[Any]:
    rows = model._default_manager  # noqa: SLF001  (Django's own name for it)
    if roots and _has(model, "root"):
        yield rows.filter(root__in=roots)
    if isinstance(model._meta.pk, models.UUIDField):  # noqa: SLF001
        yield rows.filter(pk__in=ids)
    for name in _SAYS_WHOSE:
        if _has(model, name):
            yield rows.filter(**{f"{name}__in": ids})


def _family(owners: set[uuid.UUID], roots: list[uuid.UUID]) -> set[uuid.UUID]:
    """Return the owners, every row with one of the roots, and whatever would fall with any of them."""
    fresh: dict[type[models.Model], set[uuid.UUID]] = {}
    for model in _named():
        rows = set(model._default_manager.filter(pk__in=owners).values_list("pk", flat=True))  # noqa: SLF001
        if roots and _has(model, "root"):
            rows.update(_rooted(model, roots))
        if rows:
            fresh[model] = rows
    found = owners.union(*fresh.values())
    while fresh:
        more: dict[type[models.Model], set[uuid.UUID]] = {}
        for model, link in _links():
            if link.remote_field.model in fresh:
                told = {f"{link.name}__in": fresh[link.remote_field.model]}
                rows = set(model._default_manager.filter(**told).values_list("pk", flat=True)) - found  # noqa: SLF001
                if rows:
                    more.setdefault(model, set()).update(rows)
        said = set().union(*fresh.values())
        for model, name in _said_whose():
            told = {f"{name}__in": said}
            rows = set(model._default_manager.filter(**told).values_list("pk", flat=True)) - found  # noqa: SLF001
            if rows:
                more.setdefault(model, set()).update(rows)
        fresh = more
        found = found.union(*fresh.values())
    return found


def _named() -> list[type[models.Model]]:
    """Return the tables whose rows have a random id."""
    return [model for model in tables() if isinstance(model._meta.pk, models.UUIDField)]  # noqa: SLF001


def _links() -> Iterator[tuple[type[models.Model], Any]]:
    """Yield every foreign key with which a row falls when the other does."""
    for model in _named():
        for link in model._meta.get_fields():  # noqa: SLF001
            if isinstance(link, models.ForeignKey) and link.remote_field.on_delete is models.CASCADE:
                yield model, link


def _said_whose() -> Iterator[tuple[type[models.Model], str]]:
    """Yield the columns by which a row says whose it is without a foreign key: a check-in has keys of its own."""
    for model in _named():
        for name in ("of", "owner"):
            if _has(model, name):
                yield model, name


def _rooted(model: type[models.Model], roots: list[uuid.UUID]) -> list[Any]:
    rows = model._default_manager.filter(root__in=roots).values_list("pk", flat=True)  # noqa: SLF001
    return [key for key in rows if isinstance(key, uuid.UUID)]


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name and isinstance(field, models.UUIDField) for field in model._meta.fields)  # noqa: SLF001
