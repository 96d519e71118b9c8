"""What is due: each part of the casework tells it in the same form, and the board puts it in order."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Weight(IntEnum):
    """How much it matters if nobody looks."""

    ALARM = 0  # a life may depend on the next minutes
    URGENT = 1
    TODAY = 2
    SOON = 3


@dataclass(frozen=True, order=True)
class Due:
    """One line of the morning board; it holds codes and kinds of things, never a person's words."""

    weight: Weight
    at: datetime
    kind: str = field(compare=False)  # "check-in", "stay ends", … translated
    code: str = field(compare=False)  # the random code of what it concerns
    page: str = field(compare=False)  # name of the page's route, which takes `what`
    what: uuid.UUID = field(compare=False)
    deed: str = field(compare=False, default="")  # the next action in a word or three, for the button
    since: str = field(compare=False, default="")  # "hour" or "day": it has waited from `at` on, and was due at no hour
    of: str = field(compare=False, default="")  # what tells two lines of one code apart: a case's code, how many beds
