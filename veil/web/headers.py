"""Headers on every answer: nothing is cached, framed, referred, or loaded from elsewhere; no script but ours."""

from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with "no-referrer" a browser sends `Origin: null`, and every form is refused
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "X-Robots-Tag": "noindex, nofollow",
    "X-DNS-Prefetch-Control": "off",
}


class Headers:
    """Puts them on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers; nothing at all to another machine without encryption, or to another page."""
        if (not request.is_secure() and not _is_here(request.META.get("REMOTE_ADDR", ""))) or _is_from_elsewhere(
            request
        ):
            response = HttpResponse("", status=403, content_type="text/plain")
        else:
            response = self.get_response(request)
        for name, told in HEADERS.items():
            response[name] = told
        return response


_ELSEWHERE = ("cross-site", "same-site")
_LEAVING = ("/lock", "/out")


def _is_from_elsewhere(request: HttpRequest) -> bool:
    """Tell whether a page of somebody else, open in the same browser, made this request.

    A link to here may be followed, as any link may. A form is not sent from there, nothing of ours is a part of
    another page, and no link of theirs locks the vault or, with what quick exit asks of the browser, empties it.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in _ELSEWHERE:
        return False
    followed = (
        request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    return request.method not in {"GET", "HEAD"} or not followed or request.path in _LEAVING


def _is_here(address: str) -> bool:
    """Tell whether a request came from this machine: from the browser on it, or through its own onion service."""
    if not address:  # a socket that is a file
        return True
    try:
        return ip_address(address.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False
