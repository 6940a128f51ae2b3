"""Where the browser of the browser tests is: ``python -m tests.chromium`` says what they will use.

Nothing is downloaded. ``AVOUS_CHROMIUM`` names an executable; otherwise the first known name on PATH is
taken. Without one the browser tests are skipped and say why, except in CI, where they must run.
"""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "no Chromium: install it (Debian: apt-get install chromium) or name it in AVOUS_CHROMIUM; the browser tests need it"


def find() -> str | None:
    """The browser's path, or None. A wrong AVOUS_CHROMIUM is an error, not a reason to take another."""
    named = os.environ.get("AVOUS_CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise FileNotFoundError(f"AVOUS_CHROMIUM is no program: {named}")
        return found
    return next((path for name in NAMES if (path := shutil.which(name))), None)


if __name__ == "__main__":
    browser = find()
    print(f"browser tests: {browser}" if browser else f"browser tests will be SKIPPED: {MISSING}")
