"""The sealed fields of an identity envelope."""

from django.utils.translation import gettext_lazy as _

from veil.casework.fields import Field, Form, record
from veil.casework.network.roles import Kind

_ID = Kind.IDENTITY
IDENTITY = record(
    "identity",
    Field("legal_name", _("Legal name, as in the papers"), _ID, most=200),
    Field("born", _("Date of birth"), _ID, Form.DATE),
    Field("papers", _("Papers: kind, number, valid until"), _ID, Form.TEXT, hint=_("and where they are now")),
    Field("phone", _("Phone"), _ID, hint=_("only if nothing else is possible")),
    Field("address", _("Address"), _ID, Form.TEXT),
    Field("relatives", _("Addresses of relatives"), _ID, Form.TEXT, hint=_("only of those who must be warned")),
    Field("photo", _("Where a photograph is kept"), _ID, hint=_("never the picture itself")),
)
