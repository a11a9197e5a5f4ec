"""The demonstration study: the same bytes each time, no foreign file overwritten, marked as synthetic."""

from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from openpyxl import load_workbook

from ge_analysis import demo
from ge_analysis.demo import network
from ge_analysis.demo.calibration import Unit, of_city
from ge_analysis.demo.layout import Senders
from ge_analysis.demo.tables import city_tables, county_tables
from ge_analysis.errors import GeError
from ge_analysis.settings import parameters as params
from ge_analysis.settings.places import County
from ge_analysis.storage.files import digest_files
from ge_analysis.storage.paths import DEMO_MARK, Paths
from ge_analysis.study import Study

PARAMS = params.load(Path(__file__).parents[2])
SENDERS = of_city(PARAMS.study.city, "senders.yml", Senders)
SMALL = PARAMS.model_copy(update={"counties": tuple(unit for unit in PARAMS.counties if unit.slug in ("shilou", "jiaokou"))})


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    paths = Paths(tmp_path_factory.mktemp("demo"), 2021)
    return paths, demo.write(Study(SMALL, paths))


def test_every_county_and_the_city_get_workbooks_and_one_mark_lists_them(written):
    paths, files = written
    assert {file.parent.name for file in files} == {"shilou", "jiaokou", "city"}
    assert sorted(paths.raw.rglob("*.xlsx")) == sorted(files)
    assert [mark.parent for mark in paths.raw.rglob(DEMO_MARK)] == [paths.raw]


def test_the_same_parameters_give_the_same_bytes(written, tmp_path):
    paths, files = written
    again = demo.write(Study(SMALL, Paths(tmp_path, 2021)))
    assert digest_files(files, paths.raw) == digest_files(again, tmp_path / "data/raw/2021")


def test_its_own_files_are_written_again(tmp_path):
    paths = Paths(tmp_path, 2021)
    files = demo.write(Study(SMALL, paths))
    files[0].unlink()
    assert demo.write(Study(SMALL, paths)) == files
    assert files[0].is_file()


def test_a_workbook_that_was_changed_is_kept_and_named(tmp_path):
    paths = Paths(tmp_path, 2021)
    changed = demo.write(Study(SMALL, paths))[0]
    with ZipFile(changed, "a") as archive:
        archive.writestr("changed", "by hand")
    before = digest_files(paths.raw.rglob("*.xlsx"), paths.raw)
    with pytest.raises(GeError, match=changed.name):
        demo.write(Study(SMALL, paths))
    assert digest_files(paths.raw.rglob("*.xlsx"), paths.raw) == before


def test_lock_files_of_excel_are_not_in_the_way(tmp_path):
    paths = Paths(tmp_path, 2021)
    first = demo.write(Study(SMALL, paths))[0]
    first.with_name(f"~${first.name}").write_bytes(b"open in Excel")
    assert demo.write(Study(SMALL, paths))[0] == first


def test_a_foreign_file_is_kept_and_named(tmp_path):
    paths = Paths(tmp_path, 2021)
    foreign = paths.raw / "linxian" / "真实台账.xlsx"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"sent by the county")
    with pytest.raises(GeError, match=foreign.name):
        demo.write(Study(SMALL, paths))
    assert [path for path in paths.raw.rglob("*") if path.is_file()] == [foreign]


def test_every_sheet_and_the_properties_say_that_the_data_are_synthetic(written):
    for file in written[1]:
        workbook = load_workbook(file)
        assert "合成演示数据" in workbook.properties.description
        for sheet in workbook:
            cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
            assert any("合成演示数据" in cell for cell in cells), (file.name, sheet.title)


def test_names_are_synthetic():
    tables = county_tables(Unit(PARAMS.counties[0], PARAMS))
    named = {
        "connections": ["customer_name", "address", "project_manager", "customer_manager"],
        "survey": ["respondent"],
        "resale": ["entity"],
    }
    for table, columns in named.items():
        for column in columns:
            assert tables[table][column].dropna().str.contains("合成").all(), column


@pytest.mark.parametrize(
    "habit",
    [
        "titles",
        "skip",
        "headings",
        "groups",
        "merged",
        "full_width",
        "thousands",
        "computed",
        "units",
        "words",
        "left_out",
        "extra",
        "totals",
        "serial",
        "county_column",
        "hidden",
        "hidden_row",
    ],
)
def test_every_untidy_habit_occurs(habit):
    sheets = [sender.layout(table) for sender in SENDERS.senders.values() for table in (*sender.sheets, "outages")]
    assert any(getattr(sheet, habit) not in (0, (0, 0), {}, ()) for sheet in sheets)


def test_senders_write_dates_in_every_way():
    sheets = [sender.layout(table) for sender in SENDERS.senders.values() for table in (*sender.sheets, "outages")]
    assert {sheet.dates for sheet in sheets} == {"cells", "serials", "slash", "dot", "chinese", "compact"}
    assert any(sender.system_1904 for sender in SENDERS.senders.values())
    assert any(sender.wps for sender in SENDERS.senders.values())


def test_a_workbook_with_macros_is_among_them(tmp_path):
    lanxian = PARAMS.model_copy(update={"counties": tuple(unit for unit in PARAMS.counties if unit.slug == "lanxian")})
    (file,) = (file for file in demo.write(Study(lanxian, Paths(tmp_path, 2021))) if file.suffix == ".xlsm")
    assert "macroEnabled" in load_workbook(file, keep_vba=True).mime_type


def test_an_outage_up_to_midnight_is_written_as_24_oclock(tmp_path):
    xingxian = PARAMS.model_copy(update={"counties": tuple(unit for unit in PARAMS.counties if unit.slug == "xingxian")})
    book = load_workbook(demo.write(Study(xingxian, Paths(tmp_path, 2021)))[0])
    assert any(str(cell.value).endswith(" 24:00") for cell in book["停电事件"]["G"])


@pytest.mark.parametrize("county", PARAMS.counties, ids=lambda county: county.slug)
def test_outages_reach_the_calibrated_indices(county):
    """SAIDI = Σ hours·customers / served and SAIFI = Σ customers / served, over steps beyond the floor that begin in 2020."""
    unit = Unit(county, PARAMS)
    steps = network.outages(unit, network.feeders(unit))
    hours = (steps["restored"] - steps["started"]).dt.total_seconds() / 3600
    counted = steps.assign(hour_customers=hours * steps["customers"])[
        (hours > 0.05) & (steps["started"] >= pd.Timestamp("2020-01-01"))
    ]
    for area, target in unit.calibration.areas.items():
        in_area = counted[counted["area_type"] == area]
        assert in_area["hour_customers"].sum() / target.customers == pytest.approx(target.saidi_hours, rel=0.02)
        assert in_area["customers"].sum() / target.customers == pytest.approx(target.saifi, rel=0.02)


def test_a_county_without_calibration_is_drawn_like_one_of_its_grid():
    unlisted = Unit(County(slug="new_county", name="新县", code="999901", grid="local"), PARAMS)
    assert len(county_tables(unlisted)["outages"]) > 100
    assert unlisted.calibration == Unit(next(unit for unit in PARAMS.counties if unit.slug == "fangshan"), PARAMS).calibration


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    root = demo.write_city(tmp_path_factory.mktemp("second") / "study", "1.0")
    study = params.load(root)
    return Paths(root, study.study_year), study, demo.write(Study(study, Paths(root, study.study_year)))


def test_the_second_demonstration_has_one_grid_and_counties_of_every_kind(second):
    _, study, _ = second
    assert (len(study.grids), len(study.counties), study.year.statistical_unit) == (1, 7, "lv")
    assert study.county_noun == "县（市、区）"


def test_the_second_demonstration_lacks_what_a_city_may_lack(second):
    sheets = {}
    for file in second[2]:
        for sheet in load_workbook(file, read_only=True).sheetnames:
            sheets.setdefault(sheet, set()).add(file.parent.name)
    assert "转供电" not in sheets
    assert sheets["停电事件"] - sheets["满意度问卷"] == {"donghu", "qingyan"}
    assert sheets["停电事件"] - sheets["营业厅走访"] == {"baishi", "shimen"}
    assert len(sheets["停电事件"]) == 7


@pytest.mark.parametrize("slug", ["linjiang", "qingxi"])
def test_low_voltage_customers_reach_the_same_indices(second, slug):
    """SAIDI and SAIFI of low-voltage customers are those of the calibration: interruptions and customers grow alike."""
    study = second[1]
    unit = Unit(next(county for county in study.counties if county.slug == slug), study)
    steps = network.outages(unit, network.feeders(unit))
    served = network.customers(unit).query("unit == 'lv'").set_index("area_type")["customers_served"]
    steps["hours"] = (steps["restored"] - steps["started"]).dt.total_seconds() / 3600
    counted = steps[(steps["hours"] > 0.05) & (steps["started"] >= pd.Timestamp("2023-01-01"))]
    for area, target in unit.calibration.areas.items():
        part = counted[counted["area_type"] == area]
        assert (part["hours"] * part["customers"]).sum() / served[area] == pytest.approx(target.saidi_hours, rel=0.02)
        assert part["customers"].sum() / served[area] == pytest.approx(target.saifi, rel=0.02)


def test_policies_are_of_the_study_and_not_after_its_report(second):
    policies = city_tables([Unit(county, second[1]) for county in second[1].counties])["policies"]
    assert policies["issued"].max() <= pd.Timestamp("2024-12-20")
    titles = "".join(policies["policy_title"])
    assert "江岭省优化营商环境条例" in titles and "云泽市" in titles


def test_the_plan_is_for_the_years_after_the_study(second):
    plan = city_tables([Unit(county, second[1]) for county in second[1].counties])["investment_plan"]
    assert sorted(plan["plan_year"].dropna().unique()) == [2025, 2026, 2027]
    assert set(plan["grid"].dropna()) == {"state"}
    assert set(plan["note"].dropna()) == {"2025—2027年合计"}
