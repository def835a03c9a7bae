"""A definition that changes is written down with a version, a name and a day."""

import copy
from typing import Any

from definition_versions import fingerprints, latest, written
from pointworth.record.definitions import FIGURES, definitions


def test_the_latest_versions_are_those_of_the_code(manifest: Any) -> None:
    """Code that means what it meant: make definitions. Else a new version in the seed."""
    versions = latest(written())
    assert versions.keys() == FIGURES.keys()
    assert {name: row["fingerprint"] for name, row in versions.items()} == fingerprints(manifest)


def test_a_fingerprint_changes_with_the_code_and_not_with_comments(manifest: Any) -> None:
    before = fingerprints(manifest)
    changed = copy.copy(manifest)
    changed.nodes, changed.macros = dict(manifest.nodes), dict(manifest.macros)
    key = "macro.pointworth.non_revenue_line_kinds"
    changed.macros[key] = copy.copy(manifest.macros[key])
    changed.macros[key].macro_sql += "\n{# a remark #}\n"
    assert fingerprints(changed) == before
    changed.macros[key].macro_sql = changed.macros[key].macro_sql.replace("'bad_debt'", "'usage'")
    after = fingerprints(changed)
    assert after["recognised_revenue"] != before["recognised_revenue"]
    assert after["revenue_per_point"] != before["revenue_per_point"], "it rests on revenue"
    assert after["nps"] == before["nps"]


def test_settings_of_ones_own_are_part_of_a_definition(manifest: Any) -> None:
    usual = {"horizon_months": 36, "rolling_days": 90, "as_of_date": None}
    given = {"horizon_months": 24, "rolling_days": 30, "as_of_date": "2024-01-01"}
    found = definitions(manifest, given, usual)
    assert found["revenue_per_point"]["settings"] == "horizon_months 24"
    assert found["nps"]["settings"] is None
    assert definitions(manifest, usual, usual)["revenue_per_point"]["settings"] is None
