"""The installed command, `pullcheck`: `pullcheck bot` runs the Slack bot, all else is the command line of `diagnostics`.

It stands here because nothing below `bot` may know the bot; it imports neither half before it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

BOT = "bot"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the first word asks for; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == [BOT]:
            from bot.__main__ import main as run

            return run(words[1:])
        from bot.telemetry import begin
        from diagnostics.__main__ import main as diagnose

        begin(warn=lambda line: print(f"pullcheck: {line}", file=sys.stderr))
        return diagnose(words)
    except KeyboardInterrupt:
        # Before either half could tell: as a shell says of who was ended by Ctrl-C.
        return 130


if __name__ == "__main__":
    sys.exit(main())
