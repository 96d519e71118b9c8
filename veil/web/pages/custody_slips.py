"""Pages of a custodian's slips: shown once for a sheet of paper, compared with it, typed back from it."""

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework.custody import paper
from veil.errors import VeilError
from veil.vault import slips
from veil.web.pages.declared import page

_A_PAGE = 25
TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "lang": "en", "rows": 5}


class Words(forms.Form):
    """The words of a sheet; they are not kept, not even if the lock falls meanwhile."""

    slip_words = forms.CharField(
        label=gettext_lazy("The 33 words of the sheet"),
        max_length=600,
        widget=forms.Textarea(TYPED),
        help_text=gettext_lazy("In their order, with spaces between them. Numbers and stops do no harm."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s")


@page("slip.write down")
def slips_list(request: HttpRequest) -> HttpResponse:
    """Show a custodian how many slips they keep, how each begins, and where it is; never whose it is."""
    leaf = Paginator(range(paper.count(request.hand)), _A_PAGE).get_page(request.GET.get("page"))
    sheets = paper.sheets(request.hand, max(0, leaf.start_index() - 1), _A_PAGE)
    return render(request, "custody/slips.html", {"sheets": sheets, "leaf": leaf})


@page("slip.write down", counted=False)
def slip(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show a slip once; later compare its sheet, leave it on the sheet alone, or take it back into the vault."""
    one = paper.sheet(request.hand, what)
    do = request.POST.get("do", "")
    if request.method == "POST" and do == "show":
        words = paper.show(request.hand, what)
        return render(request, "custody/slip_shown.html", {"one": one, "words": words})
    form = Words(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _compared(request, one, form.cleaned_data["slip_words"], do)
        except VeilError as error:
            form.add_error("slip_words", said_of(error))
        else:
            return redirect(reverse("slip", kwargs={"what": what}) + "?right=1")
    told = {"one": one, "form": form, "right": request.GET.get("right") == "1" and not form.errors}
    response = render(request, "custody/slip.html", told, status=400 if form.errors else 200)
    response.undo = bool(form.errors)
    return response


def _compared(request: HttpRequest, one: paper.Sheet, words: str, do: str) -> None:
    if one.in_vault:
        paper.check(request.hand, one.what, words, only=do == "only")
    else:
        paper.put_back(request.hand, one.what, words)


def said_of(error: VeilError) -> str:
    """Return an error in the reader's words, with the place in the sheet where it has one."""
    problem, hint = _(str(error)), _(error.hint)
    if isinstance(error, slips.Unjoined):
        problem, hint = (_(told) % error.facts for told in error.templates)
    return f"{problem[:1].upper()}{problem[1:]}. {hint[:1].upper()}{hint[1:]}."


urlpatterns = [
    path("slips", slips_list, name="slips"),
    path("slips/<uuid:what>", slip, name="slip"),
]
