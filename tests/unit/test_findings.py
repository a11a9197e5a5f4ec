"""Rules of findings.yml on tables written by hand: what is said, what is not, and how a bad rule is refused."""

from pathlib import Path

import pandas as pd
import pytest
from edits import edit

from ge_analysis.errors import GeError
from ge_analysis.findings import practices, problems, progress
from ge_analysis.findings.naming import named
from ge_analysis.settings import parameters as params
from ge_analysis.settings.keys import DIMENSIONS
from ge_analysis.settings.places import County
from ge_analysis.settings.rules import FindingsParams, number
from ge_analysis.settings.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
PARAMS = params.load(ROOT, 2021)


def table(*rows: tuple) -> pd.DataFrame:
    """Rows of (county, indicator, value, dimensions)."""
    return pd.DataFrame(
        [
            {"county": county, "indicator": name, **dict.fromkeys(DIMENSIONS, ""), **dims, "value": value}
            for county, name, value, dims in rows
        ]
    )


def found(findings, rule: str):
    return next((finding for finding in findings if finding.rule == rule), None)


def of_each(values: dict[str, float], indicator: str, **dims) -> pd.DataFrame:
    return table(*[(county, indicator, value, dims) for county, value in values.items()])


def test_counties_values_and_range_in_administrative_order():
    ratios = of_each({"lanxian": 1.61, "linxian": 2.575, "lishi": 0.5, "jiaokou": 1.5}, "national_target_ratio", area="all")
    problem = found(problems(ratios, PARAMS), "national_target")
    assert problem.counties == ("linxian", "lanxian")
    assert "临县、岚县" in problem.text
    assert "分别为2.58、1.61" in problem.text
    assert all([problem.cause, problem.measure, problem.responsible, problem.due, problem.goal])


def test_one_county_is_not_put_in_the_plural():
    ratios = of_each({"linxian": 2.5, "lishi": 0.5}, "national_target_ratio", area="all")
    assert found(problems(ratios, PARAMS), "national_target").text.endswith("与目标之比为2.50。")


def test_nothing_is_claimed_that_the_data_do_not_show():
    fine = pd.concat(
        [
            of_each({"lishi": 0.9}, "national_target_ratio", area="all"),
            of_each({"lishi": 30}, "time_days", voltage="high"),
            of_each({"lishi": float("nan")}, "live_line_jobs"),
            of_each({"lishi": 1}, "index_item", item="deterrent"),
        ]
    )
    assert problems(fine, PARAMS) == []
    assert problems(fine.iloc[:0], PARAMS) == []


def test_every_county_of_one_grid_is_called_by_it():
    jobs = {unit.slug: 0 if unit.grid == "local" else 12 for unit in PARAMS.counties}
    assert "地电供区的8个县（区）" in found(problems(of_each(jobs, "live_line_jobs"), PARAMS), "no_live_line_work").text
    assert "国网供区的5个县（市）" in found(practices(of_each(jobs, "live_line_jobs"), PARAMS), "live_line_work").text
    deterrent = of_each(dict.fromkeys(jobs, 0), "index_item", item="deterrent")
    assert "全部13个县（市、区）" in found(problems(deterrent, PARAMS), "no_deterrent").text
    jobs["wenshui"] = float("nan")
    assert "国网供区有数据的4个县（市）" in found(practices(of_each(jobs, "live_line_jobs"), PARAMS), "live_line_work").text


def test_those_without_data_are_neither_counted_nor_an_exception():
    slugs = [unit.slug for unit in PARAMS.counties]
    meters = of_each(dict.fromkeys(slugs[:9], 10) | dict.fromkeys(slugs[9:], float("nan")), "card_meters")
    assert found(problems(meters, PARAMS), "card_meters").text.startswith("有数据的9个县（区）仍有")
    meters.loc[0, "value"] = 0
    assert found(problems(meters, PARAMS), "card_meters").text.startswith("除离石区外有数据的8个县仍有")


def test_values_have_names_where_the_counties_are_not_named_one_by_one():
    meters = {unit.slug: place for place, unit in enumerate(PARAMS.counties)}  # none in the first
    text = found(problems(of_each(meters, "card_meters"), PARAMS), "card_meters").text
    assert text.startswith("除离石区外的12个县（市）仍有") and "分别为文水县1户、交城县2户、" in text
    meters = of_each({"linxian": 4, "lishi": 2, "wenshui": 0}, "card_meters")
    text = found(problems(meters, PARAMS), "card_meters").text
    assert text == "离石区、临县仍有卡表用户，低压表计分别为2户、4户，需到窗口或自助终端交费。"


def test_every_condition_must_hold():
    both = pd.concat(
        [of_each({"wenshui": 5, "lanxian": 5}, "live_line_jobs"), of_each({"wenshui": 49.9, "lanxian": 50}, "live_line_rate_pct")]
    )
    assert found(problems(both, PARAMS), "little_live_line_work").counties == ("wenshui",)


def spoken(indicators: pd.DataFrame, text: str, *when: dict, **rule: object):
    """What a single rule says of a table."""
    own = {"id": "own", "topic": "price", "title": "自定", "text": text, "when": when} | rule
    only = FindingsParams.model_validate({"problems": [], "practices": [own]})
    return found(practices(indicators, PARAMS.model_copy(update={"findings": only})), "own")


FEW_METERS = {"indicator": "card_meters", "operator": "at_most", "limit": 0.3}
NO_METERS = {"indicator": "card_meters", "operator": "missing"}


def test_a_rounding_error_does_not_break_a_limit():
    assert 0.1 + 0.2 > 0.3
    assert spoken(of_each({"lishi": 0.1 + 0.2}, "card_meters"), "$counties", FEW_METERS).counties == ("lishi",)


def test_a_rule_of_one_grid_concerns_no_other():
    meters = of_each({"lishi": 0, "wenshui": 0, "lanxian": 0}, "card_meters")
    assert spoken(meters, "$counties", FEW_METERS, grid="state").counties == ("wenshui", "lanxian")
    assert spoken(meters.iloc[:1], "$counties", FEW_METERS, grid="state") is None


def test_a_rule_of_the_city_concerns_only_the_city():
    meters = of_each({"lishi": 0.1, "city": 0.2}, "card_meters")
    finding = spoken(meters, "$counties有$city", FEW_METERS, place="city")
    assert (finding.text, finding.counties) == ("吕梁市有0户", ("city",))
    assert spoken(meters.iloc[:1], "$counties", FEW_METERS, place="city") is None
    assert spoken(meters.iloc[:1], "$counties", NO_METERS, place="city") is None


def test_missing_values_are_those_of_counties_that_have_results():
    some = of_each({"lishi": float("nan"), "wenshui": 5}, "card_meters")
    assert spoken(some, "$counties", NO_METERS).counties == ("lishi",)
    every = of_each(dict.fromkeys((unit.slug for unit in PARAMS.counties), float("nan")), "card_meters")
    assert spoken(every, "$counties没有数据", NO_METERS).text == "全部13个县（市、区）没有数据"


def test_numbers_of_a_text_are_those_of_the_first_condition_and_of_the_counties_concerned():
    both = pd.concat(
        [of_each({"lishi": 7, "wenshui": 8, "lanxian": 9}, "live_line_jobs"), of_each({"lishi": 0, "lanxian": 0}, "card_meters")]
    )
    jobs = {"indicator": "live_line_jobs", "operator": "above", "limit": 0}
    assert spoken(both, "$count个单元$values", jobs, FEW_METERS).text == "2个单元分别为7次、9次"


def test_counties_are_named_one_by_one_up_to_three_and_so_are_exceptions():
    units = [County(slug=slug, name=slug.upper(), code="141100", grid="state") for slug in "abcdefgh"]

    def all_of(number):
        return params.Params.model_construct(counties=units[:number], grids=())

    assert named(units[3:6], units[:6], all_of(6)) == "D、E、F"  # though only three others are left
    assert named(units[3:7], units[:7], all_of(7)) == "除A、B、C外的4个县"
    assert named(units[4:], units, all_of(8)) == "E、F、G、H"  # four exceptions are too many


def test_a_fifth_of_many_counties_may_be_exceptions():
    units = [County(slug=f"c{number}", name=f"{number}县", code="990100", grid="state") for number in range(30)]
    study = params.Params.model_construct(counties=units, grids=())
    assert named(units[6:], units, study) == "除0县、1县、2县、3县、4县、5县外的24个县"
    assert named(units[7:], units, study).startswith("7县、8县、")


def test_of_more_than_fifteen_values_the_range_is_given():
    units = tuple(County(slug=f"c{number}", name=f"{number}县", code="990100", grid="state") for number in range(16))
    table = of_each({unit.slug: number + 2 for number, unit in enumerate(units)}, "live_line_jobs")
    rule = {"id": "own", "topic": "price", "title": "自定", "text": "$counties$values"}
    rule |= {"when": [{"indicator": "live_line_jobs", "operator": "above", "limit": 0}]}
    only = FindingsParams.model_validate({"problems": [], "practices": [rule]})

    def said(number):
        study = PARAMS.model_copy(update={"findings": only, "counties": units[:number]})
        return practices(table, study)[0].text

    assert said(16) == "全部16个县为2～17次"
    assert said(15).startswith("全部15个县分别为0县2次、1县3次、")


def test_targets_differ_by_county():
    shares = of_each({"lishi": 90, "wenshui": 69.9, "jiaocheng": 70}, "feeder_interconnected_pct", area="all")
    problem = found(problems(shares, PARAMS), "interconnection")
    assert problem.counties == ("lishi", "wenshui")  # 100 % in the city, 70 % elsewhere
    assert "69.9%～90%" in problem.text


def test_progress_towards_targets():
    values = pd.concat(
        [
            of_each({"lishi": 50, "wenshui": 35, "linxian": float("nan")}, "feeder_interconnected_pct", area="all"),
            of_each({"linxian": 30, "jiaokou": 12}, "saidi_hours", area="rural"),
        ]
    )
    rows = progress(values, PARAMS).set_index(["county", "indicator", "year"])
    share = rows["progress_pct"]
    assert share["lishi", "feeder_interconnected_pct", 2022] == 50
    assert share["wenshui", "feeder_interconnected_pct", 2022] == 50  # 35 of 70
    assert share["wenshui", "feeder_interconnected_pct", 2023] == 35
    assert share["linxian", "saidi_hours", 2022] == 50  # 15 of 30 h
    assert share["jiaokou", "saidi_hours", 2022] == 100
    assert rows["met"]["jiaokou", "saidi_hours", 2022] == 1
    assert rows.loc[("linxian", "feeder_interconnected_pct", 2022), ["progress_pct", "met"]].isna().all()
    assert ("lishi", "feeder_interconnected_pct", 2023) not in rows.index


@pytest.mark.parametrize(
    ("indicator", "dims", "value", "met"),
    [
        ("feeder_self_healing_pct", {"area": "all"}, 30, 1),
        ("feeder_self_healing_pct", {"area": "all"}, 30 - 1e-12, 1),  # off by a hair
        ("feeder_self_healing_pct", {"area": "all"}, 29.99, 0),
        ("saidi_hours", {"area": "rural"}, 15, 1),
        ("saidi_hours", {"area": "rural"}, 15 + 1e-12, 1),
        ("saidi_hours", {"area": "rural"}, 15.01, 0),
    ],
)
def test_a_value_equal_to_its_target_meets_it(indicator, dims, value, met):
    rows = progress(of_each({"linxian": value}, indicator, **dims), PARAMS).set_index("year")
    assert rows.loc[2022, "met"] == met
    assert (rows.loc[2022, "progress_pct"] == 100) == met


def test_a_target_of_one_grid_is_none_of_the_other():
    assert set(progress(of_each({"lishi": 0, "wenshui": 0}, "live_line_jobs"), PARAMS)["county"]) == {"lishi"}


def test_a_target_of_a_county_takes_precedence_in_any_order():
    turned = PARAMS.model_copy(update={"targets": PARAMS.targets[::-1]})
    values = of_each({"lishi": 50}, "feeder_interconnected_pct", area="all")
    for given in (PARAMS, turned):
        assert progress(values, given)[["year", "target"]].values.tolist() == [[2022, 100]]


@pytest.mark.parametrize("rule", [*PARAMS.findings.problems, *PARAMS.findings.practices], ids=lambda rule: rule.id)
def test_every_rule_applies_where_its_conditions_hold(rule):
    rows = []
    for code in getattr(rule, "demands", ()):
        rows.append(of_each({"wenshui": 1, "linxian": 2, "city": 3}, "demand_count", item=code))
    if getattr(rule, "check", None) and not rule.when:
        dims = {"item": rule.check.aspect, "by": "check_item", "group": f"甲{rule.check.words[0]}乙"}
        rows.append(of_each({"lishi": 1, "wenshui": 0, "linxian": 0, "city": 1}, "checklist_item_met", **dims))
    for condition in rule.when:
        limit = 30 if condition.target else condition.limit  # 30 % is the lowest target of 2022
        limit = number(PARAMS.method, condition.parameter) if condition.parameter else limit
        value = limit + {"below": -1, "above": 1}.get(condition.operator, 0)
        rows.append(of_each(dict.fromkeys(["wenshui", "linxian"], value), condition.indicator, **condition.dims))
    finding = found([*problems(pd.concat(rows), PARAMS), *practices(pd.concat(rows), PARAMS)], rule.id)
    assert finding.counties == ("wenshui", "linxian")
    assert "文水县、临县" in finding.text
    assert "$" not in finding.text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("operator: above, limit: 1.5", "operator: __import__, limit: 1.5", r"problems\.\d+\.when\.0\.operator"),
        ("operator: above, limit: 1.5", "operator: above", "exactly one of limit"),
        ("indicator: national_target_ratio", "indicator: beauty", "unknown indicator 'beauty'"),
        ("connection.targets_days.high}", "connection.targets_days.heigh}", r"no number 'connection\.targets_days\.heigh'"),
        ("与目标之比$values", "与目标之比$values.__class__ ${counties!r}", "the text may use"),
        ("与目标之比$values", "与目标之比$valves", "the text may use"),
        ("area: rural, operator", "area: rurall, operator", "'rurall'; did you mean rural"),
        ("id: residential_time\n", "id: low_voltage_time\n", "two rules are called low_voltage_time"),
        ("topic: price", "topic: weather", "topic"),
        ("demands: [tariff_notice]", "demands: [tarif_notice]", "unknown demand 'tarif_notice'; did you mean tariff_notice"),
        ("demands: [tariff_notice]", "check: {aspect: billing, words: [电价]}", "no problem has the demand tariff_notice"),
        ("answers: [national_target, ", "answers: [nation_target, ", "unknown problem 'nation_target'"),
    ],
)
def test_a_bad_rule_is_refused_with_its_line(tmp_path, old, new, message):
    for path in (ROOT / "params").rglob("*.yml"):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    file = tmp_path / "params/2021/findings.yml"
    edit(file, old, new)
    with pytest.raises(GeError, match=rf"findings\.yml line \d+: .*{message}"):
        params.load(tmp_path)


def test_the_line_is_that_of_the_entry(tmp_path):
    file = tmp_path / "targets.yml"
    file.write_text(
        "- {indicator: live_line_jobs, years: {2022: 1}}\n\n- indicator: live_line_jobs\n  years:\n    2022: many\n", "utf-8"
    )
    with pytest.raises(GeError, match=r"line 5: 1\.years\.2022"):
        read_yaml(file, tuple[params.Target, ...])


SITE = {"item": "grid_information", "by": "check_item", "group": "信息公开网址可以打开"}


def test_a_problem_of_the_checklist_is_found_where_an_item_is_not_met():
    met = of_each({"lishi": 1, "wenshui": 0, "xingxian": 0, "linxian": 1, "city": 2}, "checklist_item_met", **SITE)
    problem = found(problems(met, PARAMS), "information_address")
    assert (problem.counties, problem.measured) == (("wenshui", "xingxian"), False)
    assert problem.text == "文水县、兴县核查未达要求：信息公开网址可以打开。"
    assert problem.start == "核查未达要求"


def test_what_values_and_checklist_show_is_one_problem():
    invoice = SITE | {"item": "billing", "group": "可在线自行获取电子发票"}
    both = pd.concat(
        [of_each({"lishi": 0, "wenshui": 5}, "e_invoice_pct"), of_each({"wenshui": 0}, "checklist_item_met", **invoice)]
    )
    problem = found(problems(both, PARAMS), "no_e_invoice")
    assert problem.counties == ("lishi", "wenshui")
    assert problem.text.startswith("离石区在统计期内")  # from the values
    assert problem.responsible == "国网吕梁供电公司、山西地电吕梁分公司"  # of both counties


def test_what_customers_ask_for_is_a_problem_where_nothing_else_shows_it():
    asked = of_each({"lishi": 0, "wenshui": 2, "city": 2}, "demand_count", item="smart_meter")
    problem = found(problems(asked, PARAMS), "card_meters")
    assert (problem.counties, problem.start) == (("wenshui",), "用户提出诉求")
    meters = pd.concat([asked, of_each({"lishi": 7}, "card_meters")])
    assert found(problems(meters, PARAMS), "card_meters").counties == ("lishi",)


def test_weight_is_distance_times_customers():
    rows = [of_each({"linxian": 45, "lanxian": 33}, "time_days", voltage="high")]  # 15 and 3 days above 30
    rows.append(of_each({"linxian": 200, "lanxian": 1000}, "customers_served", area="all"))
    assert found(problems(pd.concat(rows), PARAMS), "high_voltage_time").weight == pytest.approx(0.5 * 200 + 0.1 * 1000)
