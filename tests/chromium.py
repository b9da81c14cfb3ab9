"""Finds a Chromium for the browser tests, or installs one by whichever way works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

# Without windows to draw, a page takes a fifth less of a busy machine.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--process-per-site",  # a page that has loaded before loads in half the time in the process that knows it
    "--js-flags=--no-opt --single-threaded-gc",  # a test is over before fully optimized code pays
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


def find() -> str | None:
    """The program's path; None when there is none."""
    installed = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return installed or _of_playwright()


def _of_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    ways = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        ways.insert(
            0,
            [
                "sh",
                "-c",
                "apt-get update -qq && apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium",
            ],
        )
    for way in ways:
        print("No Chromium found; installing one:", " ".join(way), flush=True)
        quiet = subprocess.run(
            way, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=900
        )
        if quiet.returncode == 0 and find():
            return


def main() -> None:
    try:
        if find() is None:
            install()
    except (Error, OSError, subprocess.TimeoutExpired):
        pass
    if find() is None:
        sys.exit(
            "The browser tests need Chromium, and none could be installed. Install one (for example: "
            "apt-get install chromium, or python -m playwright install chromium) and run make test again."
        )


if __name__ == "__main__":
    main()
