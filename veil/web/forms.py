"""Forms made from the list of sealed fields: a field whose key the worker does not hold is not there at all."""

from collections.abc import Iterable
from typing import Any

from django import forms

from veil.casework.fields import Field, Form


def form_of(fields: Iterable[Field], data: Any = None, said: dict[str, Any] | None = None) -> forms.Form:
    """Return a form for these fields, filled with what is said already; `version` tells what was read."""
    made = type("Sealed", (forms.Form,), {field.name: _asked(field) for field in fields})
    form: forms.Form = made(data, initial=said or {}, auto_id="f_%s", use_required_attribute=True)
    return form


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
            return forms.DateTimeField(
                widget=forms.DateTimeInput(off | {"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **told
            )
        case Form.NUMBER:
            return forms.IntegerField(min_value=0, max_value=field.most, **told)
        case Form.TICK:
            return forms.BooleanField(**told)
    return forms.CharField(max_length=min(field.most, 200), widget=forms.TextInput(off), **told)
