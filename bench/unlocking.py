"""What one guess at a passphrase costs on this machine: python -m bench.unlocking."""

import statistics
import time

from veil.vault.cost import SALT_BYTES, measured, stretch


def main() -> None:
    """Print the cost that a new vault would get, and how long guesses take at it."""
    chosen = measured()
    took = []
    for number in range(5):
        began = time.process_time()
        stretch(f"guess {number}", bytes(SALT_BYTES), chosen)
        took.append(time.process_time() - began)
    print(f"passes {chosen.passes}, memory {chosen.memory_kib // 1024} MiB")
    print(f"one guess: median {statistics.median(took):.2f} s, least {min(took):.2f} s of one core")


if __name__ == "__main__":
    main()
