"""Yields: computes from a test network what each seized account, device and server part gives up, for THREATS.md.

python tools/yields.py            print the table
python tools/yields.py write      put it between its markers in THREATS.md
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Fill a network, count, and print or write."""
    from tests import networks
    from tests.filled import filled
    from tests.yields import table, written
    from veil.vault import stores

    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        networks.found(vault)
        stores.use(vault)
        told = table(filled(networks.Network(vault)))
        networks.close()
    if sys.argv[1:] == ["write"]:
        threats = ROOT / "THREATS.md"
        threats.write_text(written(threats.read_text(encoding="utf-8"), told), encoding="utf-8")
    else:
        sys.stdout.write(told)


if __name__ == "__main__":
    main()
