"""Fields: each word about a person belongs to one compartment, and forms, pages and tests are made from this list."""

from dataclasses import dataclass
from enum import StrEnum

from veil.casework.network.roles import Kind


class Form(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    WHEN = "when"
    NUMBER = "number"
    TICK = "tick"


@dataclass(frozen=True)
class Field:
    """One sealed field of a record: its name, the words a person reads, the compartment that seals it."""

    name: str
    label: str  # lazily translated
    kind: Kind
    form: Form = Form.LINE
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    most: int = 2000  # characters
    hint: str = ""


FIELDS: dict[str, tuple[Field, ...]] = {}


def record(name: str, *fields: Field) -> tuple[Field, ...]:
    """Enter the sealed fields of one kind of record in the list of all, and return them."""
    if name in FIELDS:
        raise ValueError("a record's fields are told once")
    FIELDS[name] = fields
    return fields
