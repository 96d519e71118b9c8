"""What a flood costs: a thousand fake messages to the public form against one honest one.

python -m bench.requests
"""

import itertools
import tempfile
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from veil.casework.requests import gate, inbox, receipts
from veil.casework.requests.gate import Ticket
from veil.vault import seal, stores


def worked(ticket: Ticket) -> str:
    """Do the work for a ticket, as a browser's script does it."""
    nonces = []
    for piece in range(gate.PIECES):
        for nonce in itertools.count():
            told = sha256(f"{ticket.id}:{piece}:{nonce}".encode()).digest()
            if int.from_bytes(told[:4], "big") >> (32 - ticket.bits) == 0:
                nonces.append(str(nonce))
                break
    return ",".join(nonces)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        stores.use(Path(folder))
        inbox.publish(seal.public_of(seal.new_secret()))
        _work()
        _sealing()
        print(
            f"a flood gets in at most {gate.BURST[0]} + {gate.AN_HOUR[0]:.0f}/h (waiting), "
            f"{gate.BURST[1]} + {gate.AN_HOUR[1]:.0f}/h (working)"
        )
        rest = 1000 - sum(gate.BURST)
        print(
            f"1,000 fakes through both lanes: {rest / sum(gate.AN_HOUR):.0f} hours, if the inbox is emptied meanwhile"
        )


def _work() -> None:
    for bits in (gate.LEAST_BITS, 16):
        began = time.process_time()
        times = 3 if bits > gate.LEAST_BITS else 10
        for _ in range(times):
            worked(replace(gate.ticket(), bits=bits))
        took = (time.process_time() - began) / times
        print(f"work at {bits} bits: {took:.2f} s of one core in Python, 1,000 of them {took * 1000 / 60:.0f} min")
    began = time.process_time()
    done = worked(gate.ticket())
    ticket = gate.ticket()
    began = time.process_time()
    for _ in range(1000):
        ticket.works(done)
    print(f"checking work: {(time.process_time() - began):.3f} ms each")


def _sealing() -> None:
    mailbox = receipts.mailbox_of(receipts.new_seed())
    began = time.perf_counter()
    for part in (0, 1):
        for _ in range(50):
            inbox.leave(inbox.Letter({"happened": "x" * 2000}, mailbox.name, mailbox.public.hex()), part)
    print(f"laying one message in: {(time.perf_counter() - began) * 10:.1f} ms")
    began = time.perf_counter()
    for _ in range(10):
        inbox.answers_to(mailbox)
    print(f"looking for an answer: {(time.perf_counter() - began) * 100:.0f} ms, with or without one")


if __name__ == "__main__":
    main()
