"""What the network chose for itself: its hours, how long things are kept, and when somebody is warned."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import chosen, clock, zone
from veil.web.pages import network_places
from veil.web.pages.declared import page

_DAYS = gettext_lazy("How long things are kept, in days")
_SCREEN = gettext_lazy("Waiting and looking twice")
_OPENED = gettext_lazy("How many different records one worker may open")
_FALLS = gettext_lazy("If one account falls: how much is too much")
_GROUPS = {"days": _DAYS, "move_hours": _DAYS, "open": _OPENED, "yield": _FALLS}
# What each number is, and what it means.
_WORDS: dict[str, tuple[Any, Any]] = {
    "days-request": (
        gettext_lazy("A request that nobody works on"),
        gettext_lazy("Days from when it came in. Then its words and the way to call back are destroyed."),
    ),
    "days-declined_request": (
        gettext_lazy("A request that was declined"),
        gettext_lazy("Long enough for them to call once more; not longer."),
    ),
    "days-suspected_trap": (
        gettext_lazy("A suspected trap"),
        gettext_lazy("Long enough to see whether the same trick comes again."),
    ),
    "days-case": (
        gettext_lazy("A case"),
        gettext_lazy("Unless a coordinator renews it. The board says so before the day comes."),
    ),
    "days-closed_case": (
        gettext_lazy("A case that has ended"),
        gettext_lazy("Time to put right a mistake. Then the keys of the whole case are destroyed."),
    ),
    "days-move": (
        gettext_lazy("A move that nobody goes on with"),
        gettext_lazy("A plan of a journey that was not made."),
    ),
    "days-house": (gettext_lazy("A house"), gettext_lazy("Unless a coordinator renews it.")),
    "days-incident": (
        gettext_lazy("An incident of the network itself"),
        gettext_lazy("Time to learn from it. Those of a case or a house go with them."),
    ),
    "move_hours-arrived": (
        gettext_lazy("A move after arrival, in hours"),
        gettext_lazy("Then the plan with its ways and meeting points destroys itself."),
    ),
    "move_hours-aborted": (
        gettext_lazy("A move that was broken off, in hours"),
        gettext_lazy("Somebody may still be on the way home and need the plan."),
    ),
    "grace_minutes": (
        gettext_lazy("Minutes to wait for a check-in"),
        gettext_lazy("What a new check-in offers; each one can have its own. After it, the alarm."),
    ),
    "idle_minutes": (
        gettext_lazy("Minutes until a screen locks itself"),
        gettext_lazy("When nobody touches it. Shorter is safer; it holds from the next unlocking."),
    ),
    "missed_calls": (
        gettext_lazy("Calls in a row that nobody answers"),
        gettext_lazy("Then contact counts as lost, and the request says so."),
    ),
    "second_look": (
        gettext_lazy("Whoever screened a request does not accept it alone"),
        gettext_lazy("A second person looks before a case is opened. Only a network of one or two does without."),
    ),
    "open-hour": (
        gettext_lazy("Different records in an hour"),
        gettext_lazy("Somebody sent to copy everything opens far more than the work needs."),
    ),
    "open-day": (
        gettext_lazy("Different records in a day"),
        gettext_lazy("Above it nothing new opens until a coordinator lifts it; all coordinators see that."),
    ),
    "yield-people": (gettext_lazy("People"), gettext_lazy("Above these numbers the worker’s page warns.")),
    "yield-cases": (gettext_lazy("Cases"), ""),
    "yield-requests": (gettext_lazy("Requests"), ""),
    "yield-moves": (gettext_lazy("Moves"), ""),
    "yield-houses": (gettext_lazy("Addresses of houses"), gettext_lazy("The fewer, the better.")),
}


def place_field() -> forms.ChoiceField:
    """Return the question for the hours that a network lives by."""
    told = forms.ChoiceField(choices=network_places.choices, initial=zone.here())
    told.label = _("Whose clock on the wall counts")
    told.help_text = _("The place whose hours all of you mean when you say “at nine”. Not where somebody hides.")
    return told


class Chosen(forms.Form):
    """The hours, and every number with its bounds."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s", initial=chosen.numbers() | {"zone": zone.of(chosen.settings())})
        self.fields["zone"] = place_field()
        for one in chosen.NUMBERS:
            label, hint = _WORDS[one.key]
            if one.most == 1:
                self.fields[one.key] = forms.BooleanField(label=label, help_text=hint, required=False)
                continue
            bounds = _("From %(least)s to %(most)s; usual is %(usual)s.") % vars(one)
            self.fields[one.key] = forms.IntegerField(
                label=label, help_text=f"{hint} {bounds}".strip(), min_value=one.least, max_value=one.most
            )

    def groups(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields under their headings."""
        told: dict[Any, list[Any]] = {_("The hours of this network"): [self["zone"]]}
        for one in chosen.NUMBERS:
            told.setdefault(_GROUPS.get(one.group, _SCREEN), []).append(self[one.key])
        return list(told.items())


@page("settings.change")
def settings(request: HttpRequest) -> HttpResponse:
    """Show what this network chose, and change it."""
    form = Chosen(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        place = told.pop("zone")
        changed = chosen.choose(request.hand, told, place)
        return redirect(f"{reverse('settings')}?done={'1' if changed else '0'}")
    done = request.GET.get("done", "") if request.method == "GET" else ""
    asked = [(_WORDS[key][0], value) for key, value in chosen.asked().items()]
    seen = {"form": form, "done": done, "now": clock.now(), "asked": asked}
    return render(request, "network/settings.html", seen, status=400 if form.errors else 200)


urlpatterns = [path("settings", settings, name="settings")]
