"""Debian's chromium, without a screen: what it shows of a page, and what it complains of."""

import json
import re
import shutil
import subprocess
import tempfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from pointworth.page.page import script_hash

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs chromium (Debian: apt-get install chromium)"
)

_PROBE = """
(() => {
  const refused = [];
  addEventListener("securitypolicyviolation", (event) => refused.push(event.blockedURI));
  const root = document.documentElement;
  const started = performance.now();
  const wait = setInterval(() => {
    if (!root.dataset.drawn || root.dataset.probed) return;
    clearInterval(wait);
    const milliseconds = performance.now();
    const select = document.getElementById("choose-CHOOSE");
    const tell = () => {
      const found = {
        milliseconds,
        drawn: Number(root.dataset.drawn),
        width: innerWidth,
        over: root.scrollWidth - root.clientWidth,
        over_cards: [...document.querySelectorAll(".card")].filter(
          (card) => card.scrollWidth > card.clientWidth + 1).map((card) => card.id),
        requests: performance.getEntriesByType("resource").map((entry) => entry.name),
        refused,
        tables: Object.fromEntries([...document.querySelectorAll(".card[data-key]")].map((card) => [
          card.dataset.key,
          [...card.querySelectorAll("tbody tr")].map((row) =>
            [...row.children].map((cell) => cell.textContent)),
        ])),
        answers: Object.fromEntries([...document.querySelectorAll(".card[data-key]")].map(
          (card) => [card.dataset.key, card.querySelector(".answer").textContent])),
      };
      const told = document.createElement("pre");
      told.id = "probe";
      told.textContent = JSON.stringify(found);
      document.body.append(told);
    };
    if (!select || POSITION === 0) { tell(); return; }
    select.value = String(POSITION);
    select.dispatchEvent(new Event("change"));
    const again = setInterval(() => {
      if (!root.dataset.drawn) return;
      clearInterval(again);
      tell();
    }, 20);
  }, 20);
})();
"""


def look_at(page: Path, width: int, choose: str = "segment", position: int = 0) -> dict[str, Any]:
    """Open a page at a width, make a choice, and tell what is to be seen; fails on any complaint.

    The probe is a script of the test, which the page's policy lets in by its hash.
    """
    assert CHROMIUM is not None
    probe = _PROBE.replace("CHOOSE", choose).replace("POSITION", str(position))
    text = page.read_text(encoding="utf-8")
    text = text.replace(
        "script-src ", f"script-src {script_hash(probe)} ".replace("'", "&#x27;"), 1
    )
    probed = page.with_name(f"probed-{page.name}")
    probed.write_text(text.replace("</body>", f"<script>{probe}</script></body>"), encoding="utf-8")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        ran = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                f"--user-data-dir={profile}",
                f"--window-size={width},1200",
                "--virtual-time-budget=20000",
                "--enable-logging=stderr",
                "--dump-dom",
                probed.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    complaints = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    assert not complaints, complaints
    told = re.search(r'<pre id="probe">(.*?)</pre>', ran.stdout, re.S)
    assert told, ran.stderr[-2000:]
    found: dict[str, Any] = json.loads(unescape(told[1]))
    return found
