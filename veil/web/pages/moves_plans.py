"""Pages of move plans and their legs: planning, the go of two people, setting out, arriving, and what a team sees."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework.cases import consents
from veil.casework.hand import Hand
from veil.casework.moves import checkins, ending, legs, plans
from veil.casework.moves.fields import LEG, MOVE, PARTS, SHARED
from veil.casework.moves.models import Leg, Move
from veil.casework.moves.places import plain
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.web.forms import Edit, edit_record, form_of, shown
from veil.web.pages.declared import page

_PAGE = 25
_GONE = "gone"
TONES = {"go": "good", "under way": "heed", "arrived": "good", "aborted": "danger", "no-go": "danger"}
_ABOUT = gettext_lazy(
    "Places in words, as you would say them aloud. No names: call signs. Whoever holds the case's movement key can "
    "read this page; a team reads only its own leg."
)


class Joining(forms.Form):
    """Who is in a leg's team, and as what."""

    sign = forms.CharField(
        label=gettext_lazy("Call sign"), max_length=40, widget=forms.TextInput({"autocomplete": "off"})
    )
    part = forms.ChoiceField(label=gettext_lazy("What they do"), choices=PARTS)
    inside = forms.ChoiceField(
        label=gettext_lazy("Who they are"),
        choices=(
            ("yes", gettext_lazy("works in this network: gets the key of this leg")),
            ("no", gettext_lazy("helps from outside: gets no key, is told by voice")),
        ),
    )


@page("move.see")
def moves(request: HttpRequest) -> HttpResponse:
    """Show the moves and legs whose keys this worker holds."""
    hand = request.hand
    held = legs.held(hand)
    mine = set(Move.objects.filter(id__in=hand.held(Kind.MOVEMENT)).values_list("id", flat=True))
    rows = Move.objects.filter(id__in=mine | {leg.move_id for leg in held}).order_by("-since")
    leaf = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    code = checkins.codes(hand, leaf)
    lines = [
        (
            move,
            code[move.id],
            plans.STATES[move.state],
            TONES.get(move.state, ""),
            [leg for leg in held if leg.move_id == move.id],
            move.id in mine,
        )
        for move in leaf
    ]
    return render(request, "moves/list.html", {"lines": lines, "leaf": leaf})


@page("move.see", change="move.go")
def move(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show a plan to those who hold its key, and take its next step."""
    hand = request.hand
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    one = Move.objects.get(id=what)
    if request.method == "POST":
        then = _step(hand, one, request.POST)
        return redirect("moves") if then == _GONE else redirect(reverse("move", args=[what]) + then)
    said = plans.words(hand, what).said
    ticks = said.get("ticks", {})
    signs = _signs([row[0] for row in ticks.values()] + [str(one.first_go), str(one.second_go)])
    told = {
        "move": one,
        "code": checkins.codes(hand, [one])[one.id],
        "state": plans.STATES[one.state],
        "tone": TONES.get(one.state, ""),
        "plan": shown(MOVE, said),
        "shared": shown(SHARED, said),
        "legs": [
            (leg, legs.STATES[leg.state], hand.holds(leg.id, Kind.MOVEMENT), legs.holders(leg.id)) for leg in _legs(one)
        ],
        "checklist": [(name, words, signs.get(ticks.get(name, [""])[0])) for name, words in plans.CHECKLIST.items()],
        "left": "left" in request.GET and set(ticks) != set(plans.CHECKLIST),
        "went": [sign for sign in (signs.get(str(one.first_go)), signs.get(str(one.second_go))) if sign],
        "said_go": one.first_go == hand.id,
        "open": one.state in {"draft", "planned"},
        "case_held": hand.holds(one.root, Kind.FILE),
    }
    return render(request, "moves/move.html", told)


def _step(hand: Hand, one: Move, sent: Any) -> str:
    """Take the step that a button names, with the ticks sent along; return where on the page it goes on."""
    turn = sent.get("turn", "")
    if not turn.isascii() or not turn.isdigit() or len(turn) > 6:
        raise VeilError(_("this form is too old"), _("open the page again and send it once more"))
    steps = {"ready": plans.ready, "go": plans.go, "no-go": plans.no_go, "draft": plans.again}
    asked = sent.get("step", "")
    if "seen" in sent and asked in {"go", "tick"}:
        complete = plans.tick(hand, one.id, sent.getlist("tick"), sent.getlist("seen"))
        if asked == "tick" or not complete:
            return "#go" if asked == "tick" else "?left=1#go"
    if asked == "destroy":
        ending.destroy(hand, one.id)
        return _GONE
    if asked not in steps:
        raise VeilError(_("nothing was chosen"), _("open the page again and send it once more"))
    steps[asked](hand, one.id, int(turn))
    return ""


@page("move.plan")
def new(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Begin a plan for a case."""
    hand = request.hand
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    consents.require(what, consents.CASEWORK)  # a move tonight, out of danger, does not ask
    form = form_of((*MOVE, *SHARED), request.POST if request.method == "POST" else None)
    if request.method == "POST" and plain(form) and _in_order(form, "earliest", "latest"):
        return redirect("move", plans.plan(hand, what, form.cleaned_data).id)
    told = {"form": form, "title": _("Plan a move"), "about": _ABOUT, "back": reverse("moves")}
    return render(request, "moves/form.html", told, status=400 if form.errors else 200)


@page("move.plan")
def edit(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change a plan."""
    told = Edit(
        title=_("Change the plan"),
        lead=str(_ABOUT),
        act="move changed",
        check=_checked("earliest", "latest"),
        saved=lambda _said: plans.changed(request.hand, what),
    )
    return edit_record(request, what, what, (*MOVE, *SHARED), reverse("move", args=[what]), told)


@page("move.plan")
def leg_new(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Add a leg to a plan."""
    hand = request.hand
    if not hand.holds(what, Kind.MOVEMENT):
        raise NotAllowed
    form = form_of(LEG, request.POST if request.method == "POST" else None)
    if request.method == "POST" and plain(form) and _in_order(form, "begins", "ends"):
        return redirect("leg", legs.add(hand, what, form.cleaned_data).id)
    about = _("Only those whom you put in this leg's team can read it.")
    told = {"form": form, "title": _("Add a leg"), "about": about, "back": reverse("move", args=[what])}
    return render(request, "moves/form.html", told, status=400 if form.errors else 200)


@page("move.plan")
def leg_edit(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change a leg."""
    told = Edit(
        title=_("Change this leg"),
        act="leg changed",
        check=_checked("begins", "ends"),
        saved=lambda _said: legs.changed(request.hand, what),
    )
    return edit_record(request, what, what, LEG, reverse("leg", args=[what]), told)


@page("move.see", change="move.go")
def leg(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show a leg to its team, and take its next step; who plans also says who is in the team."""
    hand = request.hand
    joining = Joining(request.POST if "sign" in request.POST else None, auto_id="f_%s")
    if request.method == "POST" and (
        "sign" not in request.POST or (joining.is_valid() and _joined(hand, what, joining))
    ):
        return redirect("moves") if _walk(hand, what, request.POST) else redirect("leg", what)
    told = _sheet(hand, what)
    one = told["sheet"].leg
    planner = hand.holds(one.move_id, Kind.MOVEMENT) and one.move.state in {"draft", "planned"}
    told |= {"may_leave": planner and hand.call_sign not in {member.sign for member in told["sheet"].team}}
    told |= {"planner": planner, "joining": joining, "plan_held": hand.holds(one.move_id, Kind.MOVEMENT)}
    told |= {"check_ins": [row for row in checkins.mine(hand) if row.of == what]}
    return render(request, "moves/leg.html", told, status=400 if joining.errors else 200)


@page("move.see")
def leg_seen(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show exactly what somebody in a leg's team sees, and nothing else."""
    return render(request, "moves/seen.html", _sheet(request.hand, what))


def _sheet(hand: Hand, what: uuid.UUID) -> dict[str, Any]:
    sheet = legs.sheet(hand, what)
    parts = dict(PARTS)
    return {
        "sheet": sheet,
        "code": sheet.leg.move.code,
        "state": legs.STATES[sheet.leg.state],
        "tone": TONES.get(sheet.leg.state, ""),
        "move_state": plans.STATES[sheet.leg.move.state],
        "own": shown(LEG, sheet.own),
        "shared": shown(SHARED, sheet.shared),
        "team": [(member, parts[member.part]) for member in sheet.team],
        "keys": legs.holders(what),
    }


def _joined(hand: Hand, what: uuid.UUID, form: Joining) -> bool:
    told = form.cleaned_data
    try:
        legs.join(hand, what, legs.Member(told["sign"], told["part"], told["inside"] == "yes"))
    except NotAllowed:
        raise
    except VeilError as error:
        form.add_error("sign", f"{error}: {error.hint}")
        return False
    return True


def _walk(hand: Hand, what: uuid.UUID, sent: Any) -> bool:
    """Take the step that a button names; tell whether the leg is no longer this worker's to see."""
    steps = {"start": legs.start, "arrive": legs.arrive, "abort": legs.abort}
    asked = sent.get("step", "")
    if asked in steps:
        steps[asked](hand, what)
    elif asked == "leave":
        legs.leave(hand, what)
        return True
    elif "part" in sent and "sign" not in sent:
        legs.part(hand, what, sent["part"])
    elif "sign" not in sent:
        raise VeilError(_("nothing was chosen"), _("open the page again and send it once more"))
    return False


def _checked(first: str, last: str) -> Callable[[forms.Form], None]:
    def check(form: forms.Form) -> None:
        if plain(form):
            _in_order(form, first, last)

    return check


def _in_order(form: forms.Form, first: str, last: str) -> bool:
    begins, ends = form.cleaned_data.get(first), form.cleaned_data.get(last)
    if begins and ends and ends <= begins:
        form.add_error(last, _("This ends before it begins."))
        return False
    return True


def _legs(one: Move) -> Any:
    return Leg.objects.filter(move=one).order_by("place")


def _signs(ids: list[str]) -> dict[str, str]:
    told = [uuid.UUID(one) for one in ids if one and one != "None"]
    return {str(one): sign for one, sign in Worker.objects.filter(id__in=told).values_list("id", "call_sign")}


urlpatterns = [
    path("", moves, name="moves"),
    path("<uuid:what>", move, name="move"),
    path("of/<uuid:what>", new, name="move-new"),
    path("<uuid:what>/change", edit, name="move-edit"),
    path("<uuid:what>/legs", leg_new, name="leg-new"),
    path("legs/<uuid:what>", leg, name="leg"),
    path("legs/<uuid:what>/change", leg_edit, name="leg-edit"),
    path("legs/<uuid:what>/seen", leg_seen, name="leg-seen"),
]
