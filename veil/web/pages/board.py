"""The morning board: what is due today, in one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from veil.casework import clock
from veil.casework.cases.due import due as cases
from veil.casework.custody.due import due as custody
from veil.casework.houses.due import due as houses
from veil.casework.moves.due import due as moves
from veil.casework.network.due import due as network
from veil.casework.requests.due import due as requests
from veil.web.pages.declared import page

_PARTS = (requests, cases, moves, houses, custody, network)


@page("board.see")
def board(request: HttpRequest) -> HttpResponse:
    """Show what is due."""
    now = clock.now()
    return render(
        request, "veil/board.html", {"due": sorted(one for part in _PARTS for one in part(request.hand, now))}
    )


urlpatterns = [path("", board, name="board")]
