"""The patterns of names, ARNs and console links.

The text is a stranger's, and a message is searched while Slack waits for its acknowledgement. So no pattern repeats a repetition
over the same characters, what is most often wrong is refused within one match, and the time stays linear.
"""

from __future__ import annotations

import re

from diagnostics.target.model import REGION

NAME = r"[A-Za-z0-9_-]{1,255}"
_HEX = "[0-9a-fA-F]"
TASK_ID = rf"(?:{_HEX}{{32}}|{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})"
_NOT_LONGER = r"(?![A-Za-z0-9]|[_-][A-Za-z0-9])"
"""What follows a task id: not more of a name, but a dash or Slack's `_italics_` may end there."""
IN_REGION = re.compile(REGION)

# --- ARNs --------------------------------------------------------------------------------------------

_CHARACTER = "[a-z0-9_:/.-]"
# Service names are matched once, without going back: nothing shorter could be right.
_NAME = r"[a-z0-9_-]{1,255}+"
LINE_BREAK = re.compile(r"[ \t]{0,20}\r?\n[ \t>|]{0,20}")
_BROKEN = rf"(?:{LINE_BREAK.pattern})*+"
BEFORE = re.compile(r"[ \t]{0,20}\r?\n[ \t>|]{0,60}\Z")
"""The end of a line right before something."""
ARN_START = re.compile(
    # Line breaks may stand anywhere in it.
    rf"arn:aws(?=(?:[a-z-]|{LINE_BREAK.pattern})*+:{_BROKEN}e{_BROKEN}c{_BROKEN}s{_BROKEN}:"
    rf"(?:[a-z0-9-]|{LINE_BREAK.pattern})++:(?:[0-9]|{LINE_BREAK.pattern})++:)",
    re.IGNORECASE | re.ASCII,
)
"""Where an ARN of ECS may begin. The rest is worth a look only here, and a text may hold thousands of beginnings."""
ARN_LINE = re.compile(
    # What reaches farthest comes first.
    rf"arn:aws[a-z-]{{0,20}}(?::ecs:(?:{REGION}:(?:[0-9]{{12}}:[a-z-]{{0,20}}(?:/[a-z0-9_-]{{0,255}}){{0,4}}|[0-9]{{0,12}})"
    rf"|[a-z0-9-]{{0,40}})|:ecs?|:e?)?(?P<slash>(?<=/))?(?P<break>{LINE_BREAK.pattern})",
    re.IGNORECASE | re.ASCII,
)
"""An ARN of ECS as far as one line holds it, and where that line ends."""
ARN = re.compile(
    rf"arn:(?P<partition>aws[a-z-]{{0,20}}):ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}}):"
    # A container's ARN holds the task that it belongs to; those of a service's deployments hold the service.
    rf"(?:(?:task|container(?=(?:/[a-z0-9_:.-]{{1,255}}){{2}}/[.:/]*+[a-z0-9_-]))/(?:(?P<cluster>{NAME})/)?"
    rf"(?P<task>{TASK_ID}){_NOT_LONGER}{_CHARACTER}{{0,700}}"
    rf"|(?:service/(?:(?P<cluster_of>{_NAME})/(?=[a-z0-9_-]))?(?P<service>{_NAME})"
    rf"|(?:service-deployment|service-revision|task-set)/(?P<cluster_of_it>{_NAME})/(?P<service_of_it>{_NAME})/{_NAME})"
    rf"[.:/]*+(?!{_CHARACTER}))",
    re.IGNORECASE | re.ASCII,
)
"""The whole ARN of a task, a service, or something that names one of them."""
LONGEST_ARN = 900
ANY_ARN = re.compile(
    r"arn:(?P<partition>[^:\s]{0,40}):(?P<service>[^:\s]{0,60}):(?P<region>[^:\s]{0,60})"
    r":(?P<account>[^:\s]{0,60}):(?P<resource>[^\s\"'`<>|,;]{0,700})",
    re.IGNORECASE | re.ASCII,
)

# --- links -------------------------------------------------------------------------------------------

URL_START = re.compile(r"https?://")
_CONSOLE = (
    # With several sessions open, the console puts the account and a few characters first.
    r"(?:(?P<account>[0-9]{12})-[a-z0-9]{1,20}\.)?(?:(?P<region>[a-z0-9-]{1,40})\.)?console\."
    r"(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu|aws\.amazon\.eu"
    # As the sign-in pages of the isolated partitions are named in AWS's own SDKs.
    r"|c2shome\.ic\.gov|sc2shome\.sgov\.gov|csphome\.hci\.ic\.gov|csphome\.adc-e\.uk)"
)
_REST = r"/(?P<rest>[^\s<>|\"'`\\]{1,1500})"
URL = re.compile(rf"https?://(?P<host>[A-Za-z0-9.-]{{1,200}}){_REST}")
CONSOLE_HOST = re.compile(_CONSOLE)
CONSOLE_URL = re.compile(rf"https?://(?ai:{_CONSOLE}){_REST}")
CONSOLE_PATH = re.compile(
    rf"[/#]clusters/(?P<cluster>{NAME})(?:/services/(?P<service>{NAME}))?(?:/tasks/(?P<task>{TASK_ID}){_NOT_LONGER})?"
)
ASKED_REGION = re.compile(rf"[?&]region=({REGION})")

# --- names alone -------------------------------------------------------------------------------------

PAIR = re.compile(rf"(?:(?:task|service)/(?={NAME}/))?(?P<cluster>{NAME})/(?P<name>{NAME})")
LOOSE_TASK = re.compile(
    rf"(?<![\w/:.@=%-])(?:task/(?={NAME}/))?(?P<cluster>{NAME})/(?P<task>{TASK_ID})(?![\w/:@%-])", re.ASCII
)
