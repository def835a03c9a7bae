"""The three headline marts in pandas: python -m benchmarks.contenders.with_pandas LANDING OUT

What a careful analyst writes who knows pandas well: only the columns that are needed, read typed;
money in whole millionths, months of a customer in whole cents; integer keys for the large tables;
no loop over rows, matrices where they say it best. No row is checked, nothing is rejected.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.contenders import Contender
from benchmarks.measure import python

CONTENDER = Contender(
    "pandas",
    "a careful script: only the columns needed, whole numbers, integer keys, matrices",
    lambda landing, out: python("benchmarks.contenders.with_pandas", landing, out),
)

Array = NDArray[Any]

CURRENCY = "EUR"
IN_A_CENT = 10_000
"""Millionths."""
Z = 1.959963984540054
MINIMUM = 30
HORIZON = 36
FOREVER = np.datetime64("9999-12-31", "D")
SCALES = pd.DataFrame(
    [("nps_0_10", 6, 9), ("scale_1_10", 6, 9), ("stars_1_5", 3, 5), ("effort_1_7", 4, 6)],
    columns=["score_scale", "detractor_maximum", "promoter_minimum"],
)
OF_CUSTOMER = ["client_id", "customer_type", "region", "plan_tier", "tenure_band", "revenue_band"]
OF_ANSWER = ["service_line", "journey_stage", "channel", "service_line × customer_type"]
STRATUM = ["client_id", "customer_type", "tenure_band", "revenue_band"]
CLIENT_AND_TYPE = ["client_id", "customer_type"]


def main(landing: str, out: str) -> None:
    """Read a landing folder, write one Parquet file per mart."""
    folder = Path(landing)
    customers = read_customers(folder)
    lines = read_lines(folder, customers)
    answers = read_answers(folder, customers)
    as_of = max(lines["invoiced_on"].max(), answers["responded_at"].max()).to_datetime64()
    as_of = as_of.astype("datetime64[D]")
    revenue = revenue_by_month(lines, len(customers))
    del lines
    spells = find_spells(folder, customers, as_of)
    first_started = spells.groupby("n")["started_on"].min().reindex(customers.index)
    first_billed = pd.Series(month_start(revenue.first_month), customers.index)
    customers["since"] = customers["acquired_on"].fillna(first_started).fillna(first_billed)
    limits = revenue_band_limits(folder, customers, answers, revenue)
    answers = with_standing(answers, customers, limits, revenue)
    followed = index_answers(answers, spells)

    marts = {
        "nps_by_segment": nps_by_segment(answers),
        "churn_after_score": churn_after_score(answers, spells, as_of),
        "revenue_per_point": revenue_per_point(
            followed, bases(customers, spells, followed, limits, revenue, as_of),
            spells, revenue, last_complete_month(as_of),
        ),
    }  # fmt: skip
    for name, mart in marts.items():
        mart.to_parquet(Path(out) / f"{name}.parquet", index=False)


# ---------------------------------------------------------------- calendar


def month_of(day: Any) -> Array:
    """Months since 1970."""
    return np.asarray(day).astype("datetime64[M]").astype(np.int64)


def month_start(month: Any) -> Array:
    """The first day of a month; NaT of a negative one."""
    month = np.asarray(month)
    start = month.astype("datetime64[M]").astype("datetime64[s]")
    return np.where(month >= 0, start, np.datetime64("NaT"))


def last_complete_month(as_of: np.datetime64) -> int:
    """The last month whose last day is not after the clock."""
    return int(month_of(as_of + 1)) - 1


def tenure_band(since: pd.Series, day: pd.Series) -> pd.Series:
    """How long somebody has been a customer on a day."""
    band = pd.Series("7_years_and_more", since.index)
    for months, name in ((84, "3_to_7_years"), (36, "1_to_3_years"), (12, "under_1_year")):
        band[day < since + pd.DateOffset(months=months)] = name
    return band.where(since.notna() & day.notna(), "unknown")


# ---------------------------------------------------------------- reading


def read(folder: Path, dataset: str, columns: list[str]) -> pd.DataFrame:
    """Some columns of a dataset; repeated text as categories."""
    table = pq.read_table(folder / f"{dataset}.parquet", columns=columns)
    return table.to_pandas(date_as_object=False)


def read_customers(folder: Path) -> pd.DataFrame:
    """The customers; their position is the key n of everything below."""
    customers = read(
        folder,
        "crm_customers",
        ["customer_id", "client_id", "customer_type", "region", "plan_tier", "acquired_on"],
    )
    return customers.fillna({"client_id": "own", "customer_type": "unknown"})


def number_of(customers: pd.DataFrame, customer_id: pd.Series) -> Array:
    """The key n of customers, −1 where there is none."""
    index = pd.Index(customers["customer_id"])
    if isinstance(customer_id.dtype, pd.CategoricalDtype):
        of_category: Array = np.append(index.get_indexer(customer_id.cat.categories), -1)
        numbers: Array = of_category[customer_id.cat.codes]
    else:
        numbers = index.get_indexer(customer_id)
    return numbers


def read_lines(folder: Path, customers: pd.DataFrame) -> pd.DataFrame:
    """The lines that are revenue, in millionths of the reporting currency."""
    texts = ["customer_id", "line_kind", "currency"]
    table = pq.read_table(
        folder / "billing_invoice_lines.parquet",
        columns=[*texts, "invoiced_on", "service_from", "service_to", "amount"],
        read_dictionary=texts,
        filters=~pc.field("line_kind").isin(["tax", "bad_debt"]),
    )
    cents = pc.cast(pc.multiply(table["amount"], 100), "int64")
    micros = pc.multiply(cents, IN_A_CENT)
    lines = table.set_column(table.schema.get_field_index("amount"), "micros", micros).to_pandas(
        date_as_object=False, self_destruct=True, split_blocks=True
    )
    lines["n"] = number_of(customers, lines["customer_id"])
    lines["currency"] = lines["currency"].astype("category").fillna(CURRENCY)
    foreign = lines.loc[lines["currency"] != CURRENCY, ["currency", "invoiced_on", "micros"]]
    if len(foreign):
        lines["micros"] = converted(folder, foreign).combine_first(lines["micros"]).astype("int64")
    return lines.drop(columns=texts)


def converted(folder: Path, lines: pd.DataFrame) -> pd.Series:
    """Millionths at the rate of the day, half a one away from zero."""
    rates = read(folder, "billing_exchange_rates", ["currency", "valid_from", "rate_to_reporting"])
    rates = rates.sort_values("valid_from").rename(columns={"valid_from": "invoiced_on"})
    ordered = lines.astype({"currency": str}).sort_values("invoiced_on", kind="stable")
    found = pd.merge_asof(ordered.reset_index(), rates, on="invoiced_on", by="currency")
    rate = (found["rate_to_reporting"].astype(float) * 1e6).round().astype("int64")
    # Amounts are whole cents: their product with the rate is in hundred-millionths.
    found["micros"] = rounded(found["micros"] // IN_A_CENT * rate, 100)
    return found.set_index("index")["micros"]


def rounded(numbers: Any, unit: int) -> Any:
    """Whole numbers divided by a unit, halves away from zero."""
    return np.sign(numbers) * ((2 * np.abs(numbers) + unit) // (2 * unit))


def read_answers(folder: Path, customers: pd.DataFrame) -> pd.DataFrame:
    """The answers in order of time, with their category as −100, 0 or 100."""
    answers = read(
        folder,
        "survey_responses",
        [
            *("response_id", "customer_id", "respondent_id", "client_id", "survey_kind"),
            *("journey_stage", "service_line", "channel", "interaction_id", "responded_at"),
            *("score", "score_scale"),
        ],
    )
    answers = answers.fillna({"survey_kind": "relational", "score_scale": "nps_0_10"})
    answers = answers.merge(SCALES, on="score_scale")
    answers = answers.sort_values(["responded_at", "response_id"], ignore_index=True)
    answers["n"] = number_of(customers, answers["customer_id"])
    answers["day"] = answers["responded_at"].dt.normalize().astype("datetime64[s]")
    answers["x"] = np.select(
        [
            answers["score"] >= answers["promoter_minimum"],
            answers["score"] <= answers["detractor_maximum"],
        ],
        [100, -100],
        0,
    )
    return answers


# ---------------------------------------------------------------- revenue and spells


class Revenue:
    """Recognised revenue: cents by customer and month, and sums over months of it."""

    def __init__(self, by_month: Array, start: int) -> None:
        self.start = start
        self.months = by_month.shape[1]
        self.cumulated = np.zeros((by_month.shape[0], self.months + 1), dtype=np.int64)
        np.cumsum(by_month, axis=1, out=self.cumulated[:, 1:])
        billed = by_month > 0
        first = start + billed.argmax(axis=1)
        #: The first month with revenue, or −1.
        self.first_month = np.where(billed.any(axis=1), first, -1)

    def between(self, n: Array, begin: Array, end: Array) -> Array:
        """Revenue of customers from one month to before another."""
        at = [np.clip(month - self.start, 0, self.months) for month in (begin, end)]
        cents: Array = self.cumulated[n, at[1]] - self.cumulated[n, at[0]]
        return cents / 100

    def baseline(self, n: Array, month: Array) -> Array:
        """Mean monthly revenue of the three months before, NaN without any month of history."""
        history = month - self.first_month[n]
        known = (self.first_month[n] >= 0) & (history >= 1)
        sums = self.between(n, month - 3, month)
        return np.where(known, sums / np.clip(history, 1, 3), np.nan)


def revenue_by_month(lines: pd.DataFrame, customers: int) -> Revenue:
    """Lines by month of service; of a line over several months by day, the rest on the last."""
    has_period = (lines["service_to"] > lines["service_from"]).to_numpy()
    invoiced = lines["invoiced_on"].to_numpy().astype("datetime64[D]")
    begins = np.where(
        has_period, lines["service_from"].to_numpy().astype("datetime64[D]"), invoiced
    )
    ends = np.where(
        has_period, lines["service_to"].to_numpy().astype("datetime64[D]"), invoiced + 1
    )
    n, micros = lines["n"].to_numpy(), lines["micros"].to_numpy()
    month, last = month_of(begins), month_of(ends - 1)
    is_long = month < last
    parts = pd.DataFrame({"n": n[~is_long], "month": month[~is_long], "micros": micros[~is_long]})
    if is_long.any():
        long = spread(n[is_long], micros[is_long], begins[is_long], ends[is_long])
        parts = pd.concat([parts, long], ignore_index=True)
    start = int(parts["month"].min())
    width = int(parts["month"].max()) - start + 1
    cell = parts["n"] * width + (parts["month"] - start)
    sums = parts.groupby(cell.to_numpy(), sort=False)["micros"].sum()
    by_month = np.zeros(customers * width, dtype=np.int64)
    by_month[sums.index] = rounded(sums, IN_A_CENT)
    return Revenue(by_month.reshape(customers, width), start)


def spread(n: Array, micros: Array, begins: Array, ends: Array) -> pd.DataFrame:
    """Lines over several months, by day, whole cents in whole cents."""
    first, last = month_of(begins), month_of(ends - 1)
    line = np.repeat(np.arange(n.size), last - first + 1)
    month = first[line] + pd.Series(line).groupby(line).cumcount().to_numpy()
    starts = month.astype("datetime64[M]").astype("datetime64[D]")
    until = (month + 1).astype("datetime64[M]").astype("datetime64[D]")
    days = (np.minimum(until, ends[line]) - np.maximum(starts, begins[line])).astype(np.int64)
    unit = np.where(micros % IN_A_CENT == 0, IN_A_CENT, 1)[line]
    units = (micros[line] // unit).astype(float)
    share = units * days / (ends - begins)[line].astype(np.int64)
    share = np.trunc(share + np.copysign(0.5, share)).astype(np.int64) * unit
    is_last = month == last[line]
    before = np.bincount(line[~is_last], share[~is_last], minlength=n.size).astype(np.int64)
    share[is_last] = (micros - before)[line[is_last]]
    return pd.DataFrame({"n": n[line], "month": month, "micros": share})


def find_spells(folder: Path, customers: pd.DataFrame, as_of: np.datetime64) -> pd.DataFrame:
    """From when to when somebody was a customer; ``until`` is FOREVER of who still is."""
    contracts = read(
        folder,
        "billing_subscriptions",
        ["subscription_id", "customer_id", "started_on", "notice_on", "ended_on"],
    )
    contracts["n"] = number_of(customers, contracts["customer_id"])
    contracts = contracts[contracts["started_on"] <= as_of]
    contracts = contracts.sort_values(["n", "started_on", "subscription_id"], ignore_index=True)
    contracts["until"] = contracts["ended_on"].fillna(FOREVER)
    covered = contracts.groupby("n")["until"].cummax().groupby(contracts["n"]).shift()
    is_new = covered.isna() | (
        (covered < FOREVER) & (contracts["started_on"] - covered > pd.Timedelta(days=30))
    )
    contracts["spell"] = is_new.groupby(contracts["n"]).cumsum()
    contracts["has_notice"] = contracts["notice_on"].notna()
    spell = ["n", "spell"]
    started = contracts.groupby(spell)["started_on"].min()
    last = contracts.sort_values(
        [*spell, "until", "has_notice", "subscription_id"],
        ascending=[True, True, False, True, True],
    ).drop_duplicates(spell)
    last = last.drop(columns="started_on").merge(started, on=spell)
    heeds = (last["notice_on"] >= last["started_on"]) & (last["notice_on"] <= last["until"])
    left = last["notice_on"].where(heeds, last["ended_on"])
    last["until"] = left.where(left <= as_of, FOREVER)
    return last[[*spell, "started_on", "until"]]


def within_spells(answers: pd.DataFrame, spells: pd.DataFrame, day: str) -> pd.DataFrame:
    """The answers on whose ``day`` the customer was there, in their order."""
    joined = answers.merge(spells, on="n")
    there = (joined["started_on"] <= joined[day]) & (joined[day] < joined["until"])
    return joined[there].sort_values("position")


# ---------------------------------------------------------------- standing


def revenue_band_limits(
    folder: Path, customers: pd.DataFrame, answers: pd.DataFrame, revenue: Revenue
) -> pd.DataFrame:
    """Terciles of the baseline at each customer's first question, by client and type."""
    invitations = read(folder, "survey_invitations", ["customer_id", "sent_at"])
    asked = pd.concat(
        [
            pd.DataFrame({"n": answers["n"], "month": month_of(answers["day"])}),
            pd.DataFrame(
                {
                    "n": number_of(customers, invitations["customer_id"]),
                    "month": month_of(invitations["sent_at"]),
                }
            ),
        ]
    )
    asked = asked[asked["n"] >= 0].drop_duplicates()
    asked["baseline"] = revenue.baseline(asked["n"].to_numpy(), asked["month"].to_numpy())
    first = asked[asked["baseline"] > 0].sort_values("month").drop_duplicates("n")
    first = first.join(customers[CLIENT_AND_TYPE], on="n")
    by_group = first.groupby(CLIENT_AND_TYPE)["baseline"]
    limits = pd.DataFrame({"low": by_group.quantile(1 / 3), "middle": by_group.quantile(2 / 3)})
    return limits.round(6)


def revenue_band(rows: pd.DataFrame, limits: pd.DataFrame) -> pd.Series:
    """The third a baseline is in, within client and type."""
    low_middle = rows[CLIENT_AND_TYPE].join(limits, on=CLIENT_AND_TYPE)
    baseline = rows["baseline"].round(6)
    band = pd.Series("high", rows.index)
    band[baseline <= low_middle["middle"]] = "middle"
    band[baseline <= low_middle["low"]] = "low"
    return band.where(baseline.notna() & low_middle["low"].notna(), "unknown")


def with_standing(
    answers: pd.DataFrame, customers: pd.DataFrame, limits: pd.DataFrame, revenue: Revenue
) -> pd.DataFrame:
    """The answers with what the customer was when it answered; categories, for speed."""
    is_known = answers["n"] >= 0
    profile = customers.drop(columns="customer_id").rename(columns={"client_id": "client"})
    answers = answers.join(profile, on="n")
    answers["client_id"] = answers.pop("client").fillna(answers["client_id"]).fillna("own")
    answers["position"] = answers.index
    answers["month"] = month_of(answers["day"])
    baseline = revenue.baseline(answers["n"].to_numpy(), answers["month"].to_numpy())
    answers["baseline"] = np.where(is_known, baseline, np.nan)
    answers["revenue_band"] = revenue_band(answers, limits).where(is_known)
    answers["tenure_band"] = tenure_band(answers["since"], answers["day"]).where(is_known)
    answers["service_line × customer_type"] = (
        answers["service_line"] + " × " + answers["customer_type"]
    )
    texts = ["survey_kind", "score_scale", *OF_CUSTOMER, *OF_ANSWER]
    return answers.astype(dict.fromkeys(texts, "category"))


# ---------------------------------------------------------------- nps_by_segment


def nps_by_segment(answers: pd.DataFrame) -> pd.DataFrame:
    """Scores and intervals of every period and segment."""
    respondent = answers["respondent_id"].fillna(answers["customer_id"])
    voice = (answers["customer_id"].fillna("") + "/" + respondent).fillna(answers["response_id"])
    contact = answers["interaction_id"].fillna(answers["response_id"])
    is_transactional = answers["survey_kind"] == "transactional"
    answers = answers.assign(
        voice=contact.where(is_transactional, voice).factorize()[0],
        cluster=answers["n"].where(answers["n"] >= 0, -1 - answers["position"]),
        all="all",
    )
    months = answers["day"].to_numpy().astype("datetime64[M]").astype(np.int64)
    starts = {
        "month": months,
        "quarter": months - months % 3,
        "year": months - months % 12,
        "all_time": np.full(len(answers), -70 * 12),
    }
    kinds = ["survey_kind", "score_scale"]
    parts = []
    for grain, start in starts.items():
        period = answers.assign(start=start)
        counted = period.drop_duplicates(["start", *kinds, "voice"], keep="last")
        parts += [
            segment_totals(counted, dimension).assign(period_grain=grain)
            for dimension in ("all", *OF_CUSTOMER, *OF_ANSWER)
        ]
    rows = pd.concat(parts, ignore_index=True)
    rows["period_start"] = pd.Series(
        rows.pop("start").to_numpy().astype("datetime64[M]").astype("datetime64[s]"), rows.index
    ).dt.date
    return scored(rows)


def segment_totals(counted: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Counts and sums by segment; a customer's answers are added up first."""
    keys = ["start", "survey_kind", "score_scale", dimension]
    known = counted[counted[dimension].notna()]
    repeats = known.duplicated([*keys, "cluster"], keep=False)
    alone = known[~repeats]
    clusters = pd.concat(
        [
            alone[keys].assign(
                n=1, promoters=alone["x"] == 100, detractors=alone["x"] == -100, x=alone["x"]
            ),
            known[repeats]
            .assign(n=1, promoters=lambda f: f["x"] == 100, detractors=lambda f: f["x"] == -100)
            .groupby([*keys, "cluster"], observed=True)[["n", "promoters", "detractors", "x"]]
            .sum()
            .reset_index(),
        ],
        ignore_index=True,
    )
    clusters = clusters.assign(
        customers=1,
        xx=clusters["x"] ** 2.0,
        xn=clusters["x"] * 1.0 * clusters["n"],
        nn=clusters["n"] ** 2.0,
    )
    totals = clusters.groupby(keys, observed=True)[
        ["n", "customers", "promoters", "detractors", "xx", "xn", "nn"]
    ].sum()
    totals = totals.reset_index().rename(columns={dimension: "segment_value", "n": "responses"})
    texts = ["survey_kind", "score_scale", "segment_value"]
    return totals.assign(segment_dimension=dimension).astype(dict.fromkeys(texts, str))


def scored(rows: pd.DataFrame) -> pd.DataFrame:
    """NPS and its adjusted Wald or, when larger, clustered error."""
    n, p, d = (rows[name].astype(float) for name in ("responses", "promoters", "detractors"))
    nps, adjusted = 100 * (p - d) / n, 100 * (p - d) / (n + 3)
    wald = (1e4 * (p + d + 1.5) / (n + 3) - adjusted**2) / (n + 3)
    size = rows["customers"].astype(float)
    clustered = size / (size - 1) * (rows["xx"] - 2 * nps * rows["xn"] + nps**2 * rows["nn"]) / n**2
    clustered = clustered.where((size > 1) & (size < n), 0.0)
    error = np.sqrt(np.maximum(wald, clustered))
    rows["passives"] = rows["responses"] - rows["promoters"] - rows["detractors"]
    rows["is_reportable"] = rows["responses"] >= MINIMUM
    estimates = {
        "nps": nps,
        "standard_error": error,
        "lower": np.maximum(-100, adjusted - Z * error),
        "upper": np.minimum(100, adjusted + Z * error),
    }
    for name, estimate in estimates.items():
        rows[name] = estimate.where(rows["is_reportable"])
    return rows.drop(columns=["xx", "xn", "nn"])


# ---------------------------------------------------------------- churn_after_score


def churn_after_score(
    answers: pd.DataFrame, spells: pd.DataFrame, as_of: np.datetime64
) -> pd.DataFrame:
    """Kaplan–Meier risk of leaving by category, plain and with the strata of all."""
    asked = answers[(answers["n"] >= 0) & (answers["score_scale"] == "nps_0_10")]
    rows: list[dict[str, Any]] = []
    for gap in (0, 7):
        landmarks = asked.assign(landmark=asked["day"] + pd.Timedelta(days=gap))
        landmarks = landmarks[landmarks["landmark"] <= as_of]
        at_risk = within_spells(landmarks, spells, "landmark").drop_duplicates("n")
        has_left = at_risk["until"] < FOREVER
        end = at_risk["until"].where(has_left, as_of)
        followed = (end - at_risk["landmark"]).dt.days.to_numpy()
        stratum = at_risk.groupby(STRATUM, observed=True).ngroup().to_numpy()
        category = at_risk["x"].to_numpy()
        standard = np.bincount(stratum)
        for x, name in ((-100, "detractor"), (0, "passive"), (100, "promoter")):
            group = category == x
            if not group.any():
                continue
            own = np.bincount(stratum[group], minlength=standard.size)
            adjusted = (standard / np.maximum(own, 1))[stratum[group]]
            for adjustment, weight in (
                ("unadjusted", np.ones(group.sum())),
                ("adjusted", adjusted),
            ):
                rows += [
                    {"gap_days": gap, "adjustment": adjustment, "score_group": name, **risk}
                    for risk in kaplan_meier(followed[group], has_left.to_numpy()[group], weight)
                ]
    return pd.DataFrame(rows)


def kaplan_meier(followed: Array, has_left: Array, weight: Array) -> list[dict[str, Any]]:
    """Weighted risk within every window, with Greenwood's error at the effective numbers."""
    by_day = (
        pd.DataFrame(
            {
                "w": weight,
                "ww": weight**2,
                "event_w": weight * has_left,
                "events": has_left.astype(int),
            }
        )
        .groupby(followed)
        .sum()
    )
    at_risk, at_risk_squared = (
        by_day[name].to_numpy()[::-1].cumsum()[::-1] for name in ("w", "ww")
    )
    share = by_day["event_w"].to_numpy() / at_risk
    ends = by_day["event_w"].to_numpy() >= at_risk * (1 - 1e-12)
    safe = np.where(ends, 0.0, share)
    steps = np.log1p(-safe)
    variances = safe / (at_risk**2 / at_risk_squared * (1 - safe))
    effective = weight.sum() ** 2 / (weight**2).sum()
    risks = []
    for window in (30, 60, 90, 120, 180, 365):
        inside = (by_day.index <= window) & (by_day["events"] > 0).to_numpy()
        has_ended = bool(ends[inside].any())
        survival = 0.0 if has_ended else float(np.exp(steps[inside].sum()))
        variance, events = variances[inside].sum(), int(by_day["events"][inside].sum())
        if events == 0:
            lower, upper = 0.0, 1 - 0.025 ** (1 / effective)
        elif has_ended:
            lower, upper = 0.025 ** (1 / effective), 1.0
        else:
            width = Z * np.sqrt(variance) / abs(np.log(survival))
            lower, upper = 1 - survival ** np.exp(-width), 1 - survival ** np.exp(width)
        is_reportable = followed.size >= MINIMUM and (followed.max() >= window or has_ended)
        error = survival * np.sqrt(variance)
        known = {"risk": 1 - survival, "standard_error": error, "lower": lower, "upper": upper}
        risks.append(
            {
                "window_days": window,
                "customers": followed.size,
                "events": events,
                "is_reportable": is_reportable,
                **{name: value if is_reportable else np.nan for name, value in known.items()},
            }
        )
    return risks


# ---------------------------------------------------------------- revenue_per_point


def index_answers(answers: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """The answer from which a customer is followed; x is the mean of that month's answers."""
    is_asked = (answers["survey_kind"] == "relational") & (answers["score_scale"] == "nps_0_10")
    asked = answers[is_asked & (answers["n"] >= 0)]
    first = within_spells(asked[asked["baseline"] > 0], spells, "day").drop_duplicates("n")
    contributions = asked.groupby(["n", "month"], as_index=False)["x"].mean()
    first = first.drop(columns="x").merge(contributions, on=["n", "month"])
    return first.assign(all="all")


def bases(
    customers: pd.DataFrame,
    spells: pd.DataFrame,
    followed: pd.DataFrame,
    limits: pd.DataFrame,
    revenue: Revenue,
    as_of: np.datetime64,
) -> pd.DataFrame:
    """Today's active customers: dimensions, baseline, and whether they gave an index answer."""
    last = spells.sort_values(["n", "spell"]).drop_duplicates("n", keep="last")
    active = customers.loc[last.loc[last["until"] == FOREVER, "n"]].copy()
    n = active.index.to_numpy()
    active["baseline"] = revenue.baseline(n, np.full(n.size, last_complete_month(as_of) + 1))
    active["tenure_band"] = tenure_band(active["since"], pd.Series(as_of, active.index))
    active["revenue_band"] = revenue_band(active, limits)
    active["revenue"] = active["baseline"].round(2).fillna(0.0)
    active["has_answered"] = active.index.isin(followed["n"])
    return active.assign(all="all")


def panel_of(
    followed: pd.DataFrame, spells: pd.DataFrame, revenue: Revenue, last_month: int
) -> tuple[Array, Array, Array]:
    """By index customer and month after the answer: whether it is complete, revenue, still
    there."""
    n, month = followed["n"].to_numpy(), followed["month"].to_numpy()
    after = month[:, None] + np.arange(1, HORIZON + 1)
    is_seen = after <= last_month
    y = np.where(is_seen, revenue.between(n[:, None], after, after + 1), 0.0)
    row = pd.Series(np.arange(n.size), n)
    spells = spells[spells["n"].isin(n)]
    at = row[spells["n"]].to_numpy()
    begins = after[at].astype("datetime64[M]").astype("datetime64[D]")
    there = (begins >= spells["started_on"].to_numpy()[:, None]) & (
        begins < spells["until"].to_numpy()[:, None]
    )
    a = np.zeros(after.shape, dtype=bool)
    np.logical_or.at(a, at, there)
    return is_seen, y, (a & is_seen).astype(float)


def revenue_per_point(
    followed: pd.DataFrame,
    active: pd.DataFrame,
    spells: pd.DataFrame,
    revenue: Revenue,
    last_month: int,
) -> pd.DataFrame:
    """The adjusted value of a point by segment, with its error and its split."""
    seen, y, a = panel_of(followed, spells, revenue, last_month)
    x, r = followed["x"].to_numpy()[:, None], followed["baseline"].to_numpy()[:, None] * seen
    cell = followed.groupby(OF_CUSTOMER, observed=True, dropna=False).ngroup().to_numpy()
    cells = followed[["all", *OF_CUSTOMER]].groupby(cell).first()

    def by_cell(value: Array) -> Array:
        sums: Array = pd.DataFrame(value).groupby(cell).sum().to_numpy()
        return sums

    sums = np.stack(
        [
            by_cell(value)
            for value in (
                *(seen.astype(float), r, r * x, r * x * x),
                *(y, x * y, r * a, r * x * a, y * a),
            )
        ]
    )
    rows: list[dict[str, Any]] = []
    for dimension in ("all", *OF_CUSTOMER):
        totals = active.groupby(dimension)["revenue"].sum()
        of_respondents = active[active["has_answered"]].groupby(dimension)["revenue"].sum()
        for value in cells[dimension].dropna().unique():
            chosen = (cells[dimension] == value).to_numpy()
            if value not in totals.index:
                continue
            inside = chosen[cell]
            estimate = point_estimate(
                sums[:, chosen],
                cells.loc[chosen].groupby(STRATUM, observed=True).ngroup().to_numpy(),
                np.cumsum(chosen)[cell[inside]] - 1,
                x[inside], r[inside], y[inside], a[inside], seen[inside],
            )  # fmt: skip
            for base, amounts in (("active_customers", totals), ("respondents", of_respondents)):
                rows.append(
                    {
                        "segment_dimension": dimension,
                        "segment_value": value,
                        "base": base,
                        **in_money(estimate, float(amounts.get(value, 0.0))),
                    }
                )
    return pd.DataFrame(rows)


def without_own_pull(leverage: Array) -> Array:
    """What a residual is multiplied by, so that no customer has drawn the fit to itself."""
    left = 1 - leverage
    return np.where(left > 1e-9, 1 / np.where(left > 1e-9, left, 1.0), 0.0)


def point_estimate(
    cell_sums: Array,
    stratum: Array,
    cell: Array,
    x: Array,
    r: Array,
    y: Array,
    a: Array,
    seen: Array,
) -> dict[str, float]:
    """Slopes summed over the horizon for one segment, and the squared influences of its
    customers."""
    strata = int(stratum.max()) + 1
    sums = np.zeros((strata, cell_sums.shape[0], HORIZON))
    np.add.at(sums, stratum, cell_sums.swapaxes(0, 1))
    n, rs, rx, rxx, ys, xy, ra, rxa, ya = sums.swapaxes(0, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y, mean_a = (np.where(n > 0, part / rs, 0.0) for part in (rx, ys, ra))
        spread = (rxx - rx * mean_x).sum(axis=0)
        covariation = (xy - mean_x * ys).sum(axis=0)
        retention_covariation = (rxa - mean_x * ra).sum(axis=0)
        retained, per_retained = ra.sum(axis=0), ya.sum(axis=0) / ra.sum(axis=0)
        is_defined = spread > 1e-6 * retained
        b = np.where(is_defined, covariation / spread, np.nan)
        c = np.where(is_defined, retention_covariation / spread, np.nan)
    customers = n.sum(axis=0)
    k = np.arange(1, HORIZON + 1)
    observed = int(k[customers >= MINIMUM].max(initial=0))
    horizon = k <= observed
    weight = np.where(horizon, 1.0, 0.0)
    if observed:
        weight[max(0, observed - 3) : observed] += (HORIZON - observed) / min(3, observed)
    used = horizon & is_defined
    b, c = np.where(used, b, 0.0), np.where(used, c, 0.0)
    u = np.where(used, weight / np.where(used, spread, 1.0), 0.0)
    per_retained = np.where(used, per_retained, 0.0)
    v = np.where(used, weight * c / np.where(used, retained, 1.0), 0.0)
    at = stratum[cell]
    centred = (x - mean_x[at]) * seen
    residual = y - r * (mean_y[at] + b * centred)
    with np.errstate(invalid="ignore", divide="ignore"):
        pull = without_own_pull(np.where(used, r / rs[at] + r * centred**2 / spread, 1.0))
        own = without_own_pull(np.where(used, a * r / retained, 1.0))
    total = (centred * residual * pull) @ u
    leaving = a - mean_a[at] - c * centred
    churn = (r * centred * leaving * pull) @ (u * per_retained) + (
        a * (y - per_retained * r) * own
    ) @ v
    return {
        "customers": float(customers[0]),
        "observed_months": observed,
        "total": float((weight * b).sum()),
        "error": float(np.sqrt((total**2).sum())),
        "churn": float((weight * c * per_retained).sum()),
        "churn_error": float(np.sqrt((churn**2).sum())),
        "is_reportable": (
            bool(is_defined[horizon].all()) and observed >= 3 and bool(customers[0] >= MINIMUM)
        ),
    }


def in_money(estimate: dict[str, float], revenue: float) -> dict[str, Any]:
    """An estimate times the monthly revenue of a base."""
    total, error, churn = estimate["total"], estimate["error"], estimate["churn"]
    known = {
        "revenue_per_point": total,
        "standard_error": error,
        "lower": total - Z * error,
        "upper": total + Z * error,
        "churn_component": churn,
        "churn_component_lower": churn - Z * estimate["churn_error"],
        "churn_component_upper": churn + Z * estimate["churn_error"],
        "wallet_component": total - churn,
    }
    shown: Callable[[float], float] = (
        (lambda slope: slope * revenue) if estimate["is_reportable"] else (lambda slope: np.nan)
    )
    return {
        "customers": int(estimate["customers"]),
        "observed_months": estimate["observed_months"],
        "monthly_baseline_revenue": round(revenue, 2),
        "is_reportable": estimate["is_reportable"],
        **{name: shown(slope) for name, slope in known.items()},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
