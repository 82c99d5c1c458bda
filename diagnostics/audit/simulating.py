"""Which roles of an audit IAM's simulator is asked about: it takes few questions a second."""

from __future__ import annotations

import threading

from diagnostics.snapshot import Snapshot, Unavailable, Why

MOST_SIMULATED_ROLES = 20
"""About so many roles IAM's simulator is asked, each for one subject, for it takes few questions a second.

What service control policies say hangs on the role and the account, seldom on the repository. Where they refuse a role, its other
subjects are looked at again with the simulator.
"""


class FirstRoles:
    """Says of the first few roles, each for the first subject that needs it, that IAM's simulator is asked.

    Attributes:
        told_for: the subjects for which it is asked.
        left_out: of some roles it is not asked.
        denied: it may not be asked.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._first: dict[str, str] = {}
        self._all = False
        self.told_for: set[str] = set()
        self.left_out = False
        self.denied = False

    def __call__(self, subject: str, role: str) -> bool:
        with self._lock:
            if not self._all:
                if role not in self._first and len(self._first) >= self._most:
                    self.left_out = True
                    return False
                if self._first.setdefault(role, subject) != subject:
                    return False
            self.told_for.add(subject)
            return True

    def ask_about_all(self) -> None:
        """Ask for every subject from now on."""
        with self._lock:
            self._all = True

    def heard(self, snapshot: Snapshot) -> None:
        """See in the facts of a subject if the simulator answers."""
        for role in snapshot.roles.values():
            fact = role.simulated_login
            if isinstance(fact, Unavailable) and fact.reason.why is Why.DENIED:
                self.denied = True
