"""The specifications of the simulated worlds: what is planted, and where it can be found again.

A world is a frozen dataclass of plain numbers. Nothing here draws anything; the other files of
the package read a specification and do what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

TENURE_BANDS = ("under_1_year", "1_to_3_years", "3_to_7_years", "7_years_and_more")
REVENUE_BANDS = ("low", "middle", "high")
JOURNEY_STAGES = (
    "lead_to_quote",
    "order",
    "delivery",
    "activation",
    "billing",
    "fault",
    "dispute",
    "payment_reminder",
    "renewal",
    "end",
)


class SimulationError(Exception):
    """Something the caller can mend; the message is one sentence with the remedy."""


@dataclass(frozen=True)
class CustomerType:
    """One value of ``customer_type``.

    ``share`` of customers; ``monthly_revenue`` median in reporting currency with log-scale
    standard deviation ``sigma``; ``respondents`` the probabilities of 1, 2 and 3 persons asked;
    ``opinion`` added to the log-odds of a better answer, ``hazard`` to the log of the churn
    hazard, ``drift`` to the yearly relative growth of spend.
    """

    name: str
    share: float
    monthly_revenue: float
    sigma: float = 0.7
    respondents: tuple[float, float, float] = (1.0, 0.0, 0.0)
    opinion: float = 0.0
    hazard: float = 0.0
    drift: float = 0.0


@dataclass(frozen=True)
class BandEffects:
    """What the strata do to the opinion (log-odds), to churn (log hazard) and to spend (yearly).

    All three move together, so that a comparison without strata is wrong.
    """

    opinion: tuple[float, ...]
    hazard: tuple[float, ...]
    drift: tuple[float, ...]


@dataclass(frozen=True)
class ChurnModel:
    """Monthly hazards. ``early`` holds in the answer's month and the months up to
    ``early_months`` − 1 after it, ``late`` from then on; both are multiplied by
    exp(effect_scale × table[score]) with one table each of 11 log multipliers, averaged over the
    respondents of the answer, and by the strata. ``before`` is the hazard of everybody before the
    first answer or invitation; the ``silent`` factor multiplies early and late for those asked in
    vain. ``non_payment_share`` of the leavers give no notice."""

    before: float
    early: float
    late: float
    early_by_score: tuple[float, ...]
    late_by_score: tuple[float, ...]
    silent: float
    early_months: int = 4
    non_payment_share: float = 0.03


@dataclass(frozen=True)
class Campaign:
    """A retention action on customers whose first answer has a score ≤ ``maximum_score``.

    ``share`` of these is assigned about ten days after the answer, half of them treated; the
    treatment undoes a churn event within ``window_days`` of the assignment with probability
    ``relative_reduction``, exactly; who is kept this way then has the late hazard.
    """

    campaign_id: str
    action_kind: str
    maximum_score: int
    share: float
    relative_reduction: float
    is_randomised: bool = True
    window_days: int = 120
    contact_rate: float = 0.8
    acceptance_rate: float = 0.55
    discount_months: float = 1.0
    contact_cost: float = 4.0


@dataclass(frozen=True)
class Transactional:
    """Surveys after contacts: the share answered, NPS per service line and customer type (points),
    whether only after the first relational answer, and the share asked in stars."""

    answer_rate: float
    nps: dict[str, dict[str, float]]
    only_after_relational: bool
    client_spread: float = 0.0
    stars_share: float = 0.0


@dataclass(frozen=True)
class Initiative:
    """One improvement programme item: months counted from the start of the world.

    From ``end_month`` on its driver is rated ``lift`` better, as far as the scale goes; the score
    does not move with it, for the ratings are drawn from the score and not the other way round."""

    initiative_id: str
    name: str
    journey_stage: str
    driver: str
    start_month: int
    end_month: int
    cost: float
    lift: float = 0.0


@dataclass(frozen=True)
class WorldSpec:
    """Everything planted in one world.

    ``effect_scale`` 0 makes a null world: the score changes neither churn nor spend and the
    campaign keeps nobody, while the strata still matter. ``gain`` is the relative change of spend
    at 24 months between x = 0 and x = 100. ``nps`` is the planted NPS of relational answers;
    ``nps_path`` overrides it from a quarter (its first day) on. ``value_of_a_point`` rescales all
    amounts so that one point is worth that much over 36 months. ``datasets`` lists the optional
    datasets that are written.
    """

    name: str
    description: str
    start: date
    customers: int
    customer_types: tuple[CustomerType, ...]
    churn: ChurnModel
    nps: float
    months: int = 60
    clients: int = 1
    client_prefix: str = "client"
    client_opinion_spread: float = 0.0
    regions: tuple[str, ...] = ("north", "centre", "south", "islands")
    industries: tuple[str, ...] = ()
    plans: tuple[str, ...] = ("basic", "plus", "premium")
    service_lines: tuple[str, ...] = ("mobile",)
    channels: tuple[str, ...] = ("phone", "email", "web_chat", "portal")
    currencies: tuple[tuple[str, float, float], ...] = (("EUR", 1.0, 1.0),)
    acquired_in_window: float = 0.2
    tenure: BandEffects = BandEffects(
        opinion=(-0.65, -0.25, 0.20, 0.60),
        hazard=(0.45, 0.15, -0.15, -0.45),
        drift=(-0.012, -0.004, 0.006, 0.012),
    )
    revenue_band: BandEffects = BandEffects(
        opinion=(-0.30, 0.0, 0.30), hazard=(0.18, 0.0, -0.18), drift=(-0.004, 0.0, 0.004)
    )
    effect_scale: float = 1.0
    gain: float = 0.10
    first_invitation_month: int = 15
    responder_share: float = 0.55
    answer_rate: float = 0.80
    repeat_answer_rate: float = 0.70
    persistence: float = 0.70
    respondent_correlation: float = 0.35
    nps_path: tuple[tuple[date, float], ...] = ()
    nps_rise: tuple[date, date] | None = None
    balanced_answers: bool = False
    anonymous_share: float = 0.0
    value_of_a_point: float | None = None
    usage_rate: float = 0.25
    usage_share: float = 0.02
    one_off_rate: float = 0.002
    credit_rate: float = 0.002
    tax_share: float = 0.05
    quarterly_share: float = 0.0
    noise: float = 0.025
    billed_in_arrears: bool = False
    interactions_per_year: float = 1.5
    transactional: Transactional | None = None
    drivers: tuple[tuple[str, float], ...] = ()
    campaign: Campaign | None = None
    initiatives: tuple[Initiative, ...] = ()
    targets: tuple[tuple[date, float], ...] = ()
    wallet_share: float = 1.0
    verbatim_share: float = 0.3
    languages: tuple[str, ...] = ("it", "en", "fr", "pt", "de", "es")
    datasets: frozenset[str] = frozenset(
        {
            "survey_invitations",
            "survey_driver_ratings",
            "support_interactions",
            "support_follow_ups",
            "billing_exchange_rates",
            "finance_ledger_balances",
            "finance_wallet_estimates",
            "finance_initiatives",
            "campaign_assignments",
            "nps_targets",
            "privacy_erasure_requests",
        }
    )

    @property
    def campaign_reduction(self) -> float:
        """The share of churn events the campaign undoes; none in a null world."""
        if self.campaign is None or self.effect_scale == 0:
            return 0.0
        return self.campaign.relative_reduction


def _by_category(detractor: float, passive: float, promoter: float) -> tuple[float, ...]:
    """A table of 11 log multipliers that knows only the three categories."""
    return (detractor,) * 7 + (passive,) * 2 + (promoter,) * 2


_OPERATOR = WorldSpec(
    name="network_operator",
    description="Business telecom: a point is worth 8.6 m over three years; NPS rises by ten.",
    start=date(2014, 1, 1),
    customers=6_000,
    customer_types=(
        CustomerType("sme", 0.75, 900.0, 0.6, (0.6, 0.3, 0.1), -0.10, 0.15, 0.0),
        CustomerType("enterprise", 0.25, 3_000.0, 0.7, (0.2, 0.4, 0.4), 0.15, -0.15, 0.0),
    ),
    churn=ChurnModel(
        before=0.004,
        early=0.010,
        late=0.010,
        early_by_score=_by_category(0.75, 0.0, -0.75),
        late_by_score=_by_category(0.75, 0.0, -0.75),
        silent=1.3,
    ),
    nps=32.0,
    nps_path=(
        (date(2014, 1, 1), 32.0),
        (date(2016, 1, 1), 37.0),
        (date(2016, 4, 1), 42.0),
    ),
    nps_rise=(date(2015, 10, 1), date(2016, 4, 1)),
    targets=((date(2020, 1, 1), 60.0),),
    balanced_answers=True,
    anonymous_share=0.02,
    value_of_a_point=8_600_000.0,
    industries=("manufacturing", "retail", "finance", "public", "services"),
    plans=("connect", "connect_plus", "dedicated"),
    service_lines=("data_network", "voice", "cloud", "mobile_fleet"),
    channels=("phone", "email", "portal", "field"),
    quarterly_share=0.2,
    interactions_per_year=2.0,
    drivers=(
        ("network_quality", 1.0),
        ("account_team", 0.8),
        ("fault_repair", 0.7),
        ("value_for_money", 0.6),
        ("billing_clarity", 0.4),
        ("digital_services", 0.2),
    ),
    campaign=Campaign("caring_calls", "caring_contact", 6, 0.6, 0.0, is_randomised=False),
    initiatives=(
        Initiative("i-1", "Faster fault repair", "fault", "fault_repair", 21, 30, 2_400_000.0, 0.3),
        Initiative("i-2", "Readable bills", "billing", "billing_clarity", 22, 28, 900_000.0),
        Initiative("i-3", "One face to the client", "renewal", "account_team", 24, 36, 1_500_000.0),
    ),
)

_CARRIER = WorldSpec(
    name="consumer_carrier",
    description="Consumer mobile: low scores leave within 120 days; a campaign cuts that by 35 %.",
    start=date(2014, 1, 1),
    customers=8_000,
    customer_types=(
        CustomerType("consumer", 0.85, 22.0, 0.45, (1.0, 0.0, 0.0), -0.05, 0.05, 0.0),
        CustomerType("sme", 0.15, 60.0, 0.5, (1.0, 0.0, 0.0), 0.20, -0.20, 0.0),
    ),
    churn=ChurnModel(
        before=0.004,
        early=0.0138,
        late=0.006,
        early_by_score=(1.45, 1.42, 1.38, 1.32, 1.12, 0.98, 0.82, 0.10, -0.02, -0.38, -0.48),
        late_by_score=(0.70, 0.70, 0.68, 0.65, 0.55, 0.50, 0.42, 0.04, -0.04, -0.35, -0.45),
        silent=1.6,
    ),
    nps=12.0,
    anonymous_share=0.02,
    service_lines=("mobile", "mobile_data"),
    channels=("phone", "web_chat", "whatsapp", "social", "store"),
    interactions_per_year=0.8,
    transactional=Transactional(
        answer_rate=0.25,
        nps={
            "mobile": {"consumer": 18.0, "sme": 25.0},
            "mobile_data": {"consumer": 8.0, "sme": 15.0},
        },
        only_after_relational=True,
        stars_share=0.2,
    ),
    drivers=(
        ("network_quality", 0.9),
        ("value_for_money", 1.0),
        ("customer_service", 0.6),
        ("billing_clarity", 0.3),
    ),
    campaign=Campaign("tariff_repositioning", "tariff_repositioning", 4, 0.9, 0.35),
    initiatives=(
        Initiative("i-1", "Fair tariffs", "renewal", "value_for_money", 20, 32, 300_000.0),
        Initiative("i-2", "First call resolution", "fault", "customer_service", 24, 36, 180_000.0),
    ),
    usage_rate=0.12,
    usage_share=0.01,
    tax_share=0.02,
    wallet_share=0.2,
)

_CREDIT = WorldSpec(
    name="credit_services",
    description="A provider working for several utilities: an answer after each contact.",
    start=date(2014, 1, 1),
    customers=6_000,
    clients=6,
    client_prefix="utility",
    client_opinion_spread=0.25,
    customer_types=(
        CustomerType("consumer", 0.7, 45.0, 0.5, (1.0, 0.0, 0.0), -0.05, 0.05, 0.0),
        CustomerType("sme", 0.3, 160.0, 0.6, (1.0, 0.0, 0.0), 0.10, -0.10, 0.0),
    ),
    churn=ChurnModel(
        before=0.004,
        early=0.011,
        late=0.008,
        early_by_score=_by_category(0.85, 0.0, -0.60),
        late_by_score=_by_category(0.70, 0.0, -0.60),
        silent=1.4,
    ),
    nps=20.0,
    service_lines=("billing_care", "collections", "onboarding", "back_office"),
    channels=("phone", "email", "whatsapp", "web_chat", "social"),
    currencies=(("EUR", 0.8, 1.0), ("CHF", 0.12, 0.92), ("GBP", 0.08, 1.15)),
    interactions_per_year=2.0,
    transactional=Transactional(
        answer_rate=0.35,
        nps={
            "billing_care": {"consumer": 28.0, "sme": 36.0},
            "collections": {"consumer": -12.0, "sme": 2.0},
            "onboarding": {"consumer": 40.0, "sme": 46.0},
            "back_office": {"consumer": 10.0, "sme": 20.0},
        },
        only_after_relational=False,
        client_spread=8.0,
    ),
    drivers=(
        ("courtesy", 0.6),
        ("clarity", 0.9),
        ("speed", 0.8),
        ("solution", 1.0),
    ),
    initiatives=(
        Initiative("i-1", "Plain reminders", "payment_reminder", "clarity", 18, 30, 120_000.0),
        Initiative("i-2", "Answer in a day", "billing", "speed", 24, 36, 90_000.0),
    ),
)

#: Many independent small worlds in one landing, for the coverage of intervals: one client each.
COVERAGE = WorldSpec(
    name="coverage",
    description="120 clients of 500 customers each: is the interval right 95 times in a hundred?",
    start=date(2014, 1, 1),
    customers=60_000,
    clients=120,
    customer_types=(
        CustomerType("sme", 0.6, 100.0, 0.5, (1.0, 0.0, 0.0), -0.10, 0.10, 0.0),
        CustomerType("enterprise", 0.4, 250.0, 0.5, (1.0, 0.0, 0.0), 0.15, -0.15, 0.0),
    ),
    churn=ChurnModel(
        before=0.002,
        early=0.011,
        late=0.009,
        early_by_score=_by_category(0.75, 0.0, -0.75),
        late_by_score=_by_category(0.75, 0.0, -0.75),
        silent=1.3,
    ),
    nps=20.0,
    responder_share=0.95,
    answer_rate=0.95,
    usage_rate=0.0,
    usage_share=0.0,
    one_off_rate=0.0,
    credit_rate=0.0,
    tax_share=0.0,
    billed_in_arrears=True,
    verbatim_share=0.0,
    datasets=frozenset(),
)

#: The worlds a user can ask for by name.
WORLDS: dict[str, WorldSpec] = {spec.name: spec for spec in (_OPERATOR, _CARRIER, _CREDIT)}
