"""Write the pages: `python -m rupture_outcome.pages.definitions docs/definitions`."""

import argparse
from pathlib import Path

from rupture_outcome.pages.definitions.markdown import pages, rules


def main() -> None:
    """Write one page a definition and repair rule, their figures and an index."""
    parser = argparse.ArgumentParser(prog="python -m rupture_outcome.pages.definitions")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="those of other packages, too")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(*rules(own=not given.all)).items():
        (given.folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
