"""The drivers of a real score: San Francisco airport, 2017, against statsmodels on the raw file."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import worlds
from drivers_by_definition import Regression, regress
from pointworth.mapping import map_source
from test_oracle_drivers import check
from worlds import ROOT, World

EXPORT = ROOT.parent / "shared" / "data" / "sfo_survey_2017"
ITEMS = {
    "artwork": "Q7ART",
    "restaurants": "Q7FOOD",
    "shops": "Q7STORE",
    "signs_inside": "Q7SIGN",
    "walkways": "Q7WALKWAYS",
    "information_screens": "Q7SCREENS",
    "information_arrivals": "Q7INFODOWN",
    "information_departures": "Q7INFOUP",
    "wifi": "Q7WIFI",
    "signs_on_roads": "Q7ROADS",
    "parking": "Q7PARK",
    "airtrain": "Q7AIRTRAIN",
    "parking_shuttle": "Q7LTPARKING",
    "car_rental": "Q7RENTAL",
    "airport_overall": "Q7ALL",
    "cleanliness_boarding_areas": "Q9BOARDING",
    "cleanliness_airtrain": "Q9AIRTRAIN",
    "cleanliness_car_rental": "Q9RENTAL",
    "cleanliness_restaurants": "Q9FOOD",
    "cleanliness_restrooms": "Q9RESTROOM",
    "cleanliness_overall": "Q9ALL",
    "safety": "Q10SAFE",
}
VERDICTS = {"airport_overall", "cleanliness_overall"}
PAGE = ROOT / "docs" / "airport-drivers.md"


@pytest.fixture(scope="module")
def airport(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The mapped survey, built as far as its drivers."""
    if not EXPORT.is_dir():
        pytest.skip(f"needs the public data in {EXPORT}, which is not part of the project")

    def make(folder: Path) -> None:
        map_source("sfo_survey", EXPORT, folder)

    return worlds.built_once(
        tmp_path_factory,
        "airport",
        make,
        select=["+nps_drivers", "+nps_driver_contributions"],
        as_of_date="2017-05-31",
    )


@pytest.fixture(scope="module")
def raw(airport: World) -> pd.DataFrame:
    """The interviews with an answer, straight from the file."""
    (file,) = EXPORT.glob("2017_SFO_Customer_Survey*.csv")
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select * from read_csv(?, all_varchar = true, header = true)", [str(file)]
        ).df()
    score = pd.to_numeric(rows["NETPRO"], errors="coerce")
    rows = rows[score.between(0, 10)].reset_index(drop=True)
    score = score[score.between(0, 10)].reset_index(drop=True)
    made = pd.DataFrame({driver: rows[item] for driver, item in ITEMS.items()})
    made = made.where(made.isin(list("12345"))).apply(pd.to_numeric)
    made["area"] = "boarding_area_" + rows["BAREA"].str.lower()
    made["contribution"] = np.where(score >= 9, 100, np.where(score <= 6, -100, 0))
    return made


def by_definition(rows: pd.DataFrame, order: list[str]) -> Regression | None:
    """One segment the long way round; every interview is a cluster of its own."""
    rated = rows[list(ITEMS)]
    known = rated.drop(columns=[*VERDICTS]).notna().any(axis=1)
    return regress(
        rated[known],
        rows.loc[known, "contribution"],
        pd.Series(rows.index[known], rows.index[known]),
        order,
        VERDICTS,
        top=5,
    )


@pytest.mark.slow
def test_the_airports_drivers_are_those_of_statsmodels(airport: World, raw: pd.DataFrame) -> None:
    order = list(
        airport.frame("select driver from reference.drivers order by display_order")["driver"]
    )
    drivers = airport.frame("select * from marts.nps_drivers where period_grain = 'year'")
    parts = airport.frame(
        "select * from marts.nps_driver_contributions where period_grain = 'year'"
    )

    def of(frame: pd.DataFrame, dimension: str, value: str) -> pd.DataFrame:
        return frame[(frame["segment_dimension"] == dimension) & (frame["segment_value"] == value)]

    check(of(drivers, "all", "all"), of(parts, "all", "all"), by_definition(raw, order), top=5)
    whole = by_definition(raw, order)
    assert whole is not None
    # Within an area the ten are those of the whole questionnaire, most often rated first.
    ten = [*whole.drivers]
    for area in ("boarding_area_a", "boarding_area_f", "boarding_area_g"):
        inside = raw[raw["area"] == area]
        expected = regress(
            inside[ten],
            inside["contribution"],
            pd.Series(inside.index, inside.index),
            order,
            set(),
            top=5,
        )
        assert expected is not None
        expected.reasons.update(dict.fromkeys(VERDICTS, "overall_verdict"))
        beyond = set(ITEMS) - set(ten) - VERDICTS
        expected.reasons.update(dict.fromkeys(beyond, "more_than_ten"))
        check(of(drivers, "service_line", area), of(parts, "service_line", area), expected, top=5)


@pytest.mark.slow
def test_the_page_shows_what_the_build_returns(airport: World) -> None:
    found = airport.rows(
        """
        select label, importance, mean_rating, slope, share_below_top, points_one_step_better,
            points_available, quadrant
        from marts.nps_drivers
        where segment_dimension = 'all' and period_grain = 'all_time' and is_included
        order by importance desc
        """
    )
    text = PAGE.read_text("utf-8").replace("−", "-")
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and "95 %" not in line
    ]
    assert [row[0] for row in shown] == [row[0] for row in found]
    for cells, row in zip(shown, found, strict=True):
        _, importance, mean, slope, below, step, points, quadrant = row
        assert cells[1] == f"{100 * importance:.1f} %"
        assert cells[2] == f"{mean:.2f}"
        assert cells[3] == f"{slope:+.1f}"
        assert cells[5] == f"{100 * below:.0f} %"
        assert cells[6] == f"{step:+.1f}"
        assert cells[8] == f"{points:+.1f}"
        assert cells[9] == f"`{quadrant}`"


@pytest.mark.slow
def test_cleanliness_and_safety_come_before_shops(airport: World) -> None:
    order = [
        driver
        for (driver,) in airport.rows(
            "select driver from marts.nps_drivers where segment_dimension = 'all' "
            "and period_grain = 'all_time' and is_included order by importance desc"
        )
    ]
    assert order[:2] == ["cleanliness_boarding_areas", "safety"]
    assert order[-1] == "shops"
    assert len(order) == 10
