"""Tables of what is kept, and until when. Every row about a case carries its `root`: purging deletes by it."""

from django.db import models


class Clock(models.Model):
    """When a thing (a request, a case, a house, a move) is destroyed unless somebody decides otherwise."""

    what = models.UUIDField(primary_key=True)
    root = models.UUIDField(db_index=True)
    thing = models.CharField(max_length=20)
    due = models.DateTimeField(db_index=True)
