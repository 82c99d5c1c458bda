"""Lists to choose from: all pages of them, kept while somebody types, given within a time, and never asked twice at once."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from diagnostics.collect import calls, listing
from diagnostics.snapshot import Absent, Known, Unavailable, Why
from tests.collect.test_shared import REGION, Scene

ARN = f"arn:aws:ecs:{REGION}:111122223333"
CLUSTERS = [f"{ARN}:cluster/payments", f"{ARN}:cluster/search"]


class Doing(Scene):
    """A scene in which the pool works at once, so that nobody has to wait."""

    def submit(self, work: Any) -> None:
        work()


def answers(method: str, asked: dict[str, Any]) -> Any:
    if method == "list_clusters":
        return {"clusterArns": CLUSTERS}
    if asked["cluster"] == "gone":
        raise ClientError({"Error": {"Code": "ClusterNotFoundException", "Message": ""}}, "ListServices")
    if asked["cluster"] == "secret":
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "ListServices")
    return {"serviceArns": [f"{ARN}:service/{asked['cluster']}/api"]}


def test_clusters_are_kept_while_somebody_types() -> None:
    scene = Doing(answers)

    def listed() -> Any:
        return listing.clusters(REGION, None, clients=scene.clients, store=scene.store, wait=0)

    assert listed() == listed() == Known(value=tuple(CLUSTERS))
    assert scene.asked == [("list_clusters", {})]
    scene.now += 31
    listed()
    assert len(scene.asked) == 2


@pytest.mark.parametrize(
    ("cluster", "fact"),
    [
        ("payments", Known(value=(f"{ARN}:service/payments/api",))),
        ("gone", Absent),
        ("secret", Why.DENIED),
    ],
)
def test_services_of_a_cluster(cluster: str, fact: Any) -> None:
    scene = Doing(answers)
    found = listing.services(REGION, None, cluster, clients=scene.clients, store=scene.store, wait=0)
    if isinstance(found, Absent):
        assert fact is Absent
    else:
        assert fact == (found.reason.why if isinstance(found, Unavailable) else found)


def test_what_is_late_is_there_for_the_next_letter() -> None:
    scene = Scene(answers)

    def listed() -> Any:
        return listing.clusters(REGION, None, clients=scene.clients, store=scene.store, wait=0)

    assert listed().reason.why is Why.TIMED_OUT
    assert listed().reason.why is Why.TIMED_OUT
    scene.do()
    assert listed() == Known(value=tuple(CLUSTERS))
    assert len(scene.asked) == 1


def test_lists_of_ten_pages_of_a_hundred() -> None:
    for operation in (calls.EVERY_CLUSTER, calls.SERVICES_TO_CHOOSE):
        assert (operation.pages, operation.page_size, operation.may_truncate) == (10, 100, True)
