"""How much of what names people is found, and how well aliases agree: `python -m bench.words [--missed]`.

It reads the annotated, fictional texts beside the tests of words; development texts were seen while the finder was
made, held-out ones only measured. Misses of the held-out texts are not shown, so that nobody tunes on them.
"""

import argparse
import time

from rich.console import Console
from rich.table import Table

from tests.agreement import agreements
from tests.annotated import Score, annotated, scored
from veil.disguise.words.contract import Tongue, tongue

KINDS = ("name", "place", "org", "date", "age", "phone", "address", "paper", "plate", "account")


def main() -> None:
    """Print recall and precision per language and kind, then the agreement of case."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--missed", action="store_true", help="show what was missed in the development texts")
    told = options.parse_args()
    console = Console(width=140)
    table = Table(
        "texts", "recall", "names", "precision", *KINDS[1:], "ms a text", title="found, of what must be hidden"
    )
    missed: list[str] = []
    for code in ("en", "ru"):
        reader = tongue(code)
        if reader is None:
            continue
        for half in ("heldout", "development"):
            texts = annotated(f"{code}_{half}")
            reader.find(texts[0].text)
            began = time.process_time()
            score = scored(texts, reader)
            ms = 1000 * (time.process_time() - began) / len(texts)
            table.add_row(f"{code} {half}", *_row(score), f"{ms:.0f}")
            if half == "development":
                missed += [f"{code} missed {m}" for m in score.missed] + [f"{code} too much {f}" for f in score.false]
    console.print(table)
    russian = tongue("ru")
    if russian is not None:
        _agreement(console, russian, told.missed)
    if told.missed:
        console.print("\n".join(missed), markup=False)


def _row(score: Score) -> list[str]:
    kinds = [f"{score.found[k]}/{score.owed[k]}" for k in KINDS[1:]]
    return [f"{score.recall():.3f}", f"{score.recall('name'):.3f}", f"{score.precision:.3f}", *kinds]


def _agreement(console: Console, russian: Tongue, show: bool) -> None:
    for half in ("heldout", "development"):
        right, wrong = agreements(half, russian)
        console.print(f"agreement of case, {half}: {right / max(1, right + len(wrong)):.3f} of {right + len(wrong)}")
        if show and half == "development":
            console.print("\n".join(wrong), markup=False)


if __name__ == "__main__":
    main()
