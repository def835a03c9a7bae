"""A figure is worked out again from its pack alone, with pandas and what its README says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import worlds
from pointworth.cli import app

Z = 1.959964


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the demo's world is published, with the steps behind it."""
    world = worlds.operator(tmp_path_factory)
    folder = world.publish(tmp_path_factory.mktemp("home"))
    (folder / "build").mkdir()
    (folder / "build" / "pointworth.duckdb").symlink_to(world.file)
    return folder


def explained(home: Path, out: Path, *arguments: str) -> dict[str, pd.DataFrame]:
    """The files of a pack."""
    ran = CliRunner().invoke(app, ["explain", *arguments, "--home", str(home), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert (out / "README.md").read_text("utf-8").startswith("# How ")
    return {path.stem: pd.read_csv(path) for path in out.glob("*.csv")}


@pytest.mark.parametrize("segment", ["all", "customer_type=sme"])
def test_the_value_of_a_point_is_worked_out_from_its_pack(
    home: Path, tmp_path: Path, segment: str
) -> None:
    pack = explained(home, tmp_path / "pack", "revenue_per_point", "--segment", segment)
    months = pack["months"].set_index("k")
    rows = pack["panel"]
    r = rows["monthly_baseline_revenue"]
    rows["rx"] = r * rows["contribution"]
    group = rows.groupby(["stratum", "k"])
    rows["r_sum"] = group["monthly_baseline_revenue"].transform("sum")
    rows["y_sum"] = group["revenue"].transform("sum")
    rows["x"] = rows["contribution"] - group["rx"].transform("sum") / rows["r_sum"]
    rows["rxx"], rows["xy"] = r * rows["x"] ** 2, rows["x"] * rows["revenue"]
    rows["xra"] = rows["x"] * r * rows["is_retained"]
    rows["ya"], rows["ra"] = rows["revenue"] * rows["is_retained"], r * rows["is_retained"]
    sums = rows.groupby("k")[["rxx", "xy", "xra", "ya", "ra"]].sum()
    slope, staying = sums["xy"] / sums["rxx"], sums["xra"] / sums["rxx"]
    kept = sums["ya"] / sums["ra"]
    pd.testing.assert_series_equal(slope, months["slope"], check_names=False, rtol=1e-9)
    whole = (months["weight"] * slope).sum()
    churn = (months["weight"] * staying * kept).sum()

    b, s = rows["k"].map(slope), rows["k"].map(sums["rxx"])
    leverage = r / rows["r_sum"] + rows["rxx"] / s
    residual = rows["revenue"] - r * rows["y_sum"] / rows["r_sum"] - b * r * rows["x"]
    moved = rows["k"].map(months["weight"]) * rows["x"] * residual / (s * (1 - leverage))
    error = np.sqrt((moved.groupby(rows["customer"]).sum() ** 2).sum())

    (figure,) = pack["figure"].to_dict("records")
    base = figure["monthly_baseline_revenue"]
    assert figure["revenue_per_point"] == pytest.approx(whole * base, abs=0.02)
    assert figure["churn_component"] == pytest.approx(churn * base, abs=0.02)
    assert figure["wallet_component"] == pytest.approx((whole - churn) * base, abs=0.03)
    assert figure["standard_error"] == pytest.approx(error * base, rel=1e-6)
    assert figure["lower"] == pytest.approx((whole - Z * error) * base, rel=1e-6)
    assert figure["upper"] == pytest.approx((whole + Z * error) * base, rel=1e-6)


@pytest.mark.parametrize("segment", ["all", "customer_type=enterprise", "channel=email"])
def test_a_score_is_worked_out_from_its_pack(home: Path, tmp_path: Path, segment: str) -> None:
    pack = explained(
        home, tmp_path / "pack", "nps_by_segment", "--segment", segment, "--period", "2017"
    )
    answers = pack["answers"]
    (figure,) = pack["figure"].to_dict("records")
    n = len(answers)
    promoters = int((answers["contribution"] > 0).sum())
    detractors = int((answers["contribution"] < 0).sum())
    assert (figure["responses"], figure["promoters"], figure["detractors"]) == (
        n, promoters, detractors,
    )  # fmt: skip
    score = 100 * (promoters - detractors) / n
    assert figure["nps"] == pytest.approx(score)
    n, promoters_, detractors_ = n + 3, promoters + 0.75, detractors + 0.75
    middle = (promoters_ - detractors_) / n
    plain = 100 * np.sqrt(((promoters_ + detractors_) / n - middle**2) / n)
    if not figure["is_clustered"]:
        assert figure["standard_error"] == pytest.approx(plain, rel=1e-6)
    else:
        gone = (answers["contribution"] - score).groupby(answers["customer"]).sum()
        clusters = len(gone)
        clustered = np.sqrt(clusters / (clusters - 1) * (gone**2).sum()) / len(answers)
        assert figure["standard_error"] == pytest.approx(clustered, rel=1e-6)
        assert clustered > plain
    assert figure["lower"] == pytest.approx(100 * middle - Z * figure["standard_error"], abs=1e-6)


def test_a_pack_names_no_customer(home: Path, tmp_path: Path) -> None:
    pack = explained(home, tmp_path / "pack", "revenue_per_point")
    assert pack["panel"]["customer"].str.fullmatch("[0-9a-f]{12}").all()
    assert pack["panel"]["customer"].nunique() == pack["figure"]["customers"].iloc[0]


def test_one_month_is_enough_to_see_its_slope(home: Path, tmp_path: Path) -> None:
    pack = explained(home, tmp_path / "pack", "revenue_per_point", "--month", "12")
    assert set(pack["panel"]["k"]) == {12}
    assert len(pack["months"]) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nps_drivers"], "cannot be explained"),
        (["revenue_per_point", "--segment", "region"], "give a dimension and its value"),
        (["revenue_per_point", "--segment", "region=moon"], "has no region moon"),
        (["revenue_per_point", "--period", "2018"], "has no periods"),
        (["nps_by_segment", "--month", "1"], "leave --month out"),
        (["nps_by_segment", "--period", "1990"], "has no period 1990"),
        (["nps_by_segment", "--kind", "rational"], "has no row"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(
    home: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    ran = CliRunner().invoke(
        app, ["explain", *arguments, "--home", str(home), "--out", str(tmp_path / "pack")]
    )
    assert ran.exit_code == 2
    assert sentence in " ".join(ran.output.split())
    assert not (tmp_path / "pack").exists()


def test_steps_of_another_run_explain_nothing(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "home"
    other.mkdir()
    (other / "marts.duckdb").symlink_to(home / "marts.duckdb")
    ran = CliRunner().invoke(
        app, ["explain", "nps_by_segment", "--home", str(other), "--out", str(tmp_path / "pack")]
    )
    assert ran.exit_code == 2
    assert "build there again" in " ".join(ran.output.split())
