"""What a room says it cannot do without, it cannot do without."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import worlds
from pointworth.dbt_project.left_out import left_out
from worlds import World, dbt_build

ANSWERS = "response_id,respondent_id,responded_at,score,verbatim\n" + "".join(
    f"r{n},p{n % 40},2024-{n % 6 + 1:02d}-{n % 27 + 1:02d}T10:00:00Z,{n % 11},{{verbatim}}\n"
    for n in range(120)
)


def node(name: str, access: str, *needs: str) -> Any:
    """A model of a manifest."""
    return SimpleNamespace(
        resource_type="model",
        name=name,
        access=access,
        config=SimpleNamespace(meta={"needs": list(needs)} if needs else {}),
    )


def test_steps_go_with_the_last_mart_made_of_them() -> None:
    nodes = {
        "m.core": node("core", "protected"),
        "m.first": node("first", "private", "calls"),
        "m.second": node("second", "private", "calls"),
        "m.shared": node("shared", "private", "calls"),
        "m.calls": node("calls", "public", "calls"),
        "m.texts": node("texts", "public", "answers.text", "calls"),
        "m.scores": node("scores", "public"),
    }
    children = {
        "m.core": ["m.first"],
        "m.first": ["m.second", "test.first"],
        "m.second": ["m.calls"],
        "m.shared": ["m.calls", "m.scores"],
        "m.calls": ["m.scores"],
    }
    manifest = SimpleNamespace(nodes=nodes, child_map=children, sources={})
    found = left_out(manifest, {"answers"})
    assert found.missing == {"calls": ["calls"], "texts": ["answers.text", "calls"]}
    assert found.steps == {"first", "second"}
    assert left_out(manifest, {"answers", "answers.text", "calls"}).names == []


def test_what_is_staged_of_an_empty_dataset_is_not_built() -> None:
    def staged(name: str, materialized: str, *parents: str) -> Any:
        found = node(name, "protected")
        found.config.materialized = materialized
        found.depends_on = SimpleNamespace(nodes=list(parents))
        return found

    manifest = SimpleNamespace(
        nodes={
            "m.judged": staged("judged", "incremental", "s.calls", "s.secret"),
            "m.accepted": staged("accepted", "view", "m.judged"),
            "m.more_than_accepted": staged("more_than_accepted", "view", "m.judged", "m.other"),
            "m.counted": staged("counted", "table", "s.calls"),
        },
        child_map={
            "s.calls": ["m.judged", "m.counted"],
            "s.secret": ["m.judged"],
            "m.judged": ["m.accepted", "m.more_than_accepted", "test.judged"],
        },
        sources={
            "s.calls": SimpleNamespace(source_name="landing", name="calls"),
            "s.secret": SimpleNamespace(source_name="landing_log", name="secret"),
        },
    )
    assert left_out(manifest, {"answers"}, {"calls", "secret"}).names == ["accepted", "judged"]
    assert left_out(manifest, {"answers"}, {"secret"}).names == []


@pytest.fixture(scope="module")
def needs(manifest: Any) -> dict[str, list[str]]:
    """What each mart of the project needs."""
    return {
        model.name: model.config.meta["needs"]
        for model in manifest.nodes.values()
        if model.resource_type == "model"
        and model.access == "public"
        and "needs" in model.config.meta
    }


def rows(file: Path, marts: list[str]) -> dict[str, int]:
    """How many rows these have."""
    world = World(file.parent)
    return {name: int(world.rows(f"select count(*) from marts.{name}")[0][0]) for name in marts}


@pytest.mark.slow
def test_answers_alone_fill_no_mart_that_needs_more(
    needs: dict[str, list[str]], tmp_path: Path
) -> None:
    """Built whole, by plain dbt, where the command would leave these marts out."""
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "survey_responses.csv").write_text(ANSWERS.replace("{verbatim}", ""), "utf-8")
    dbt_build(landing, tmp_path / "build.duckdb")
    found = rows(tmp_path / "build.duckdb", sorted(needs))
    assert len(found) > 15
    assert not [name for name, count in found.items() if count]


@pytest.mark.slow
@pytest.mark.parametrize(
    "dataset",
    [
        "billing_invoice_lines",
        "campaign_assignments",
        "crm_customers",
        "support_interactions",
        "survey_driver_ratings",
        "survey_invitations",
    ],
)
def test_without_a_dataset_no_mart_that_needs_it_has_a_row(
    dataset: str,
    needs: dict[str, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> None:
    landing = tmp_path / "landing"
    shutil.copytree(worlds.small(tmp_path_factory).landing, landing)
    gone = list(landing.glob(f"{dataset}*"))
    assert gone
    for file in gone:
        file.unlink()
    marts = sorted(name for name, wanted in needs.items() if dataset in wanted)
    dbt_build(landing, tmp_path / "build.duckdb", select=[f"+{name}" for name in marts])
    assert not [name for name, count in rows(tmp_path / "build.duckdb", marts).items() if count]
