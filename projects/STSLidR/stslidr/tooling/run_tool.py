"""What all command-line tools share: how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn


def run_tool(main: Callable[[], None]) -> NoReturn:
    """Run a tool's `main` and exit: 0 when it returns, 1 after a user's error.

    This package reports bad input as ValueError or as FileNotFoundError and other OSErrors whose
    text says what to do: that text is printed as one line `error: ...`. Any other exception is a
    bug and keeps its traceback. Ctrl-C exits with 130, as a shell expects.
    """
    try:
        main()
    except (ValueError, OSError) as error:
        message = ' '.join(str(error).split())
        print(f'error: {message}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        sys.exit(130)
    sys.exit(0)
