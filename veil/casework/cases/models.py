"""Tables of cases: ids, states and clocks; words are sealed."""

import uuid

from django.db import models

from veil.casework.cases.journey import JOURNEY


class Case(models.Model):
    """One journey of one person, or of those who flee together, from the first answer to a new life."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)  # the case itself
    code = models.CharField(max_length=8)
    state = models.CharField(max_length=20, default=JOURNEY.first)
    before = models.CharField(max_length=20, default="")  # where the journey was left for a side state
    priority = models.CharField(max_length=10, default="normal")
    owner = models.UUIDField(null=True, db_index=True)  # the worker who answers for it
    since = models.DateTimeField()
    changed = models.DateTimeField()  # when it came into its state
    risk_due = models.DateTimeField(db_index=True)  # when the risk must have been assessed anew


class Household(models.Model):
    """People of one case who stay together; never of two cases."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="households")
    number = models.IntegerField()


class Person(models.Model):
    """Somebody in a case, with two keys of their own: for work, and for what the others must not know."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="people")
    role = models.CharField(max_length=20)
    household = models.ForeignKey(Household, models.SET_NULL, null=True, related_name="people")
    apart = models.UUIDField(default=uuid.uuid4)  # owner of the compartment with what is kept from the others
    since = models.DateTimeField()


class Risk(models.Model):
    """A risk assessment: the last one, or an older one that was kept under a name on purpose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="risks")
    at = models.DateTimeField()
    by = models.UUIDField()
    kept = models.BooleanField(default=False)


class Check(models.Model):
    """One check of what somebody told: method and outcome are sealed, papers are nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="checks")
    at = models.DateTimeField()
    by = models.UUIDField()


class Credibility(models.Model):
    """The decision of two workers whether the story holds; one alone decides nothing."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="credibility")
    root = models.UUIDField(db_index=True)
    first = models.UUIDField()
    second = models.UUIDField(null=True)
    at = models.DateTimeField()
    agreed = models.BooleanField(default=False)  # both found the story credible


class Consent(models.Model):
    """What one person said to one purpose, last; words about it are sealed with the person's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="consents")
    owner = models.UUIDField(db_index=True)  # the person whose consent it is
    purpose = models.CharField(max_length=22)
    state = models.CharField(max_length=10)  # given, refused, withdrawn
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.UUIDField()  # the worker who asked
