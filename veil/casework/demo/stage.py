"""The stage of the demonstration: who works in the invented network, and what happens there, each at its own time."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from veil.casework.hand import Hand
from veil.casework.network.models import Worker
from veil.casework.network.roles import Role

# Under which name the scenes speak of each worker: call sign and role.
CREW = {
    "heron": (_("Heron"), Role.COORDINATOR),
    "swift": (_("Swift"), Role.COORDINATOR),
    "wren": (_("Wren"), Role.OPERATOR),
    "robin": (_("Robin"), Role.OPERATOR),
    "plover": (_("Plover"), Role.CASE_WORKER),
    "curlew": (_("Curlew"), Role.CASE_WORKER),
    "martin": (_("Martin"), Role.HOST),
    "dunnock": (_("Dunnock"), Role.HOST),
    "siskin": (_("Siskin"), Role.CLINICIAN),
    "rook": (_("Rook"), Role.LAWYER),
    "jay": (_("Jay"), Role.PRESS),
    "owl": (_("Owl"), Role.AUDITOR),
}
PASSPHRASE = _("nobody in this network exists")
DECOY = _("nothing to see in the harbour tonight")
FORCED = "plover"  # for whom a decoy passphrase is prepared


@dataclass
class Stage:
    """The hands of all who work here, the present hour, and what was made so far, by the names of the story."""

    hands: dict[str, Hand]
    now: datetime
    language: str
    made: dict[str, uuid.UUID] = field(default_factory=dict)

    def worker(self, name: str) -> Worker:
        """Return a worker's row."""
        found: Worker = Worker.objects.get(id=self.hands[name].id)
        return found

    def ahead(self, **by: float) -> datetime:
        """Return a moment after the present hour, or before it."""
        return self.now + timedelta(**by)


Scene = Callable[[Stage], None]
SCENES: list[tuple[timedelta, Scene]] = []


def ago(**by: float) -> Callable[[Scene], Scene]:
    """Enter a scene that happened so long ago."""

    def enter(played: Scene) -> Scene:
        SCENES.append((timedelta(**by), played))
        return played

    return enter
