"""Tables of requests and policies with the answer that AWS gives."""

from __future__ import annotations

from diagnostics.policy import Decision
from tests.rows import every_row

from .cases import COMPLETE, OPEN
from .questions import Case


def _outcome(decision: Decision) -> str:
    if decision.outcome != "denied":
        return decision.outcome
    return "explicit" if decision.explicit else "implicit"


@every_row("case", [*COMPLETE, *OPEN], ids=lambda case: case[0].name)
def test_answers_as_aws_does(case: Case) -> None:
    question, expected = case
    decision = question.ask()
    assert _outcome(decision) == expected, decision.reason


def test_the_cases_have_names_of_their_own() -> None:
    names = [question.name for question, _ in COMPLETE]
    assert len(names) == len(set(names)) >= 100
