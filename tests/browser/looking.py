"""What is wrong with a page as it stands in the browser: its width, its buttons, its words to readers, what it loads."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Page

from tests.house.source import ROOT

COLOURS = 64
# What a page may cost (quality.md §3).
SCRIPT_BYTES, SHIFT = 100 * 1024, 0.05
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


# From before the first line of a page is read. What moves because somebody pressed something is no shift.
WATCH = """window.shifted = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true })"""
# Pictures that load late are the ones that push: all of them are seen, and what they push is drawn.
_SETTLED = """async () => {
  window.scrollTo(0, document.body.scrollHeight);
  const come = (one) => new Promise((go) => { one.loading = "eager"; one.onload = one.onerror = go; if (one.complete) go(); });
  await Promise.all([...document.images].map(come));
  for (let n = 0; n < 3; n += 1) await new Promise((go) => requestAnimationFrame(go));
  window.scrollTo(0, 0);
  return window.shifted;
}"""
_FOOT = """(how) => document.querySelectorAll(".tab-bar").forEach((one) => { one.style.position = how; })"""
_SCRIPTS = """async () => {
  const asked = performance.getEntriesByType("resource").map((one) => one.name);
  const told = [...document.scripts].map((one) => one.src).concat(asked).filter((one) => new URL(one, location).pathname.endsWith(".js"));
  return [...new Set(told)];
}"""


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


def shifted(page: Page) -> float:
    """How far the page has jumped since it began to load; `WATCH` has to run before it."""
    found: float = page.evaluate(_SETTLED)
    return found


# What draws and edits a workflow is let off the budget of a page (the library of its graph).
_DESIGNER = "/static/pages/designer.js"


def script_bytes(page: Page) -> int:
    """What the scripts of the page weigh as they travel, but for the designer's own."""
    found: list[str] = page.evaluate(_SCRIPTS)
    return sum(_weight(path) for one in found if (path := urlsplit(one).path) != _DESIGNER)


@cache
def _weight(path: str) -> int:
    return len(gzip.compress((ROOT / "web" / path.lstrip("/")).read_bytes()))


def picture(page: Page, path: Path, clip: Any = None) -> None:
    """For the eye: the page, or what of it lies in `clip`. What stands at the foot of a telephone stands at the page's foot."""
    page.evaluate(_FOOT, "static")
    taken = page.screenshot(full_page=True, clip=clip)
    page.evaluate(_FOOT, "")
    # Pages have few colours: a palette of them takes a third of the room.
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
