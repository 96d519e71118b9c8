"""Tables of requests: ids, states and clocks; words are sealed."""

import uuid

from django.db import models

from veil.casework.requests.journey import JOURNEY, NAMES


class Request(models.Model):
    """A call or message for help, until it is answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)  # itself
    code = models.CharField(max_length=12)
    state = models.CharField(max_length=20, default=JOURNEY.first)
    before = models.CharField(max_length=20, default="", blank=True)  # the state before contact was lost
    danger = models.BooleanField(default=False)
    taken_by = models.UUIDField(null=True)
    in_hand_of = models.UUIDField(null=True)  # the coordinator who has taken the danger in hand
    screened_by = models.UUIDField(null=True)  # whoever screened does not accept alone
    since = models.DateTimeField()
    contact = models.UUIDField(default=uuid.uuid4)  # owner of the compartment that says where to call back
    call_due = models.DateTimeField(null=True)
    missed = models.IntegerField(default=0)  # calls in a row that nobody answered
    box = models.CharField(max_length=32, default="", blank=True)  # of the mailbox, where there is one
    letters_public = models.BinaryField(default=bytes)  # later words of the sender are sealed to it
    unread = models.IntegerField(default=0)

    @property
    def state_name(self) -> str:
        """Return the state in the reader's language."""
        return str(NAMES.get(self.state, self.state))


class Note(models.Model):
    """One call, or one remark, about a request; its words are sealed with the request's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    by = models.UUIDField()


class Letter(models.Model):
    """What a sender added later through the public form, sealed to their request; only the day is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    root = models.UUIDField(db_index=True)
    day = models.DateField()
    body = models.BinaryField()
