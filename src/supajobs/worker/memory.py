"""The pauses that Python's garbage collector makes."""

import gc


def spare_what_stays() -> None:
    """Tells the collector that what is there now will stay. For a process that has all imported.

    Modules, routes and models are 130,000 objects. To look through them takes 80 ms, in which
    nobody is answered, and under load it happens every second.
    """
    gc.collect()
    gc.freeze()
