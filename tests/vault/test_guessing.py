"""What a guess costs, what is offered instead of a weak passphrase, and files that two change at once."""

import inspect
import math
import threading
import time
from pathlib import Path

import pytest

from tests.networks import Still, passphrase_of
from veil.casework.network import opening
from veil.casework.network.roles import Role
from veil.vault import cost, guesses, phrases, seal, signals
from veil.vault.slots import Slot, Slots


def test_a_guess_costs_half_a_second_of_this_machine() -> None:
    """What is measured for a new vault takes at least so long, and is not what tests use."""
    chosen = cost.measured()
    assert chosen.memory_kib >= 256 * 1024
    began = time.process_time()
    cost.stretch("one guess", bytes(cost.SALT_BYTES), chosen)
    assert time.process_time() - began >= 0.5


def test_a_vault_that_is_founded_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names no cost gets the measured one, in the head of the slots file."""
    assert inspect.signature(opening.found).parameters["cost"].default is None
    seen = []

    def measured() -> cost.Cost:
        seen.append(1)
        return cost.Cost(2, 16)

    def stop(_path: Path) -> None:
        raise InterruptedError

    monkeypatch.setattr(opening, "measured", measured)
    monkeypatch.setattr(signals, "make", stop)
    with pytest.raises(InterruptedError):
        opening.found(tmp_path, opening.Member("Heron", passphrase_of("Heron"), Role.COORDINATOR))
    assert seen == [1]
    assert Slots(tmp_path / "slots").cost == cost.Cost(2, 16)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_offered_passphrase_has_sixty_bits(language: str) -> None:
    """Different words, short, plain letters; drawn anew each time; never weak by our own measure."""
    words = phrases.LISTS[language]
    assert len(words) == len(set(words))
    assert math.log2(len(words)) * phrases.WORDS >= 60
    assert all(
        3 <= len(word) <= 9 and word.isalpha() and "ё" not in word for word in words if word not in {"oar", "owl"}
    )
    offered = {phrases.offered(language) for _ in range(50)}
    assert len(offered) == 50
    assert not any(phrases.weak(one) for one in offered)


@pytest.mark.parametrize(
    "weak", ["", "short", "aaaaaaaaaaaaaaaaaaaaaaaa", "heron heron heron heron", "1212121212121212 12"]
)
def test_weak_passphrases_are_known(weak: str) -> None:
    """Short ones, repetitions, and the call sign over and over are refused."""
    assert phrases.weak(weak, "Heron")


def test_signals_survive_many_at_once(tmp_path: Path) -> None:
    """Writers who come at the same moment lose none of each other's signals; nor do slots."""
    path, secret = tmp_path / "signals", seal.new_secret()
    signals.make(path)
    slots = Slots.made(tmp_path / "slots", cost.CHEAP)

    def write(number: int) -> None:
        signals.leave(path, number, signals.Signal(bytes([number]) * 16, float(number)), seal.public_of(secret))
        slots.put(number, Slot("a", bytes(32), bytes([number]) * 16, bytes(32), bytes(32)), "Heron", f"words {number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.at for one in signals.read(path, secret)] == [float(number) for number in range(24)]
    assert all(slots.open("heron", f"words {number}").worker == bytes([number]) * 16 for number in range(24))


def test_nothing_tells_what_was_tried(tmp_path: Path) -> None:
    """Wrong guesses at different call signs leave the same 16 bytes but for the time; a damaged figure is none."""
    tries = guesses.Guesses(tmp_path / "waits")
    sizes = set()
    for sign in ("Heron", "Nobody", "\ud800", "x" * 5000):
        tries.wrong(sign)
        sizes.add((tmp_path / "waits").stat().st_size)
    assert sizes == {16}
    (tmp_path / "waits").write_bytes(b"\xff" * 16)
    guesses.Guesses(tmp_path / "waits").check("Heron")


def test_waits_grow_and_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong guess makes the next wait longer, to five minutes; half an hour forgives most."""
    monkeypatch.setattr(guesses, "time", Still())
    tries = guesses.Guesses(tmp_path / "waits")
    waits = []
    for _ in range(14):
        tries.wrong("Heron")
        try:
            tries.check("Heron")
        except guesses.TooSoon as soon:
            waits.append(soon.seconds)
    assert waits[:4] == [2, 4, 8, 16]  # three are free
    assert waits == sorted(waits)
    assert waits[-1] == int(guesses.LONGEST_S)
    tries.check("Wren")


def test_starting_anew_forgives_nothing(tmp_path: Path) -> None:
    """Whoever stops the program after each few guesses waits all the same: one figure for everybody is on the disk."""
    for _start in range(2):
        tries = guesses.Guesses(tmp_path / "waits")
        for _try in range(guesses.FREE):
            tries.wrong("Heron")
    with pytest.raises(guesses.TooSoon):
        guesses.Guesses(tmp_path / "waits").check("Heron")
