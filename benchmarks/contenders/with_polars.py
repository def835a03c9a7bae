"""The three headline marts in Polars: python -m benchmarks.contenders.with_polars LANDING OUT

What a careful analyst writes who knows Polars well: lazy scans that read only the columns needed,
integer keys for the large joins, money in whole numbers, everything as expressions. No row is
checked, nothing is rejected.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from benchmarks.contenders import Contender
from benchmarks.measure import python

CONTENDER = Contender(
    "Polars",
    "a careful script: lazy scans, integer keys, whole numbers, expressions",
    lambda landing, out: python("benchmarks.contenders.with_polars", landing, out),
)
CURRENCY = "EUR"
IN_A_CENT = 10_000
"""Millionths."""
Z = 1.959963984540054
MINIMUM = 30
HORIZON = 36
FOREVER = pl.lit(date(9999, 12, 31))
SCALES = pl.LazyFrame(
    [("nps_0_10", 6, 9), ("scale_1_10", 6, 9), ("stars_1_5", 3, 5), ("effort_1_7", 4, 6)],
    schema=["score_scale", "detractor_maximum", "promoter_minimum"],
    orient="row",
)
OF_CUSTOMER = ["client_id", "customer_type", "region", "plan_tier", "tenure_band", "revenue_band"]
OF_ANSWER = ["service_line", "journey_stage", "channel", "service_line × customer_type"]
STRATUM = ["client_id", "customer_type", "tenure_band", "revenue_band"]
CLIENT_AND_TYPE = ["client_id", "customer_type"]
KINDS = ["survey_kind", "score_scale"]


def main(landing: str, out: str) -> None:
    """Read a landing folder, write one Parquet file per mart."""
    folder = Path(landing)
    customers = read_customers(folder)
    as_of = clock(folder)
    after = as_of + timedelta(days=1)
    last_month = after.year * 12 + after.month - 1
    revenue = revenue_by_month(folder, customers).collect(engine="streaming")
    spells = find_spells(folder, customers, as_of).collect()
    profiles = with_since(customers, spells.lazy(), revenue.lazy()).collect()
    baselines = baselines_when_asked(folder, profiles.lazy(), revenue.lazy()).collect()
    limits = revenue_band_limits(baselines.lazy(), profiles.lazy()).collect()
    answers = read_answers(folder, profiles.lazy(), baselines.lazy(), limits.lazy()).collect()
    followed = index_answers(answers.lazy(), spells.lazy()).collect()

    marts = {
        "nps_by_segment": nps_by_segment(answers.lazy()).collect(),
        "churn_after_score": churn_after_score(answers.lazy(), spells.lazy(), as_of).collect(),
        "revenue_per_point": revenue_per_point(
            followed,
            panel_of(followed.lazy(), spells.lazy(), revenue.lazy(), last_month).collect(),
            bases(profiles, spells, followed, limits, revenue, as_of, last_month),
        ),
    }
    for name, mart in marts.items():
        mart.write_parquet(Path(out) / f"{name}.parquet")


# ---------------------------------------------------------------- expressions


def month_number(day: pl.Expr) -> pl.Expr:
    """A running number of months."""
    return day.dt.year().cast(pl.Int32) * 12 + day.dt.month().cast(pl.Int32)


def month_start(month: pl.Expr) -> pl.Expr:
    """The first day of a month."""
    return pl.date((month - 1) // 12, (month - 1) % 12 + 1, 1)


def tenure_band(since: pl.Expr, day: pl.Expr) -> pl.Expr:
    """How long somebody has been a customer on a day."""
    return (
        pl.when(since.is_null())
        .then(pl.lit("unknown"))
        .when(day < since.dt.offset_by("12mo"))
        .then(pl.lit("under_1_year"))
        .when(day < since.dt.offset_by("36mo"))
        .then(pl.lit("1_to_3_years"))
        .when(day < since.dt.offset_by("84mo"))
        .then(pl.lit("3_to_7_years"))
        .otherwise(pl.lit("7_years_and_more"))
    )


def revenue_band() -> pl.Expr:
    """The third a baseline is in; the limits low and middle are joined."""
    baseline = pl.col("baseline").round(6)
    return (
        pl.when(baseline.is_null() | pl.col("low").is_null())
        .then(pl.lit("unknown"))
        .when(baseline <= pl.col("low"))
        .then(pl.lit("low"))
        .when(baseline <= pl.col("middle"))
        .then(pl.lit("middle"))
        .otherwise(pl.lit("high"))
    )


def half_up(value: pl.Expr) -> pl.Expr:
    """A double to the nearest whole number, a half away from zero."""
    return (value.abs() + 0.5).floor() * value.sign()


# ---------------------------------------------------------------- reading


def scan(folder: Path, dataset: str) -> pl.LazyFrame:
    """A dataset, read where it is used."""
    return pl.scan_parquet(folder / f"{dataset}.parquet")


def read_customers(folder: Path) -> pl.LazyFrame:
    """The customers with a short key n."""
    return (
        scan(folder, "crm_customers")
        .select("customer_id", *CLIENT_AND_TYPE, "region", "plan_tier", "acquired_on")
        .with_columns(
            pl.col("client_id").fill_null("own"), pl.col("customer_type").fill_null("unknown")
        )
        .with_row_index("n")
        .collect()
        .lazy()
    )


def clock(folder: Path) -> date:
    """The latest date in answers and lines."""
    answered = scan(folder, "survey_responses").select(pl.col("responded_at").max().cast(pl.Date))
    invoiced = scan(folder, "billing_invoice_lines").select(pl.col("invoiced_on").max())
    latest: date = max(frame.item() for frame in pl.collect_all([answered, invoiced]))
    return latest


def revenue_by_month(folder: Path, customers: pl.LazyFrame) -> pl.LazyFrame:
    """Recognised cents by customer and month of service; of a line over several months by day, the
    rest on the last."""
    rates = (
        scan(folder, "billing_exchange_rates")
        .select(
            "currency",
            "valid_from",
            rate=(pl.col("rate_to_reporting").cast(pl.Float64) * 1e6).round().cast(pl.Int64),
        )
        .sort("valid_from")
    )
    has_period = pl.col("service_to") > pl.col("service_from")
    lines = (
        scan(folder, "billing_invoice_lines")
        .filter(~pl.col("line_kind").fill_null("recurring").is_in(["tax", "bad_debt"]))
        .select(
            "customer_id",
            "invoiced_on",
            pl.col("currency").fill_null(CURRENCY),
            micros=(pl.col("amount") * 100).cast(pl.Int64) * IN_A_CENT,
            begins=pl.when(has_period).then("service_from").otherwise("invoiced_on"),
            ends=pl.when(has_period)
            .then("service_to")
            .otherwise(pl.col("invoiced_on").dt.offset_by("1d")),
        )
    )
    # Amounts are whole cents: their product with the rate is in hundred-millionths.
    scaled = pl.col("micros") // IN_A_CENT * pl.col("rate")
    foreign = (
        lines.filter(pl.col("currency") != CURRENCY)
        .sort("invoiced_on")
        .join_asof(
            rates,
            left_on="invoiced_on",
            right_on="valid_from",
            by="currency",
            check_sortedness=False,
        )
        .with_columns(micros=rounded(scaled, 100))
    )
    columns = ["customer_id", "micros", "begins", "ends"]
    unit = pl.when(pl.col("micros") % IN_A_CENT == 0).then(IN_A_CENT).otherwise(1)
    converted = pl.concat(
        [lines.filter(pl.col("currency") == CURRENCY).select(columns), foreign.select(columns)]
    ).with_columns(
        month=month_number(pl.col("begins")),
        last=month_number(pl.col("ends").dt.offset_by("-1d")),
    )
    within = converted.filter(pl.col("month") == pl.col("last"))
    long = (
        converted.filter(pl.col("month") < pl.col("last"))
        .with_row_index("line")
        .with_columns(month=pl.int_ranges("month", pl.col("last") + 1, dtype=pl.Int32))
        .explode("month")
        .with_columns(
            days=(
                pl.min_horizontal("ends", month_start(pl.col("month") + 1))
                - pl.max_horizontal("begins", month_start(pl.col("month")))
            ).dt.total_days(),
            service_days=(pl.col("ends") - pl.col("begins")).dt.total_days(),
            is_last=pl.col("month") == pl.col("last"),
        )
        .with_columns(
            share=half_up(
                (pl.col("micros") // unit).cast(pl.Float64)
                * pl.col("days")
                / pl.col("service_days")
            ).cast(pl.Int64)
            * unit
        )
        .with_columns(
            micros=pl.when("is_last")
            .then(
                pl.col("micros") - pl.when("is_last").then(0).otherwise("share").sum().over("line")
            )
            .otherwise("share")
        )
    )
    parts = ["customer_id", "month", "micros"]
    return (
        pl.concat([within.select(parts), long.select(parts)])
        .join(customers.select("customer_id", "n"), on="customer_id")
        .group_by("n", "month")
        .agg(cents=rounded(pl.col("micros").sum(), IN_A_CENT))
    )


def rounded(numbers: pl.Expr, unit: int) -> pl.Expr:
    """Whole numbers divided by a unit, halves away from zero."""
    return numbers.sign() * ((2 * numbers.abs() + unit) // (2 * unit))


def find_spells(folder: Path, customers: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """From when to when somebody was a customer; ``until`` is FOREVER of who still is."""
    covered = (
        pl.col("until").cum_max().shift().over("n", order_by=["started_on", "subscription_id"])
    )
    is_new = pl.col("covered").is_null() | (
        (pl.col("covered") < FOREVER)
        & (pl.col("started_on") > pl.col("covered").dt.offset_by("30d"))
    )
    heeds = (pl.col("notice_on") >= pl.col("started_on")) & (
        pl.col("notice_on") <= pl.col("ended_on").fill_null(FOREVER)
    )
    left = pl.when(heeds).then("notice_on").otherwise("ended_on")
    return (
        scan(folder, "billing_subscriptions")
        .filter(pl.col("started_on") <= as_of)
        .join(customers.select("customer_id", "n"), on="customer_id")
        .select("n", "subscription_id", "started_on", "notice_on", "ended_on")
        .with_columns(until=pl.col("ended_on").fill_null(FOREVER))
        .sort("n", "started_on", "subscription_id")
        .with_columns(covered=covered)
        .with_columns(spell=is_new.cum_sum().over("n", order_by=["started_on", "subscription_id"]))
        .with_columns(
            started_on=pl.col("started_on").min().over("n", "spell"),
            has_notice=pl.col("notice_on").is_not_null(),
        )
        .sort("until", "has_notice", "subscription_id", descending=[True, False, False])
        .unique(["n", "spell"], keep="first", maintain_order=True)
        .select(
            "n",
            "spell",
            "started_on",
            until=pl.when(left <= as_of).then(left).otherwise(FOREVER),
        )
    )


def within_spells(answers: pl.LazyFrame, spells: pl.LazyFrame, day: str) -> pl.LazyFrame:
    """Of each customer the first answer on whose ``day`` it was there."""
    return (
        answers.join(spells, on="n")
        .filter((pl.col("started_on") <= pl.col(day)) & (pl.col(day) < pl.col("until")))
        .sort("position")
        .unique("n", keep="first", maintain_order=True)
    )


def with_since(
    customers: pl.LazyFrame, spells: pl.LazyFrame, revenue: pl.LazyFrame
) -> pl.LazyFrame:
    """The customers with the day they became one, and their first month of revenue."""
    first_started = spells.group_by("n").agg(first_started=pl.col("started_on").min())
    first_month = (
        revenue.filter(pl.col("cents") > 0).group_by("n").agg(first_month=pl.col("month").min())
    )
    return (
        customers.join(first_started, on="n", how="left")
        .join(first_month, on="n", how="left")
        .with_columns(
            since=pl.coalesce("acquired_on", "first_started", month_start(pl.col("first_month")))
        )
        .drop("acquired_on", "first_started")
    )


def baselines_when_asked(
    folder: Path, profiles: pl.LazyFrame, revenue: pl.LazyFrame
) -> pl.LazyFrame:
    """Mean monthly revenue of the three months before each month in which somebody was asked."""
    asked = (
        pl.concat(
            scan(folder, dataset).select(
                "customer_id", month=month_number(pl.col(time).cast(pl.Date))
            )
            for dataset, time in (
                ("survey_responses", "responded_at"),
                ("survey_invitations", "sent_at"),
            )
        )
        .unique()
        .join(profiles.select("customer_id", "n", "first_month"), on="customer_id")
        .select("n", "month", history=pl.col("month") - pl.col("first_month"))
    )
    return asked.join(sums_before(asked, revenue), on=["n", "month"], how="left").select(
        "n",
        "month",
        baseline=pl.when(pl.col("history") >= 1).then(
            pl.col("cents").fill_null(0) / 100 / pl.col("history").clip(1, 3)
        ),
    )


def sums_before(months: pl.LazyFrame, revenue: pl.LazyFrame) -> pl.LazyFrame:
    """Cents of the three months before a month."""
    return (
        pl.concat(months.select("n", "month", before=pl.col("month") - back) for back in (1, 2, 3))
        .join(revenue, left_on=["n", "before"], right_on=["n", "month"])
        .group_by("n", "month")
        .agg(pl.col("cents").sum())
    )


def revenue_band_limits(baselines: pl.LazyFrame, profiles: pl.LazyFrame) -> pl.LazyFrame:
    """Terciles of the baseline at each customer's first question, by client and type."""
    return (
        baselines.filter(pl.col("baseline") > 0)
        .group_by("n")
        .agg(pl.col("baseline").sort_by("month").first())
        .join(profiles.select("n", *CLIENT_AND_TYPE), on="n")
        .group_by(CLIENT_AND_TYPE)
        .agg(
            low=pl.col("baseline").quantile(1 / 3, "linear").round(6),
            middle=pl.col("baseline").quantile(2 / 3, "linear").round(6),
        )
    )


def read_answers(
    folder: Path, profiles: pl.LazyFrame, baselines: pl.LazyFrame, limits: pl.LazyFrame
) -> pl.LazyFrame:
    """The answers in order of time, with category and the customer's standing."""
    respondent = pl.coalesce("respondent_id", "customer_id")
    voice = (
        pl.when(pl.col("survey_kind") == "transactional")
        .then(pl.coalesce("interaction_id", "response_id"))
        .when(respondent.is_null())
        .then("response_id")
        .otherwise(pl.concat_str(pl.col("customer_id").fill_null(""), pl.lit("/"), respondent))
    )
    x = (
        pl.when(pl.col("score") >= pl.col("promoter_minimum"))
        .then(100)
        .when(pl.col("score") <= pl.col("detractor_maximum"))
        .then(-100)
        .otherwise(0)
    )
    is_known = pl.col("customer_id").is_not_null()
    profile = profiles.rename({"client_id": "client"})
    return (
        scan(folder, "survey_responses")
        .drop("respondent_role", "invitation_id", "verbatim", "language")
        .with_columns(
            pl.col("survey_kind").fill_null("relational"),
            pl.col("score_scale").fill_null("nps_0_10"),
            day=pl.col("responded_at").cast(pl.Date),
        )
        .join(SCALES, on="score_scale")
        .join(profile, on="customer_id", how="left")
        .sort("responded_at", "response_id")
        .with_row_index("position")
        .with_columns(
            x=x,
            voice=voice,
            client_id=pl.coalesce("client", "client_id", pl.lit("own")),
            month=month_number(pl.col("day")),
            cluster=pl.col("n").cast(pl.Int64).fill_null(-1 - pl.col("position").cast(pl.Int64)),
        )
        .join(baselines, on=["n", "month"], how="left")
        .join(limits, on=CLIENT_AND_TYPE, how="left")
        .select(
            *("position", "n", "day", "month", "x", "voice", "cluster", *KINDS, "baseline"),
            *("client_id", "customer_type", "region", "plan_tier"),
            *("service_line", "journey_stage", "channel"),
            pl.when(is_known)
            .then(tenure_band(pl.col("since"), pl.col("day")))
            .alias("tenure_band"),
            pl.when(is_known).then(revenue_band()).alias("revenue_band"),
            (pl.col("service_line") + " × " + pl.col("customer_type")).alias(OF_ANSWER[-1]),
        )
        .sort("position")
    )


# ---------------------------------------------------------------- nps_by_segment


def nps_by_segment(answers: pl.LazyFrame) -> pl.LazyFrame:
    """Scores and intervals of every period and segment; a customer's answers are added up first."""
    texts = [*KINDS, *OF_CUSTOMER, *OF_ANSWER]
    answers = answers.with_columns(
        pl.col(*texts).cast(pl.Categorical), all=pl.lit("all").cast(pl.Categorical)
    )
    day = pl.col("day")
    starts = {
        "month": day.dt.truncate("1mo"),
        "quarter": day.dt.truncate("1q"),
        "year": day.dt.truncate("1y"),
        "all_time": pl.lit(date(1900, 1, 1)),
    }
    segments = []
    for grain, start in starts.items():
        counted = (
            answers.with_columns(period_start=start)
            .unique(["period_start", *KINDS, "voice"], keep="last", maintain_order=True)
            .select("period_start", "cluster", "x", "all", *texts)
        )
        for dimension in ("all", *OF_CUSTOMER, *OF_ANSWER):
            keys = ["period_start", *KINDS, dimension]
            segments.append(
                counted.filter(pl.col(dimension).is_not_null())
                .group_by(*keys, "cluster")
                .agg(
                    n=pl.len().cast(pl.Int64),
                    promoters=(pl.col("x") == 100).sum().cast(pl.Int64),
                    detractors=(pl.col("x") == -100).sum().cast(pl.Int64),
                    x=pl.col("x").sum().cast(pl.Float64),
                )
                .group_by(keys)
                .agg(
                    pl.col("n", "promoters", "detractors").sum(),
                    customers=pl.len().cast(pl.Int64),
                    xx=(pl.col("x") ** 2).sum(),
                    xn=(pl.col("x") * pl.col("n")).sum(),
                    nn=(pl.col("n").cast(pl.Float64) ** 2).sum(),
                )
                .select(
                    pl.lit(grain).alias("period_grain"),
                    "period_start",
                    *(pl.col(name).cast(pl.String) for name in KINDS),
                    pl.lit(dimension).alias("segment_dimension"),
                    pl.col(dimension).cast(pl.String).alias("segment_value"),
                    *("n", "customers", "promoters", "detractors", "xx", "xn", "nn"),
                )
            )
    return scored(pl.concat(segments))


def scored(rows: pl.LazyFrame) -> pl.LazyFrame:
    """NPS and its adjusted Wald or, when larger, clustered error."""
    n, p, d, size = (pl.col(name) for name in ("n", "promoters", "detractors", "customers"))
    nps, adjusted, error = pl.col("nps"), pl.col("adjusted"), pl.col("standard_error")
    wald = ((p + d + 1.5) * 1e4 / (n + 3) - adjusted**2) / (n + 3)
    clustered = (
        size
        / (size - 1)
        * (pl.col("xx") - 2 * nps * pl.col("xn") + nps**2 * pl.col("nn"))
        / n.cast(pl.Float64) ** 2
    )
    estimates = ("nps", "standard_error", "lower", "upper")
    return (
        rows.with_columns(nps=100.0 * (p - d) / n, adjusted=100.0 * (p - d) / (n + 3))
        .with_columns(
            standard_error=pl.max_horizontal(
                wald, pl.when((size > 1) & (size < n)).then(clustered).otherwise(0.0)
            ).sqrt()
        )
        .with_columns(
            responses=n,
            passives=n - p - d,
            is_reportable=n >= MINIMUM,
            lower=pl.max_horizontal(pl.lit(-100.0), adjusted - Z * error),
            upper=pl.min_horizontal(pl.lit(100.0), adjusted + Z * error),
        )
        .with_columns(pl.when("is_reportable").then(pl.col(name)).alias(name) for name in estimates)
        .drop("n", "adjusted", "xx", "xn", "nn")
    )


# ---------------------------------------------------------------- churn_after_score


def churn_after_score(answers: pl.LazyFrame, spells: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Kaplan–Meier risk of leaving by category, plain and with the strata of all."""
    asked = answers.filter(pl.col("n").is_not_null() & (pl.col("score_scale") == "nps_0_10"))
    has_left = pl.col("until") < FOREVER
    landmarks = []
    for gap in (0, 7):
        dated = asked.with_columns(landmark=pl.col("day").dt.offset_by(f"{gap}d"))
        landmarks.append(
            within_spells(dated.filter(pl.col("landmark") <= as_of), spells, "landmark").select(
                pl.lit(gap).alias("gap_days"),
                *STRATUM,
                score_group=pl.col("x").replace_strict(
                    {-100: "detractor", 0: "passive", 100: "promoter"}, return_dtype=pl.String
                ),
                followed=(
                    pl.when(has_left).then("until").otherwise(as_of) - pl.col("landmark")
                ).dt.total_days(),
                has_left=has_left,
            )
        )
    at_risk = pl.concat(landmarks)
    weight = pl.len().over("gap_days", *STRATUM) / pl.len().over(
        "gap_days", "score_group", *STRATUM
    )
    groups = ["gap_days", "adjustment", "score_group"]
    weighted = pl.concat(
        [
            at_risk.with_columns(adjustment=pl.lit("unadjusted"), w=pl.lit(1.0)),
            at_risk.with_columns(adjustment=pl.lit("adjusted"), w=weight),
        ]
    )
    share = pl.col("event_w") / pl.col("at_risk")
    ends = pl.col("event_w") >= pl.col("at_risk") * (1 - 1e-12)
    days = (
        weighted.group_by(*groups, "followed")
        .agg(
            customers=pl.len().cast(pl.Int64),
            w=pl.col("w").sum(),
            ww=(pl.col("w") ** 2).sum(),
            event_w=pl.col("w").filter("has_left").sum(),
            events=pl.col("has_left").sum().cast(pl.Int64),
        )
        .sort(*groups, "followed", descending=[False, False, False, True])
        .with_columns(
            at_risk=pl.col("w").cum_sum().over(groups),
            at_risk_squared=pl.col("ww").cum_sum().over(groups),
        )
        .with_columns(
            ends=ends,
            step=pl.when(ends).then(0.0).otherwise((1 - share).log()),
            variance=pl.when(ends)
            .then(0.0)
            .otherwise(share / (pl.col("at_risk") ** 2 / pl.col("at_risk_squared") * (1 - share))),
        )
    )
    windows = []
    for window in (30, 60, 90, 120, 180, 365):
        inside = pl.col("followed") <= window
        windows.append(
            days.group_by(groups).agg(
                window_days=pl.lit(window),
                customers=pl.col("customers").sum(),
                effective=pl.col("w").sum() ** 2 / pl.col("ww").sum(),
                longest=pl.col("followed").max(),
                events=pl.col("events").filter(inside).sum(),
                has_ended=pl.col("ends").filter(inside).any(),
                survival=pl.col("step").filter(inside).sum().exp(),
                variance=pl.col("variance").filter(inside).sum(),
            )
        )
    return risks(pl.concat(windows))


def risks(windows: pl.LazyFrame) -> pl.LazyFrame:
    """Risk, error and log(−log) interval; exact bounds where nobody or everybody left."""
    survival, variance, effective = (pl.col(n) for n in ("survival", "variance", "effective"))
    width = Z * variance.sqrt() / survival.log().abs()
    nobody, everybody = pl.col("events") == 0, survival == 0
    exact = pl.lit(0.025) ** (1 / effective)
    estimates = ("risk", "standard_error", "lower", "upper")
    return (
        windows.with_columns(survival=pl.when("has_ended").then(0.0).otherwise("survival"))
        .with_columns(
            is_reportable=(pl.col("customers") >= MINIMUM)
            & ((pl.col("longest") >= pl.col("window_days")) | pl.col("has_ended")),
            risk=1 - survival,
            standard_error=survival * variance.sqrt(),
            lower=pl.when(nobody)
            .then(0.0)
            .when(everybody)
            .then(exact)
            .otherwise(1 - survival ** (-width).exp()),
            upper=pl.when(nobody)
            .then(1 - exact)
            .when(everybody)
            .then(1.0)
            .otherwise(1 - survival ** width.exp()),
        )
        .with_columns(pl.when("is_reportable").then(pl.col(name)).alias(name) for name in estimates)
        .drop("survival", "variance", "effective", "longest", "has_ended")
    )


# ---------------------------------------------------------------- revenue_per_point


def index_answers(answers: pl.LazyFrame, spells: pl.LazyFrame) -> pl.LazyFrame:
    """The answer from which a customer is followed; x is the mean of that month's answers."""
    asked = answers.filter(
        (pl.col("survey_kind") == "relational")
        & (pl.col("score_scale") == "nps_0_10")
        & pl.col("n").is_not_null()
    )
    contributions = asked.group_by("n", "month").agg(x=pl.col("x").mean())
    return (
        within_spells(asked.filter(pl.col("baseline") > 0), spells, "day")
        .drop("x")
        .join(contributions, on=["n", "month"])
        .select(
            *("n", "month", "x", *OF_CUSTOMER),
            r="baseline",
            cell=pl.struct(OF_CUSTOMER).rank("dense"),
            all=pl.lit("all"),
        )
    )


def panel_of(
    followed: pl.LazyFrame, spells: pl.LazyFrame, revenue: pl.LazyFrame, last_month: int
) -> pl.LazyFrame:
    """By index customer and complete month k after the answer: revenue y, whether still there a."""
    months = (
        followed.select("n", "cell", "x", "r", "month")
        .with_columns(
            k=pl.int_ranges(
                1,
                pl.min_horizontal(pl.lit(HORIZON), last_month - pl.col("month")) + 1,
                dtype=pl.Int32,
            )
        )
        .filter(pl.col("k").list.len() > 0)
        .explode("k")
        .with_columns(month=pl.col("month") + pl.col("k"))
    )
    start = month_start(pl.col("month"))
    retained = (
        months.select("n", "month")
        .join(spells, on="n")
        .filter((start >= pl.col("started_on")) & (start < pl.col("until")))
        .select("n", "month", a=pl.lit(1.0))
    )
    return (
        months.join(revenue, on=["n", "month"], how="left")
        .join(retained, on=["n", "month"], how="left")
        .select(
            *("n", "cell", "k", "x", "r"),
            y=pl.col("cents").fill_null(0) / 100,
            a=pl.col("a").fill_null(0.0),
        )
    )


def bases(
    profiles: pl.DataFrame,
    spells: pl.DataFrame,
    followed: pl.DataFrame,
    limits: pl.DataFrame,
    revenue: pl.DataFrame,
    as_of: date,
    last_month: int,
) -> pl.LazyFrame:
    """Today's active customers: dimensions, baseline, and whether they gave an index answer."""
    active = spells.group_by("n").agg(pl.col("until").sort_by("spell").last())
    history = last_month + 1 - pl.col("first_month")
    customers = (
        profiles.lazy()
        .join(active.lazy().filter(pl.col("until") == FOREVER), on="n")
        .with_columns(month=pl.lit(last_month + 1, pl.Int32))
    )
    return (
        customers.join(sums_before(customers, revenue.lazy()), on=["n", "month"], how="left")
        .join(limits.lazy(), on=CLIENT_AND_TYPE, how="left")
        .join(followed.lazy().select("n", has_answered=pl.lit(True)), on="n", how="left")
        .with_columns(
            baseline=pl.when(history >= 1).then(
                pl.col("cents").fill_null(0) / 100 / history.clip(1, 3)
            ),
            tenure_band=tenure_band(pl.col("since"), pl.lit(as_of)),
        )
        .select(
            *("client_id", "customer_type", "region", "plan_tier", "tenure_band"),
            revenue_band=revenue_band(),
            all=pl.lit("all"),
            active_customers=pl.col("baseline").round(2).fill_null(0.0),
            respondents=pl.when("has_answered")
            .then(pl.col("baseline").round(2).fill_null(0.0))
            .otherwise(0.0),
        )
    )


def revenue_per_point(
    followed: pl.DataFrame, panel: pl.DataFrame, active: pl.LazyFrame
) -> pl.DataFrame:
    """The adjusted value of a point by segment, with its error and its split."""
    r, x, y, a = (pl.col(name) for name in ("r", "x", "y", "a"))
    cell_sums = (
        panel.lazy()
        .group_by("cell", "k")
        .agg(
            n=pl.len().cast(pl.Int64),
            rx=(r * x).sum(),
            rxx=(r * x * x).sum(),
            xy=(x * y).sum(),
            ra=(r * a).sum(),
            rxa=(r * x * a).sum(),
            ya=(y * a).sum(),
            r=r.sum(),
            y=y.sum(),
        )
        .collect()
        .lazy()
    )
    cells = followed.lazy().select("cell", "all", *OF_CUSTOMER).unique()
    customers = active.collect().lazy()
    estimates = []
    for dimension in ("all", *OF_CUSTOMER):
        segment = pl.col(dimension).alias("segment_value")
        strata = cells.filter(pl.col(dimension).is_not_null()).select(
            "cell", segment, stratum=pl.struct(segment, *STRATUM).rank("dense")
        )
        of_segment = (
            customers.filter(pl.col(dimension).is_not_null())
            .group_by(segment)
            .agg(pl.col("active_customers", "respondents").sum())
        )
        estimates.append(
            estimates_of(panel.lazy(), strata, slopes_of(cell_sums, strata))
            .join(of_segment, on="segment_value")
            .with_columns(segment_dimension=pl.lit(dimension))
        )
    return in_money(pl.concat(estimates)).collect()


def slopes_of(cell_sums: pl.LazyFrame, strata: pl.LazyFrame) -> pl.LazyFrame:
    """By stratum and month: the segment's slopes, and the line a customer is measured against."""
    sums = [pl.col(name).sum() for name in ("n", "r", "rx", "rxx", "y", "xy", "ra", "rxa", "ya")]
    rx, r, ra = pl.col("rx"), pl.col("r"), pl.col("ra")
    month, segment = ["segment_value", "k"], "segment_value"
    observed, k = pl.col("observed"), pl.col("k")
    is_defined = pl.col("spread") > 1e-6 * pl.col("retained")
    return (
        cell_sums.join(strata, on="cell")
        .group_by("segment_value", "stratum", "k")
        .agg(sums)
        .with_columns(
            customers=pl.col("n").sum().over(month),
            spread=(pl.col("rxx") - rx * rx / r).sum().over(month),
            covariation=(pl.col("xy") - rx * pl.col("y") / r).sum().over(month),
            retention_covariation=(pl.col("rxa") - rx * ra / r).sum().over(month),
            retained=ra.sum().over(month),
            per_retained=pl.col("ya").sum().over(month) / ra.sum().over(month),
        )
        .with_columns(
            b=pl.when(is_defined).then(pl.col("covariation") / pl.col("spread")),
            c=pl.when(is_defined).then(pl.col("retention_covariation") / pl.col("spread")),
            observed=k.filter(pl.col("customers") >= MINIMUM).max().over(segment).fill_null(0),
        )
        .with_columns(
            stratum_r=r,
            mean_x=rx / r,
            intercept=pl.col("y") / r - pl.col("b") * rx / r,
            retention_intercept=ra / r - pl.col("c") * rx / r,
            weight=pl.when(k > observed)
            .then(0.0)
            .when(k > observed - 3)
            .then(1 + (HORIZON - observed) / pl.min_horizontal(pl.lit(3), observed))
            .otherwise(1.0),
        )
    )


def without_own_pull(leverage: pl.Expr) -> pl.Expr:
    """What a residual is multiplied by, so that no customer has drawn the fit to itself."""
    return pl.when(1 - leverage > 1e-9).then(1 / (1 - leverage)).otherwise(0.0)


def estimates_of(panel: pl.LazyFrame, strata: pl.LazyFrame, slopes: pl.LazyFrame) -> pl.LazyFrame:
    """Slopes summed over the horizon by segment, and the squared influences of its customers."""
    r, x, y, a, b, c = (pl.col(name) for name in ("r", "x", "y", "a", "b", "c"))
    weight, per_retained = pl.col("weight"), pl.col("per_retained")
    used = pl.col("k") <= pl.col("observed")
    centred = x - pl.col("mean_x")
    pull = without_own_pull(r / pl.col("stratum_r") + r * centred * centred / pl.col("spread"))
    own = without_own_pull(a * r / pl.col("retained"))
    variances = (
        panel.join(
            strata.join(slopes.filter(used & b.is_not_null()), on=["segment_value", "stratum"]),
            on=["cell", "k"],
        )
        .group_by("segment_value", "n")
        .agg(
            total=(
                weight / pl.col("spread") * centred * (y - r * (pl.col("intercept") + b * x)) * pull
            ).sum(),
            churn=(
                weight * per_retained / pl.col("spread") * r * centred
                * (a - pl.col("retention_intercept") - c * x) * pull
                + weight * c / pl.col("retained") * a * (y - per_retained * r) * own
            ).sum(),
        )
        .group_by("segment_value")
        .agg(
            error=(pl.col("total") ** 2).sum().sqrt(),
            churn_error=(pl.col("churn") ** 2).sum().sqrt(),
        )
    )  # fmt: skip
    sums = (
        slopes.unique(["segment_value", "k"])
        .group_by("segment_value")
        .agg(
            customers=pl.col("customers").filter(pl.col("k") == 1).max(),
            observed_months=pl.col("observed").max(),
            total=(weight * b).filter(used).sum(),
            churn=(weight * c * per_retained).filter(used).sum(),
            is_defined=b.is_not_null().filter(used).all(),
        )
    )
    return sums.join(variances, on="segment_value", how="left")


def in_money(estimates: pl.LazyFrame) -> pl.LazyFrame:
    """Estimates times the monthly revenue of both bases."""
    total, churn, error = pl.col("total"), pl.col("churn"), pl.col("error")
    shown = {
        "revenue_per_point": total,
        "standard_error": error,
        "lower": total - Z * error,
        "upper": total + Z * error,
        "churn_component": churn,
        "churn_component_lower": churn - Z * pl.col("churn_error"),
        "churn_component_upper": churn + Z * pl.col("churn_error"),
        "wallet_component": total - churn,
    }
    return (
        estimates.unpivot(
            on=["active_customers", "respondents"],
            index=[
                *("segment_dimension", "segment_value", "customers", "observed_months"),
                *("total", "error", "churn", "churn_error", "is_defined"),
            ],
            variable_name="base",
            value_name="revenue",
        )
        .with_columns(
            is_reportable=pl.col("is_defined")
            & (pl.col("observed_months") >= 3)
            & (pl.col("customers") >= MINIMUM)
        )
        .select(
            *("segment_dimension", "segment_value", "base", "customers", "observed_months"),
            "is_reportable",
            pl.col("revenue").round(2).alias("monthly_baseline_revenue"),
            *(
                pl.when("is_reportable").then(value * pl.col("revenue")).alias(name)
                for name, value in shown.items()
            ),
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
