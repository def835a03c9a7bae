"""The figures of the page: which rows of which mart, how they are drawn, what answers them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pointworth.page import answers
from pointworth.page.answers import Answer, View


@dataclass(frozen=True)
class Column:
    """A column of a figure: its name, how it is written, and what it is for the chart.

    `source` is the SQL behind the name where it is not a column of that name. A column that is not
    `shown` is for the chart only. Texts of kind `label` are codes that have words.
    """

    name: str
    kind: str
    role: str = ""
    source: str = ""
    shown: bool = True

    @property
    def sql(self) -> str:
        """The column in a select list."""
        return f"{self.source} as {self.name}" if self.source else self.name


@dataclass(frozen=True)
class Figure:
    """One question: a query on marts, cut by what it follows, a chart and an answer.

    `follows` names which of segment, period and kind of survey the rows are cut by; a mart that
    knows no scale follows `survey`. `largest` keeps that many rows of a group.
    """

    key: str
    section: str
    mart: str
    chart: str
    columns: tuple[Column, ...]
    answer: Callable[[View], Answer]
    where: str = "true"
    order: str = ""
    follows: tuple[str, ...] = ()
    source: str = ""
    needs: tuple[str, ...] = ()
    largest: int = 0
    is_wide: bool = False
    options: dict[str, object] = field(default_factory=dict)

    @property
    def relation(self) -> str:
        """What the query reads from."""
        return self.source or self.mart


def _c(name: str, kind: str, role: str = "", source: str = "", shown: bool = True) -> Column:
    return Column(name, kind, role, source, shown)


_RELIABLE = _c("is_reportable", "flag", "reportable", shown=False)
_EVIDENCE = _c("evidence", "text", "evidence", shown=False)
_END = (_RELIABLE, _EVIDENCE)


def _tone(low: str, high: str, bad: str = "loss", good: str = "gain") -> Column:
    return _c(
        "tone",
        "text",
        "tone",
        f"case when {low} > 0 then '{good}' when {high} < 0 then '{bad}' else 'neutral' end",
        shown=False,
    )


def _interval(
    kind: str, value: str, lower: str = "lower", upper: str = "upper"
) -> tuple[Column, ...]:
    return _c(value, kind, "value"), _c(lower, kind, "lower"), _c(upper, kind, "upper")


_CROSSED = "segment_dimension not like '%×%'"

FIGURES: tuple[Figure, ...] = (
    Figure(
        "score_trend",
        "score",
        "nps_by_segment",
        "trend",
        (
            _c("period_start", "quarter", "x"),
            _c("responses", "count"),
            *_interval("score", "nps"),
            _c("nps_change", "points"),
            _c("p_value", "number", shown=False),
            _c("response_rate", "share"),
            _c("revenue_coverage", "share"),
            *_END,
        ),
        answers.score_trend,
        "period_grain = 'quarter'",
        "period_start",
        ("segment", "kind"),
    ),
    Figure(
        "target",
        "score",
        "nps_target_tracking",
        "target",
        (
            _c("period_start", "quarter", "x"),
            *_interval("score", "nps"),
            _c("path_nps", "score", "path"),
            _c("target", "score"),
            _c("reached_on", "day"),
            _c("on_track_probability", "share"),
            *_END,
        ),
        answers.target,
        "period_grain = 'quarter'",
        "period_start",
        ("segment",),
    ),
    Figure(
        "categories",
        "score",
        "nps_by_segment",
        "stack",
        (
            _c("period_start", "year", "x"),
            _c("responses", "count"),
            _c("promoters", "count"),
            _c("passives", "count"),
            _c("detractors", "count"),
            _c("promoter_share", "share", source="promoters / nullif(responses, 0)"),
            _c("detractor_share", "share", source="detractors / nullif(responses, 0)"),
            *_END,
        ),
        answers.categories,
        "period_grain = 'year'",
        "period_start",
        ("segment", "kind"),
    ),
    Figure(
        "asked",
        "score",
        "response_rates",
        "trend",
        (
            _c("period_start", "quarter", "x"),
            _c("invitations", "count"),
            _c("answered_invitations", "count"),
            *_interval("share", "response_rate"),
            _c("silent_customers", "count"),
            _c("silent_share_of_revenue", "share"),
            _c("churn_difference", "shift"),
            _c("churn_difference_lower", "shift"),
            _c("churn_difference_upper", "shift"),
            *_END,
        ),
        answers.asked,
        "period_grain = 'quarter'",
        "period_start",
        ("segment", "survey"),
        options={"zero": True},
    ),
    Figure(
        "weighted",
        "score",
        "nps_by_segment",
        "forest",
        (
            _c("period_start", "year", "group"),
            _c("measure", "label", "label"),
            _c("responses", "count"),
            *_interval("score", "score"),
            _c(
                "tone",
                "text",
                "tone",
                "case measure when 'plain' then 'figure' else 'neutral' end",
                shown=False,
            ),
            *_END,
        ),
        answers.weighted,
        "period_grain = 'year'",
        "period_start, measure",
        ("segment", "kind"),
        source=(
            "(select *, 'plain' as measure, nps as score from nps_by_segment union all by name "
            "select * replace (revenue_weighted_lower as lower, revenue_weighted_upper as upper), "
            "'by_revenue' as measure, revenue_weighted_nps as score from nps_by_segment)"
        ),
        needs=("nps", "revenue_weighted_nps", "revenue_weighted_lower", "revenue_weighted_upper"),
        options={"zero": False},
    ),
    Figure(
        "differences",
        "score",
        "nps_by_segment",
        "forest",
        (
            _c("segment_dimension", "label", "group"),
            _c("segment_value", "label", "label"),
            _c("responses", "count"),
            *_interval("score", "nps"),
            _c("difference_to_rest", "points"),
            _c("is_different_from_rest", "flag"),
            _c(
                "tone",
                "text",
                "tone",
                "case when is_different_from_rest then 'figure' else 'neutral' end",
                shown=False,
            ),
            *_END,
        ),
        answers.differences,
        f"segment_dimension <> 'all' and {_CROSSED}",
        "segment_dimension, responses desc, segment_value",
        ("period", "kind"),
        largest=8,
        options={"zero": False},
    ),
    Figure(
        "change",
        "why",
        "nps_change_bridge",
        "waterfall",
        (
            _c("part_value", "label", "label"),
            _c("previous_start", "day", shown=False),
            _c("previous_nps", "score", "before"),
            *_interval("points", "points"),
            _c("nps", "score", "after"),
            _c("nps_change", "points"),
            *_END,
        ),
        answers.change,
        "part_dimension = 'people'",
        "case part_value when 'stayers' then 1 when 'joiners' then 2 when 'leavers' then 3 "
        "when 'silent' then 4 else 5 end",
        ("segment", "period", "kind"),
    ),
    Figure(
        "drivers",
        "why",
        "nps_drivers",
        "scatter",
        (
            _c("label", "text", "label"),
            _c("responses", "count"),
            _c("performance", "share", "x"),
            _c("importance", "share", "y"),
            *_interval(
                "points",
                "points_one_step_better",
                "points_one_step_better_lower",
                "points_one_step_better_upper",
            ),
            _c("quadrant", "label"),
            *_END,
        ),
        answers.drivers,
        "is_included",
        "points_one_step_better desc nulls last, label",
        ("segment", "period"),
        needs=("is_included",),
    ),
    Figure(
        "journey",
        "why",
        "journey_impact",
        "tiles",
        (
            _c("stage_label", "text", "row"),
            _c("exposure", "label", "column"),
            _c("exposed_customers", "count"),
            *_interval("points", "points_lost", "points_lost_lower", "points_lost_upper"),
            _c("is_significant", "flag", "significant"),
            _c("revenue_lost", "money"),
            _c("stage_order", "count", "order", shown=False),
            *_END,
        ),
        answers.journey,
        "journey_stage <> 'all'",
        "stage_order, exposure",
        ("segment", "kind"),
        needs=("journey_stage",),
    ),
    Figure(
        "touchpoints",
        "why",
        "touchpoint_nps",
        "forest",
        (
            _c("stage_label", "label", "group"),
            _c("channel", "label", "label"),
            _c("responses", "count"),
            *_interval("score", "nps"),
            _c("tone", "text", "tone", "'figure'", shown=False),
            *_END,
        ),
        answers.touchpoints,
        "service_line = 'all'",
        "stage_order, stage_label, responses desc, channel",
        ("segment", "period"),
        needs=("stage_order", "service_line"),
        largest=6,
        options={"zero": False},
    ),
    Figure(
        "themes",
        "why",
        "verbatim_themes",
        "forest",
        (
            _c("theme", "label", "label"),
            _c("mentions", "count"),
            _c("share", "share"),
            *_interval("points", "points", "points_lower", "points_upper"),
            _c("nps", "score"),
            _c("revenue_of_points", "money"),
            _tone("points_lower", "points_upper"),
            *_END,
        ),
        answers.themes,
        "mentions > 0",
        "points nulls last, theme",
        ("segment", "period", "kind"),
    ),
    Figure(
        "levers",
        "why",
        "improvement_levers",
        "forest",
        (
            _c("lever_kind", "label", "group"),
            _c("lever", "label", "label"),
            _c("customers", "count"),
            *_interval("points", "points"),
            _c("revenue", "money"),
            _c("revenue_lower", "money"),
            _c("revenue_upper", "money"),
            _tone("lower", "upper"),
            *_END,
        ),
        answers.levers,
        "is_reportable and points > 0",
        "lever_kind, points desc, lever",
        ("segment",),
        largest=6,
        options={"zero": True},
    ),
    Figure(
        "risk",
        "leaves",
        "churn_after_score",
        "risk",
        (
            _c("score_group", "label", "label"),
            _c("customers", "count"),
            _c("events", "count"),
            *_interval("share", "risk"),
            _c("risk_ratio", "ratio"),
            _c("risk_ratio_lower", "ratio"),
            _c("risk_ratio_upper", "ratio"),
            _c("score_group_kind", "text", "group", shown=False),
            *_END,
        ),
        answers.risk,
        "gap_days = 0 and window_days = 120 and adjustment = 'unadjusted'",
        "case score_group_kind when 'score' then 1 when 'silent' then 2 else 3 end, "
        "try_cast(score_group as double), score_group",
        needs=("gap_days", "window_days", "adjustment"),
    ),
    Figure(
        "survival",
        "leaves",
        "survival_curves",
        "survival",
        (
            _c("category", "label", "label"),
            _c("day", "count", "x"),
            _c("at_risk", "count"),
            *_interval("share", "survival"),
            _c("tone", "text", "tone", "category", shown=False),
            *_END,
        ),
        answers.survival,
        "day % 7 = 0 or events > 0",
        "category, day",
        needs=("events",),
    ),
    Figure(
        "cohorts",
        "leaves",
        "churn_cohorts",
        "cohorts",
        (
            _c("cohort", "month", "row"),
            _c("months_since", "count", "x"),
            _c("customers", "count"),
            _c("retained", "count"),
            *_interval("share", "retention_rate"),
            *_END,
        ),
        answers.cohorts,
        "cohort_kind = 'acquisition_month' and months_since % 3 = 0",
        "cohort, months_since",
        needs=("cohort_kind",),
    ),
    Figure(
        "cohort_revenue",
        "leaves",
        "churn_cohorts",
        "cohorts",
        (
            _c("cohort", "month", "row"),
            _c("months_since", "count", "x"),
            _c("opening_revenue", "money"),
            _c("retained_revenue_net", "money"),
            _c("net_revenue_retention", "share", "value"),
            _c("gross_revenue_retention", "share"),
            *_END,
        ),
        answers.cohorts,
        "cohort_kind = 'acquisition_month' and months_since % 3 = 0",
        "cohort, months_since",
        needs=("cohort_kind",),
    ),
    Figure(
        "campaigns",
        "acting",
        "retention_action_effects",
        "forest",
        (
            _c("campaign_id", "text", "label"),
            _c("treated", "count"),
            _c("control", "count"),
            *_interval(
                "share",
                "relative_reduction",
                "relative_reduction_lower",
                "relative_reduction_upper",
            ),
            _c("net_value", "money"),
            _c("net_value_lower", "money"),
            _c("net_value_upper", "money"),
            _tone("relative_reduction_lower", "relative_reduction_upper"),
            *_END,
        ),
        answers.campaigns,
        "target_category = 'all'",
        "relative_reduction desc nulls last, campaign_id",
        ("segment",),
        needs=("target_category",),
        options={"zero": True, "domain": [-1, 1]},
    ),
    Figure(
        "closed_loop",
        "acting",
        "closed_loop_performance",
        "trend",
        (
            _c("period_start", "quarter", "x"),
            _c("answers", "count"),
            _c("cases_due", "count"),
            _c("cases_in_time", "count"),
            *_interval("share", "in_time_share", "in_time_share_lower", "in_time_share_upper"),
            _c("median_hours_to_contact", "number"),
            _c("open_cases", "count"),
            *_END,
        ),
        answers.closed_loop,
        "category = 'detractor' and period_grain = 'quarter' and cases > 0",
        "period_start",
        ("segment", "survey"),
        needs=("category", "cases"),
        options={"zero": True},
    ),
    Figure(
        "calling",
        "acting",
        "caring_effects",
        "forest",
        (
            _c("contact_kind", "label", "group"),
            _c("contact_value", "label", "label"),
            _c("contacted", "count"),
            _c("not_contacted", "count"),
            *_interval("points", "points_effect"),
            _c("recovered_difference", "shift"),
            _c("revenue_effect", "money"),
            _tone("lower", "upper"),
            *_END,
        ),
        answers.calling,
        "category = 'detractor'",
        "case contact_kind when 'all' then 1 else 2 end, contact_kind, contact_value",
        ("segment", "survey"),
        needs=("category",),
        options={"zero": True},
    ),
    Figure(
        "slope",
        "money",
        "revenue_per_point_by_month",
        "months",
        (
            _c("k", "count", "x"),
            _c("customers", "count"),
            *_interval("share", "slope"),
            _c("is_projected", "flag", "projected"),
            *_END,
        ),
        answers.slope,
        "true",
        "k",
        ("segment",),
    ),
    Figure(
        "value_by_segment",
        "money",
        "revenue_per_point",
        "forest",
        (
            _c("segment_dimension", "label", "group"),
            _c("segment_value", "label", "label"),
            _c("customers", "count"),
            *_interval("money", "revenue_per_point"),
            _c("share_of_annual_revenue", "share"),
            _c("projected_share", "share"),
            _c("is_placebo_clean", "flag"),
            _tone("lower", "upper", good="figure"),
            *_END,
        ),
        answers.value_by_segment,
        f"base = 'active_customers' and adjustment = 'adjusted' "
        f"and segment_dimension <> 'all' and {_CROSSED}",
        "segment_dimension, customers desc, segment_value",
        needs=("base", "adjustment"),
        largest=8,
        options={"zero": True},
    ),
    Figure(
        "directions",
        "money",
        "revenue_per_point_by_direction",
        "forest",
        (
            _c("direction", "label", "label"),
            _c("from_customers", "count"),
            _c("to_customers", "count"),
            *_interval("money", "revenue_per_point"),
            _tone("lower", "upper", good="figure"),
            *_END,
        ),
        answers.directions,
        "true",
        "direction",
        ("segment",),
        options={"zero": True},
    ),
    Figure(
        "scenarios",
        "money",
        "revenue_scenarios",
        "scenarios",
        (
            _c("scenario", "label", "label"),
            _c("points", "step", "x"),
            *_interval("money", "revenue"),
            _tone("lower", "upper", good="figure"),
            _c("percent_of_annual_revenue", "number"),
            *_END,
        ),
        answers.scenarios,
        "true",
        "points",
        ("segment",),
    ),
    Figure(
        "ledger",
        "money",
        "revenue_reconciliation",
        "ledger",
        (
            _c("month", "month", "x"),
            _c("currency", "text"),
            _c("accepted_amount", "cents"),
            _c("recognised_amount", "cents", "value"),
            _c("ledger_amount", "cents"),
            _c("ledger_difference", "cents", "difference"),
            _c("unexplained", "cents"),
        ),
        answers.ledger,
        "ledger_amount is not null",
        "month, currency",
        is_wide=True,
    ),
    Figure(
        "rows",
        "data",
        "landing_reconciliation",
        "",
        (
            _c("dataset", "text"),
            _c("rows_read", "count"),
            _c("rows_accepted", "count"),
            _c("rows_rejected", "count"),
            _c("rejected_share", "share"),
        ),
        answers.rows,
        "not is_absent",
        "rows_rejected desc, rows_read desc, dataset",
        needs=("is_absent",),
    ),
    Figure(
        "rejections",
        "data",
        "rejected_rows",
        "",
        (
            _c("dataset", "text"),
            _c("reason", "text", source="cast(reasons as varchar)"),
            _c("rows_rejected", "count", source="count(*)"),
        ),
        answers.rejections,
        "true group by dataset, cast(reasons as varchar)",
        "rows_rejected desc, dataset, reason limit 30",
        needs=("reasons",),
    ),
)

SECTIONS = ("value", "score", "why", "leaves", "acting", "money", "data")
