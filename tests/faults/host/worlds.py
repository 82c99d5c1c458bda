"""Small differences from the healthy worlds that several tables of `diagnostics.faults.host` use."""

from __future__ import annotations

INSTANCE = "i-0aaaabbbbccccdddd"
