"""Tidying at each unlocking: what a crash cut short is finished, what is due goes, what came back is buried."""

import uuid
from collections import defaultdict

from veil.casework.custody import envelopes
from veil.casework.hand import Hand, expire
from veil.casework.keeping import backed_up, due, lasting, purge
from veil.casework.keeping.models import Backup, Doomed
from veil.casework.network.models import Compartment, World
from veil.vault.noise import proof


def tidy(hand: Hand) -> None:
    """Leave the world as it should be; nothing of it shows."""
    _finish()
    _bury(hand)
    due.purge_due(hand)
    envelopes.tidy()
    expire()
    if Backup.objects.filter(owed=True).exists():
        backed_up.follow()


def _finish() -> None:
    rows = list(Doomed.objects.values_list("id", "place", "file"))
    if not rows:
        return
    places = [place for _, place, _ in rows if place is not None]  # nobody has taken one of them since
    purge.finish(places, [file for _, _, file in rows if file is not None])
    Doomed.objects.filter(id__in=[id_ for id_, _, _ in rows]).delete()


def _bury(hand: Hand) -> None:
    """Purge what came back from an older copy: its place in the noise was overwritten since."""
    kept = lasting.the_noise()
    here = World.objects.select_for_update().get()
    state = kept.state.hex()
    if here.settings.get("noise") == state:
        return
    dead: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    living: set[uuid.UUID] = set()
    places = kept.all()
    for root, owner, place, told in Compartment.objects.values_list("root", "owner", "place", "proof"):
        if proof(places[place]) == bytes(told):
            living.add(root)
        else:
            dead[root].add(owner)
    for root, owners in dead.items():
        if root in living:
            purge.destroy(hand, owners)
        else:
            purge.purge(hand, root)
    here.settings = here.settings | {"noise": state}
    here.save(update_fields=["settings"])
