"""The catalogue of broken and healthy accounts: what the demo shows, what the saved cases hold, what the tests ask about.

A new scenario is one function in the module it belongs to, and one row in `expected.json`.
"""

from __future__ import annotations

from demo.aws.scenarios import article, contents, endpoints, filters, healthy, principals, routes
from demo.aws.scenarios.bare import BARE
from demo.aws.scenarios.model import Broken, Expected, ExpectedOutcome, Scenario

DEMO: tuple[Scenario, ...] = tuple(article.catalogue.scenarios.values())
"""The five that the demo shows side by side."""

SCENARIOS: dict[str, Scenario] = {
    identifier: scenario
    for part in (article, routes, filters, endpoints, principals, contents, healthy)
    for identifier, scenario in part.catalogue.scenarios.items()
}
"""Those that break one thing in the healthy account of `build_account`; each is a saved case."""

CATALOGUE: dict[str, Scenario] = {**SCENARIOS, **{scenario.id: scenario for scenario in BARE}}
"""All of them."""

__all__ = ["BARE", "CATALOGUE", "DEMO", "SCENARIOS", "Broken", "Expected", "ExpectedOutcome", "Scenario"]
