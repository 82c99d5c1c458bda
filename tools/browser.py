"""Starts a headless Chromium for the browser test and for pictures of the demo."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--lang=en",
    "--force-color-profile=srgb",
)


def find_browser() -> tuple[str, str] | None:
    """The paths of a Chromium and of its driver, or None when either is missing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@contextmanager
def headless(
    paths: tuple[str, str], profile: Path, *, width: int = 1280, height: int = 900
) -> Iterator[Chrome]:
    """A browser with a profile of its own in an empty folder; it talks to nobody but the pages it is sent to."""
    browser, driver = paths
    options = ChromeOptions()
    options.binary_location = browser
    for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    service = Service(executable_path=driver)
    started = Chrome(options=options, service=service)
    try:
        # The window's own edges count in --window-size; the page shall have exactly this size.
        started.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        yield started
    finally:
        started.quit()
