"""`python -m tools.pictures` draws the pictures of the README and the documentation again, from real threads of the demo."""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from demo.wiring import Demo
from handlers.ids import ASK, COMMAND, RERUN
from tools.browser import find_browser, headless

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SCENARIO = "demo-route-no-egress"
SCHEMES = {"light": "", "dark": "-dark"}
"""What stands behind a picture's name for each `prefers-color-scheme`."""
NARROW, WIDE = (800, 900), (1280, 680)
SCALE = 1.25
_SECONDS = 90


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the pictures; the exit status, 1 where there is no browser."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PICTURES)
    options = parser.parse_args(arguments)
    paths = find_browser()
    if paths is None:
        print("the pictures need Chromium and chromedriver", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Demo() as demo, headless(paths, Path(folder)) as browser:
        draw(Painter(browser, options.folder), demo)
    return 0


class Painter:
    """Somebody at the page who takes pictures of what is there."""

    def __init__(self, browser: Chrome, folder: Path) -> None:
        self.browser, self.folder = browser, folder

    def see(self, selector: str, text: str = "") -> WebElement:
        """The last element that shows the text, as soon as there is one."""

        def look(browser: Chrome) -> WebElement | None:
            found = browser.find_elements(By.CSS_SELECTOR, selector)
            return next((item for item in reversed(found) if text in item.text), None)

        ignored = [StaleElementReferenceException]
        wait = WebDriverWait(self.browser, _SECONDS, ignored_exceptions=ignored)
        found = wait.until(look, f"nothing at {selector!r} shows {text!r}")
        assert found is not None
        return found

    def press(self, selector: str, text: str = "") -> None:
        self.browser.execute_script("arguments[0].click()", self.see(selector, text))

    def size(self, size: tuple[int, int], scale: float = SCALE) -> None:
        """Let the window be so large, in CSS pixels, and each of them so many of the picture."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def take(self, name: str, of: Callable[[], WebElement] | None = None) -> None:
        """A picture of the page, or of one element, in each colour scheme."""
        self.browser.execute_script("document.activeElement.blur()")
        for scheme, suffix in SCHEMES.items():
            feature = {"name": "prefers-color-scheme", "value": scheme}
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
            # Nothing is marked because the mouse happens to be over it.
            self.browser.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 1, "y": 1})
            arguments: dict[str, Any] = {"format": "png"}
            if of is not None:
                place = self.browser.execute_script(
                    "const box = arguments[0].getBoundingClientRect();"
                    "return {x: box.x, y: box.y, width: box.width, height: box.height}",
                    of(),
                )
                arguments["clip"] = {**place, "scale": 1}
            answer = self.browser.execute_cdp_cmd("Page.captureScreenshot", arguments)
            (self.folder / f"{name}{suffix}.png").write_bytes(base64.b64decode(answer["data"]))


def draw(painter: Painter, demo: Demo) -> None:
    """The parent, the first reply, the re-run, the Home and the form, in this order."""
    task = demo.account.broken[SCENARIO].task
    painter.size(NARROW)
    painter.browser.get(demo.url)
    painter.see("#messages .message")
    painter.see("#text").send_keys(f"{COMMAND} {task.arn}", Keys.ENTER)
    painter.see("#messages .message .thread-line", "1 reply")
    # The verdict takes its place in the parent afterwards.
    painter.see(f"#messages .message [data-action='{RERUN}']")
    parent = "#messages .message:last-child"
    painter.browser.execute_script("arguments[0].scrollIntoView()", painter.see(parent))
    painter.take("parent", lambda: painter.see(parent))

    painter.press(f"{parent} .thread-line")
    reply = "#replies .message:last-child"
    painter.browser.execute_script("arguments[0].scrollIntoView()", painter.see(reply, "Fix for"))
    painter.take("first-reply", lambda: painter.see(reply))

    painter.press(f"[data-task={SCENARIO}] .fix")
    painter.see(f"[data-task={SCENARIO}] .pill")
    painter.size(WIDE, 1)
    painter.see(f"[data-task={SCENARIO}] .pill", "Fixed")
    painter.press(f"#replies [data-action='{RERUN}']")
    painter.see("#replies .message:last-child", "fixed route-no-egress")
    painter.see(parent, "can pull again")
    painter.browser.execute_script(
        "for (const id of ['messages', 'replies']) document.getElementById(id).scrollTop = 1e6"
    )
    painter.take("re-run")

    painter.press("[data-place=home]")
    painter.see("#home", "Does everything work?")
    painter.take("home", lambda: painter.see("#channel"))
    painter.press(f"#home [data-action='{ASK}']")
    painter.see("#modal-title", "Check")
    painter.take("form", lambda: painter.see("#modal"))


if __name__ == "__main__":
    sys.exit(main())
