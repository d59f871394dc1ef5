"""Give the memory of a pass back to the machine while the daemon waits for the next pass."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress


def give_back() -> None:
    """Clear the policies' caches, and have the C library return free memory to the system.

    The C library does not do that by itself; one without such a call is left alone.

    Measured on 10,000 contacts (`python -m benchmarks.bench_idle`, with `PYTHONMALLOC=malloc`, as
    the unit sets it): without this, 130 MiB between passes, of which the program itself is 90. Each
    small cached object holds a page of memory.
    """
    for module in [module for name, module in sys.modules.items() if name.startswith("policies.")]:
        for kept in list(vars(module).values()):
            if callable(clear := getattr(kept, "cache_clear", None)):
                clear()
    gc.collect()
    # The unit forbids memory that is both writable and executable; an older libffi cannot be loaded
    # then.
    with suppress(ImportError, MemoryError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).malloc_trim(0)
