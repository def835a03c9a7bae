"""Rules of the house that every model keeps, read from dbt's manifest."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from house import drawn, shortcuts
from pointworth.asking.reading import MOST_COLUMNS, read_entries

ROOT = Path(__file__).parents[2]

# What BI and finance may rely on: more columns are welcome, none of these may go.
REQUIRED_COLUMNS = {
    "dim_customers": """
        customer_id client_id customer_type region plan_tier acquired_on acquisition_source
        is_active churned_on churn_reason monthly_baseline_revenue latest_category
        latest_responded_at
    """,
    "dim_marts": "mart question key_columns headline reading",
    "dim_measures": """
        mart column_name unit estimate may_be_summed summed_over shown_as description
    """,
    "fct_survey_responses": """
        response_id customer_id respondent_id survey_kind score_scale responded_at score category
        contribution journey_stage service_line channel redacted_verbatim monthly_baseline_revenue
    """,
    "fct_interactions": "interaction_id customer_id journey_stage channel opened_at",
    "fct_subscriptions": "subscription_id customer_id started_on notice_on ended_on end_reason",
    "fct_customer_revenue_monthly": """
        customer_id revenue_month net_revenue recurring movement_kind
    """,
    "nps_by_segment": """
        period_grain period_start survey_kind score_scale segment_dimension segment_value responses
        promoters passives detractors nps standard_error lower upper revenue_weighted_nps
        previous_nps nps_change p_value is_significant invitations response_rate revenue_coverage
        is_reportable
    """,
    "nps_driver_contributions": """
        period_grain period_start segment_dimension segment_value driver contribution lower upper
        previous_contribution change evidence is_reportable
    """,
    "nps_drivers": """
        period_grain period_start segment_dimension segment_value driver responses mean_rating slope
        standard_error lower upper p_value importance r_squared points_available
        points_available_lower points_available_upper revenue_available revenue_available_lower
        revenue_available_upper points_one_step_better points_one_step_better_lower
        points_one_step_better_upper revenue_one_step_better share_below_top quadrant is_included
        evidence is_reportable currency
    """,
    "contact_effort": """
        period_grain period_start segment_dimension segment_value journey_stage channel contacts
        repeats repeat_share resolution_hours_median resolution_hours_p90 unresolved handling_cost
        contacts_per_customer share_without_contact share_with_too_many_contacts is_reportable
    """,
    "journey_impact": """
        survey_kind score_scale segment_dimension segment_value journey_stage exposure customers
        exposed_customers exposed_share supported_share exposed_nps unexposed_nps difference
        standard_error lower upper p_value q_value points_lost points_lost_lower points_lost_upper
        revenue_lost revenue_lost_lower revenue_lost_upper evidence is_reportable
    """,
    "touchpoint_nps": """
        period_grain period_start score_scale segment_dimension segment_value journey_stage channel
        service_line responses nps standard_error lower upper previous_nps nps_change p_value
        latest_responded_at evidence is_reportable
    """,
    "nps_rolling": "month_end segment_dimension segment_value responses nps lower upper",
    "nps_change_bridge": """
        period_grain period_start previous_start segment_dimension segment_value part_dimension
        part_value effect responses_before responses_now nps_change points standard_error lower
        upper evidence is_reportable
    """,
    "nps_moves": """
        segment_dimension segment_value from_category to_category event_kind answers moves share
        lower upper expected_share difference standard_error difference_lower difference_upper
        median_days_between evidence is_reportable
    """,
    "nps_target_tracking": """
        period_grain period_start segment_dimension segment_value nps target required_pace on_track
        path_nps gap recent_pace projected_nps revenue_at_stake evidence is_reportable
    """,
    "response_rates": """
        period_grain period_start survey_kind segment_dimension segment_value invitations
        answered_invitations response_rate lower upper revenue_difference tenure_difference
        churn_difference nps adjusted_nps nps_shift evidence is_reportable
    """,
    "caring_effects": """
        survey_kind category segment_dimension segment_value contact_kind contact_value contacted
        not_contacted recovered_contacted recovered_not_contacted change_contacted
        change_not_contacted points_effect standard_error lower upper churn_contacted
        churn_not_contacted churn_difference revenue_effect revenue_of_points evidence is_reportable
        currency
    """,
    "churn_after_score": """
        gap_days window_days adjustment score_group_kind score_group customers events risk lower
        upper risk_ratio risk_ratio_lower risk_ratio_upper risk_difference e_value
    """,
    "churn_cohorts": """
        cohort_kind cohort months_since customers retained retention_rate opening_revenue
        retained_revenue_gross retained_revenue_net
    """,
    "actions_due": "work_kind customer_id client_id place due_by reason value evidence currency",
    "alerts": "alert_kind subject message figure figure_lower figure_upper since",
    "churn_risk_backtest": """
        client_id fold method customers events base_rate auc auc_lower auc_upper brier log_loss
        calibration_slope calibration_intercept first_tenth_lift revenue_caught is_useful evidence
        is_reportable
    """,
    "churn_risk_coefficients": "feature coefficient standard_error mean scale",
    "churn_risk_deciles": "client_id decile customers events mean_probability observed_rate",
    "churn_risk_scores": """
        customer_id probability observed_rate observed_rate_lower observed_rate_upper first_reason
        second_reason third_reason months_of_silence revenue_at_risk suggested_action
        action_evidence expected_net_value expected_net_value_lower expected_net_value_upper
    """,
    "closed_loop_performance": """
        period_grain period_start survey_kind category segment_dimension segment_value answers cases
        followed_up_share contacted median_hours_to_contact p90_hours_to_contact in_time_share
        closed_share open_cases mean_open_days evidence is_reportable
    """,
    "retention_areas": """
        area client_id customers churn_difference churn_difference_lower churn_difference_upper
        net_value untouched_customers untouched_revenue evidence
    """,
    "retention_action_balance": """
        campaign_id action_kind target_category segment_dimension segment_value covariate level
        mean_treated mean_control standardised_difference standardised_difference_adjusted
    """,
    "retention_action_effects": """
        campaign_id action_kind target_category treated control churn_treated churn_control
        risk_difference relative_reduction relative_reduction_lower relative_reduction_upper
        p_value sample_ratio_p_value revenue_kept cost net_value evidence
    """,
    "revenue_per_point": """
        segment_dimension segment_value adjustment base customers horizon_months observed_months
        projected_share monthly_baseline_revenue revenue_per_point standard_error lower upper
        churn_component wallet_component discounted_revenue_per_point share_of_annual_revenue
        placebo_z placebo_share is_placebo_clean within_customer_revenue_per_point reliability
        experience_shift_value without_top_ten wallet_component_is share_of_wallet_before
        share_of_wallet_after discount_rate sum_over_segments sum_over_segments_less_all evidence
        is_reportable currency
    """,
    "revenue_per_point_sensitivity": """
        segment_dimension segment_value left_out revenue_per_point lower upper change times_to_halve
        hidden_cause_to_halve evidence is_reportable currency
    """,
    "promoter_economics": """
        segment_dimension segment_value category customers revenue_12_months revenue_36_months
        expected_months cost_to_serve_12_months margin_12_months referrals_12_months
        referral_revenue evidence is_reportable currency
    """,
    "earned_growth": """
        year_ends_in segment_dimension segment_value revenue_before revenue_now kept_revenue
        earned_revenue bought_revenue unknown_revenue net_revenue_retention revenue_growth
        earned_growth lower upper earned_share_of_growth evidence is_reportable currency
    """,
    "cost_to_serve": """
        month segment_dimension segment_value category customers interactions faults complaints
        interactions_per_customer cost_per_customer evidence is_reportable currency
    """,
    "initiative_returns": """
        initiative_id measured_by cost change points revenue net_value payback_months
        payback_months_lower payback_months_upper pays_back evidence is_reportable currency
    """,
    "revenue_at_risk": """
        segment_dimension segment_value category standing customers annual_revenue expected_loss
        evidence is_reportable currency
    """,
    "revenue_per_point_by_month": """
        segment_dimension segment_value slope lower upper is_projected
    """,
    "revenue_scenarios": "points revenue lower upper percent_of_annual_revenue",
    "verbatim_themes": """
        period_grain period_start survey_kind score_scale segment_dimension segment_value theme
        responses texts mentions share share_lower share_upper nps standard_error lower upper
        difference points revenue_of_customers revenue_of_points share_change evidence
        is_reportable currency
    """,
    "verbatim_unexplained": """
        language term_kind term texts share promoters detractors
    """,
    "improvement_levers": """
        segment_dimension segment_value lever_kind lever points lower upper revenue revenue_lower
        revenue_upper strength_rank mean_rating top_rating points_available evidence is_reportable
        currency
    """,
    "revenue_reconciliation": """
        month currency amount_read accepted_amount tax_amount bad_debt_amount recognised_amount
        recognised_at_latest_rates exchange_effect unexplained ledger_amount ledger_unexplained
    """,
    "revenue_movements": """
        month segment_dimension segment_value opening new expansion contraction churn reactivation
        closing net_retention gross_retention net_retention_over_a_year gross_retention_over_a_year
    """,
    "published_figures": "run figure period_start part value difference causes definition",
    "revenue_restatements": """
        month since first_run first_reported latest_run now_reported difference late_rows
        corrected_rows erased_rows exchange changed_definition causes
    """,
    "nps_restatements": "month since first_reported now_reported difference causes",
    "revenue_per_point_restatements": "reported_as_of first_reported now_reported difference",
    "closed_months": "month closed_at run recognised_amount ledger_amount unexplained because",
    "run_info": "fact_kind fact fact_value rows_read valid_since note",
    "landing_reconciliation": "dataset rows_read rows_accepted rows_rejected difference",
    "rejected_rows": "dataset source_file source_row reasons raw_text",
}

# Constructs that another engine does not know, or knows differently.
FORBIDDEN = {
    "qualify": r"\bqualify\b",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "asof join": r"\basof\b",
    "distinct on": r"\bdistinct\s+on\b",
    "a cast with ::": r"::",
    "ignore nulls": r"\bignore\s+nulls\b",
    "run_query": r"\brun_query\b",
    "get_columns_in_relation": r"\bget_columns_in_relation\b",
    "the wall clock": r"\b(current_date|current_timestamp|now\s*\(|getdate|sysdate|run_started_at)",
}

# Says nothing of its own: a base model is tested through the accepted rows taken from it.
COMPUTING = ("core", "areas")


def models(manifest: Any, *layers: str) -> Iterator[Any]:
    """The models of some layers, or of all."""
    for node in manifest.nodes.values():
        if node.resource_type == "model" and (not layers or node.fqn[1] in layers):
            yield node


def marts_of(manifest: Any) -> Iterator[Any]:
    """The models of the public contract."""
    return (model for model in models(manifest) if model.access == "public")


def without_comments(sql: str) -> str:
    """The code of a model."""
    return re.sub(r"\{#.*?#\}|--[^\n]*", "", sql, flags=re.DOTALL)


def test_every_model_is_described(manifest: Any) -> None:
    missing = [model.name for model in models(manifest) if not model.description.strip()]
    assert not missing


def test_the_grain_is_the_first_thing_said(manifest: Any) -> None:
    silent = [
        model.name
        for model in models(manifest, *COMPUTING)
        if not model.description.strip().startswith("One row per ")
    ]
    assert not silent


def test_every_column_of_a_mart_is_described_and_typed(manifest: Any) -> None:
    bare = [
        f"{mart.name}.{column.name}"
        for mart in marts_of(manifest)
        for column in mart.columns.values()
        if not column.description.strip() or not column.data_type
    ]
    assert not bare


def test_every_mart_keeps_a_contract(manifest: Any) -> None:
    loose = [mart.name for mart in marts_of(manifest) if not mart.config.contract.enforced]
    assert not loose


def test_every_model_has_an_owner(manifest: Any) -> None:
    groups = {group.name: group.owner.name for group in manifest.groups.values()}
    assert not [model.name for model in models(manifest) if not groups.get(model.group)]


def test_every_model_that_computes_has_a_data_test(manifest: Any) -> None:
    tested = {
        parent
        for node in manifest.nodes.values()
        if node.resource_type == "test"
        for parent in node.depends_on.nodes
    }
    assert not [m.name for m in models(manifest, *COMPUTING) if m.unique_id not in tested]


def test_every_data_test_stops_a_run(manifest: Any) -> None:
    tests = [node for node in manifest.nodes.values() if node.resource_type == "test"]
    assert tests
    assert not [test.name for test in tests if test.config.severity.lower() != "error"]


def test_every_mart_is_in_an_exposure(manifest: Any) -> None:
    exposed = {node for item in manifest.exposures.values() for node in item.depends_on.nodes}
    assert not [mart.name for mart in marts_of(manifest) if mart.unique_id not in exposed]


def test_what_is_exposed_is_a_mart(manifest: Any) -> None:
    marts = {mart.unique_id for mart in marts_of(manifest)}
    exposed = {node for item in manifest.exposures.values() for node in item.depends_on.nodes}
    assert exposed <= marts


@pytest.mark.parametrize("name", REQUIRED_COLUMNS)
def test_required_columns_are_there(manifest: Any, name: str) -> None:
    marts = {mart.name: mart for mart in marts_of(manifest)}
    assert name in marts
    assert set(REQUIRED_COLUMNS[name].split()) <= set(marts[name].columns)


@pytest.mark.parametrize("construct", FORBIDDEN)
def test_models_are_portable(manifest: Any, construct: str) -> None:
    pattern = re.compile(FORBIDDEN[construct], re.IGNORECASE)
    assert not [
        model.name for model in models(manifest) if pattern.search(without_comments(model.raw_code))
    ]


def test_the_engine_is_known_in_one_place_only() -> None:
    files = [*(ROOT / "models").rglob("*.sql"), *(ROOT / "macros").rglob("*.sql")]
    aware = [
        str(file.relative_to(ROOT))
        for file in files
        if "engine" not in file.parts
        and re.search(r"target\.type|adapter\.type\(\)", without_comments(file.read_text("utf-8")))
    ]
    assert not aware


def test_macros_read_no_wall_clock() -> None:
    pattern = re.compile(FORBIDDEN["the wall clock"], re.IGNORECASE)
    files = (ROOT / "macros").rglob("*.sql")
    assert not [
        str(file.relative_to(ROOT))
        for file in files
        if pattern.search(without_comments(file.read_text("utf-8")))
    ]


def test_what_is_not_looked_at_is_there() -> None:
    """A path that is gone ignores nothing, and hides nothing where it says it does."""
    lines = (ROOT / ".sqlfluffignore").read_text("utf-8").splitlines()
    patterns = [line.removeprefix("!") for line in lines if line and not line.startswith("#")]
    assert not [pattern for pattern in patterns if not any(ROOT.glob(pattern))]


def test_data_flows_one_way(manifest: Any) -> None:
    """From staging through core and a room's steps to its marts, and rooms in no circle."""
    assert not shortcuts(manifest)


SHORTCUTS = {
    "a step that reads a mart": ("areas.nps.steps.int_a", "areas.nps.b", "nothing private"),
    "a step of another room": ("areas.nps.a", "areas.value.steps.int_b", "are its own"),
    "core that reads a room": ("core.a", "areas.nps.b", "before the rooms"),
    "staging that reads core": ("staging.crm.stg_a", "core.b", "before core"),
    "a room that reads unjudged rows": ("areas.nps.a", "staging.crm.base_b", "not judged"),
}


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_a_shortcut_is_found(shortcut: str) -> None:
    reader, read, why = SHORTCUTS[shortcut]
    (found,) = shortcuts(bad_project({reader: [read], read: []}))
    assert why in found


def test_a_circle_of_rooms_is_found() -> None:
    (found,) = shortcuts(
        bad_project(
            {
                "areas.nps.a": ["areas.value.b"],
                "areas.value.b": [],
                "areas.value.c": ["areas.nps.a"],
            }
        )
    )
    assert "circle" in found


def bad_project(reads: dict[str, list[str]]) -> Any:
    """A manifest of models named by their folders."""
    return SimpleNamespace(
        nodes={
            path: SimpleNamespace(
                resource_type="model",
                name=path.split(".")[-1],
                fqn=["pointworth", *path.split(".")],
                depends_on=SimpleNamespace(nodes=read),
            )
            for path, read in reads.items()
        }
    )


def test_the_map_is_that_of_the_project(manifest: Any) -> None:
    """`make map` draws it anew."""
    assert drawn(manifest) in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def meta(column: Any) -> dict[str, Any]:
    """What the contract says of a column beside its type."""
    found: dict[str, Any] = column.config.meta
    return found


def is_number(column: Any) -> bool:
    """Whether a column of a contract holds numbers."""
    return str(column.data_type).startswith(("double", "decimal", "int", "bigint"))


def test_every_number_of_a_mart_has_a_unit_and_nothing_else_has(manifest: Any) -> None:
    wrong = [
        f"{mart.name}.{column.name}"
        for mart in marts_of(manifest)
        for column in mart.columns.values()
        if is_number(column) != bool(meta(column).get("unit"))
    ]
    assert not wrong


def test_a_bound_has_the_unit_of_its_estimate(manifest: Any) -> None:
    wrong = [
        f"{mart.name}.{column.name}"
        for mart in marts_of(manifest)
        for column in mart.columns.values()
        if (estimate := meta(column).get("of"))
        and meta(mart.columns[estimate])["unit"] != meta(column)["unit"]
    ]
    assert not wrong


def test_a_column_is_summed_over_columns_of_its_mart(manifest: Any) -> None:
    wrong = [
        f"{mart.name}.{column.name}"
        for mart in marts_of(manifest)
        for column in mart.columns.values()
        if not set(meta(column).get("adds_over", ())) <= set(mart.columns)
    ]
    assert not wrong


def test_money_stands_beside_its_currency(manifest: Any) -> None:
    assert not [
        mart.name
        for mart in marts_of(manifest)
        if "currency" not in mart.columns
        and any(meta(column).get("unit") == "money" for column in mart.columns.values())
    ]


def test_every_mart_says_its_question_and_what_people_read(manifest: Any) -> None:
    for mart in marts_of(manifest):
        said = mart.config.meta
        assert said["question"].endswith("?"), mart.name
        entries = read_entries(said["read"])
        assert len(entries) <= MOST_COLUMNS, mart.name
        read = {column for entry in entries for column in entry.columns}
        assert read | set(said.get("headline", ())) <= set(mart.columns), mart.name


def test_a_test_that_waits_for_the_end_says_nothing_a_node_of_its_own_would_be_needed_for(
    manifest: Any,
) -> None:
    """check_rules knows what is asked and of which rows, not how many may fail."""
    usual = ("ERROR", "!= 0", "count(*)", None)
    assert not [
        test.name
        for test in manifest.nodes.values()
        if getattr(test, "test_metadata", None)
        and (test.config.severity, test.config.error_if, test.config.fail_calc, test.config.limit)
        != usual
    ]
