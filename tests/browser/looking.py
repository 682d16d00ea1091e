"""What is wrong with a page as it stands in the browser: its width, its buttons, its words to readers, what it loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.house.source import ROOT

AXE = ROOT / "web/assets/node_modules/axe-core/axe.min.js"

# Whatever sticks out of the window to the right, unless it lies in a box that scrolls or hides; and whether the window scrolls.
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > width) found.push(`scrolls to ${document.documentElement.scrollWidth} of ${width}`);
  const held = (one) => { for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
    const style = getComputedStyle(up);
    if (style.overflowX !== "visible" || style.position === "fixed") return true;
  } return false; };
  for (const one of document.querySelectorAll("body *")) {
    const box = one.getBoundingClientRect();
    if (one.checkVisibility() && box.width > 1 && box.right > width + 1 && !held(one) && !one.closest("svg, .heard"))
      found.push(`${one.tagName.toLowerCase()}.${one.className} ends at ${Math.round(box.right)}`);
  }
  return found;
}"""
# Buttons, and links that look like one, whose words do not fit into them.
_CUT = """() => {
  const clipped = (one) => one.closest(".heard, .who-words") && getComputedStyle(one).clipPath !== "none";
  return [...document.querySelectorAll(".button, button, summary, .tab-bar a, .places a, .views a, .jumps a")].filter((one) => {
    if (!one.checkVisibility()) return false;
    if (one.matches(".button") && one.scrollHeight > one.clientHeight + 1) return true;
    const box = one.getBoundingClientRect(), texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode, range = document.createRange();
      if (!node.data.trim() || clipped(node.parentElement) || clipped(node.parentElement.parentElement)) continue;
      range.selectNodeContents(node);
      const words = range.getBoundingClientRect();
      if (words.width && (words.left < box.left - 1 || words.right > box.right + 1)) return true;
    }
    return false;
  }).map((one) => one.textContent.trim().slice(0, 40));
}"""
# Two of those that say the same stand for all of them.
_OPEN = """() => { const told = {}; for (const one of document.querySelectorAll("details:not([data-popover])")) {
  const words = one.querySelector("summary").textContent;
  told[words] = (told[words] ?? 0) + 1;
  if (told[words] <= 2) one.open = true;
} }"""
# Selectors of everything that passed, and a second reading of the style sheets, would cost more than all rules together.
_AXE = """(within) => axe.run(within || document, {
  resultTypes: ["violations"], selectors: false, preload: false, iframes: false,
}).then((told) => told.violations.flatMap((one) => one.nodes.map((node) =>
  `${one.impact} ${one.id}: ${node.html.slice(0, 160)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`)))"""


@dataclass
class Ears:
    """What a page complains of in its console, and the hosts that it asks."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._heard = {"console": self._said, "pageerror": self._failed, "request": self._asked}
        for event, hear in self._heard.items():
            self.page.on(event, hear)

    def stop(self) -> None:
        """Listens no longer."""
        for event, hear in self._heard.items():
            self.page.remove_listener(event, hear)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _failed(self, error: Any) -> None:
        self.complaints.append(str(error))

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.home:
            self.foreign.append(request.url)


def too_wide(page: Page) -> list[str]:
    """What makes the page wider than the window."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def cut_off(page: Page) -> list[str]:
    """The words of buttons that do not fit."""
    found: list[str] = page.evaluate(_CUT)
    return found


def unfold(page: Page) -> None:
    """Opens everything that folds, apart from what floats above the page."""
    page.evaluate(_OPEN)


def barriers(page: Page, within: str = "") -> list[str]:
    """What axe finds on the page, or within one element of it."""
    if not page.evaluate("() => Boolean(window.axe)"):
        # By the protocol and not as an element: the pages' own policy lets no other script in.
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(_AXE, within)
    return found


def picture(page: Page, path: Path) -> None:
    """For the eye."""
    page.screenshot(path=path, full_page=True)
