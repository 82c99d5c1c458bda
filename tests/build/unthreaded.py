"""A pool of the collector without threads."""

from __future__ import annotations

from collections.abc import Callable


class UnthreadedPool:
    """Makes each call where it is asked for.

    For tests that are about what is read, and not about who waits for whom: an emulated AWS takes one call at a time anyway, and
    each hand-over between threads has its price.
    """

    def submit(self, work: Callable[[], None], /) -> None:
        """Do the work."""
        work()
