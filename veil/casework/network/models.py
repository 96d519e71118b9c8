"""Tables of the network: workers, compartments, wrapped keys, sealed records, the audit chain."""

import uuid
from typing import Any

from django.apps import apps
from django.db import models

from veil.casework.keeping import lasting
from veil.casework.network.roles import Kind, Role


class World(models.Model):
    """The one row that says what this store is, and the latest time that was seen in it."""

    latest = models.DateTimeField()
    settings = models.JSONField(default=dict)  # numbers, and the name of the hours that are kept
    sealed_keys = models.BinaryField(default=bytes)  # of the signals and of the other store, to coordinators


class Worker(models.Model):
    """Somebody who works here, under a call sign."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    call_sign = models.CharField(max_length=40)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    public = models.BinaryField(max_length=32)
    slot = models.IntegerField()  # in the slots file: what revoking them clears
    other_slot = models.IntegerField()  # in the other store's half
    since = models.DateTimeField()
    ended = models.DateTimeField(null=True)  # revoked, or left


class Compartment(models.Model):
    """One key of one case: what it is for, and whose; the key itself is only in its wraps.

    `root` is the case, request, house or move that dies as a whole; `owner` is whose the secrets are within it: the
    root itself, one person of a household, one leg of a move.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    owner = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    place = models.IntegerField(unique=True)  # in the noise; it follows from the id
    proof = models.BinaryField(max_length=8)  # tells noise that was overwritten since

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "kind"], name="one_key_a_kind"),)
        indexes = (models.Index(fields=["id", "kind", "owner"], name="kind_and_owner"),)

    def save(self, *args: Any, **named: Any) -> None:
        """Take a free place in the noise with the first saving."""
        if self.place is None:
            # what is being destroyed is overwritten after the commit: whoever took its place would go with it
            doomed = apps.get_model("casework", "Doomed").objects
            self.id = lasting.fresh(Compartment.objects, doomed)
            self.place = lasting.place_of(self.id, lasting.the_noise().places)
            self.proof = lasting.proof_of(self.id)
        super().save(*args, **named)


class Wrap(models.Model):
    """A compartment's key, sealed to one worker."""

    compartment = models.ForeignKey(Compartment, models.CASCADE, related_name="wraps")
    holder = models.ForeignKey(Worker, models.CASCADE, related_name="wraps", db_index=False)
    box = models.BinaryField()
    until = models.DateTimeField(null=True)  # a key that was lent for a time

    class Meta:
        constraints = (models.UniqueConstraint(fields=["compartment", "holder"], name="one_wrap_a_holder"),)
        # whatever a worker looks at, it is first asked what they hold: this and `kind_and_owner` answer by themselves
        indexes = (
            models.Index(fields=["holder", "compartment", "until"], name="held_until"),
            models.Index(fields=["until"], name="lent", condition=models.Q(until__isnull=False)),
        )


class Sealed(models.Model):
    """The sealed words of one record in one compartment."""

    record = models.UUIDField()
    compartment = models.ForeignKey(Compartment, models.CASCADE, related_name="sealed")
    body = models.BinaryField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record", "compartment"], name="one_body_a_compartment"),)


class AuditEvent(models.Model):
    """One link of the chain: who did what kind of thing to which random id, and when; never a word of content."""

    at = models.DateTimeField()
    who = models.UUIDField()
    act = models.CharField(max_length=40)
    what = models.UUIDField(null=True)
    link = models.BinaryField(max_length=32)  # over this event and the link before it


class Opened(models.Model):
    """That somebody opened the page of a random id: kept for a few days, to slow down whoever reads too much."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="opened")
    what = models.UUIDField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["worker", "what"], name="one_opening_a_record"),)
