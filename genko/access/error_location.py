"""Naming a bug without its message, which may hold what a patient wrote."""

import traceback


def where(error: BaseException) -> str:
    """Such as "KeyError at thread.py:41 in draw"."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    if not ours:
        return type(error).__name__
    last = ours[-1]
    return f"{type(error).__name__} at {last.filename}:{last.lineno} in {last.name}"
