"""Every table of the casework wing, for Django to find."""

from veil.casework.cases import models as cases
from veil.casework.custody import models as custody
from veil.casework.houses import models as houses
from veil.casework.keeping import models as keeping
from veil.casework.moves import models as moves
from veil.casework.network import models as network
from veil.casework.requests import models as requests

__all__ = ["cases", "custody", "houses", "keeping", "moves", "network", "requests"]
