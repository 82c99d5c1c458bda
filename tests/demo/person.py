"""Somebody in front of the demo's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

TIMEOUT = 60
DESK, PHONE = (1440, 900), (390, 844)


class Person:
    """Somebody in front of the page."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def until(self, look: Callable[[], Any], what: str = "") -> Any:
        """What `look` gives, as soon as it is true."""
        wait = WebDriverWait(self.browser, TIMEOUT, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(lambda _: look(), what)

    def see(self, selector: str, text: str = "") -> WebElement:
        """The newest element that shows the text, as soon as there is one."""

        def look() -> WebElement | None:
            found = [element for element in self.all(selector) if text in element.text]
            return found[-1] if found else None

        seen: WebElement = self.until(look, f"nothing at {selector!r} shows {text!r}")
        return seen

    def press(self, selector: str, text: str = "") -> None:
        """Press the newest element that shows the text; one that was drawn anew meanwhile is looked for again."""

        def pressed() -> bool:
            self.see(selector, text).click()
            return True

        self.until(pressed, f"{selector!r} could not be pressed")

    def type(self, selector: str, *keys: str) -> None:
        self.see(selector).send_keys(*keys)

    # With the keyboard alone

    @property
    def focused(self) -> WebElement:
        return self.browser.switch_to.active_element

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is."""
        self.focused.send_keys(*keys)

    def focus_on(self, selector: str) -> None:
        """Wait until the focus is there."""
        self.until(
            lambda: self.browser.execute_script(
                "return document.activeElement.matches(arguments[0])", selector
            ),
            f"the focus is not on {selector}",
        )

    # How it looks

    def size(self, size: tuple[int, int]) -> None:
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """`light` or `dark`."""
        feature = {"name": "prefers-color-scheme", "value": name}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def too_wide(self) -> bool:
        """The page scrolls sideways."""
        return bool(self.browser.execute_script("return document.documentElement.scrollWidth > innerWidth"))

    def pale(self) -> list[str]:
        """Texts with less contrast than WCAG 2.2 AA asks for (4.5, and 3 where they are large)."""
        return list(self.browser.execute_script(_PALE))

    def misnamed(self) -> list[str]:
        """Buttons and links without a name, or whose name does not begin with the words that they show (WCAG 2.5.3)."""
        return list(self.browser.execute_script(_MISNAMED))


_PALE = """
const parse = (value) => (value.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ground = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  const text = walker.currentNode.data.trim();
  if (!text || node.closest(".dot, :disabled, .unseen, option, script") || !node.checkVisibility()) continue;
  const style = getComputedStyle(node);
  const [one, other] = [light(parse(style.color)), light(ground(node))].sort((a, b) => b - a);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const contrast = (one + 0.05) / (other + 0.05);
  if (contrast < (large ? 3 : 4.5)) found.push(`${contrast.toFixed(2)} ${node.tagName}.${node.className}: ${text.slice(0, 50)}`);
}
return found;
"""
_MISNAMED = """
const words = (text) => text.replace(/[^\\p{L}\\p{N}]+/gu, " ").trim().toLowerCase();
return [...document.querySelectorAll("button, a, summary, input, select, textarea")]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const label = node.labels?.length ? node.labels[0].textContent : "";
    const name = words(node.getAttribute("aria-label") ?? (label || node.innerText || node.textContent));
    return !name || !name.startsWith(words(node.innerText ?? ""));
  })
  .map((node) => node.outerHTML.slice(0, 150));
"""
