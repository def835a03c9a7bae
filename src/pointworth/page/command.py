"""`pointworth dashboard`: the page again, for a client, in a language, or somewhere else."""

import re
from pathlib import Path

from pointworth.errors import as_sentences, usage_error
from pointworth.page.catalogue import LANGUAGES
from pointworth.page.page import Facts, write_page
from pointworth.warehouse import Warehouse


def write_dashboard(
    home: Path, *, client: str | None = None, language: str = "en", out: Path | None = None
) -> Path:
    """Write the page of what is published; returns where it is.

    In the home it is dashboard.html, with the client and the language in its name where they are
    given, so that no page is taken for another.
    """
    if language not in LANGUAGES:
        raise usage_error(f"--language {language} is not known: give {', '.join(LANGUAGES)}.")
    warehouse = Warehouse(home)
    published = warehouse.require_published()
    if out is None and client is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", client):
        raise usage_error(f"The client {client} makes no file's name: name one with --out.")
    parts = ["dashboard", *([client] if client else []), *([language] if language != "en" else [])]
    target = out or warehouse.home / f"{'-'.join(parts)}.html"
    if target.is_dir():
        raise usage_error(f"{target} is a folder: name a file with --out.")
    with as_sentences(target):
        run = warehouse.published_run()
        runs = [] if run is None else [r for r in warehouse.runs() if r.name < run.name]
        before = next((r.record for r in runs if r.record.get("outcome") == "published"), None)
        facts = Facts.of(run.record, before) if run is not None else Facts()
        write_page(published, target, facts, language=language, client=client)
    return target
