"""`python -m tools.screenshot` draws docs/thread.png again: a real thread of the demo, for the README."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from demo.wiring import Demo
from handlers.ids import COMMAND
from tools.browser import find_browser, headless

PICTURE = Path(__file__).parents[1] / "docs" / "thread.png"
SCENARIO = "demo-route-no-egress"
# Narrow enough for the thread to be alone on the page.
WIDTH, HEIGHT, SCALE = 800, 860, 1.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture; the exit status, 1 where there is no browser."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshot", description=__doc__)
    parser.add_argument("--scenario", default=SCENARIO, help="id of the broken task of the demo")
    parser.add_argument("--output", type=Path, default=PICTURE)
    options = parser.parse_args(arguments)
    paths = find_browser()
    if paths is None:
        print("the picture needs Chromium and chromedriver", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, Demo() as demo, headless(paths, Path(folder)) as browser:
        task = demo.account.broken[options.scenario].task
        browser.get(demo.url)
        draw(browser, f"{COMMAND} {task.arn}")
        options.output.parent.mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(options.output))
    return 0


def draw(browser: Chrome, command: str) -> None:
    """Bring the answer to a command into view, beginning with its verdict."""
    wait = WebDriverWait(browser, 60)
    wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, "#messages .message"))
    browser.find_element(By.ID, "text").send_keys(command, Keys.ENTER)
    # The page opens the thread of the answer by itself; the verdict takes its place at the top afterwards.
    wait.until(lambda page: len(page.find_elements(By.CSS_SELECTOR, "#replies .message")) >= 2)
    wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, "#replies .message:first-child .edited"))
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": SCALE, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_script("document.getElementById('replies').scrollTop = 0; document.activeElement.blur()")


if __name__ == "__main__":
    sys.exit(main())
