"""The entry point: `llmcost` and `python -m llmcost`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything is imported: scripts ask for it often.
        from llmcost import __version__

        print(f"llmcost {__version__}")  # noqa: T201
        sys.exit(0)
    # Imports allocate a lot and free next to nothing: looking for garbage that often is wasted time.
    gc.set_threshold(50_000, 20, 20)
    from llmcost.cli.app import run

    sys.exit(run())


if __name__ == "__main__":
    main()
