"""The entry point: `llmcost` and `python -m llmcost`."""

from __future__ import annotations

import gc
import sys


def _said_version() -> bool:
    """Say the version before anything is imported: scripts ask for it often."""
    from llmcost import __version__

    if sys.stdout is None:
        return False
    try:
        sys.stdout.write(f"llmcost {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        if sys.argv[1:] == ["--version"] and _said_version():
            sys.exit(0)
        # Imports allocate a lot and free next to nothing: looking for garbage that often is wasted time.
        gc.set_threshold(100_000, 20, 20)
        from llmcost.cli.app import run

        code = run()
        gc.freeze()  # nor is there anything to be gained from looking for it at the end
        sys.exit(code)
    except KeyboardInterrupt:  # while importing
        sys.exit(130)


if __name__ == "__main__":
    main()
