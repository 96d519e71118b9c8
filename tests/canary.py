"""A server of its own for the search for canaries: serves a vault on loopback until its input ends.

python -m tests.canary FOLDER: prints the port; a line `forget` on its input lets go of memory and answers `done`.
"""

import sys
import threading
from pathlib import Path

from veil.casework.ready import ready


def main(folder: str) -> None:
    """Serve."""
    ready(Path(folder), settings="veil.web.settings")
    from waitress.server import create_server

    from veil.vault import level, memory
    from veil.web.wsgi import application

    level.STEP_BYTES, level.SPARE_BYTES = 1024 * 1024, 256 * 1024
    memory.guard()
    server = create_server(application, host="127.0.0.1", port=0, threads=2, **memory.SERVER)
    threading.Thread(target=server.run, daemon=True).start()
    print(server.effective_port, flush=True)
    for _line in sys.stdin:
        memory.forget()
        print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
