"""What is always true of a vault's tables: no key, word or clock without its thing, and nothing of what was purged."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from veil.casework.keeping import lasting
from veil.casework.keeping.models import Clock
from veil.casework.network.models import AuditEvent, Compartment, Opened, Sealed, Wrap
from veil.casework.network.roles import Kind
from veil.vault.noise import proof

_RESERVED = 1 << 64  # ids below belong to the network itself
_NO_THINGS = (AuditEvent, Clock, Compartment, Opened, Sealed, Wrap)


def broken() -> Iterator[str]:
    """Yield in words whatever is not as it should be; inside a world."""
    ids, named = _things()
    roots = set(Compartment.objects.values_list("root", flat=True))
    for model in apps.get_app_config("casework").get_models():
        if model is not Compartment and _is(model, "root"):
            for root in _told(model, "root") - roots:
                yield _("{table}: a row is left of something that is gone: {what}").format(
                    table=model.__name__, what=root
                )
        if _is(model, "of"):
            for of in _told(model, "of") - ids:
                yield _("{table}: a row belongs to something that is gone: {what}").format(
                    table=model.__name__, what=of
                )
    for what in set(Clock.objects.values_list("what", flat=True)) - ids - roots:
        yield _("a clock runs for something that is gone: {what}").format(what=what)
    yield from _keys(ids, named)


def _keys(ids: set[uuid.UUID], named: set[uuid.UUID]) -> Iterator[str]:
    kept = lasting.the_noise()
    places, count = kept.all(), kept.places
    held = set(Wrap.objects.values_list("compartment", flat=True))
    for one in Compartment.objects.only("id", "root", "owner", "kind", "place", "proof").iterator(chunk_size=4000):
        if one.place != lasting.place_of(one.id, count) or proof(places[one.place]) != bytes(one.proof):
            yield _("a key has lost its place in the noise: {what}").format(what=one.owner)
        if one.owner not in named and one.root in ids and one.root.int >= _RESERVED:
            yield _("words are left of something that is gone: {what}").format(what=one.owner)
        if one.id not in held and one.kind != Kind.IDENTITY:
            yield _("nobody holds the key of something: {what}").format(what=one.owner)


def _things() -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Return the ids of all rows that are a thing, and all ids that such rows name."""
    ids: set[uuid.UUID] = set()
    named: set[uuid.UUID] = set()
    for model in apps.get_app_config("casework").get_models():
        if model in _NO_THINGS:
            continue
        for field in model._meta.concrete_fields:  # noqa: SLF001  (Django's own name for it)
            if isinstance(field, models.UUIDField) and field.name != "root":
                told = _told(model, field.name)
                named |= told
                if field.primary_key:
                    ids |= told
    return ids, named


def _told(model: type[models.Model], name: str) -> set[Any]:
    rows = model._default_manager.exclude(**{name: None})  # noqa: SLF001
    return set(rows.values_list(name, flat=True))


def _is(model: type[models.Model], name: str) -> bool:
    return any(field.name == name and isinstance(field, models.UUIDField) for field in model._meta.fields)  # noqa: SLF001
