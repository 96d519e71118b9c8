"""A hand: one worker who has unlocked the vault, and the keys that are theirs; all reading and writing is by it."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from veil.casework import clock, policy, world
from veil.casework.keeping import lasting as seal
from veil.casework.network import audit, chiefs
from veil.casework.network.last_key import LastKey
from veil.casework.network.models import Compartment, Sealed, Worker, Wrap
from veil.casework.network.roles import Kind, Role
from veil.errors import VeilError

_MOST_KEYS = 4096
_AT_ONCE = 500
# asked several times on every page: putting the question into words takes Django ten times as long as the answer
_WRAP = """
    SELECT wrap.compartment_id, wrap.box FROM casework_wrap wrap
    JOIN casework_compartment compartment ON compartment.id = wrap.compartment_id
    WHERE compartment.owner = %s AND compartment.kind = %s AND wrap.holder_id = %s
    AND (wrap.until IS NULL OR wrap.until > %s)
"""
_SAID = "SELECT body, version FROM casework_sealed WHERE record = %s AND compartment_id = %s"
_WORKS_HERE = "SELECT 1 FROM casework_worker WHERE id = %s AND ended IS NULL"
_EXPIRED = "DELETE FROM casework_wrap WHERE until <= %s"
_HOTLINE = uuid.UUID(int=21)  # the root of the key of the public form
_BEFORE_AGREED = frozenset({"own.change", "worker.see own"})


class Changed(VeilError):
    """Somebody else changed the record after it was read."""

    def __init__(self) -> None:
        super().__init__(
            _("somebody changed this while you were writing"),
            _("read what stands there now, then save yours again"),
        )


@dataclass(frozen=True)
class Words:
    """What one record says in one compartment, and its version (0: nothing was written yet)."""

    said: dict[str, Any]
    version: int = 0


class NotAgreed(policy.NotAllowed):
    """A coordinator whom a second one has not agreed to."""

    def __init__(self) -> None:
        VeilError.__init__(
            self, _("a second coordinator has not agreed to you yet"), _("ask one of the others to look under “Today”")
        )


class Hand:
    """What one worker can reach; made by unlocking, gone with the session."""

    def __init__(self, worker: Worker, secret: bytes, store: str) -> None:
        self.id: uuid.UUID = worker.id
        self.call_sign: str = worker.call_sign
        self.role: str = worker.role
        self.store = store
        self._secret = secret
        self._agreed = False
        self._keys: dict[tuple[uuid.UUID, str], tuple[uuid.UUID, bytes]] = {}

    def may(self, act: str) -> bool:
        """Tell whether this worker's role includes an act, and, for a coordinator, a second one has agreed to them."""
        return policy.may(self.role, act) and (act in _BEFORE_AGREED or self._is_agreed())

    def require(self, act: str) -> None:
        """Raise `NotAllowed` unless this worker's role includes the act."""
        policy.require(self.role, act)
        if act not in _BEFORE_AGREED and not self._is_agreed():
            raise NotAgreed

    def works_here(self) -> bool:
        """Tell whether this worker's access was not ended meanwhile."""
        return _asked(_WORKS_HERE, self.id) is not None

    def holds(self, owner: uuid.UUID, kind: Kind) -> bool:
        """Tell whether this worker holds the key of a compartment."""
        return self._wrap_of(owner, kind) is not None

    def held_of(self, owners: Iterable[uuid.UUID], *kinds: Kind) -> dict[Kind, set[uuid.UUID]]:
        """Return of which of these owners this worker holds the keys of these kinds."""
        asked: dict[Kind, set[uuid.UUID]] = {kind: set() for kind in kinds}
        # from the owners to the keys: the other way round each key held would be compared with each owner
        mine = Exists(self._wraps().filter(compartment=OuterRef("id")))
        rows = Compartment.objects.filter(mine, owner__in=list(owners), kind__in=kinds)
        for owner, kind in rows.values_list("owner", "kind"):
            asked[Kind(kind)].add(owner)
        return asked

    def holding(self, kind: Kind, owner: str = "id") -> Any:
        """Return a condition on rows: this worker holds the key of this kind; quicker than `held` for small tables."""
        return Exists(self._wraps().filter(compartment__owner=OuterRef(owner), compartment__kind=kind))

    def held(self, kind: Kind) -> Any:
        """Return a query of the owners whose compartments of this kind this worker holds: their world, and no more."""
        return self._wraps().filter(compartment__kind=kind).values_list("compartment__owner", flat=True)

    def within(self, root: uuid.UUID) -> bool:
        """Tell whether this worker holds any key at all of a case, request or house."""
        return self._wraps().filter(compartment__root=root).exists()

    def make(
        self, root: uuid.UUID, owner: uuid.UUID, kind: Kind, holders: Iterable[Worker], said: Any = None
    ) -> Compartment:
        """Make a compartment with a new key, sealed to its holders; this worker holds it only if named.

        `said` are the owner's first words: whoever is not among the holders writes them now, or never.
        """
        compartment, key = self._made(root, owner, kind, said)
        told = {worker.id: worker for worker in holders}.values()
        if kind == Kind.HOUSE:  # one after the other: a third is refused
            for holder in told:
                self._wrap(compartment, key, holder, until=None)
            return compartment
        if not all(may_keep(holder, compartment) for holder in told):
            raise policy.NotAllowed
        Wrap.objects.bulk_create(
            Wrap(compartment=compartment, holder=holder, box=seal.wrapped(key, bytes(holder.public))) for holder in told
        )
        return compartment

    def put_away(self, root: uuid.UUID, owner: uuid.UUID, kind: Kind, said: dict[str, Any]) -> bytes:
        """Seal words about an owner in a new compartment that nobody holds, and return its key, to be split at once."""
        return self._made(root, owner, kind, said)[1]

    def said_under(self, owner: uuid.UUID, kind: Kind, key: bytes) -> dict[str, Any]:
        """Return what an owner's record says under a key that others gave back together; raise `Damaged`."""
        compartment = Compartment.objects.get(owner=owner, kind=kind)
        body = Sealed.objects.filter(compartment=compartment, record=owner).values_list("body", flat=True).first()
        told: dict[str, Any] = json.loads(seal.opened(key, bytes(body), _about(compartment.id, owner))) if body else {}
        return told

    def borrow(self, owner: uuid.UUID, kind: Kind, key: bytes, until: datetime) -> None:
        """Keep for a time a key that others gave back together; raise `Damaged` if it is not this compartment's."""
        compartment = Compartment.objects.get(owner=owner, kind=kind)
        for record, body in Sealed.objects.filter(compartment=compartment).values_list("record", "body"):
            seal.opened(key, bytes(body), _about(compartment.id, record))
        self._wrap(compartment, key, Worker.objects.get(id=self.id), until)

    def share(self, owner: uuid.UUID, kind: Kind, worker: Worker, until: datetime | None = None) -> None:
        """Seal a key that this worker holds to another, for good or until a time; raise `NotAllowed`.

        A key that was lent is not passed on, and a key that is held for good does not become a lent one.
        """
        self.require("key.share")
        compartment, key = self._key(owner, kind)
        both = Wrap.objects.filter(compartment_id=compartment, holder_id__in=(self.id, worker.id))
        held = dict(both.values_list("holder_id", "until"))
        if held[self.id] is not None:  # nor is it prolonged by oneself
            raise policy.NotAllowed
        if until is not None and held.get(worker.id, until) is None:
            return
        self._wrap(Compartment.objects.get(id=compartment), key, worker, until)
        self.note("key shared", owner)

    def withdraw(self, owner: uuid.UUID, kind: Kind, worker_id: uuid.UUID) -> None:
        """Destroy a worker's way to a key (one's own too); raise `LastKey` where nobody else would hold it.

        What they have read they have read.
        """
        self._key(owner, kind)
        others = Wrap.objects.filter(compartment__owner=owner, compartment__kind=kind)
        if not others.exclude(holder_id=worker_id).filter(until=None).exists():
            raise LastKey
        others.filter(holder_id=worker_id).delete()
        self.note("key withdrawn", owner)

    def pass_on(self, owner: uuid.UUID, kind: Kind, worker: Worker, instead_of: uuid.UUID) -> None:
        """Seal a key to another in place of one who held it, whose way to it is destroyed; raise `NotAllowed`."""
        self.require("key.share")
        compartment, key = self._key(owner, kind)
        if not Wrap.objects.filter(compartment_id=compartment, holder_id=self.id, until=None).exists():
            raise policy.NotAllowed
        Wrap.objects.filter(compartment_id=compartment, holder_id=instead_of).delete()
        self._wrap(Compartment.objects.get(id=compartment), key, worker, until=None)
        self.note("key passed on", owner)

    def read(self, record: uuid.UUID, owner: uuid.UUID, kind: Kind) -> Words:
        """Return what a record says in a compartment; raise `NotAllowed` without its key, `Damaged` if altered."""
        compartment, key = self._key(owner, kind)
        row = _asked(_SAID, record, compartment)
        if row is None:
            return Words({})
        return Words(json.loads(seal.opened(key, bytes(row[0]), _about(compartment, record))), row[1])

    def read_all(self, owners: Iterable[uuid.UUID], kind: Kind) -> dict[uuid.UUID, Words]:
        """Return what the owners' own records say, of those whose keys this worker holds; the others are left out."""
        theirs = dict(Compartment.objects.filter(owner__in=list(owners), kind=kind).values_list("id", "owner"))
        held = self._wraps().filter(compartment__in=theirs).values_list("compartment_id", "box")
        boxes = {theirs[compartment]: (compartment, box) for compartment, box in held}
        rows = Sealed.objects.filter(compartment_id__in=[compartment for compartment, _box in boxes.values()])
        bodies = {(row.record, row.compartment_id): row for row in rows}
        told = {}
        for owner, (compartment, box) in boxes.items():
            row = bodies.get((owner, compartment))
            key = self._kept(owner, kind, compartment, bytes(box))
            said = seal.opened(key, bytes(row.body), _about(compartment, owner)) if row else b"{}"
            told[owner] = Words(json.loads(said), row.version if row else 0)
        return told

    def tried(self) -> Iterator[tuple[uuid.UUID, VeilError | None]]:
        """Open every record that this worker's keys reach; yield its id, and what is wrong with it: never its words."""
        told = self._wraps().order_by("compartment_id").values_list("compartment_id", "box")
        for start in range(0, told.count(), _AT_ONCE):
            boxes = dict(told[start : start + _AT_ONCE])
            rows = Sealed.objects.filter(compartment_id__in=boxes).values_list("compartment_id", "record", "body")
            for compartment, record, body in rows:
                try:
                    key = seal.unwrapped(bytes(boxes[compartment]), self._secret)
                    json.loads(seal.opened(key, bytes(body), _about(compartment, record)))
                except VeilError as error:
                    yield record, error
                else:
                    yield record, None

    def write(
        self, record: uuid.UUID, owner: uuid.UUID, kind: Kind, said: dict[str, Any], version: int | None = None
    ) -> None:
        """Seal what a record says; raise `Changed` if it is no longer at the version that was read.

        The old words are overwritten: no history is kept.
        """
        compartment, key = self._key(owner, kind)
        body = seal.shut(key, json.dumps(said, ensure_ascii=False).encode(), _about(compartment, record))
        rows = Sealed.objects.filter(record=record, compartment=compartment)
        before = rows.values_list("version", flat=True).first()
        if version is not None and version != (before or 0):
            raise Changed
        if before is None:
            Sealed.objects.create(record=record, compartment_id=compartment, body=body)
        elif not rows.filter(version=before).update(body=body, version=before + 1):
            raise Changed
        clock.note()

    def note(self, act: str, what: uuid.UUID | None = None) -> None:
        """Add to the audit that this worker did a kind of thing to a random id."""
        audit.note(self.id, act, what)

    def unseal(self, box: bytes) -> bytes:
        """Open what was sealed to this worker alone."""
        return seal.unwrapped(box, self._secret)

    def forget(self) -> None:
        """Drop every key that was unwrapped."""
        self._keys.clear()
        self._secret = b""

    def _is_agreed(self) -> bool:
        self._agreed = self._agreed or self.role != Role.COORDINATOR or chiefs.agreed(self.id)
        return self._agreed

    def _wraps(self) -> Any:
        return Wrap.objects.filter(Q(until=None) | Q(until__gt=clock.now()), holder_id=self.id)

    def _key(self, owner: uuid.UUID, kind: Kind) -> tuple[uuid.UUID, bytes]:
        # the wrap is asked for each time: a key that was withdrawn a second ago must not open anything now
        wrap = self._wrap_of(owner, kind)
        if wrap is None:
            self._keys.pop((owner, kind), None)
            raise policy.NotAllowed
        return wrap[0], self._kept(owner, kind, *wrap)

    def _wrap_of(self, owner: uuid.UUID, kind: Kind) -> tuple[uuid.UUID, bytes] | None:
        row = _asked(_WRAP, owner, kind.value, self.id, clock.now())
        return None if row is None else (_uuid(row[0]), bytes(row[1]))

    def _kept(self, owner: uuid.UUID, kind: Kind, compartment: uuid.UUID, box: bytes) -> bytes:
        known = self._keys.get((owner, kind))
        if known is None or known[0] != compartment:
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()
            known = self._keys[owner, kind] = (compartment, seal.unwrapped(box, self._secret))
        return known[1]

    def _made(self, root: uuid.UUID, owner: uuid.UUID, kind: Kind, said: Any) -> tuple[Compartment, bytes]:
        compartment: Compartment = Compartment.objects.create(root=root, owner=owner, kind=kind)
        key = seal.new_key()
        if said:
            body = seal.shut(key, json.dumps(said, ensure_ascii=False).encode(), _about(compartment.id, owner))
            Sealed.objects.create(record=owner, compartment=compartment, body=body)
        return compartment, key

    def _wrap(self, compartment: Compartment, key: bytes, holder: Worker, until: datetime | None) -> None:
        borrows = until is not None and holder.ended is None and policy.may_borrow(holder.role, compartment.kind)
        if not (borrows or may_keep(holder, compartment)) or not may_have(compartment, holder.role):
            raise policy.NotAllowed
        if _is_taken(compartment, holder):
            raise policy.NotAllowed
        box = seal.wrapped(key, bytes(holder.public))
        Wrap.objects.update_or_create(compartment=compartment, holder=holder, defaults={"box": box, "until": until})


def expire() -> int:
    """Destroy every key that was lent until a time which is past; return how many."""
    with connections[world.here()].cursor() as cursor:
        cursor.execute(_EXPIRED, _adapted(clock.now()))
        return int(cursor.rowcount)


def may_keep(holder: Worker, compartment: Compartment) -> bool:
    """Tell whether somebody may hold a key for good: a coordinator whom nobody has agreed to gets the desk's only."""
    if holder.ended is not None or not policy.may_hold(holder.role, compartment.kind):
        return False
    return holder.role != Role.COORDINATOR or compartment.root == chiefs.SHARED or chiefs.agreed(holder.id)


def may_have(compartment: Compartment, role: str) -> bool:
    """Tell whether somebody of a role may have this working file: calls, cases and houses are not one work.

    What coordinators share is theirs alone; operators work on requests, case workers on cases and houses.
    """
    if compartment.kind != Kind.FILE or role == Role.COORDINATOR:
        return True
    if compartment.root == chiefs.SHARED:
        return False
    others = {Role.OPERATOR: ("Case", "House"), Role.CASE_WORKER: ("Request",)}.get(Role(role), ())
    if role != Role.OPERATOR and compartment.root == _HOTLINE:
        return False
    return not any(apps.get_model("casework", name).objects.filter(id=compartment.root).exists() for name in others)


def _is_taken(compartment: Compartment, holder: Worker) -> bool:
    """Tell whether another of this role holds a house's key: one host and one coordinator do, a third never."""
    others = compartment.wraps.filter(holder__role=holder.role).exclude(holder=holder)
    return compartment.kind == Kind.HOUSE and bool(others.exists())


def _asked(question: str, *about: Any) -> Any:
    with connections[world.here()].cursor() as cursor:
        cursor.execute(question, _adapted(*about))
        return cursor.fetchone()


def _adapted(*told: Any) -> list[Any]:
    """Return values as this world's database takes them: SQLite knows no ids and no times."""
    here = connections[world.here()]
    return [
        here.ops.adapt_datetimefield_value(one) if isinstance(one, datetime)
        else one.hex if isinstance(one, uuid.UUID) and not here.features.has_native_uuid_field
        else one
        for one in told
    ]  # fmt: skip


def _uuid(told: Any) -> uuid.UUID:
    return told if isinstance(told, uuid.UUID) else uuid.UUID(told)


def _about(compartment: uuid.UUID, record: uuid.UUID) -> bytes:
    return compartment.bytes + record.bytes
