"""Pages of moves, check-ins and incidents, which are in a file each."""

from veil.web.pages.checkins import urlpatterns as checkins
from veil.web.pages.incidents import urlpatterns as incidents
from veil.web.pages.moves_plans import urlpatterns as plans

urlpatterns = [*plans, *checkins, *incidents]
