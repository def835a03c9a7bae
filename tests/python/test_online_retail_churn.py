"""Who leaves a real shop: half a million lines, no score. Who buys nothing for long has left."""

import shutil
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from pointworth.mapping import map_source
from pointworth.project import find_project
from worlds import World, dbt_build

REAL = find_project().parent / "shared/data/online_retail"


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no {REAL}")
def test_of_a_real_shop_who_stops_buying_is_foreseen(tmp_path: Path) -> None:
    """Learned from the first eight months, judged on the last two."""
    export = tmp_path / "export"
    shutil.copytree(REAL, export)
    world = World(tmp_path)
    map_source("online_retail", export, world.landing)
    dbt_build(
        world.landing,
        world.file,
        select=["+churn_risk_scores", "+churn_risk_coefficients"],
        reporting_currency="GBP",
        churn_basis="inactivity",
        inactivity_days=60,
        churn_window_days=60,
        risk_folds=1,
    )
    found = world.frame(
        "select * from marts.churn_risk_backtest where client_id = 'all' and fold = 'all'"
    ).set_index("method")
    days = world.frame(
        "select days_since_bill, has_left from intermediate.int_risk_customer_days "
        "where windows_before = 1"
    )
    recency = roc_auc_score(days["has_left"].astype(int), days["days_since_bill"])
    print(f"who bought longest ago first: {recency:.3f}")
    model, rule = found.loc["model"], found.loc["silent_and_falling_first"]
    assert model["customers"] > 1_000
    assert model["is_useful"]
    assert model["auc_lower"] > rule["auc_upper"]
    assert model["auc"] > recency
    assert model["log_loss_gain_lower"] > 0
    assert world.rows("select count(*) > 0 from marts.churn_risk_scores") == [(True,)]
