"""Break one rule at a time in a copy of the project: a dbt test must notice."""

import shutil
from pathlib import Path

import pytest

import worlds
from worlds import ROOT, World, dbt_build

PARTS = ("macros", "models", "seeds", "tests")

MUTATIONS = {
    "the detractor band": (
        "seeds/score_scales.csv",
        "nps_0_10,0,10,1,6,9,true",
        "nps_0_10,0,10,1,5,9,true",
        ["score_scales+1"],
    ),
    "the promoter rule": (
        "macros/project/score_category.sql",
        ".promoter_minimum then 'promoter'",
        ".promoter_minimum - 1 then 'promoter'",
        ["int_answers_voiced"],
    ),
    "the join of an answer to its customer's standing": (
        "models/core/fct_survey_responses.sql",
        "        and answers.responded_month = standing.asked_month",
        "",
        ["fct_survey_responses"],
    ),
    "the sign of a slope": (
        "models/areas/value/steps/int_point_slopes.sql",
        "sum(xy - rx * y / r)",
        "sum(rx * y / r - xy)",
        ["int_point_slopes"],
    ),
    "the day of churn": (
        "models/core/steps/int_spells_by_subscription.sql",
        "then notice_on",
        "then ended_on",
        ["int_spells_by_subscription"],
    ),
    "the remainder of a line spread over months": (
        "models/core/steps/int_revenue_lines_spread.sql",
        "then amount + rounded_amount - sum(rounded_amount)",
        "then amount - rounded_amount + sum(rounded_amount)",
        ["int_revenue_lines_spread", "int_revenue_recognised"],
    ),
    "the first assignment": (
        "models/core/steps/int_action_assignments.sql",
        "order by assigned_on, assignment_id",
        "order by assigned_on desc, assignment_id",
        ["int_action_assignments"],
    ),
    "what a control counts": (
        "macros/statistics/survival_within.sql",
        "else {{ safe_ratio(treated, control) }}",
        "else {{ safe_ratio(control, treated) }}",
        ["int_action_members"],
    ),
    "the half-open promise": (
        "models/areas/loop/steps/int_loop_cases.sql",
        "and hours_to_contact < promised_hours",
        "and hours_to_contact <= promised_hours",
        ["int_loop_cases"],
    ),
    "the landmark of caring": (
        "models/areas/loop/steps/int_caring_episodes.sql",
        "> answers.landmark_on",
        "> answers.responded_on",
        ["int_caring_episodes"],
    ),
    "the weight of a subset of drivers": (
        "macros/statistics/shapley_weight.sql",
        "{{ members }} - {{ others }} - 1",
        "{{ members }} - {{ others }}",
        ["int_driver_importances"],
    ),
    "the sweep of a driver": (
        "macros/statistics/sweep.sql",
        "-1 / {{ pivot }}",
        "1 / {{ pivot }}",
        ["int_driver_regressions"],
    ),
    "what an answer must have rated": (
        "models/areas/drivers/steps/int_driver_products.sql",
        "(patterns.rated & terms.needed) = terms.needed",
        "(patterns.rated & terms.needed) > 0",
        ["int_driver_products"],
    ),
    "the customers a slope is corrected for": (
        "models/areas/drivers/steps/int_driver_estimates.sql",
        "safe_ratio('influence.customers', 'influence.customers - 1')",
        "safe_ratio('influence.customers', 'influence.customers')",
        ["int_driver_estimates"],
    ),
    "the way to the top": (
        "models/areas/drivers/nps_drivers.sql",
        "        slope * (top_rating - mean_rating) as points_available,",
        "        slope * (mean_rating - bottom_rating) as points_available,",
        ["nps_drivers"],
    ),
    "one step better": (
        "models/areas/drivers/nps_drivers.sql",
        "slope * share_below_top * rating_step as points_one_step_better",
        "slope * rating_step as points_one_step_better",
        ["nps_drivers"],
    ),
    "what a customer draws its own line to itself": (
        "macros/statistics/leverage.sql",
        "> 1e-9 then ({{ residual }}) / (1 - {{ leverage }})",
        "> 1e-9 then ({{ residual }})",
        ["int_point_influence", "int_point_month_errors", "int_direction_estimates"],
    ),
    "the distance between two bands": (
        "models/areas/value/steps/int_direction_estimates.sql",
        "contrasts.from_r * (contrasts.to_contribution - contrasts.from_contribution)",
        "100 * contrasts.from_r",
        ["int_direction_estimates"],
    ),
    "the size of a placebo": (
        "macros/statistics/placebo.sql",
        "or coalesce(abs({{ share }}) <= {{ var('placebo_tolerance') }}, false)",
        "or false",
        ["revenue_per_point"],
    ),
    "who is among the ten largest": (
        "models/areas/value/steps/int_point_strata.sql",
        "where largest > 0 and coalesce(place > 10, true)",
        "where largest > 0",
        ["int_point_strata"],
    ),
    "the chance in averaged answers": (
        "models/areas/value/steps/int_point_cell_sums.sql",
        "sum({{ safe_ratio('monthly_baseline_revenue', 'answers') }}) as r_per_answer",
        "sum(monthly_baseline_revenue) as r_per_answer",
        ["int_point_cell_sums"],
    ),
    "what is left for the wallet": (
        "models/areas/value/revenue_per_point.sql",
        "revenue_per_point - churn_component as wallet_component",
        "{{ point_value('total - churn') }} as wallet_component",
        ["revenue_per_point"],
    ),
    "what nobody works on": (
        "models/areas/economics/steps/int_initiative_effects.sql",
        "and (measured.measured = aims.measured or worked_on.measured is null)",
        "",
        ["int_initiative_effects"],
    ),
    "who came back": (
        "models/areas/economics/earned_growth.sql",
        "<= years.last_month - 24",
        "<= years.last_month - 240",
        ["earned_growth"],
    ),
    "what stays outside a segment": (
        "models/areas/nps/steps/int_nps_segment_totals.sql",
        "sum(contribution * (2 * whole_contribution - contribution))",
        "sum(contribution * whole_contribution)",
        ["int_nps_segment_totals"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_broken_rule_is_noticed(
    rule: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    small: World = worlds.small(tmp_path_factory)
    path, old, new, select = MUTATIONS[rule]
    project = tmp_path / "project"
    project.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("python"))
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / file, project / file)
    target = project / path
    text = target.read_text("utf-8")
    assert text.count(old) == 1, f"the rule is written otherwise now: {path}"
    target.write_text(text.replace(old, new), "utf-8")
    built = tmp_path / "build.duckdb"
    shutil.copy(small.file, built)
    statuses = dbt_build(
        small.landing, built, project=project, select=select, tests=True, landing_is_loaded=True
    )
    noticed = [
        name
        for name, status in statuses.items()
        if status in ("fail", "error") and name.startswith(("test.", "unit_test."))
    ]
    assert noticed, f"{len(statuses)} nodes ran and none noticed"
