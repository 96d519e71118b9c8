"""What the pages of houses have in common: cards, people, days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.houses import journey, shelter, stays
from veil.casework.houses.fields import SUITS
from veil.casework.houses.models import House, Stay
from veil.casework.network.roles import Kind


@dataclass(frozen=True)
class Card:
    """A house as the board shows it: code, state, beds; nothing of where it is."""

    house: House
    words: str | Promise
    tone: str
    free: int
    suits: tuple[str, ...]
    moving: int  # people who must still leave it
    travel: str = ""


def card_of(house: Any, said: dict[str, Any], moving: int = 0) -> Card:
    """Return a house's card."""
    state = shelter.state_of(house)
    names = dict(SUITS)
    suits = tuple(str(names[told]) for told in said.get("suits") or () if told in names)
    free = house.free if state == journey.OPEN else 0
    return Card(house, journey.NAMES[state], journey.TONES[state], free, suits, moving, str(said.get("travel", "")))


def stay_line(hand: Hand, stay: Stay) -> dict[str, Any]:
    """Return a stay as pages show it: what the reader's own keys say of it."""
    said = stays.for_host(hand, stay)
    if not said and hand.holds(stay.id, Kind.FILE):
        said = hand.read(stay.id, stay.id, Kind.FILE).said
    return {
        "stay": stay,
        "words": journey.NAMES[stay.state],
        "tone": journey.TONES[stay.state],
        "who": said.get("who", ""),
        "needs": said.get("needs", ""),
        "late": stay.ended is None and stay.until < clock.now(),
    }


class Until(forms.Form):
    """The last day of a stay, or of a rest."""

    until = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, days: int = 14) -> None:
        super().__init__(
            data, auto_id="f_%s", initial={"until": timezone.localdate(clock.now() + timedelta(days=days))}
        )

    def clean_until(self) -> datetime:
        """Return the end of that day."""
        return end_of(self.cleaned_data["until"])


def end_of(day: date) -> datetime:
    """Return noon of a day: when beds change hands."""
    return datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone())
