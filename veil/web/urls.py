"""Every address; the pages of each part are in their own file."""

from django.urls import include, path

from veil.web.pages import (
    ask,
    board,
    cases,
    coercion,
    custody,
    founding,
    houses,
    keeping,
    lock,
    moves,
    network,
    requests,
)

urlpatterns = [
    path("", include(lock)),
    path("", include(board)),
    path("", include(founding)),
    path("requests/", include(requests)),
    path("ask/", include(ask)),
    path("cases/", include(cases)),
    path("moves/", include(moves)),
    path("houses/", include(houses)),
    path("custody/", include(custody)),
    path("keeping/", include(keeping)),
    path("network/", include(network)),
    path("network/", include(coercion)),
]
handler400, handler404, handler500 = "veil.web.sorry.refused", "veil.web.sorry.lost", "veil.web.sorry.broken"
