"""What a finished film tells of itself where it is published, in the words of those who publish it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Publication:
    """The facts beside a published film; what is empty is left out of the record."""

    title: str = ""
    description: str = ""
    section: str = ""  # of the site or series in which it appears
    identifier: str = ""  # the publisher's own
    address: str = ""  # of what it shows: no finer than the publisher wants it known
    language: str = ""  # ISO 639-1; empty: the language that is spoken
    published: date | None = None
    publisher: str = ""
