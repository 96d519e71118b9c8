"""Tables of what is kept, and until when. Every row about a case carries its `root`: purging deletes by it."""

import uuid

from django.db import models

from veil.casework.network.models import Compartment


class Clock(models.Model):
    """When a thing (a request, a case, a house, a move) is destroyed unless somebody decides otherwise."""

    what = models.UUIDField(primary_key=True)
    root = models.UUIDField(db_index=True)
    thing = models.CharField(max_length=20)
    due = models.DateTimeField(db_index=True)
    warned = models.DateTimeField(null=True)  # when it was first seen to come near: nothing is destroyed unannounced


class SealedFile(models.Model):
    """A film, a picture or a paper, sealed in the age format under `files/`; its key is in the compartment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # also the file's name
    root = models.UUIDField(db_index=True)
    compartment = models.ForeignKey(Compartment, models.CASCADE, related_name="files")
    since = models.DateTimeField()


class Doomed(models.Model):
    """What a purge has still to overwrite or remove outside the database, should the power go in between."""

    place = models.IntegerField(null=True, db_index=True)  # in the noise
    file = models.UUIDField(null=True)


class Backup(models.Model):
    """Where a backup lies; `owed` while it still holds what was purged since."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    folder = models.TextField(unique=True)
    noise = models.TextField()  # where its copy of the noise lies
    made = models.DateTimeField()
    owed = models.BooleanField(default=False)
