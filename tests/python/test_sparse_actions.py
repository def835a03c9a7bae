"""Landings with almost nothing in them still build; what cannot be known is empty."""

from pathlib import Path

from worlds import World, dbt_build

MARTS = ["retention_action_effects", "closed_loop_performance", "caring_effects"]
ANSWERS = """response_id,customer_id,responded_at,score
r1,a,2024-01-10T10:00:00Z,3
r2,a,2024-03-10T10:00:00Z,9
r3,,2024-03-11T10:00:00Z,5
"""
DATASETS = {
    "crm_customers": "customer_id\na\nb\n",
    "billing_subscriptions": "subscription_id,customer_id,started_on\ns1,a,2020-01-01\n"
    "s2,b,2020-01-01\n",
    "support_follow_ups": "follow_up_id,response_id,opened_at,contacted_at\n"
    "f1,r1,2024-01-10T11:00:00Z,2024-01-10T12:00:00Z\n"
    "f2,r3,2024-03-11T11:00:00Z,2024-03-11T10:30:00Z\n",
    "campaign_assignments": "assignment_id,campaign_id,customer_id,arm,assigned_on\n"
    "1,c,a,treated,2024-02-01\n2,c,b,control,2024-02-01\n3,alone,b,treated,2024-02-01\n",
}


def built(folder: Path, *datasets: str) -> World:
    """A landing of a few rows and what is built from it."""
    world = World(folder)
    world.landing.mkdir()
    answers = ANSWERS if "crm_customers" in datasets else ANSWERS.replace(",a,", ",,")
    (world.landing / "survey_responses.csv").write_text(answers, encoding="utf-8")
    for name in datasets:
        (world.landing / f"{name}.csv").write_text(DATASETS[name], encoding="utf-8")
    dbt_build(world.landing, world.file, select=[f"+{mart}" for mart in MARTS])
    return world


def test_with_answers_alone_only_answers_are_counted(tmp_path: Path) -> None:
    world = built(tmp_path)
    assert world.rows("select count(*) from marts.retention_action_effects") == [(0,)]
    assert world.rows("select count(*) from marts.caring_effects") == [(0,)]
    row = world.one(
        "select * from marts.closed_loop_performance where category = 'detractor' "
        "and period_grain = 'all_time' and segment_dimension = 'all'"
    )
    assert (row["answers"], row["cases"], row["followed_up_share"]) == (2, 0, None)


def test_one_customer_in_an_arm_and_no_revenue(tmp_path: Path) -> None:
    world = built(tmp_path, *DATASETS)
    found = world.frame(
        "select * from marts.retention_action_effects "
        "where segment_dimension = 'all' and target_category = 'all'"
    ).set_index("campaign_id")
    assert found["evidence"].to_dict() == {"alone": "descriptive", "c": "adjusted"}
    assert found["treated"].tolist() == [1, 1]
    assert found[["churn_treated", "relative_reduction", "revenue_kept"]].isna().all(axis=None)
    loop = world.one(
        "select sum(cases) as cases, sum(contacted) as contacted "
        "from marts.closed_loop_performance "
        "where period_grain = 'all_time' and segment_dimension = 'all'"
    )
    # f2 was contacted before it was opened: rejected with its row.
    assert (loop["cases"], loop["contacted"]) == (1, 1)
    reasons = world.rows(
        "select rejection_reasons from staging.base_support__follow_ups "
        "where rejection_reasons is not null"
    )
    assert reasons == [("ends_before_start",)]
    caring = world.one(
        "select * from marts.caring_effects "
        "where segment_dimension = 'all' and contact_kind = 'all'"
    )
    assert (caring["contacted"], caring["evidence"]) == (1, "descriptive")
    assert caring["points_effect"] is None


def test_without_contracts_nobody_is_at_risk(tmp_path: Path) -> None:
    world = built(tmp_path, *(name for name in DATASETS if name != "billing_subscriptions"))
    row = world.one(
        "select sum(assigned_treated) as assigned, sum(treated) as treated "
        "from marts.retention_action_effects where segment_dimension = 'all' "
        "and target_category = 'all'"
    )
    assert (row["assigned"], row["treated"]) == (2, 0)
    assert world.rows("select count(*) from marts.caring_effects") == [(0,)]
