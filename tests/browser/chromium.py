"""The Chromium that the browser tests use; run as a module, it says how to install one."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OFFLINE = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = """No Chromium was found, so the browser tests are skipped. To run them, install one:
  sudo apt install chromium            on Debian and Ubuntu
  sudo dnf install chromium            on Fedora
  brew install --cask google-chrome    on macOS, then put it on the PATH under that name"""


def chromium() -> str | None:
    """Give the path of the first Chromium on the PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__" and chromium() is None:
    print(MISSING)
