"""Pages of moves: what they show, and what they do."""

from veil.web.pages.checkins import urlpatterns as checkins

urlpatterns = [*checkins]
