"""What `slack run` starts: the Slack CLI looks for a file of this name. Everybody else runs `python -m bot`.

Slack: https://docs.slack.dev/tools/slack-cli/guides/developing-locally
"""

from __future__ import annotations

import sys

from bot.__main__ import main

if __name__ == "__main__":
    sys.exit(main([]))
