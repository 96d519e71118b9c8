"""Filling: founds the invented network and plays its scenes, the oldest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connections
from django.utils import translation

from veil.casework import clock, world
from veil.casework.demo import calls, files, roads, roofs
from veil.casework.demo.stage import CREW, DECOY, FORCED, PASSPHRASE, SCENES, Stage
from veil.casework.hand import Hand
from veil.casework.network import coercion, opening
from veil.casework.network.opening import Member
from veil.casework.network.roles import ROLE_NAMES, Role
from veil.vault import stores
from veil.vault.cost import CHEAP
from veil.vault.slots import STORES

_FOUNDED = timedelta(days=27)
_PARTS = (calls, files, roads, roofs)  # whose scenes are played


@dataclass(frozen=True)
class Demo:
    """Who can unlock the invented network, and with which words."""

    workers: tuple[tuple[str, str], ...]  # call sign and role
    passphrase: str
    decoy: str
    forced: str  # the call sign of whoever has a decoy passphrase


def fill(folder: Path, language: str = "en") -> Demo:
    """Make the invented network in an empty folder, in a language, and leave it locked."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    stores.use(folder)
    with translation.override(language):
        passphrase = str(PASSPHRASE)
        with clock.at(now - _FOUNDED):
            hands = _found(folder, passphrase)
        stage = Stage(hands, now, language)
        _play(stage)
        _prepare_decoy(hands["heron"], hands[FORCED], passphrase)
        told = tuple((str(sign), str(ROLE_NAMES[role])) for sign, role in CREW.values())
        demo = Demo(told, passphrase, str(DECOY), str(CREW[FORCED][0]))
    for hand in hands.values():
        hand.forget()
    for store in STORES:
        connections[store].close()
        stores.lock(store)
    return demo


def _found(folder: Path, passphrase: str) -> dict[str, Hand]:
    first, *others = CREW
    sign, role = CREW[first]
    hands = {first: opening.found(folder, Member(str(sign), passphrase, role), CHEAP)}
    with world.within(hands[first].store):
        for name in others:
            sign, role = CREW[name]
            opening.join(hands[first], Member(str(sign), passphrase, role))
    for name in others:
        hands[name] = opening.unlock(str(CREW[name][0]), passphrase)
    return hands


def _play(stage: Stage) -> None:
    with world.within(stage.hands["heron"].store):
        for before, scene in sorted(SCENES, key=lambda told: told[0], reverse=True):
            with clock.at(stage.now - before):
                scene(stage)


def _prepare_decoy(chief: Hand, hand: Hand, passphrase: str) -> None:
    with world.within(hand.store):
        coercion.give_again(chief, hand.id)  # what they were given on joining is gone after some days
        coercion.set_decoy(hand, passphrase, str(DECOY), Role.CASE_WORKER)
