"""Tables of custody: ids, states and clocks; words are sealed."""

import uuid

from django.db import models

from veil.casework.network.models import Worker


class Custodian(models.Model):
    """One of the three who keep the slips of every envelope."""

    worker = models.OneToOneField(Worker, models.CASCADE, primary_key=True, related_name="custodian")
    since = models.DateTimeField()


class Envelope(models.Model):
    """That a person's identity lies sealed in a compartment whose key nobody holds."""

    id = models.UUIDField(primary_key=True)  # the person
    root = models.UUIDField(db_index=True)
    since = models.DateTimeField()


class Slip(models.Model):
    """One custodian's part of an envelope's key, sealed to them; or on a sheet of paper of theirs, or both."""

    envelope = models.ForeignKey(Envelope, models.CASCADE, related_name="slips")
    root = models.UUIDField(db_index=True)
    custodian = models.ForeignKey(Worker, models.CASCADE, related_name="slips")
    box = models.BinaryField()  # empty where the slip is on paper only
    shown = models.DateTimeField(null=True)  # when it was shown to be written down: once
    head = models.BinaryField(default=bytes, max_length=5)  # then: how the sheet begins; it tells nothing of the key
    mark = models.BinaryField(default=bytes, max_length=16)  # then: a hash, so that a wrong sheet is told at once

    class Meta:
        constraints = (models.UniqueConstraint(fields=["envelope", "custodian"], name="one_slip_a_custodian"),)


class Access(models.Model):
    """That somebody asked to open an envelope, for how long, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    envelope = models.ForeignKey(Envelope, models.CASCADE, related_name="accesses")
    asker = models.ForeignKey(Worker, models.CASCADE, related_name="accesses")
    hours = models.IntegerField()
    state = models.CharField(max_length=10, default="asked")  # asked, open, refused, over
    at = models.DateTimeField()  # when it came into its state
    until = models.DateTimeField(db_index=True)  # asked: when it lapses; open: when it closes by itself


class Answer(models.Model):
    """One custodian's answer to an asking."""

    access = models.ForeignKey(Access, models.CASCADE, related_name="answers")
    root = models.UUIDField(db_index=True)
    custodian = models.ForeignKey(Worker, models.CASCADE, related_name="answers")
    motive = models.BinaryField()  # sealed to the custodian
    agreed = models.BooleanField(null=True)
    box = models.BinaryField(default=bytes)  # what the asker can open: the slip, or half of it
    relay = models.BinaryField(default=bytes)  # the other half, sealed to the other custodian until they agree too


class Change(models.Model):
    """That a new custodian takes another's place: two of those who stay have to agree."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    leaving = models.UUIDField(null=True)
    coming = models.OneToOneField(Worker, models.CASCADE, related_name="+")
    first = models.ForeignKey(Worker, models.CASCADE, null=True, related_name="+")  # who has agreed
    at = models.DateTimeField()


class Passed(models.Model):
    """A slip of the first who agreed to a change, sealed to the other one who stays."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="passed")
    envelope = models.ForeignKey(Envelope, models.CASCADE, related_name="+")
    root = models.UUIDField(db_index=True)
    box = models.BinaryField()
