"""Pages for the night a house burns: one click, everybody's next bed on one page, and whom to tell."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veil.casework.hand import Hand
from veil.casework.houses import burning, journey, shelter, stays
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.web.pages.declared import page
from veil.web.pages.houses_shared import stay_line
from veil.web.pages.houses_signs import moved


@page("house.burn")
def burned(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say what burning means, then do it."""
    found = shelter.house_of(request.hand, what)
    if request.method == "POST":
        opened = burning.burn(request.hand, what)
        return redirect("rehome", what) if _places(request.hand, what) else redirect("incident", opened)
    beds = found.taken.count()
    told = {
        "title": _("Is %(code)s burned?") % {"code": found.code.replace("-", "\N{NON-BREAKING HYPHEN}")},
        "words": [
            ngettext("One person sleeps there.", "%(count)s people sleep there.", beds) % {"count": beds},
            _("The house is given up for ever and its address is destroyed. Everybody there is proposed another bed."),
            _("The same host’s other houses rest. You get the list of those who must be told.")
            if _places(request.hand, what)
            else _("Your other houses rest. The coordinators see it at once. The next page says what you do now."),
        ],
        "deed": _("Yes, it is burned"),
        "back": reverse("house", args=[what]),
        "danger": True,
    }
    return render(request, "veil/confirm.html", told)


@page("stay.place")
def rehome(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show everybody who must leave a house with the bed proposed for them; move them all with one click."""
    hand = request.hand
    if not _places(hand, what):
        raise NotAllowed
    found = shelter.house_of(hand, what)
    if request.method != "POST":
        burning.propose_anew(hand, what)
    else:
        chosen = _chosen(request, what)
        without = set(burning.confirm(hand, chosen))
        if burning.must_move(what).exists():
            burning.propose(hand, what)
        have = [stay for stay, _house in chosen if stay not in without]
        return moved(request, what, have) if have else redirect("rehome", what)
    lines = [_line(hand, stay) for stay in burning.must_move(what).select_related("proposed").order_by("-beds")]
    told = {
        "house": found,
        "without": [line for line in lines if not line["proposed"]],
        "moving": [line for line in lines if line["proposed"]],
        "beds_owed": sum(line["stay"].beds for line in lines if not line["proposed"]),
    }
    return render(request, "houses/rehome.html", told)


@page("house.change")
def tell(request: HttpRequest, what: uuid.UUID, worker: uuid.UUID) -> HttpResponse:
    """Note that somebody was told that a house burned."""
    if request.method == "POST":
        burning.told(request.hand, what, worker)
    return redirect("house", what)


def _places(hand: Hand, house: uuid.UUID) -> bool:
    """Tell whether this worker finds the guests of a house other beds."""
    return hand.may("stay.place") and hand.holds(house, Kind.FILE)


def _line(hand: Any, stay: Any) -> dict[str, Any]:
    free = stays.free_houses(hand, stay.beds)
    return stay_line(hand, stay) | {
        "proposed": stay.proposed if stay.proposed and stay.proposed.state == journey.OPEN else None,
        "choices": [(str(house.id), house.code, house.free) for house in free],
        "chosen": str(stay.proposed_id),
    }


def _chosen(request: HttpRequest, what: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return each stay with the house that was chosen for it; what was not chosen stays on the list."""
    told = []
    for stay in burning.must_move(what).order_by("-beds"):
        house = request.POST.get(f"to-{stay.id}", "")
        if house:
            try:
                told.append((stay.id, uuid.UUID(house)))
            except ValueError:
                continue
    return told


urlpatterns = [
    path("<uuid:what>/burned", burned, name="house-burned"),
    path("<uuid:what>/rehome", rehome, name="rehome"),
    path("<uuid:what>/told/<uuid:worker>", tell, name="house-told"),
]
