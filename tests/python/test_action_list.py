"""The command that writes the work of the day: what it lists, in which order, and bad input."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conftest import Toy

#: What is measured (an expected net value) is smaller than what is not, and comes first.
WORK = """
create table dim_customers as select unnest(['east', 'west']) as client_id;
create table actions_due as
select
    work_kind, 'c' || number as customer_id, 'c' || number as customer_number,
    case number % 2 when 0 then 'east' else 'west' end as client_id, number as place,
    date '2024-05-30' as listed_on, action_kind, null::varchar as like_campaign_id,
    null::varchar as trigger_response_id, null::timestamp as due_by, 'why' as reason,
    case when number <= measured then 'expected_net_value' else 'revenue_at_risk' end as value_kind,
    (case when number <= measured then 10 else 1000 end - number)::decimal(18, 2) as value,
    null::decimal(18, 2) as value_lower, null::decimal(18, 2) as value_upper,
    cost::decimal(18, 2) as cost, 'descriptive' as evidence, 'EUR' as currency
from (values
    ('retention', 'reprice', 5, 5, 10), ('call_back', 'caring_contact', 8, 2, 0),
    ('ask', 'survey_invitation', 9, 0, 0)
) as kinds (work_kind, action_kind, customers, measured, cost)
inner join range(1, 10) as numbers (number) on number <= customers
"""


@pytest.fixture
def due(toy: Toy) -> Toy:
    """A home where work is due."""
    toy.home.mkdir()
    with duckdb.connect(str(toy.published)) as connection:
        connection.execute(WORK)
    return toy


def written(toy: Toy, *options: str) -> pd.DataFrame:
    """The list."""
    file = toy.folder / "list.csv"
    result = toy.run("export", "actions", "--out", str(file), "--seed", "7", *options)
    assert result.exit_code == 0, result.output
    return pd.read_csv(file)


def test_what_is_measured_comes_first_and_a_customer_once(due: Toy) -> None:
    rows = written(due)
    assert rows["customer_id"].tolist() == [f"c{number}" for number in range(1, 10)]
    assert rows["work_kind"].tolist() == ["retention"] * 5 + ["call_back"] * 3 + ["ask"]
    calls = written(due, "--work", "call_back, call_back,")
    assert calls["value"].tolist() == [9, 8, 997, 996, 995, 994, 993, 992]
    assert written(due, "--work", "call_back", "--top", "3")["value"].tolist() == [9, 8, 997]


def test_each_list_is_a_campaign_drawn_by_lot_as_the_landing_has_it(due: Toy) -> None:
    rows = written(due, "--hold-out", "0.4", "--work", "call_back,ask")
    assert set(rows["campaign_id"]) == {"list-2024-05-30-ask-7", "list-2024-05-30-call_back-7"}
    arms = rows.groupby(["action_kind", "arm"]).size().to_dict()
    assert arms == {
        ("caring_contact", "control"): 3,
        ("caring_contact", "treated"): 5,
        ("survey_invitation", "treated"): 1,
    }
    assert rows["is_randomised"].all()
    assert (rows["treated_share"] == 0.6).all()
    assert rows["assignment_id"].is_unique


def test_somebody_is_left_alone_and_never_everybody(due: Toy) -> None:
    for hold_out, control in (("0.01", 1), ("0.99", 7)):
        rows = written(due, "--hold-out", hold_out, "--work", "call_back")
        assert (rows["arm"] == "control").sum() == control


def test_the_budget_is_what_the_treated_cost(due: Toy) -> None:
    for budget in (1, 8, 10, 24, 32, 40):
        file = due.folder / "list.csv"
        options = ("--budget", str(budget), "--work", "retention", "--hold-out", "0.1")
        file.unlink(missing_ok=True)
        due.run("export", "actions", "--out", str(file), "--seed", "7", *options)
        cost = pd.read_csv(file)["contact_cost"].sum() if file.exists() else 0
        assert budget - 20 < cost <= budget


def test_who_is_not_on_one_list_can_be_on_another(due: Toy) -> None:
    rows = written(due, "--budget", "0", "--client", "east", "--work", "retention,ask")
    assert rows["work_kind"].tolist() == ["ask"] * 4
    rows = written(due, "--top", "2")
    assert rows["customer_id"].tolist() == ["c1", "c2", "c3", "c4", "c5", "c6"]


def test_each_kind_of_value_is_summed_by_itself(due: Toy) -> None:
    result = due.run("export", "actions", "--out", str(due.folder / "list.csv"), "--seed", "7")
    lines = [line for line in result.output.splitlines() if "call_back" in line]
    assert len(lines) == 1  # the first two are on the list for retention
    result = due.run(
        *("export", "actions", "--out", str(due.folder / "list.csv"), "--work", "call_back")
    )
    lines = [line for line in result.output.splitlines() if "call_back" in line]
    assert ["expected net value" in line for line in lines] == [True, False]
    assert "17.00 EUR" in lines[0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--work", "calls"], "There is no work called calls"),
        (["--client", "north"], "There is no client north: there is east, west"),
        (["--out", "list.txt"], "end it with .csv or .parquet"),
        (["--out", "no-folder/list.csv"], "There is no folder"),
        (["--seed", "7'; --"], "give letters and digits"),
        (["--budget", "nan"], "--budget"),
        (["--hold-out", "nan"], "--hold-out"),
        (["--hold-out", "1"], "--hold-out"),
        (["--top", "0"], "--top"),
        (["--budget", "-1"], "--budget"),
        (["--budget", "1", "--work", "retention"], "There is nothing to list"),
        (["--work", "upsell_offer"], "There is nothing to list"),
    ],
)
def test_what_cannot_be_listed_is_said_in_a_sentence(
    due: Toy, options: list[str], sentence: str
) -> None:
    file = due.folder / "list.csv"
    file.write_text("what was there", encoding="utf-8")
    out = [] if "--out" in options else ["--out", str(file)]
    result = due.run("export", "actions", *out, *options)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert file.read_text("utf-8") == "what was there"


def test_nothing_published_is_said(toy: Toy) -> None:
    result = toy.run("export", "actions", "--out", str(Path(toy.folder) / "list.csv"))
    assert result.exit_code != 0
    assert "Traceback" not in result.output
