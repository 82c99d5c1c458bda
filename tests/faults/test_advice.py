"""Every symptom of the catalogue leads to a fault that says what to do; those that do not yet are listed with the reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.stop_reason import SymptomId

WITHOUT: Mapping[SymptomId, str] = {
    SymptomId.PROXY_MISCONFIGURED: "the proxy of the agent and of Docker stands on the host; no room says where to look yet",
    SymptomId.AGENT_INTERNAL_IMAGE: "only the text shows that the pause image was removed; no room says so yet",
    SymptomId.DAEMON_UNAVAILABLE: "only the text shows that Docker is down; no room says so yet",
    SymptomId.PASSROLE_MANAGED_INSTANCES: "a neighbour of a pull: the instance could not be started; no room says so yet",
    SymptomId.ENI_OR_IP_EXHAUSTED: "a neighbour of a pull: no address was free, so that none began; no room says so yet",
    SymptomId.EXEC_FORMAT_ERROR: "a neighbour of a pull: the image was pulled and cannot run; no room says so yet",
    SymptomId.CREATE_TIMEOUT: "a neighbour of a pull: the container was not made in time; no room says so yet",
    SymptomId.STOPPED_BEFORE_PULL: "no pull failed: its room passes and says so, and nothing is to be repaired",
    SymptomId.UNRECOGNISED: "any fault may have produced a text that nobody knows, so that none claims it",
    SymptomId.NONE: "the text is no error",
}


def advised() -> set[SymptomId]:
    """The symptoms that some fault explains. Each fault says how it is mended, with at least a sentence."""
    return {symptom for fault in ALL_FAULTS.values() if fault.how for symptom in fault.explains.symptoms}


def test_every_symptom_leads_to_advice_but_for_those_listed() -> None:
    assert set(SymptomId) - advised() == set(WITHOUT)


@pytest.mark.parametrize("symptom", WITHOUT)
def test_each_that_does_not_has_its_reason(symptom: SymptomId) -> None:
    assert len(WITHOUT[symptom].split()) > 4
