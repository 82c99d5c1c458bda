"""The Bolt app: one factory for every transport."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from slack_bolt.authorization import AuthorizeResult

from bot.access import Access
from bot.in_force import in_force
from bot.middleware import deliver_once, only_allowed, report_failure, whisper
from bot.receiving import Listeners, PullcheckApp
from bot.settings import Settings
from bot.signature import Signatures
from bot.slack_clients import asking_client, client_without_token, quiet_logger, web_client
from handlers import console, home, mention, modal, pullcheck, run_buttons, shortcut, step
from handlers.kinds import HOME, HOME_AGAIN, STEP
from handlers.ports import Accounts, Listening

RESPOND_SECONDS = 1.0
"""What telling a person something through the response_url may take on Lambda, where it comes before the acknowledgement."""


def accounts_of(settings: Settings) -> Accounts:
    """The AWS accounts that may be asked about."""
    return Accounts(settings.pullcheck_allowed_accounts, settings.pullcheck_channel_accounts or {})


def create_app(
    settings: Settings,
    listening: Listening,
    *,
    executor: Executor | None = None,
    process_before_response: bool = False,
    clock: Callable[[], float] = time.monotonic,
    access: Access | None = None,
) -> PullcheckApp:
    """The app with all its listeners. Makes no call to Slack.

    Args:
        settings: tokens and allow-lists.
        listening: where the work goes.
        executor: runs the listeners; by default a pool of its own.
        process_before_response: answer only when the listener has returned (on Lambda).
        clock: seconds, for the memory of deliveries.
        access: who may ask; by default as the settings say.
    """
    token = settings.slack_bot_token.get_secret_value()
    secret = settings.slack_signing_secret
    # Without a secret nobody can sign: an empty one would let everybody.
    signing_secret = secret.get_secret_value() if secret else secrets.token_hex(32)

    access = access or Access(settings, asking_client(settings))
    known = access

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # One token answers for the workspace that it was made in, or for all of an organization's. With a function of ours Bolt asks Slack nothing on the way to an acknowledgement, and SLACK_CLIENT_ID in the
        # environment cannot make it forget the token.
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=token, bot_user_id=known.bot_user()
        )

    app = PullcheckApp(
        signatures=Signatures(signing_secret),
        access=access,
        api_url=settings.slack_api_url,
        wait=RESPOND_SECONDS if process_before_response else 0.0,
        name="pullcheck",
        logger=quiet_logger(),
        client=client_without_token(settings),
        authorize=authorize,
        signing_secret=signing_secret,
        token_verification_enabled=False,
        process_before_response=process_before_response,
        listener_executor=executor or Listeners(),
    )
    app.use(deliver_once(clock))
    app.use(
        only_allowed(app.access, web_client(settings), RESPOND_SECONDS if process_before_response else 0.0)
    )
    app.error(report_failure)
    listening = _asking(listening, settings)
    patience = RESPOND_SECONDS if process_before_response else 0.0
    pullcheck.register(app, listening)
    modal.register(app, listening)
    mention.register(app, listening, whisper(web_client(settings), patience))
    home.register(app, listening, HOME, HOME_AGAIN)
    step.register(app, listening, STEP)
    shortcut.register(app, listening)
    run_buttons.register(app, listening)
    console.register(app)
    return app


def _asking(listening: Listening, settings: Settings) -> Listening:
    """What listeners need, with what follows from the settings alone."""
    asking = replace(
        listening.asking,
        slack=listening.asking.slack or asking_client(settings),
        in_force=listening.asking.in_force or in_force(settings),
    )
    return replace(listening, asking=asking)
