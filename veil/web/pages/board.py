"""The morning board: what is due today, in one page; and the switch of languages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.i18n import set_language

from veil.casework import clock, today
from veil.web.pages.declared import PUBLIC, page


@page("board.see")
def board(request: HttpRequest) -> HttpResponse:
    """Show what is due."""
    return render(request, "veil/board.html", {"due": today.today(request.hand, clock.now())})


@page(PUBLIC)
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language from now on."""
    return set_language(request)


urlpatterns = [path("", board, name="board"), path("language", language, name="language")]
