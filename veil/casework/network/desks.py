"""The desk: what only coordinators share; and the drawer: what each worker needs once, to set a decoy passphrase.

Both are there in every world, of the same size. Where a network was founded without a decoy, and in the decoy world
itself, they hold nothing of another world, and nothing tells the two cases apart.
"""

import secrets
import struct
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from veil.casework import clock, world
from veil.casework.hand import Hand
from veil.casework.network.models import Worker, World
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError
from veil.vault import phrases, seal, signals, stores
from veil.vault.slots import SLOTS

NETWORK = uuid.UUID(int=1)  # whose compartment holds what only coordinators share: the desk
COLLEAGUES = (Role.OPERATOR, Role.CASE_WORKER, Role.HOST)  # invented ones, beside an invented coordinator
KIT_DAYS = 7  # then what a worker needs to set a decoy passphrase is gone again
_KIT = struct.Struct("<1s32s16s32s32sd")
_KIT_BYTES = _KIT.size + 48
_DESK_LETTERS = 3000  # whatever the desk holds, it is as long as this


@dataclass(frozen=True)
class Other:
    """The other world: its store and key, whom its signals go to, and the invented coordinator who keeps it."""

    store: str
    key: bytes = field(repr=False)
    signals: bytes = field(repr=False)  # the secret half, or only the public one in a worker's drawer
    director: uuid.UUID = field(repr=False)
    secret: bytes = field(repr=False)


def desk(hand: Hand) -> dict[str, Any]:
    """Return what only coordinators share; raise `NotAllowed` to everybody else."""
    return hand.read(NETWORK, NETWORK, Kind.FILE).said


def other_of(hand: Hand) -> Other | None:
    """Return the other world as the desk tells it, or None where there is none."""
    said = desk(hand)
    if not said["other"]:
        return None
    key, public, secret = (bytes.fromhex(said[name]) for name in ("other key", "other signals", "director secret"))
    return Other(said["other"], key, public, uuid.UUID(said["director"]), secret)


def lay(hand: Hand, coordinator: Worker, signals_secret: bytes, other: Other | None) -> None:
    """Lay the desk of a new world."""
    hand.make(NETWORK, NETWORK, Kind.FILE, [coordinator])
    put(
        hand,
        {
            "signals": signals_secret.hex(),
            "other": other.store if other else "",
            "other key": other.key.hex() if other else "",
            "other signals": other.signals.hex() if other else "",
            "director": str(other.director) if other else "",
            "director secret": other.secret.hex() if other else "",
            "answered": {},
            "kept": 0.0,
        },
    )


def put(hand: Hand, said: dict[str, Any], version: int | None = None) -> None:
    """Write the desk, always of one length."""
    said = {name: told for name, told in said.items() if name != "spare"}
    hand.write(NETWORK, NETWORK, Kind.FILE, said | {"spare": "0" * max(0, _DESK_LETTERS - len(repr(said)))}, version)


def stage(store: str, key: bytes) -> Other:
    """Furnish the other world with an invented coordinator and a few colleagues, and return what opens it."""
    signals_secret = seal.new_secret()
    with world.within(store):
        signs = phrases.call_signs(translation.get_language() or "en", 1 + len(COLLEAGUES))
        worker, secret = hire(signs[0], Role.COORDINATOR)
        director = Hand(worker, secret, store)
        lay(director, worker, signals_secret, None)
        director.note("vault founded")
        for sign, role in zip(signs[1:], COLLEAGUES, strict=True):
            colleague, _secret = hire(sign, role, secret=colleague_secret(secret, role))
            give(director, colleague)
            director.note("worker joined", colleague.id)
    return Other(store, key, signals_secret, worker.id, secret)


def colleague_secret(director_secret: bytes, role: Role) -> bytes:
    """Return the secret of an invented colleague: whoever directs the other world can act as any of them."""
    return seal.derived(director_secret, f"colleague {role.value}")


def hire(
    call_sign: str, role: Role | str, known: uuid.UUID | None = None, secret: bytes | None = None
) -> tuple[Worker, bytes]:
    """Enter a worker in the present world, with a place among its slots and one among the others."""
    allotted = World.objects.select_for_update().get().settings["slots"]
    secret = secret or seal.new_secret()
    worker = Worker.objects.create(
        id=known or uuid.uuid4(),
        call_sign=call_sign,
        role=role,
        public=seal.public_of(secret),
        slot=_free(allotted, "slot"),
        other_slot=_free(sorted(set(range(SLOTS)) - set(allotted)), "other_slot"),
        since=clock.now(),
    )
    return worker, secret


def ping(worker: uuid.UUID, at: float, public: bytes) -> None:
    """Leave the signal of one unlocking, in the next place of the present world's half."""
    here = World.objects.select_for_update().get()
    places, pings = here.settings["places"], here.settings["pings"]
    World.objects.filter(id=here.id).update(settings=here.settings | {"pings": pings + 1})
    path = stores.folder() / "signals"
    signals.leave(path, places[pings % len(places)], signals.Signal(worker.bytes, at), public)


def renew(worker: Worker, role: Role | str) -> bytes:
    """Give a worker of the present world a new pair of keys and a role, and return the secret half."""
    secret = seal.new_secret()
    Worker.objects.filter(id=worker.id).update(public=seal.public_of(secret), role=role, ended=None)
    return secret


def empty_drawer() -> bytes:
    """Return a drawer that holds noise."""
    return secrets.token_bytes(SLOTS // 2 * _KIT_BYTES)


def give(hand: Hand, worker: Worker) -> None:
    """Put into a worker's drawer what they need to set a decoy passphrase; noise, where there is no other world."""
    other = other_of(hand)
    box = secrets.token_bytes(_KIT_BYTES)
    if other is not None:
        told = (other.store.encode(), other.key, other.director.bytes, other.secret, seal.public_of(other.signals))
        box = seal.wrapped(_KIT.pack(*told, clock.now().timestamp()), bytes(worker.public))
    _into_drawer(worker.slot, box, filled=True)


def kit_of(hand: Hand) -> Other | None:
    """Return what lies in this worker's drawer, or None: nothing was put there, it was used, or it is too old."""
    here = World.objects.get()
    slot = Worker.objects.values_list("slot", flat=True).get(id=hand.id)
    start = here.settings["slots"].index(slot) * _KIT_BYTES
    try:
        plain = hand.unseal(bytes(here.sealed_keys)[start : start + _KIT_BYTES])
    except seal.Damaged:
        return None
    store, key, director, secret, public, at = _KIT.unpack(plain)
    if (clock.now() - datetime.fromtimestamp(at, UTC)).days >= KIT_DAYS:
        empty(slot)
        return None
    return Other(store.decode(), key, public, uuid.UUID(bytes=director), secret)


def empty(slot: int) -> None:
    """Overwrite what lies in a worker's drawer with noise."""
    _into_drawer(slot, secrets.token_bytes(_KIT_BYTES))


def empty_old() -> None:
    """Overwrite drawers that were filled long ago: whoever forces their owner later must not find the way in them."""
    before = clock.now().timestamp() - KIT_DAYS * 86400
    for slot, at in World.objects.get().settings.get("drawers", {}).items():
        if at <= before:
            empty(int(slot))


def _into_drawer(slot: int, box: bytes, *, filled: bool = False) -> None:
    here = World.objects.select_for_update().get()
    start = here.settings["slots"].index(slot) * _KIT_BYTES
    kept = bytearray(here.sealed_keys)
    kept[start : start + _KIT_BYTES] = box
    when = {name: at for name, at in here.settings.get("drawers", {}).items() if name != str(slot)}
    when |= {str(slot): clock.now().timestamp()} if filled else {}  # the same in a world from which no way leads
    World.objects.filter(id=here.id).update(sealed_keys=bytes(kept), settings=here.settings | {"drawers": when})


def _free(allotted: list[int], column: str) -> int:
    taken = set(Worker.objects.values_list(column, flat=True))
    free = [index for index in allotted if index not in taken]
    if not free:
        raise VeilError(_("this vault is full"), _("revoke workers who have left"))
    return secrets.choice(free)
