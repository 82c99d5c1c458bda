"""`completion SHELL`: what bash, zsh or fish must know to complete the words of the command line, made from its parsers."""

from __future__ import annotations

from argparse import Action
from collections.abc import Sequence

import shtab

from diagnostics.commands import auditing, deploying, explaining, options, preflighting, serving
from diagnostics.commands.answering import writing
from diagnostics.commands.options import Parser
from diagnostics.commands.program import INSTALLED, PROGRAM
from diagnostics.faults import ALL_FAULTS

SHELLS = ("bash", "zsh", "fish")
_EPILOG = f"""\
examples:
  source <({INSTALLED} completion bash)                                    in ~/.bashrc
  mkdir -p ~/.zfunc && {INSTALLED} completion zsh > ~/.zfunc/_{INSTALLED}
  fpath=(~/.zfunc $fpath)                                                in ~/.zshrc, before compinit
  mkdir -p ~/.config/fish/completions && {INSTALLED} completion fish > ~/.config/fish/completions/{INSTALLED}.fish
"""


def parser() -> Parser:
    """The words of the command."""
    made = Parser(
        prog=f"{PROGRAM} completion",
        description="Prints the completion of a shell.",
        epilog=_EPILOG,
        formatter_class=options.wide,
    )
    made.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    return made


def command(words: Sequence[str]) -> int:
    """Print the completion of a shell; the exit status."""
    shell = parser().parse_args(words).shell
    with writing():
        print(shtab.complete(whole(), shell))
    return 0


def whole() -> Parser:
    """Every command's words in one parser. A target is not completed: only AWS knows them."""
    made = Parser(prog=INSTALLED)
    for action in options.parser()._actions:
        if action.option_strings and action.dest != "help":
            made._add_action(_completed(action))
    commands = made.add_subparsers(dest="command")
    for name, words in {
        "preflight": preflighting.parser(),
        "audit": auditing.parser(),
        "deployment": deploying.parser(),
        "explain": explaining.explain_parser(),
        "list": explaining.list_parser(),
        "mcp": serving.parser(),
        "completion": parser(),
    }.items():
        for action in words._actions:
            _completed(action)
        commands.add_parser(name, parents=[words], add_help=False, help=words.description)
    bot = commands.add_parser("bot", help="Runs the Slack bot.")
    bot.add_argument("--check", action="store_true", help="say whether tokens, scopes and each AWS read work")
    return made


def _completed(action: Action) -> Action:
    """The same action, with what may stand there."""
    if action.type is options.a_file or action.dest == "task_definition":
        action.complete = shtab.FILE  # type: ignore[attr-defined]
    elif action.dest == "id":
        action.choices = tuple(ALL_FAULTS)
    return action
