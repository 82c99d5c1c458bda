"""Short messages: under way, waiting, failed, help, choose, and answers to one person."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.target import EXAMPLE, Target
from handlers.ids import CHOOSE, COMMAND, RERUN, SHOW_DETAILS
from handlers.text import Mrkdwn, code, fmt, join, plain, prose, user
from handlers.views.message import MessageContent, actions, button, section
from handlers.views.repeats import Repeats, counted
from handlers.views.values import ButtonValue

MOST_CHOICES = 5
_NOT_A_MEMBER = frozenset({"not_in_channel", "channel_not_found"})


def taken(target: Target) -> MessageContent:
    """A diagnosis was asked for, and will be begun soon."""
    return _notice(fmt("👀 Looking at {}; the answer comes here.", named(target)))


def checking(target: Target, by: str) -> MessageContent:
    """A diagnosis is under way; nobody asked for it where `by` is empty."""
    if not by:
        return _notice(fmt("⏳ A task failed to pull its image. Checking {}…", named(target)))
    return _notice(fmt("⏳ Checking {} for {}…", named(target), user(by)))


def rerunning(target: Target, by: str) -> MessageContent:
    """A re-run is under way. Without buttons, so that nobody presses one twice."""
    return _notice(fmt("⏳ Re-running the checks of {} for {}…", named(target), user(by)))


def waiting(target: Target, by: str, position: int) -> MessageContent:
    """A diagnosis waits for others to end. `position` counts from 1."""
    return _notice(
        fmt(
            "⏳ {} is {} in line: other diagnoses run now. Asked by {}.",
            named(target),
            ordinal(position),
            user(by),
        )
    )


def on_its_way() -> MessageContent:
    """A diagnosis is under way, and the channel cannot be shown that now. Stays true when the answer is there."""
    return _notice(fmt("👀 This is being looked at; the answer comes as a message of its own."))


def why_alone(refusal: str | None, *, offers: bool) -> Mrkdwn:
    """Why only the person who asked sees an answer.

    Args:
        refusal: Slack's error code; `None` where Slack took nothing just now.
        offers: the message has a button that shows it to the channel.
    """
    why = _why(refusal)
    if refusal in _NOT_A_MEMBER:
        return fmt(
            "Only you can see this: {}. *Post to channel* shows the verdict to everybody; after `/invite @pullcheck` "
            "answers come in a thread.",
            why,
        )
    if offers:
        return fmt("Only you can see this: {}. *Post to channel* shows the verdict to everybody.", why)
    return fmt("Only you can see this: {}.", why)


def why_direct(refusal: str | None) -> Mrkdwn:
    """Why an answer comes as a direct message."""
    return fmt("This comes as a direct message: {}.", _why(refusal))


def why_no_thread(refusal: str | None) -> Mrkdwn:
    """Why a verdict in a channel has no thread."""
    if refusal in _NOT_A_MEMBER:
        return fmt("After `/invite @pullcheck` answers come in a thread.")
    return fmt("This has no thread: {}.", _why(refusal))


def _why(refusal: str | None) -> Mrkdwn:
    if refusal is None:
        return fmt("Slack has not confirmed a message for the channel just now")
    if refusal in _NOT_A_MEMBER:
        return fmt("the app is not in this channel")
    if refusal == "is_archived":
        return fmt("this channel is archived")
    return fmt("Slack did not let the app post here ({})", code(refusal, 60))


def failed(target: Target, sentence: str, *, run_id: str, repeats: Repeats | None = None) -> MessageContent:
    """A diagnosis could not be made, in one sentence, with a button to try again.

    Args:
        repeats: how many failed tasks could not be checked for the same reason.
    """
    text = fmt("⚠️ {} was not checked: {}", named(target), prose(sentence, 1500))
    if repeats is not None:
        text = fmt("{}\n{}", text, join(" · ", tuple(counted(repeats))))
    value = ButtonValue(run_id=run_id, target=target).text()
    row = actions([button(plain("Try again", 75), RERUN, value)], block_id=f"pullcheck.{run_id}")
    return MessageContent(text, (section(text), row))


def unconfirmed(target: Target, *, run_id: str) -> MessageContent:
    """Slack may have taken an answer and did not say so: how to get it where it is not there."""
    text = fmt("Slack has not confirmed the answer about {}.", named(target))
    told = fmt("{} If you do not see it, press *Show details*.", text)
    value = ButtonValue(run_id=run_id, target=target).text()
    row = actions([button(plain("Show details", 75), SHOW_DETAILS, value)], block_id=f"pullcheck.{run_id}")
    return MessageContent(text, (section(told), row))


def sentence_of_failure(failure_id: str) -> str:
    """What is said of a failure that nobody foresaw. The log has the rest under the same id."""
    return f"something in the app failed. Try again; if it stays, give its operator the id {failure_id}."


def refused(sentence: str) -> MessageContent:
    """What was asked for is not done, in one sentence."""
    return _notice(prose(sentence, 2000))


def usage(before: str | None = None) -> MessageContent:
    """How the app is used; `before` is a sentence that comes first."""
    first = (section(prose(before, 1000)),) if before else ()
    return MessageContent(
        prose(before, 1000) if before else fmt("How to use {}", COMMAND),
        (
            *first,
            section(
                fmt(
                    "*{} says why an Amazon ECS task could not pull its image.* It only reads, and answers in a thread.\n"
                    "• `{} TASK`, where TASK is a task ARN, an ECS console link, `cluster/task-id` or `cluster/service` "
                    "(its newest stopped task)\n"
                    "• `{} TASK TEXT`, with the alert's own text behind it, for a task that ECS has forgotten\n"
                    "• `{}` alone opens a form in which you choose a service\n"
                    "• `{} audit CLUSTER` says which of its services could not start a task now, or soon\n"
                    "• `@pullcheck TASK` in a channel or a thread answers there\n"
                    "• *Check this image pull* in the menu of a message, such as an alert, finds the task in it\n"
                    "• `{} list` names every cause, `{} explain ID` explains one, `{} settings` shows what is set, and "
                    "`{} help` shows this\n"
                    "For example {}",
                    *([COMMAND] * 9),
                    code(f"{COMMAND} {EXAMPLE}"),
                )
            ),
        ),
    )


def choose(targets: Sequence[Target], thread_ts: str) -> MessageContent:
    """A message names several targets: which is meant? One button for each, and one for all that are shown."""
    shown = tuple(targets[:MOST_CHOICES])
    left = len(targets) - len(shown)
    text = fmt("That message names {} tasks or services. Which one is to be checked?", str(len(targets)))
    listed = join("\n", (fmt("{}. {}", str(place + 1), named(item)) for place, item in enumerate(shown)))
    more = fmt("\n… {} more; give those to {}", str(left), code(COMMAND)) if left else fmt("")
    row = [
        button(
            plain(f"{place + 1}. {short_name(item)}", 60),
            f"{CHOOSE}.{place}",
            ButtonValue(target=item, thread_ts=thread_ts).text(),
        )
        for place, item in enumerate(shown)
    ]
    every = ButtonValue(target=shown[0], more=shown[1:], thread_ts=thread_ts).text()
    if len(every) <= 2000:
        row.append(button(plain(f"All {len(shown)}", 60), f"{CHOOSE}.all", every))
    return MessageContent(text, (section(fmt("{}\n{}{}", text, listed, more)), actions(row)))


def named(target: Target) -> Mrkdwn:
    """The target as people know it."""
    return code(short_name(target), 300)


def short_name(target: Target) -> str:
    """The cluster with the service or the beginning of the task id."""
    if target.kind == "cluster":
        return target.cluster or "every cluster"
    name = target.task_id[:8] if target.task_id else target.service
    return "/".join(part for part in (target.cluster, name) if part)


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, …"""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _notice(text: Mrkdwn) -> MessageContent:
    return MessageContent(text, (section(text),))
