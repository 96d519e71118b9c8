"""Tables of moves, check-ins and incidents: random ids, states, clocks and counts; every word is sealed."""

import uuid

from django.db import models


class Move(models.Model):
    """One way from a place to another, planned in legs; it is destroyed after arrival."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    case = models.UUIDField(db_index=True)
    code = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    since = models.DateTimeField()
    turn = models.IntegerField(default=0)  # goes up with every step: two who press at once are told apart
    first_go = models.UUIDField(null=True)  # the two workers who said go
    second_go = models.UUIDField(null=True)
    destroyed_at = models.DateTimeField(null=True, db_index=True)  # when it destroys itself


class Leg(models.Model):
    """One stretch of a move, whose words only its own team can open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    move = models.ForeignKey(Move, models.CASCADE, related_name="legs")
    place = models.IntegerField()
    state = models.CharField(max_length=20)


class Moved(models.Model):
    """What is left of a move that was destroyed: that there was one, the day, and how many legs it had."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    day = models.DateField()
    legs = models.IntegerField()


class CheckIn(models.Model):
    """A sign of life that is expected: of a case, a move, a leg or a stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    of = models.UUIDField(db_index=True)
    code = models.CharField(max_length=10)
    first_due = models.DateTimeField()  # where a repeated one counts from
    due = models.DateTimeField(db_index=True)
    grace = models.DurationField()
    every_min = models.IntegerField(null=True)  # null: once
    steps = models.JSONField()  # the ladder: minutes after the grace, and what is done then
    state = models.CharField(max_length=20)
    turn = models.IntegerField(default=0)  # goes up with every answer
    last = models.DateTimeField(null=True)  # the last answer, and who entered it
    by = models.UUIDField(null=True)


class Seen(models.Model):
    """A rung of the ladder that somebody has taken in hand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    check_in = models.ForeignKey(CheckIn, models.CASCADE, related_name="seen")
    turn = models.IntegerField()
    rung = models.IntegerField()
    at = models.DateTimeField()
    by = models.UUIDField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["check_in", "turn", "rung"], name="one_hand_a_rung"),)


class Notice(models.Model):
    """What an answer meant, sealed to one other worker; each answer leaves as many, of one size, whatever was heard."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    check_in = models.ForeignKey(CheckIn, models.CASCADE, related_name="notices")
    to = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    box = models.BinaryField()


class Ladder(models.Model):
    """The steps of one case's ladder, where it has its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(unique=True)
    steps = models.JSONField()


class Incident(models.Model):
    """Something went wrong: which playbook is open, and which of its steps are done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    of = models.UUIDField(db_index=True)
    code = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    since = models.DateTimeField()
    by = models.UUIDField()


class Done(models.Model):
    """A step of a playbook that is done, or a worker who was told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="done")
    step = models.CharField(max_length=40)  # the step's constant name, or the id of the worker who was told
    at = models.DateTimeField()
    by = models.UUIDField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["incident", "step"], name="a_step_is_done_once"),)
