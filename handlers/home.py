"""The App Home: published anew each time somebody opens it.

Opening it asks for nothing, so that nobody is told anything but there. Slack:
https://docs.slack.dev/reference/events/app_home_opened, https://docs.slack.dev/reference/methods/views.publish
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk.models.blocks import Block

from handlers import ids
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.jobs import Job, Kind
from handlers.ports import Listening, QueueClosedError, QueueFullError
from handlers.recent import RecentRun, recent
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.views import home as views
from handlers.views.modal import read_chosen

log = logging.getLogger(__name__)

REFUSAL = "refusal"
"""The member of Bolt's context that says why a person may not ask."""


def register(app: App, listening: Listening, kind: Kind, again: Kind) -> None:
    """Listen to the Home being opened, and to its button.

    Args:
        kind: the kind of job that publishes it.
        again: the kind that tries everything out before.
    """

    @app.event("app_home_opened")
    def opened(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        event = body["event"]
        if event.get("tab", "home") == "home":
            channel = str(event.get("channel") or event["user"])
            _queue(listening, kind, body, str(event["user"]), channel, context.get(REFUSAL))
        ack()

    @app.action(ids.CHECK)
    def check(ack: Ack, body: dict[str, Any]) -> None:
        known = read_chosen(body.get("view") or {})
        if known is not None:
            _queue(listening, again, body, body["user"]["id"], known.channel)
        ack()


def _queue(
    listening: Listening,
    kind: Kind,
    body: Mapping[str, Any],
    user: str,
    channel: str,
    refusal: str | None = None,
) -> None:
    """Queue the publishing. Where there is no room the Home stays as it was, and opening it again asks again."""
    job = Job(
        key=f"home {body.get('event_id') or body.get('trigger_id')}",
        kind=kind,
        channel=channel,
        user=user,
        about=refusal,
    )
    try:
        listening.queue.submit(job)
    except (QueueFullError, QueueClosedError):
        log.warning("an App Home was not published: the queue takes nothing")


def publish(attempt: Attempt) -> Reached:
    """Publish the Home of the person who opened it; where they may not ask, the reason, which is what the job is about."""
    if attempt.job.about is not None:
        return _publish(attempt, views.closed(attempt.job.channel, attempt.job.about))
    return _whole(attempt, fresh=False)


def publish_again(attempt: Attempt) -> Reached:
    """Publish it once more, and try everything out before, whatever was tried then."""
    return _whole(attempt, fresh=True)


def _whole(attempt: Attempt, *, fresh: bool) -> Reached:
    job, ways = attempt.job, attempt.services.ways
    runs = [(run, _address(attempt, run)) for run in recent(attempt.services.runs, job.user)]

    def whole(checked: Sequence[Block] = ()) -> dict[str, Any]:
        return views.home(
            channel=job.channel, runs=runs, in_force=ways.in_force, asks=ways.asks, checked=checked
        )

    if ways.check is None or not _is_admin(attempt):
        return _publish(attempt, whole())
    found = None if fresh else ways.check.known()
    if found is None:
        # It takes seconds, and whoever opened the Home looks at it now.
        _publish(attempt, whole(views.checking()))
        found = ways.check.made()
    return _publish(attempt, whole(views.checked(found.parts, found.at)))


def say_not_published(attempt: Attempt, sentence: str) -> Reached:
    """Say in the Home that it could not be made."""
    return _publish(attempt, views.closed(attempt.job.channel, f"This could not be shown: {sentence}"))


def _publish(attempt: Attempt, view: dict[str, Any]) -> Reached:
    try:
        attempt.services.slack.views_publish(user_id=attempt.job.user, view=view)
    except CALL_ERRORS as error:
        # Whoever opens it again asks again, so that it is not tried again here.
        log.warning("an App Home was not published: %s", code_of(error))
        return "unsure"
    return "direct"


def _address(attempt: Attempt, run: RecentRun) -> str | None:
    """Where the answer of a run is, `None` where nobody can be led there."""
    if run.thread_ts is None:
        return None
    try:
        answer = attempt.services.slack.chat_getPermalink(channel=run.channel, message_ts=run.thread_ts)
    except CALL_ERRORS as error:
        log.info("an answer is not linked: %s", code_of(error))
        return None
    found = answer.get("permalink")
    return found if isinstance(found, str) and found.startswith("https://") else None


def _is_admin(attempt: Attempt) -> bool:
    """True for whom the settings name; where they name nobody, for the workspace's administrators, if Slack says who is one.

    Slack: https://docs.slack.dev/reference/methods/users.info needs the scope users:read, which is optional.
    """
    admins = attempt.services.ways.admins
    if admins is not None:
        return attempt.job.user in admins
    try:
        answer = attempt.services.slack.users_info(user=attempt.job.user)
    except CALL_ERRORS as error:
        log.info("it is not known who is an administrator: %s", code_of(error))
        return False
    user = answer.get("user")
    return isinstance(user, Mapping) and (user.get("is_admin") is True or user.get("is_owner") is True)
