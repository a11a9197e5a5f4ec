"""How promises to those who ask for a connection were kept (method 4)."""

import pandas as pd
import pytest
from indicator_study import PARAMS, cases, lishi

from ge_analysis.indicators.long_table import select, value
from ge_analysis.settings.parameters import Period


def test_felt_procedures_where_the_utility_builds():
    built = cases("lishi").assign(investment_boundary="red_line")
    found = lishi(connections=pd.concat([built, built.tail(1).assign(applied=pd.NaT)], ignore_index=True))
    felt = select(found, "felt_procedures", voltage="high").iloc[0]
    assert (felt["value"], felt["n"]) == (2, 3)  # 申请, 装表接电; the last case's ledger knows of the meter only


def test_promises_at_their_limits():
    # Monday 1 March 2021; working days from it: 8 March 5, 9 March 6, 22 March 15, 29 March 20, 2 April 24
    columns = "voltage customer_class investment_boundary plan_replied works_finished energised"
    rows = [
        ("380V", "lv_business", "meter_box", None, None, "2021-03-08"),  # 5 days of 5
        ("380V", "residential", "meter_box", None, None, "2021-05-10"),  # nothing is promised
        ("35kV", "hv_single", "grid_point", "2021-03-08", None, "2021-03-22"),  # reply 5 of 5, handling 15 of 15
        ("10kV", "hv_single", "red_line", "2021-03-09", "2021-03-29", "2021-03-30"),  # reply 6; handling 6 + 1: works are none
        ("10kV", "hv_double", "grid_point", None, None, "2021-04-02"),  # no reply announced; 24 days of 25
        ("380V", "lv_business", "meter_box", None, None, "2021-03-08"),  # nobody knows how long it took
    ]
    promised = pd.DataFrame(rows, columns=columns.split())
    days = {name: pd.to_datetime(promised[name]) for name in ("plan_replied", "works_finished", "energised")}
    same = cases("lishi").iloc[[0] * len(rows)].reset_index(drop=True)
    applied = pd.to_datetime(["2021-03-01"] * 5 + [None])
    found = lishi(connections=same.assign(**promised, applied=applied).assign(**days))
    assert [value(found, name) for name in ("plan_reply_kept_pct", "handling_kept_pct")] == [50, 100]
    assert [select(found, name)["n"].iloc[0] for name in ("plan_reply_kept_pct", "handling_kept_pct")] == [2, 4]
    for name, handled in {"lv_business": 5, "hv_single": (15 + 7) / 2, "hv_double": 24}.items():
        assert value(found, "handling_days", by="customer_class", group=name) == handled
        assert value(found, "handling_kept_pct", by="customer_class", group=name) == 100


def test_customers_entitled_to_a_connection_without_cost():
    columns = "customer_class micro urban_rural capacity_kva energised customer_cost_yuan"
    rows = [
        ("lv_business", True, "rural", 100, "2021-09-30", 0),  # at the limit of rural areas in 2021, and free
        ("lv_business", True, "urban", 160, "2021-01-01", 5),  # at the limit of urban ones on its first day, and charged
        ("lv_business", True, "rural", 160, "2021-03-01", 5),  # the others are not promised
        ("lv_business", True, "urban", 160.1, "2021-03-01", 5),
        ("lv_business", False, "urban", 100, "2021-03-01", 5),
        ("lv_business", None, "urban", 100, "2021-03-01", 5),
        ("residential", True, "urban", 100, "2021-03-01", 5),
        ("lv_business", True, "urban", 100, "2020-12-31", 5),
    ]
    table = pd.DataFrame(rows, columns=columns.split()).astype({"micro": "boolean"})
    same = cases("lishi").iloc[[0] * len(rows)].reset_index(drop=True)
    found = lishi(connections=same.assign(**table).assign(energised=pd.to_datetime(table["energised"])))
    kept = select(found, "zero_investment_kept_pct").iloc[0]
    assert (kept["value"], kept["n"]) == (50, 2)


@pytest.mark.parametrize("listed", [(2021, 2022), (2022, 2021)])
def test_each_year_has_its_own_limit_in_whatever_order_they_are_listed(listed):
    limits = {2021: {"urban": 160, "rural": 100}, 2022: {"urban": 160, "rural": 160}}
    connection = PARAMS.method.connection
    promised = connection.commitments.model_copy(update={"zero_investment_kva": {year: limits[year] for year in listed}})
    method = PARAMS.method.model_copy(update={"connection": connection.model_copy(update={"commitments": promised})})
    year = PARAMS.year.model_copy(update={"survey_period": Period(start="2021-10-01", end="2022-10-01")})
    days = {"applied": pd.Timestamp("2021-12-01"), "energised": pd.to_datetime(["2021-12-31", "2022-01-01"])}
    table = cases("lishi").iloc[[0, 0]].reset_index(drop=True).assign(urban_rural="rural", capacity_kva=160, **days)
    params = PARAMS.model_copy(update={"method": method, "year": year})
    kept = select(lishi(params, connections=table.assign(customer_cost_yuan=[5, 0])), "zero_investment_kept_pct").iloc[0]
    assert (kept["value"], kept["n"]) == (100, 1)  # the first was connected a day too early to be promised anything
