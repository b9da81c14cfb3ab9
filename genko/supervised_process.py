"""Runs a module as `python -m` does, and stops it when the process that started it is gone, however that ended."""

import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence


def start(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, *, stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """A module of ours and its arguments; standard input is the line on which it hears that nobody is there any more.

    In a session of its own: Ctrl-C reaches the caller only, who then stops the others in order.
    """
    return subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", "genko.supervised_process", *arguments],
        env=environment,
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=stdout,
    )


def main() -> None:
    threading.Thread(target=_end_with_the_other_side, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_the_other_side() -> None:
    os.read(sys.stdin.fileno(), 1)  # returns when the last writer has closed, and nobody writes
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
