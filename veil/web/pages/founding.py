"""The first page of all: where there is no vault yet, its first coordinator makes one."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from veil.casework.network import opening
from veil.casework.network.roles import Role
from veil.vault import phrases, stores
from veil.web import door
from veil.web.pages.declared import PUBLIC, page
from veil.web.pages.network_settings import place_field


def is_founded() -> bool:
    """Tell whether there is a vault in the folder that is served."""
    return stores.begun(stores.folder())


@page(PUBLIC)
def found(request: HttpRequest) -> HttpResponse:
    """Make the vault with its first coordinator, and let them in; once there is one, this page leads to its lock."""
    if is_founded():
        return redirect("unlock")
    form = _First(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        member = opening.Member(opening.called(told["call_sign"]), told["passphrase"], Role.COORDINATOR)
        # which of the two was chosen is written nowhere: who is forced can say that there never was another passphrase
        made = opening.found(stores.folder(), member, place=told["place"], decoy=told["second"])
        return door.enter(request, redirect("board"), made)
    return render(request, "veil/found.html", {"form": form, "offered": form["offered"].value()})


class _First(forms.Form):
    """The call sign and the passphrase of the first coordinator."""

    offered = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)  # the same after a mistake
    call_sign = forms.CharField(max_length=40)
    passphrase = forms.CharField(max_length=400, strip=False)
    again = forms.CharField(max_length=400, strip=False)
    second = forms.BooleanField(required=False, initial=True)

    def __init__(self, data: object = None) -> None:
        super().__init__(data, auto_id="f_%s", initial={"offered": phrases.offered(get_language() or "en")})
        told = {
            "call_sign": (_("Call sign"), _("a word that says nothing about you")),
            "passphrase": (_("Passphrase"), _("the one above, or sixteen letters and more of your own")),
            "again": (_("The same passphrase, from memory"), ""),
            "second": (
                _("Everybody may set a second passphrase, for when they are forced"),
                _("it opens an invented network; nothing tells later whether this was ticked"),
            ),
        }
        self.fields["place"] = place_field()
        self.fields["place"].required = False  # then this machine's
        for name, (label, hint) in told.items():
            field = self.fields[name]
            field.label, field.help_text = label, hint
            kind = forms.TextInput if name == "call_sign" else forms.PasswordInput
            off = "off" if name == "call_sign" else "one-time-code"  # else a browser learns the sign
            if name == "second":
                continue
            field.widget = kind({"autocomplete": off, "spellcheck": "false", "autocapitalize": "off"})

    def clean(self) -> dict[str, str]:
        """Refuse a passphrase that is easily guessed, or that was not typed twice alike."""
        told: dict[str, str] = super().clean() or self.cleaned_data
        passphrase = told.get("passphrase", "")
        if passphrase and phrases.weak(passphrase, told.get("call_sign", "")):
            self.add_error("passphrase", _("this one is guessed too easily: take the one that is offered"))
        elif passphrase != told.get("again", passphrase):
            self.add_error("again", _("the two are not alike"))
        return told


urlpatterns = [path("new", found, name="found")]
