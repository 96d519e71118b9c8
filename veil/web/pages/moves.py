"""Pages of moves: what they show, and what they do."""

from veil.web.pages.checkins import urlpatterns as checkins
from veil.web.pages.moves_plans import urlpatterns as plans

urlpatterns = [*plans, *checkins]
