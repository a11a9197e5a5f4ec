"""Single sentences and rows of the report, from figures written by hand: no chapter, no document."""

from datetime import date

import pandas as pd
import pytest
from hand_study import PARAMS, HandStudy, city_tables, figure, survey_rows

from ge_analysis.report import text
from ge_analysis.report.brief import Brief
from ge_analysis.report.comparisons import Comparisons
from ge_analysis.report.evidence import Evidence
from ge_analysis.report.facts import Facts
from ge_analysis.report.markup import linked
from ge_analysis.report.money import Money
from ge_analysis.report.register import Register
from ge_analysis.report.rows import Rows
from ge_analysis.report.voices import Voices
from ge_analysis.settings.parameters import Period
from ge_analysis.storage.paths import Paths

HIGH = {"voltage": "high"}


def voices(found: Facts) -> Voices:
    return Voices(found, Register(found))


def facts(tmp_path, *rows: dict, **study: object) -> Facts:
    """Figures of a study in which nothing else is known."""
    return Facts(HandStudy(Paths(tmp_path, 2021), list(rows) or [figure("city", "feeders", 1)], **study))


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (12.0, 15.5, "用时减少3.5个工作日"),
        (19.0, 15.5, "用时增加3.5个工作日"),
        (15.54, 15.5, "用时持平"),  # both are printed as 15.5
        (float("nan"), 15.5, ""),
    ],
)
def test_change_against_an_earlier_figure(now, before, said, tmp_path):
    found = facts(tmp_path, figure("city", "time_working_days", now, **HIGH))
    assert found.change("用时", "time_working_days", before, **HIGH) == said


def test_change_of_a_share_is_given_in_points(tmp_path):
    assert (
        facts(tmp_path, figure("city", "cost_pct_income", 40, voltage="high")).change(
            "成本", "cost_pct_income", 50, voltage="high"
        )
        == "成本减少10个百分点"
    )


@pytest.mark.parametrize(
    ("comparison", "slugs"),
    [("<", ["lishi"]), ("<=", ["lishi", "wenshui"]), ("=", ["wenshui"]), (">=", ["wenshui", "lanxian"]), (">", ["lanxian"])],
)
def test_counties_are_compared_with_a_limit(comparison, slugs, tmp_path):
    values = {"lishi": 1, "wenshui": 2, "lanxian": 3, "linxian": float("nan")}
    found = facts(tmp_path, *(figure(slug, "feeders", number, area="all") for slug, number in values.items()))
    assert [county.slug for county in found.where("feeders", comparison, 2, area="all")] == slugs
    assert len(found.without("feeders", area="all")) == 13 - 3


def test_counties_are_named_among_those_with_data(tmp_path):
    five = [unit.slug for unit in PARAMS.counties[:5]]
    found = facts(tmp_path, *(figure(slug, "feeders", 0 if slug == five[0] else 1, area="all") for slug in five))
    assert found.those("feeders", ">", 0, area="all") == "除离石区外有数据的4个县"


def test_a_county_without_results_is_without_every_figure(tmp_path):
    found = facts(tmp_path, missing={"lishi": "没有台账"})
    assert found.without("feeders", area="all")[0].slug == "lishi"


def test_cases_of_a_figure_without_any_are_none(tmp_path):
    found = facts(tmp_path, figure("city", "score", 80, n=pd.NA, **HIGH), figure("city", "time_days", 30, n=7, **HIGH))
    assert [found.n(name, **HIGH) for name in ("score", "time_days", "procedures")] == [0, 7, 0]
    assert [found.num(name, **HIGH) for name in ("score", "procedures")] == ["80.0", "缺"]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((2020, 1, 1), (2021, 1, 1), "2020年"),
        ((2020, 1, 1), (2020, 12, 1), "2020年1月至2020年11月"),
        ((2020, 2, 1), (2021, 1, 1), "2020年2月至2020年12月"),
        ((2020, 1, 1), (2022, 1, 1), "2020年1月至2021年12月"),
    ],
)
def test_only_one_whole_year_is_named_by_its_number(start, end, said):
    assert text.span(Period(start=date(*start), end=date(*end))) == said


def test_last_years_figures_are_given_with_this_years(tmp_path):
    rows = [figure("lishi", "saidi_hours", 9, area="all"), figure("city", "saidi_hours", 9, area="all")]
    rows += [figure("lishi", "saifi", 2, area="all"), figure("wenshui", "saidi_hours", float("nan"), area="all")]
    rows += [
        figure(place, "saidi_hours_before", hours, area="all") for place, hours in (("lishi", 12), ("wenshui", 12), ("city", 6))
    ]
    rows += [figure(place, "saidi_change_pct", change, area="all") for place, change in (("lishi", -25), ("city", 50))]
    rows.append(figure("lishi", "saifi_before", 0, area="all"))
    lishi = ["离石区", "全口径", "12.00", "9.00", "−25", "0.00", "2.00", "—"]
    city = ["全市", "全口径", "6.00", "9.00", "+50", "缺", "缺", "—"]
    assert Comparisons(facts(tmp_path, *rows)).previous() == [lishi, city]
    # last year's city holds the county that this year lacks
    assert Comparisons(facts(tmp_path, *rows, missing={"linxian": "没有台账"})).previous() == [lishi]


def test_last_years_other_values_are_given_with_this_years(tmp_path):
    rows = [figure("lishi", name, value, area="all") for name, value in (("asai_pct", 99.8), ("asai_pct_before", 99.75))]
    rows += [figure("lishi", "asai_published_change_points", 0.05, area="all"), figure("lishi", "score_before", 80)]
    rows += [figure("lishi", "score", points, voltage=voltage) for voltage, points in (("low", 85), ("high", 75.5))]
    rows += [figure("wenshui", "customers_served", 10, area="all")]  # nothing of last year
    assert Comparisons(facts(tmp_path, *rows)).previous_others() == [
        ["离石区", "供电可靠率（%）", "99.7500", "99.8000", "+0.0500", "个百分点"],
        ["离石区", "低压获得电力得分（分）", "80.0", "85.0", "—", "—"],
        ["离石区", "高压获得电力得分（分）", "80.0", "75.5", "—", "—"],
    ]


def test_fewer_than_five_cases_are_a_small_sample(tmp_path):
    rows = [figure(unit.slug, "time_days", 30, n=5, voltage=voltage) for unit in PARAMS.counties for voltage in ("low", "high")]
    rows = [row | {"n": 4} if (row["county"], row["voltage"]) == ("linxian", "high") else row for row in rows]
    assert Rows(facts(tmp_path, *rows)).small_samples() == ["临县高压4件"]


def test_days_above_the_longest_case_are_explained_under_the_table(tmp_path):
    days = {"lishi": (31, 26), "wenshui": (26, 26), "jiaocheng": (float("nan"), float("nan"))}
    rows = [
        figure(slug, name, value, **HIGH)
        for slug, pair in days.items()
        for name, value in zip(("time_days", "longest_days"), pair, strict=True)
    ]
    explained = "离石区的高压天数超过历时最长的案例，因各案例经历的环节不同"
    assert Rows(facts(tmp_path, *rows)).connection_note().endswith(f"；{explained}。")
    assert "超过" not in Rows(facts(tmp_path, *rows[2:])).connection_note()


def test_targets_name_counties_that_reach_them_among_those_with_data(tmp_path):
    hours = {"lishi": 10, "wenshui": 16, "jiaocheng": 10, "xingxian": 10, "linxian": 10, "liulin": float("nan")}
    rows = [figure(slug, "saidi_hours", value, area="rural") for slug, value in hours.items()]
    rows += [
        figure(slug, "national_target_met", slug != "wenshui", area="rural") for slug, hours in hours.items() if hours == hours
    ]
    said = "达标（按小时）：除文水县外有数据的4个县（区）；未达标：文水县"
    assert Comparisons(facts(tmp_path, *rows)).targets() == [["农村系统平均停电时间（小时/户）", 2022, "15.00", said]]
    by_cut = [figure("wenshui", "national_target_met", 1, area="rural"), *rows[:6], *rows[6:7]]
    said = "达标（按小时）：离石区；达标（按压减）：文水县"
    found = facts(tmp_path, *[row for row in by_cut if row["county"] in ("wenshui", "lishi")])
    assert Comparisons(found).targets()[0][3] == said == found.said(found.national("rural"))


def test_other_causes_are_named_where_they_are_among_the_largest(tmp_path):
    hours = {"natural": 30, "other": 40, "customer": 50, "external_damage": 0}
    rows = [figure("city", "hour_customers", value, area="all", item=cause) for cause, value in hours.items()]
    largest = Rows(facts(tmp_path, *rows)).largest
    assert largest("hour_customers", "cause", 2, area="all") == ["customer", "other", "natural"]
    assert largest("hour_customers", "cause", 1, area="all") == ["customer"]


def test_prices_in_force_on_the_day_of_the_report(tmp_path):
    first = city_tables()["city", "tariffs"][0] | {"capacity_price": 24.0, "demand_price": 36.5}
    days = {"2021-12-20": 0.5, "2021-12-21": 0.4, "2020-01-01": 0.6}  # the report is of 20 December 2021
    tariffs = [first | {"valid_from": pd.Timestamp(day), "energy_price": price} for day, price in days.items()]
    tariffs.append(first | {"category": "residential"})
    dims = {"by": "grid", "group": "state", "kind": "business", "voltage": first["tariff_voltage"]}
    parts = {"energy": 60_480, "capacity": 12_096, "funds": 3_338.496}
    bill = [figure("city", "bill_yuan", yuan, item=item, **dims) for item, yuan in parts.items()]
    bill.append(figure("city", "bill_yuan", 75_914.496, **dims))
    money = Money(facts(tmp_path, *bill, canonical={("city", "tariffs"): tariffs}))
    business, _ = money.tariffs("state")
    assert business[2:] == ["0.5000", "—", "—", "—", "24", "36.5", "0.0276"]
    # no bill for homes
    assert [row[3:7] for row in money.bills()] == [["60,480", "12,096", "3,338", "75,914"]]


def test_resale_codes_are_those_of_the_last_month(tmp_path):
    rows = [figure("city", "resale_entities", 5, item="red", by="month", group="2020-12")]
    rows += [
        figure("city", "resale_entities", n, item=code, by="month", group="2021-02") for code, n in (("green", 3), ("red", 0))
    ]
    rows += [figure("lishi", "resale_checks", 2), figure("wenshui", "resale_checks", 0)]
    resale = Money(facts(tmp_path, *rows)).resale()
    assert (resale["month"], resale["colours"], resale["checks"]) == ("2021年2月", {"green": "3"}, ["离石区2个"])
    assert len(resale["unknown"]) == 11


def test_nothing_earned_has_no_sign(tmp_path):
    rows = [
        figure("lishi", "incentive_wan_yuan", amount, item=rule, area="all")
        for rule, amount in (("beijing", 0), ("guangzhou", 10))
    ]
    assert Money(facts(tmp_path, *rows)).incentives()[0][3::2] == ["0", "+10"]


@pytest.mark.parametrize(
    ("beijing", "guangzhou", "said"),
    [  # rewards for 0.5 h (100) and for less than 1 h (10), the highest penalty above 1.5 h; Beijing's fall up to 0.002 is free
        ((100, 100), (-100, -100), ["全部为奖励；", "都超过1.5小时，全部按最高档处罚", "宜先用北京规则"]),
        ((0, 0), (10, 100), ["都在不奖不罚的幅度以内；", "都在1小时以内，全部为奖励", "本市为0.92小时，宜用广州规则"]),
        ((0, 100), (-100, 10), ["下降的按幅度处罚；", "超过1小时的处罚", "两种规则的结果各不相同"]),
        ((), (10, 10), ["没有可比的上年可靠率，北京规则没有试算结果，两种规则不作比较"]),
        ((0, 0), (), ["停电数据不全，两种规则不作比较"]),
    ],
)
def test_the_rule_that_suits_the_city_follows_from_the_results(beijing, guangzhou, said, tmp_path):
    rows = [figure("city", "saidi_hours", 0.92, area="all")]
    for rule, amounts in (("beijing", beijing), ("guangzhou", guangzhou)):
        rows += [
            figure(county, "incentive_wan_yuan", amount, item=rule, area="all")
            for county, amount in zip(("lishi", "wenshui"), amounts, strict=False)
        ]
    words = Money(facts(tmp_path, *rows)).incentives_text()
    assert [part for part in said if part not in words] == []
    assert len(said) > 1 or words == f"{said[0]}。"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2, 20, "国网供区90%（10人）、地电供区80%（10人），国网供区较高，差异超出人数带来的误差。"),
        (-20, -2, "国网供区90%（10人）、地电供区80%（10人），地电供区较高，差异超出人数带来的误差。"),
        (-2, 20, "国网供区90%（10人）、地电供区80%（10人），差异没有超出人数带来的误差。"),
        (float("nan"), float("nan"), ""),
    ],
)
def test_grids_differ_where_the_interval_leaves_out_zero(low, high, said, tmp_path):
    shares = {"state": 90, "local": 80}
    rows = [figure("city", "survey_top2_share", share, item="payment", by="grid", group=grid) for grid, share in shares.items()]
    rows += [
        figure("city", f"survey_grid_difference_{side}", bound, item="payment", by="grid", group="local")
        for side, bound in (("low", low), ("high", high))
    ]
    assert voices(facts(tmp_path, *rows)).by_grid("payment").removeprefix("分供区看，") == said


def test_industries_with_enough_answers_are_compared(tmp_path):
    means = {"采矿业": (4.5, 5), "建筑业": (3.5, 6), "畜牧业": (1.0, 4)}  # four answers are too few
    rows = [
        figure("city", "survey_mean", mean, n=n, item="payment", by="industry", group=name) for name, (mean, n) in means.items()
    ]
    survey = {("lishi", "survey"): [row | {"industry": name} for name in means for row in survey_rows()]}
    said = voices(facts(tmp_path, *rows, canonical=survey)).by_industry("payment")
    assert said == "分行业看，打分较高的是采矿业（5人）4.50分，较低的是建筑业（6人）3.50分。"


def test_demands_are_listed_the_most_frequent_first(tmp_path):
    counts = {"smart_meter": 2, "online_payment": 7}
    rows = [figure("city", "demand_count", number, item=code) for code, number in counts.items()]
    rows.append(figure("city", "demand_share_pct", 12.5, item="online_payment", by="grid", group="local"))
    said = voices(facts(tmp_path, *rows)).demands("payment")
    problem = "[问题1](#biao-5-1)"
    first = f"受访者希望：线上交费（7人，{problem}）、更换智能电表（2人，{problem}）。"
    assert linked(said, {"表 5-1": "表 5-1"}) == f"{first}其中提出“线上交费”的，地电供区12.5%（10人）。"
    assert voices(facts(tmp_path, figure("city", "demand_count", 0, item="smart_meter"))).demands("payment") == ""


def test_the_same_share_in_both_grids_is_said_to_be_the_same(tmp_path):
    rows = [figure("city", "survey_top2_share", 80, item="payment", by="grid", group=grid) for grid in ("state", "local")]
    rows += [
        figure("city", f"survey_grid_difference_{end}", 0, item="payment", by="grid", group="local") for end in ("low", "high")
    ]
    said = voices(facts(tmp_path, *rows)).by_grid("payment")
    assert said == "分供区看，国网供区80%（10人）、地电供区80%（10人），两者相同。"


def test_quotes_are_the_commonest_praise_then_the_commonest_wishes(tmp_path):
    heard = {  # answer: counties
        "报修慢，等了半天": ("lishi", "linxian"),
        "报修无人接听": ("lishi",),
        "抢修收费不明": ("linxian", "lishi", "wenshui"),
        "师傅态度很好": ("lishi",),
    }
    rows = [(slug, survey_rows(text)[0] | {"response_id": text}) for text, slugs in heard.items() for slug in slugs]
    survey = {(slug, "survey"): [row for each, row in rows if each == slug] for slug in ("lishi", "linxian", "wenshui")}
    assert voices(facts(tmp_path, figure("city", "survey_mean", 4, item="payment"), canonical=survey)).quotes(
        "repair_visits"
    ) == [
        "“师傅态度很好”——采矿业受访者。",
        "“抢修收费不明”——采矿业受访者，3个县（市、区）有人提到。",
        "“报修慢，等了半天”——采矿业受访者，2个县（市、区）有人提到。",
    ]


def test_shares_in_sentences_are_rounded_half_up():
    assert text.percent(1, 16) == "6.3%"  # 6.25
    assert text.percent(9, 16) == "56.3%"  # 56.25


def test_the_cause_above_the_city_s_is_not_other(tmp_path):
    hours = {"lishi": (50, 20, 30), "city": (50, 25, 25)}  # other lies 5 points above the city, natural below, equal else
    rows = [figure(place, "hour_customers", 100, area="all") for place in hours]
    rows += [
        figure(place, "hour_customers", value, area="all", item=cause)
        for place, values in hours.items()
        for cause, value in zip(("planned_maintenance", "natural", "other"), values, strict=True)
    ]
    found = facts(tmp_path, *rows)
    assert Brief(found, Register(found)).causes(PARAMS.counties[0]) == ""


def test_the_lowest_rated_aspects_are_the_lowest_even_if_they_are_as_in_the_city(tmp_path):
    means = {"lishi": (3, 3.5, 4.5), "city": (3, 3.8, 4.2)}
    rows = [
        figure(place, "survey_mean", value, item=aspect)
        for place, values in means.items()
        for aspect, value in zip(("payment", "connection", "invoicing"), values, strict=True)
    ]
    found = facts(tmp_path, *rows)
    said = Brief(found, Register(found)).aspects(PARAMS.counties[0])
    assert said == "交费3.00分（10人，全市3.00分）、接电3.50分（10人，全市3.80分）"


def test_a_part_that_is_all_of_a_figure_is_no_departure_of_its_own(tmp_path):
    """Where every case has a public line nearby, their time is that of all."""
    near = {**HIGH, "by": "public_line_near", "group": "near"}
    rows = [figure(place, "time_days", days, **dims) for place, days in (("lishi", 21), ("city", 18)) for dims in (HIGH, near)]
    found = facts(tmp_path, *rows)
    assert [row[0] for row in Brief(found, Register(found)).departures(PARAMS.counties[0])] == ["高压接电时间（天）"]
    rows[-1] = figure("city", "time_days", 17, **near)
    found = facts(tmp_path, *rows)
    assert len(Brief(found, Register(found)).departures(PARAMS.counties[0])[0]) == 6  # both, side by side


def test_two_aspects_with_equal_means_are_two_departures(tmp_path):
    means = {"lishi": 4.5, "city": 4.2}
    rows = [
        figure(place, "survey_mean", mean, item=aspect) for place, mean in means.items() for aspect in ("payment", "invoicing")
    ]
    found = facts(tmp_path, *rows)
    (row,) = Brief(found, Register(found)).departures(PARAMS.counties[0])
    assert row[::3] == ["交费平均分（分）", "开票平均分（分）"]


def test_evidence_that_differs_is_told_after_the_counties_that_it_is_of(tmp_path):
    said = {unit.slug: "现场演示网上国网" if unit.grid == "state" else "现场演示网上地电" for unit in PARAMS.counties}
    check = {"aspect": "billing", "item": "线上交费", "result": "yes", "checked_on": pd.Timestamp("2021-10-11")}
    tables = {(slug, "convenience"): [check | {"evidence": text}] for slug, text in said.items()}
    found = facts(tmp_path, canonical=tables)
    (aspect,) = Evidence(found, Register(found)).aspects()
    # eight counties of the local grid, five of the state grid
    shown = "（依据：地电供区的8个县（区）为现场演示网上地电；国网供区的5个县（市）为现场演示网上国网）"
    assert aspect["findings"] == [f"各县（市、区）均达到要求的有：线上交费{shown}。"]
