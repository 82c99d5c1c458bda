"""The catalogue of broken and healthy worlds."""

from __future__ import annotations

from demo.aws.scenarios import article, contents, endpoints, filters, healthy, principals, routes
from demo.aws.scenarios.model import Broken, Outcome, Scenario

DEMO: tuple[Scenario, ...] = tuple(article.catalogue.scenarios.values())
SCENARIOS: dict[str, Scenario] = {
    identifier: scenario
    for part in (article, routes, filters, endpoints, principals, contents, healthy)
    for identifier, scenario in part.catalogue.scenarios.items()
}

__all__ = ["DEMO", "SCENARIOS", "Broken", "Outcome", "Scenario"]
