"""Gives back to the machine what a pass held: a daemon that waits for the next one needs none of
it.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress


def give_back() -> None:
    """Let go of what the policies keep to be quick within a pass, and let the C library return free
    memory to the system, which it does not do by itself; nothing where it knows no such call.

    Measured on 10,000 contacts (`python -m benchmarks.bench_idle`, with `PYTHONMALLOC=malloc`, as
    the unit sets it): 130 MiB between passes without letting go, as each small thing that is kept
    holds a page of memory; 90 are the program itself.
    """
    for module in [module for name, module in sys.modules.items() if name.startswith("policies.")]:
        for kept in list(vars(module).values()):
            if callable(clear := getattr(kept, "cache_clear", None)):
                clear()
    gc.collect()
    # Where no memory may be both written and run (the unit says so), an older libffi cannot even be
    # loaded.
    with suppress(ImportError, MemoryError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).malloc_trim(0)
