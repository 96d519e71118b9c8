"""Pictures: shows the invented network of `veil serve --demo` to a browser, and keeps what the README shows of it.

python tools/pictures.py [--language ru] [--out FOLDER] [NAME...]     needs Chromium and Playwright
"""

import argparse
import os
import tempfile
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

CHROMIUM = os.environ.get("VEIL_CHROMIUM", "/usr/bin/chromium")
ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
WIDE, PHONE = (1280, 900), (390, 844)
SHADE = 5  # of 255: steps between the shades that are kept; white stays white

# name: who looks, at how large a screen, and the way from the board: the words of the links that are pressed
PICTURES = {
    "board": (0, WIDE, "/", ()),
    "request": (2, WIDE, "/requests/", ("main a.code >> nth=-1",)),
    "case": (4, WIDE, "/cases/", ("main table a >> text=/Cedar|Кедр/",)),
    "houses": (0, WIDE, "/houses/", ()),
    "check-ins": (4, WIDE, "/moves/checkins", ()),
    "move": (5, WIDE, "/moves/", ("main a.code >> nth=0",)),
    "phone": (4, PHONE, "/", ()),
    "phone-host": (6, PHONE, "/houses/", ("main a.code >> nth=0",)),
    "ask": (None, PHONE, "/ask/", ()),
}


def main():
    """Fill, serve, look, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(PICTURES))
    parser.add_argument("--language", default="en")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "pictures")
    parser.add_argument("--whole", action="store_true", help="the whole page, not only what a screen shows")
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    os.environ["TZ"] = morning(datetime.now(UTC).hour)
    with tempfile.TemporaryDirectory() as place:
        from veil.web import serve

        demo = serve.furnish(Path(place) / "vault", told.language)
        with served() as address, browser(told.language) as started:
            for name in told.names or PICTURES:
                take(started, address, demo, name, told)


def morning(hour):
    """Return the name of hours by which it is eight in the morning now: a board at night says mostly "tomorrow"."""
    ahead = (8 - hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


@contextmanager
def served():
    """Serve the pages on a free port."""
    from waitress.server import create_server

    from veil.web.wsgi import application

    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@contextmanager
def browser(language):
    """Start Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield lambda size: started.new_context(
            locale=language,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="light",
            device_scale_factor=1 if size == WIDE else 2,
        )
        started.close()


def take(started, address, demo, name, told):
    """Go to a page as one of the workers and keep what it shows."""
    who, size, start, way = PICTURES[name]
    context = started(size)
    context.set_default_timeout(8000)
    page = context.new_page()
    if who is not None:
        page.goto(address + "/unlock")
        page.fill("[name=call_sign]", demo.workers[who][0])
        page.fill("[name=passphrase]", demo.passphrase)
        page.click("main form button")
    page.goto(address + start)
    for link in way:
        page.locator(link).first.click()
    page.wait_for_load_state("networkidle")
    keep(page.screenshot(full_page=told.whole), told.out / f"{name}.png")
    context.close()


def keep(taken, path):
    """Keep a picture with fewer shades, so that it is small."""
    import cv2
    import numpy as np

    pixels = cv2.imdecode(np.frombuffer(taken, np.uint8), cv2.IMREAD_COLOR)
    few = np.minimum(255, (pixels.astype(np.uint16) + SHADE // 2) // SHADE * SHADE).astype(np.uint8)
    cv2.imwrite(str(path), few, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"{path.name}  {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
