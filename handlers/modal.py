"""`/pullcheck` alone: a modal in which a service is chosen, or a task is pasted; then the same job as always.

A trigger id opens a view within three seconds, so it is opened before the acknowledgement, by a client that does not wait
long: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from diagnostics.arn import partition_of_region
from diagnostics.target import Target, TargetError, parse
from handlers import ids
from handlers.buttons import name_of, team_of
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.response_url import is_slack_url
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.views import modal as views
from handlers.views.modal import Chosen
from handlers.ways import Asking, Listed, Places

log = logging.getLogger(__name__)

LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
NOT_OPENED = (
    "Slack did not take the form in time; type /pullcheck again, or name the task at once, such as "
    "/pullcheck payments/checkout-api."
)
NO_FORM = (
    "The form could not be opened ({}). Name the task instead, such as /pullcheck payments/checkout-api."
)
CHOOSE_ONE = "Choose a cluster and a service, or paste a task below, such as payments/checkout-api."
NO_SERVICE = "Choose a service of this cluster too, or paste a task below."
NO_LIST = "That is no service but why there is no list. Paste the task below instead."
GONE = "That name is no longer in the list of AWS. Choose again, or paste the task below."


def register(app: App, listening: Listening) -> None:
    """Listen to the modal: its menus, what is chosen in it, and its end."""
    for action_id in (ids.REGION, ids.CLUSTER, ids.SERVICE):
        app.options(action_id)(_options_listener(listening))
    for action_id in (ids.ACCOUNT, ids.REGION, ids.CLUSTER):
        app.action(action_id)(_choice_listener(listening))

    @app.action(ids.ASK)
    def ask(ack: Ack, body: dict[str, Any]) -> None:
        # A button of the App Home.
        known = views.read_chosen(body.get("view") or {})
        if known is not None:
            open_modal(listening, str(body["trigger_id"]), Chosen(channel=known.channel), body["user"]["id"])
        ack()

    @app.view(ids.ASK)
    def submitted(ack: Ack, body: dict[str, Any]) -> None:
        errors = submit(body, listening)
        ack(response_action="errors", errors=errors) if errors else ack()


def _options_listener(listening: Listening) -> Any:
    # Bolt gives a listener what its parameters are called, so that these names are Bolt's.
    def menu(ack: Ack, body: dict[str, Any]) -> None:
        ack(**options(body, listening))

    return menu


def _choice_listener(listening: Listening) -> Any:
    def chosen(ack: Ack, body: dict[str, Any]) -> None:
        choose(body, listening)
        ack()

    return chosen


# --- opening ---------------------------------------------------------------------------------------------


def open_modal(listening: Listening, trigger_id: str, chosen: Chosen, by: str) -> str | None:
    """Open the modal; a sentence for the person where that was not possible.

    Args:
        trigger_id: Slack's, of the request that asks for it.
        chosen: where it was asked for.
        by: the person who asked.
    """
    asking = listening.asking
    if asking.slack is None or asking.places is None:
        return NO_FORM.format("this installation has none")
    accounts = _accounts(listening, asking.places, chosen.channel)
    account = accounts[0] if len(accounts) > 1 else None
    start = chosen.model_copy(update={"account": account, "region": asking.places.region})
    try:
        asking.slack.views_open(trigger_id=trigger_id, view=views.modal(start, accounts=accounts))
    except CALL_ERRORS as error:
        code = code_of(error)
        log.warning("the modal was not opened: %s", code)
        return NOT_OPENED if code in LATE or code == "TimeoutError" else NO_FORM.format(code)
    if start.region is not None:
        asking.places.prepare(start.region, start.account, by)
    return None


def _accounts(listening: Listening, places: Places, channel: str) -> list[str]:
    """The accounts to choose from in a channel."""
    return [account for account in places.accounts if listening.accounts.refusal(account, channel) is None]


# --- choosing --------------------------------------------------------------------------------------------


def choose(body: Mapping[str, Any], listening: Listening) -> None:
    """Show the modal again, with menus that go with what was chosen."""
    view, asking = body["view"], listening.asking
    before = views.read_chosen(view)
    if before is None or asking.slack is None or asking.places is None:
        return
    after = _with_values(before, view)
    if after == before:
        return
    accounts = _accounts(listening, asking.places, after.channel)
    _update(asking.slack, view, views.modal(after, accounts=accounts))


def _update(slack: WebClient, view: Mapping[str, Any], changed: dict[str, Any]) -> None:
    try:
        slack.views_update(view_id=view["id"], hash=view.get("hash"), view=changed)
    except CALL_ERRORS as error:
        # What was chosen stands in each request of the modal too.
        log.warning("the modal was not updated: %s", code_of(error))


def _with_values(known: Chosen, view: Mapping[str, Any]) -> Chosen:
    """What is known, with what is chosen now. Another Region or account has other clusters."""
    values = _values(view)
    account = values.get(ids.ACCOUNT) or known.account
    region = values.get(ids.REGION) or known.region
    moved = (account, region) != (known.account, known.region)
    # What was chosen before a move stays in the request until the modal is shown again.
    cluster = None if moved else values.get(ids.CLUSTER) or known.cluster
    return known.model_copy(update={"account": account, "region": region, "cluster": cluster})


def _values(view: Mapping[str, Any]) -> dict[str, str]:
    """What is filled in, by the ids of its elements."""
    found: dict[str, str] = {}
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, Mapping) else None
    for block in blocks.values() if isinstance(blocks, Mapping) else ():
        for name, element in block.items() if isinstance(block, Mapping) else ():
            if not isinstance(element, Mapping):
                continue
            option = element.get("selected_option")
            value = option.get("value") if isinstance(option, Mapping) else element.get("value")
            if isinstance(value, str) and value.strip():
                found[str(name)] = value.strip()
    return found


# --- menus -----------------------------------------------------------------------------------------------


def options(body: Mapping[str, Any], listening: Listening) -> dict[str, Any]:
    """What a menu offers for what was typed."""
    known = views.read_chosen(body.get("view") or {})
    places = listening.asking.places
    if known is None or places is None:
        return views.no_options("This form is of an older version. Type /pullcheck again.")
    typed, chosen = str(body.get("value") or "").strip().lower(), _with_values(known, body["view"])
    if body["action_id"] == ids.REGION:
        return views.options(_fitting(places.regions(), typed))
    listed = _listed(str(body["action_id"]), chosen, str(body["user"]["id"]), places)
    if isinstance(listed, str):
        return views.no_options(listed)
    problem = listed.problem or _refusal(listed, chosen, listening)
    if problem is not None:
        return views.no_options(problem)
    if not listed.arns:
        return views.no_options(_NONE[str(body["action_id"])].format(region=chosen.region))
    return views.options(_fitting(sorted(map(_name, listed.arns)), typed), more=listed.more)


_NONE = {
    ids.CLUSTER: "There is no cluster in {region}.",
    ids.SERVICE: "This cluster has no service. Paste a task below.",
}


def _listed(action_id: str, chosen: Chosen, by: str, places: Places) -> Listed | str:
    """The list that a menu shows, or why there is none to ask for."""
    if chosen.region is None:
        return "Choose a Region first."
    if action_id == ids.CLUSTER:
        return places.clusters(chosen.region, chosen.account, by)
    if chosen.cluster is None or chosen.cluster == views.NOTHING:
        return "Choose a cluster first."
    cluster = _spelt_out(chosen.cluster, chosen, by, places)
    return GONE if cluster is None else places.services(chosen.region, chosen.account, cluster, by)


def _spelt_out(token: str, chosen: Chosen, by: str, places: Places) -> str | None:
    """The cluster that an option's value stands for, `None` where AWS no longer names it."""
    if not token.startswith("#"):
        return token
    found = places.clusters(chosen.region or "", chosen.account, by)
    return next((name for name in map(_name, found.arns) if views.token_of(name) == token), None)


def _refusal(listed: Listed, chosen: Chosen, listening: Listening) -> str | None:
    """Why nobody in this channel is shown a list: it is of an account that may not be looked at there."""
    accounts = {arn.split(":")[4] for arn in listed.arns if arn.count(":") >= 5}
    return next(
        (
            refusal
            for account in sorted(accounts)
            if (refusal := listening.accounts.refusal(account, chosen.channel))
        ),
        None,
    )


def _fitting(names: Any, typed: str) -> list[str]:
    """The names that hold what was typed, those first that begin with it."""
    held = [name for name in names if typed in name.lower()]
    return sorted(held, key=lambda name: not name.lower().startswith(typed)) if typed else held


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


# --- the end ---------------------------------------------------------------------------------------------


def submit(body: Mapping[str, Any], listening: Listening) -> dict[str, str]:
    """Queue the diagnosis that was chosen; what is wrong, by the blocks that it is said at, where something is."""
    view = body["view"]
    known = views.read_chosen(view)
    if known is None:
        return {views.TASK_BLOCK: "This form is of an older version. Type /pullcheck again."}
    chosen, values = _with_values(known, view), _values(view)
    if views.service_block(chosen) not in (view.get("state") or {}).get("values", {}):
        # A service of the cluster that was chosen before.
        values.pop(ids.SERVICE, None)
    target, wrong = _target(chosen, values, str(body["user"]["id"]), listening.asking.places)
    if target is None:
        return {views.TASK_BLOCK: wrong}
    address = chosen.response_url
    job = Job(
        key=f"modal {view['id']} {body.get('trigger_id') or ''}".strip(),
        kind=DIAGNOSE,
        target=target,
        channel=chosen.channel,
        user=body["user"]["id"],
        user_name=name_of(body),
        team=team_of(body),
        response_url=address if is_slack_url(address, _api_url(listening.asking)) else None,
    )
    refused = refusal_of(job, listening)
    return {} if refused is None else {views.TASK_BLOCK: str(refused.text)}


def _api_url(asking: Asking) -> str:
    return asking.slack.base_url if asking.slack is not None else ""


def _target(
    chosen: Chosen, values: Mapping[str, str], by: str, places: Places | None
) -> tuple[Target | None, str]:
    """What is to be checked, or why that is not known. What was pasted goes first."""
    if pasted := values.get(ids.TASK):
        try:
            return _placed(parse(pasted), chosen), ""
        except TargetError as error:
            return None, str(error)
    service, cluster = values.get(ids.SERVICE), chosen.cluster
    if cluster is None or cluster == views.NOTHING:
        return None, CHOOSE_ONE
    if service is None:
        return None, NO_SERVICE
    if service == views.NOTHING or places is None:
        return None, NO_LIST
    name = _spelt_out(cluster, chosen, by, places)
    if name is None:
        return None, GONE
    if service.startswith("#"):
        found = places.services(chosen.region or "", chosen.account, name, by)
        spelt = next((item for item in map(_name, found.arns) if views.token_of(item) == service), None)
        if spelt is None:
            return None, GONE
        service = spelt
    return _placed(Target(kind="service", cluster=name, service=service), chosen), ""


def _placed(target: Target, chosen: Chosen) -> Target:
    """A target that says no Region or account of its own is where the modal was."""
    region, account = target.region or chosen.region, target.account_id or chosen.account
    partition = target.partition or (partition_of_region(region) if region and account else None)
    return target.model_copy(update={"region": region, "account_id": account, "partition": partition})
