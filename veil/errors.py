"""What Veil says when something is wrong: what happened, and what to do next."""


class VeilError(Exception):
    """A problem the user can act on: what happened, and what to do next.

    Messages never hold names, words or paths of people (law 7 of the house).
    """

    exit_code = 1

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint


class Exposed(VeilError):
    """Someone who must stay hidden could be seen: the result is withheld."""

    exit_code = 3


class NotProven(VeilError):
    """The attack could not try what it must try, or found nobody to try it on: that is no proof of safety."""
