"""The tags of a service that was audited, for routing rules that name one. They need no permission beyond the diagnosis's own."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from bot.daily.day import RoutedSubject
from diagnostics.collect import AwsClients

log = logging.getLogger(__name__)


def service_tags(subject: RoutedSubject, aws: AwsClients) -> Mapping[str, str]:
    """The tags of a service; none of what is no service, and none where they cannot be read."""
    if not subject.is_service:
        return {}
    try:
        client = aws.get("ecs", subject.region, subject.account or None)
        answer = client.describe_services(
            cluster=subject.cluster, services=[subject.service], include=["TAGS"]
        )
        found = [item.get("tags", ()) for item in answer["services"][:1]]
        return {tag["key"]: tag.get("value", "") for tags in found for tag in tags}
    except (BotoCoreError, ClientError, KeyError) as error:
        log.warning("the tags of a service could not be read: %s", type(error).__name__)
        return {}
