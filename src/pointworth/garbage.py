"""Python's search for garbage, when it costs more than it finds.

Reading a project makes some hundred thousand objects that stay, and each model built as many that
go by themselves: the usual thresholds have all of them looked through again and again.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 50)


@contextmanager
def rarely_collected() -> Iterator[None]:
    """What is there at the beginning is looked at no more, and what comes after it rarely."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def not_collected() -> Iterator[None]:
    """Nothing of what is made here is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
