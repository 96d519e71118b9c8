"""The last key: what nobody else holds is not taken from its holder by the way."""

from django.utils.translation import gettext as _

from veil.errors import VeilError


class LastKey(VeilError):
    """Nobody else holds this key: without it the words are unreadable for ever."""

    def __init__(self) -> None:
        super().__init__(
            _("nobody else could read this any more"),
            _("first give it to somebody else; or destroy it, if it should be gone"),
        )
