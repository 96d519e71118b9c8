"""Tables of houses: ids, states, counts and clocks; words are sealed, and where a house is stands in none of them."""

import uuid

from django.db import models

from veil.casework.houses.journey import OPEN, STAYING


class House(models.Model):
    """A place to sleep, known by its code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)  # its own id
    code = models.CharField(max_length=7, unique=True)
    capacity = models.PositiveSmallIntegerField()  # beds
    state = models.CharField(max_length=20, default=OPEN)
    rests_until = models.DateTimeField(null=True)
    since = models.DateTimeField()
    changed = models.DateTimeField()  # when it came into this state


class Stay(models.Model):
    """People of one case who sleep in a house until a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)  # the case
    case = models.UUIDField(db_index=True)
    house = models.ForeignKey(House, models.CASCADE, related_name="stays")
    beds = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    ended = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default=STAYING)
    proposed = models.ForeignKey(House, models.SET_NULL, null=True, related_name="proposals")  # when they must move
    rules_read = models.BooleanField(default=False)


class Bed(models.Model):
    """One bed that somebody sleeps in; the database itself refuses to give it twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)  # the case
    stay = models.ForeignKey(Stay, models.CASCADE, related_name="taken")
    house = models.ForeignKey(House, models.CASCADE, related_name="taken")
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["house", "number"], name="one_sleeper_a_bed"),)


class ToTell(models.Model):
    """Somebody who knew a house that burned, and has to be told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)  # the house
    house = models.ForeignKey(House, models.CASCADE, related_name="to_tell")
    worker = models.UUIDField()
    told = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["house", "worker"], name="told_once"),)
