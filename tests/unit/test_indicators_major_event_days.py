"""Major event days by hand: the days behind their threshold, and what is left without them (method 1)."""

import numpy as np
import pandas as pd
import pytest
from indicator_study import CITY, COUNTIES, LEDGERS, PARAMS, lishi, rural_outages, sheet

from ge_analysis.indicators.county import county_results
from ge_analysis.indicators.long_table import value

# Daily SAIDI of 50 customers: 1 h on twelve days, 10 h on one. With L = ln 10 the logarithms have mean L/13 and variance
# L²·(12/169 + 144/169)/12 = L²/13, so that T_MED = exp(L·(1/13 + 2.5/√13)) = 10^0.770 = 5.89 h.
THRESHOLD = 10 ** (1 / 13 + 2.5 / np.sqrt(13))


def test_major_event_days_of_five_years():
    ordinary = [(f"{year}-0{month}-01 08:00", 1, 50) for year in (2016, 2017, 2018) for month in (3, 5, 7, 9)]
    ordinary += [("2020-03-01 08:00", 1, 50), ("2020-05-01 08:00", 1, 50)]
    major = [
        ("2019-07-01 08:00", 10, 50),  # a major day, but of another year
        ("2020-09-01 08:00", 5, 50),  # below the threshold
        ("2020-12-31 20:00", 10, 50),  # counts wholly on its day, though 6 of its hours are in the next year
    ]
    never = [
        ("2014-12-31 08:00", 10, 50),  # before the five years
        ("2021-01-01 08:00", 10, 50),  # after the period
        ("2018-11-01 08:00", 5 / 60, 50),  # not longer than the floor of 5 minutes
    ]
    year = PARAMS.year.model_copy(update={"duration_floor_minutes": 5})
    found = lishi(PARAMS.model_copy(update={"year": year}), outages=rural_outages(*ordinary, *major, *never))
    assert value(found, "major_event_threshold_hours") == pytest.approx(THRESHOLD)
    assert value(found, "major_event_base_years") == 4  # 2016 to 2019
    assert value(found, "major_event_days") == value(found, "interruption_rows", item="major_event_day") == 1
    assert value(found, "saidi_hours", area="all") == pytest.approx(2 * 1 + 5 + 4)  # the part of the night in the year
    assert value(found, "saidi_hours", area="all", by="without", group="major_event_days") == pytest.approx(2 + 5)
    assert value(found, "saifi", area="all", by="without", group="major_event_days") == pytest.approx(3)


def test_major_event_days_of_the_period_alone():
    days = [(f"2020-{month:02}-01 08:00", 1, 50) for month in range(1, 13)]
    days += [("2019-12-15 08:00", 40, 50), ("2020-12-15 08:00", 10, 50)]  # a single day before is too few, and is left out
    found = lishi(outages=rural_outages(*days))
    assert value(found, "major_event_threshold_hours") == pytest.approx(THRESHOLD)
    assert [value(found, f"major_event_{name}") for name in ("base_years", "days")] == [0, 1]
    assert value(found, "saidi_hours", area="all", by="without", group="major_event_days") == pytest.approx(12)


def test_equal_days_are_no_major_event_days():
    # the logarithm's mean of equal days is a hair below them: 2 h · 10 / 108 customers on three days
    day, hours = pd.Timestamp("2020-07-01 08:00"), pd.Timedelta(hours=2)
    steps = [(f"e{k}", "rural", "fault", "natural", day + k * pd.Timedelta(days=1), 10, False) for k in range(3)]
    outages = sheet("event_id area_type kind cause started customers external", *steps)
    outages = outages.assign(restored=outages["started"] + hours, announced_at=pd.NaT, notice=None, feeder="北关线")
    found = lishi(outages=outages, customers=LEDGERS["lishi"]["customers"].assign(customers_served=[8, 100, 9]))
    assert value(found, "major_event_days") == 0
    assert value(found, "saidi_hours", area="all", by="without", group="major_event_days") == pytest.approx(60 / 108)


def test_the_threshold_of_major_event_days_quotes_the_days_that_it_is_taken_from():
    quoted = COUNTIES["lishi"].quoted
    of_days = quoted[(quoted["indicator"] == "major_event_threshold_hours") & (quoted["table"] == "outages")]
    assert of_days.groupby("role", observed=True)["quoted"].sum().to_dict() == {"2020-07-01": 180}


def test_the_days_behind_the_threshold_are_those_of_the_five_years_before():
    days = ("2014-12-31 08:00", "2015-01-01 08:00", "2018-05-01 08:00", "2020-03-01 08:00")
    tables = LEDGERS["lishi"] | {"outages": rural_outages(*((day, 1, 50) for day in days))}
    quoted = county_results(tables, PARAMS, "lishi", CITY["index_items"], CITY["previous_indicators"]).quoted
    of_days = quoted[(quoted["indicator"] == "major_event_threshold_hours") & (quoted["table"] == "outages")]
    assert of_days[["role", "quoted"]].values.tolist() == [["2015-01-01", 50], ["2018-05-01", 50]]
