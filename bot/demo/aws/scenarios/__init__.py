"""The catalogue of broken and healthy worlds."""

from __future__ import annotations

from bot.demo.aws.scenarios import article
from bot.demo.aws.scenarios.model import Broken, Outcome, Scenario

DEMO: tuple[Scenario, ...] = tuple(article.catalogue.scenarios.values())
SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for scenario in DEMO}

__all__ = ["DEMO", "SCENARIOS", "Broken", "Outcome", "Scenario"]
