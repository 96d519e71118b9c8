"""The houses of the invented network: one open, one full, two of another host, of which one burned and one rests."""

from django.utils.translation import gettext as _

from veil.casework.demo.files import assess
from veil.casework.demo.stage import Stage, ago
from veil.casework.houses import burning, fields, shelter, stays
from veil.casework.houses.models import House, Stay, ToTell
from veil.casework.moves import incidents


def _house(stage: Stage, name: str, host: str, beds: int, suits: tuple[str, ...]) -> None:
    said = {
        "suits": list(suits),
        "rules": str(fields.RULES),
        "ambulance": str(fields.NO_AMBULANCE),
        "travel": _("about two hours"),
        "address": _("the third invented house of Umberfell, behind the dry fountain"),
        "entry": _("two knocks, a pause, one knock"),
        "reach": _("a postcard to the bakery of Quillhaven"),
    }
    stage.made[name] = shelter.make_house(stage.hands["heron"], stage.worker(host), beds, said).id


@ago(days=26)
def houses(stage: Stage) -> None:
    """Five houses of two hosts."""
    _house(stage, "long table", "martin", 6, ("family", "night", "long"))
    _house(stage, "two windows", "martin", 2, ("alone",))
    _house(stage, "orchard", "martin", 5, ("family", "pet", "stairs"))
    _house(stage, "attic", "dunnock", 4, ("night",))
    _house(stage, "ferry", "dunnock", 3, ("women",))


def _place(stage: Stage, case: str, house: str, beds: int, hours: float) -> Stay:
    who = {1: _("one adult"), 3: _("two adults and a child")}[beds]
    said = {"who": who, "needs": _("a quiet room; eats everything")}
    until = stage.ahead(hours=hours)
    return stays.place(stage.hands["heron"], stage.made[case], stage.made[house], beds, until, said)


@ago(days=12)
def guests(stage: Stage) -> None:
    """Who sleeps where; two of these stays end today and tomorrow."""
    placed = [
        _place(stage, "fern", "long table", 1, 5),
        _place(stage, "cedar", "long table", 3, 22),
        _place(stage, "flint", "two windows", 1, 9 * 24),
        _place(stage, "moss", "two windows", 1, 6 * 24),
        _place(stage, "thyme", "ferry", 1, 11 * 24),
    ]
    for stay, carer in zip(placed, ("plover", "plover", "plover", "curlew", "curlew"), strict=True):
        stays.rules_read(stage.hands[carer], stay.id)


@ago(days=5)
def a_house_burned(stage: Stage) -> None:
    """One press by its host; the guest has a bed elsewhere before midnight, one colleague is not told yet."""
    heron, ferry = stage.hands["heron"], stage.made["ferry"]
    burning.burn(stage.hands["dunnock"], ferry)
    (stay,) = burning.must_move(ferry)
    burning.confirm(heron, [(stay.id, stage.made["orchard"])])
    stays.rules_read(stage.hands["curlew"], stay.id)
    assess(stage.hands["curlew"], stage.made["thyme"], "high")
    knew = ToTell.objects.filter(house=House.objects.get(id=ferry)).exclude(worker=stage.hands["swift"].id)
    for one in knew:
        burning.told(heron, ferry, one.worker)
    for one in incidents.mine(heron).filter(of=ferry):
        incidents.close(heron, one.id, _("the bell was rung twice before; nobody told us"))
