"""What templates ask about forms and roles."""

from django import forms, template

from veil.casework.network.roles import ROLE_NAMES, Role

register = template.Library()


@register.filter
def role_words(role: str) -> str:
    """Return a role in the reader's words."""
    return str(ROLE_NAMES[Role(role)])


@register.filter
def is_tick(field: forms.BoundField) -> bool:
    """Tell whether a field is one box to tick, whose label stands beside it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def first_id(field: forms.BoundField) -> str:
    """Return the id of the first thing to fill in, for a link from the summary of mistakes."""
    return f"{field.auto_id}_0" if field.use_fieldset else str(field.auto_id)
