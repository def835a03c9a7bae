"""Erasure end to end, on the real project: nothing published, kept or logged names who asked."""

from pathlib import Path

import pytest

from conftest import ROOT, Toy
from pointworth.validation.worker import Validator
from pointworth.warehouse import Warehouse
from test_guards import files_that_hold

pytestmark = pytest.mark.slow  # each test is a build or more

ERASED = "person-4711-gone"
OTHERS = [f"c{n}" for n in range(40)]


def write_landing(folder: Path) -> None:
    """Forty customers and one more, who stands wherever a customer's identifier may stand."""
    folder.mkdir()
    people = [*OTHERS, ERASED]
    files = {
        "crm_customers": [
            "customer_id,acquired_on,customer_name,referred_by_customer_id",
            *(
                f"{each},2022-01-01,Name of {each},{ERASED if n < 3 else ''}"
                for n, each in enumerate(people)
            ),
        ],
        "survey_responses": [
            "response_id,customer_id,respondent_id,responded_at,score,verbatim",
            *(
                f"r{n},{each},{each},2024-03-{n % 28 + 1:02d},{n % 11},I am {each}"
                for n, each in enumerate(people)
            ),
            f"broken,{ERASED},,2024-03-05,9,one,too,many,{ERASED}",
            f"bad,{ERASED},,2024-03-05,99,out of range",
        ],
        "survey_invitations": [
            "invitation_id,customer_id,survey_kind,sent_at",
            *(f"i{n},{each},relational,2024-03-01" for n, each in enumerate(people)),
        ],
        "billing_subscriptions": [
            "subscription_id,customer_id,started_on",
            *(f"s{n},{each},2022-01-01" for n, each in enumerate(people)),
        ],
        "billing_invoice_lines": [
            "invoice_line_id,customer_id,invoiced_on,line_kind,amount",
            *(
                f"l{n}-{month},{each},2024-{month:02d}-01,recurring,10.00"
                for n, each in enumerate(people)
                for month in (1, 2, 3)
            ),
        ],
        "campaign_assignments": [
            "assignment_id,campaign_id,action_kind,customer_id,arm,assigned_on",
            *(
                f"a{n},spring,caring_contact,{each},{('treated', 'control')[n % 2]},2024-02-01"
                for n, each in enumerate(people)
            ),
        ],
    }
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "pointworth.yml").write_text("max_rejected_share: 1\n", encoding="utf-8")


def test_an_erased_identifier_is_nowhere_in_the_home(
    tmp_path: Path, shared_validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    monkeypatch.setenv("POINTWORTH_PROJECT", str(ROOT))
    monkeypatch.setattr(
        "pointworth.run.steps.validator", lambda *limits: nullcontext(shared_validator)
    )
    real = Toy(tmp_path)
    write_landing(real.landing)
    first = real.build()
    assert first.exit_code == 0, first.output
    assert files_that_hold(real.home, ERASED), "the test looks where it could be found"
    requests = real.landing / "privacy_erasure_requests.csv"
    requests.write_text(f"customer_id,requested_on\n{ERASED},2024-03-20\n{ERASED},2024-03-21\n")
    second = real.build()
    assert second.exit_code == 0, second.output
    assert files_that_hold(real.home, ERASED) == []
    assert real.run("rollback").exit_code != 0
    secret = (real.home / "secret").read_text()
    assert files_that_hold(real.home, secret) == ["secret"]
    assert Warehouse(real.home).published_run() == Warehouse(real.home).runs()[0]
