"""Journeys of states: which step may follow which; every other step is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from veil.errors import VeilError


class NotNow(VeilError):
    """The record is not in a state from which this step is possible."""

    def __init__(self) -> None:
        super().__init__(_("this step is not possible now"), _("reload the page: somebody may have gone on already"))


@dataclass(frozen=True)
class Journey:
    """The states of one kind of record, in the field's words, and the steps between them."""

    first: str
    steps: Mapping[str, frozenset[str]]

    def check(self, here: str, to: str) -> None:
        """Raise `NotNow` unless `to` may follow `here`."""
        if to not in self.steps.get(here, frozenset()):
            raise NotNow

    @property
    def states(self) -> tuple[str, ...]:
        """Return every state, the first one first."""
        told = [self.first, *self.steps, *(to for step in self.steps.values() for to in sorted(step))]
        return tuple(dict.fromkeys(told))
