"""Forms made from the list of sealed fields: a field whose key the worker does not hold is not there at all."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from veil.casework import world
from veil.casework.fields import Field, Form
from veil.casework.hand import Changed, Hand, Words
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.errors import VeilError


class Moment(forms.DateTimeField):
    """A day and an hour by the clock on the wall, also in the nights when that clock is changed.

    Of an hour that comes twice the earlier one is meant, so that nobody is missed too late; one that is skipped is
    the hour that the clock shows then.
    """

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment that was typed."""
        with timezone.override(UTC):
            told: datetime | None = super().to_python(value)
        if told is None or told.utcoffset():
            return told
        try:
            return told.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def form_of(fields: Iterable[Field], data: Any = None, said: dict[str, Any] | None = None) -> forms.Form:
    """Return a form for these fields, filled with what is said already; `version` tells what was read."""
    made = type("Sealed", (forms.Form,), {field.name: _asked(field) for field in fields})
    initial = {field.name: _asked_again(field, (said or {}).get(field.name)) for field in fields}
    form: forms.Form = made(data, initial=initial, auto_id="f_%s", use_required_attribute=True)
    return form


@dataclass(frozen=True)
class Edit:
    """What a page that changes a record says, and what is done with what was typed."""

    title: str = ""
    lead: str = ""
    button: str = ""
    act: str = "record changed"  # for the audit
    check: Callable[[forms.Form], None] | None = None  # may add errors to the form
    saved: Callable[[dict[str, Any]], None] | None = None  # with the record's words, in the same transaction
    template: str = "veil/edit.html"


def edit_record(
    request: HttpRequest, record: uuid.UUID, owner: uuid.UUID, fields: Iterable[Field], back: str, edit: Edit = Edit()
) -> HttpResponse:
    """Show the form of a record, or save it and go `back` (an address); only fields whose keys are held are there.

    Where somebody else saved in between, nothing is overwritten: the page shows their words beside what was typed,
    which stays in the form; sending it once more is then a decision. Raise `NotAllowed` without any key.
    """
    mine = [field for field in fields if request.hand.holds(owner, field.kind)]
    if not mine:
        raise NotAllowed
    words = _read(request.hand, record, owner, mine)
    said = {name: value for one in words.values() for name, value in one.said.items()}
    told = {"edit": edit, "back": back, "version": _versions(words)}
    if request.method != "POST":
        return render(request, edit.template, told | {"form": form_of(mine, said=said)})
    if request.FILES:
        raise VeilError(_("files are not kept here"), _("write down what you saw, and give the paper back"))
    form = form_of(mine, request.POST)
    if form.is_valid() and edit.check is not None:
        edit.check(form)
    if not form.is_valid():
        return render(request, edit.template, told | {"form": form})
    typed = {field.name: _kept(form.cleaned_data[field.name]) for field in mine}
    theirs = [one for one in shown(mine, said, empty=True) if said.get(one.field.name) != typed[one.field.name]]
    if request.POST.get("version") != told["version"] and theirs:
        return render(request, edit.template, told | {"form": form, "theirs": theirs}, status=409)
    try:
        with transaction.atomic(using=world.here()):  # all of it, or nothing
            for kind, before in words.items():
                new = {field.name: typed[field.name] for field in mine if field.kind == kind}
                request.hand.write(record, owner, kind, before.said | new, before.version)
    except Changed:
        words = _read(request.hand, record, owner, mine)
        said = {name: value for one in words.values() for name, value in one.said.items()}
        told |= {"version": _versions(words), "theirs": shown(mine, said, empty=True)}
        return render(request, edit.template, told | {"form": form}, status=409)
    request.hand.note(edit.act, record)
    if edit.saved is not None:
        edit.saved(said | typed)
    return redirect(back)


@dataclass(frozen=True)
class Shown:
    """One field as a page shows it."""

    field: Field
    text: str

    @property
    def label(self) -> str:
        """Return what the field is called."""
        return self.field.label


def shown(fields: Iterable[Field], said: dict[str, Any], empty: bool = False) -> list[Shown]:
    """Return what is said, in words for a page; fields that say nothing are left out unless `empty`."""
    told = [Shown(field, _told(field, said.get(field.name))) for field in fields]
    return [one for one in told if one.text or empty]


def _read(hand: Hand, record: uuid.UUID, owner: uuid.UUID, fields: Iterable[Field]) -> dict[Kind, Words]:
    kinds = dict.fromkeys(field.kind for field in fields)
    return {kind: hand.read(record, owner, kind) for kind in kinds}


def _versions(words: dict[Kind, Words]) -> str:
    return " ".join(f"{kind.value}:{one.version}" for kind, one in words.items())


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


def _asked_again(field: Field, value: Any) -> Any:
    return datetime.fromisoformat(value) if field.form is Form.WHEN and value else value


def _told(field: Field, value: Any) -> str:
    if value in {None, "", False} if not isinstance(value, list) else not value:
        return ""
    names = dict(field.choices)
    match field.form:
        case Form.CHOICES:
            return ", ".join(str(names.get(one, one)) for one in value)
        case Form.CHOICE:
            return str(names.get(value, value))
        case Form.DATE:
            return str(formats.date_format(date.fromisoformat(value), "j E Y"))
        case Form.WHEN:
            return str(formats.date_format(_local(value), "j E Y, H:i"))
        case Form.TICK:
            return _("yes")
    return str(value)


def _local(value: str) -> datetime:
    told = datetime.fromisoformat(value)
    return timezone.localtime(told) if timezone.is_aware(told) else told


def _asked(field: Field) -> forms.Field:
    told: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.hint}
    off = {"autocomplete": "off", "spellcheck": "false"}
    match field.form:
        case Form.TEXT:
            return forms.CharField(max_length=field.most, widget=forms.Textarea(off | {"rows": 4}), **told)
        case Form.CHOICE:
            return forms.ChoiceField(choices=(("", "—"), *field.choices), **told)
        case Form.CHOICES:
            boxes = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(choices=field.choices, widget=boxes, **told)
        case Form.DATE:
            return forms.DateField(widget=forms.DateInput(off | {"type": "date"}), **told)
        case Form.WHEN:
            return Moment(widget=forms.DateTimeInput(off | {"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **told)
        case Form.NUMBER:
            return forms.IntegerField(min_value=0, max_value=field.most, **told)
        case Form.TICK:
            return forms.BooleanField(**told)
    return forms.CharField(max_length=min(field.most, 200), widget=forms.TextInput(off), **told)
