"""Text of the ledgers that looks like markup is printed as the text it is, in all three formats."""

import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from docx import Document
from docx.oxml.ns import qn
from hand_study import CITY_FIGURES, COUNTY_FIGURES, PARAMS, ROOT, HandStudy, city_tables, survey_rows, whole
from pypdf import PdfReader

from ge_analysis.report.markup import plain
from ge_analysis.report.project import write_project
from ge_analysis.report.render import equip, render_project

HOSTILE = """{{< include x >}} <script>alert(1)</script> $x^2$ #read("x") a|b *c* [d](e) `f` @g \\h ~i~
# 末行 😀"""
FIELDS = ("名称", "文号", "摘要", "来源", "事项", "依据", "问题", "做法", "行业", "意见", "缘由")


def hostile(field: str) -> str:
    """A text that differs from that of the other fields; as a comment it voices a demand."""
    return f"{field}希望少停电{HOSTILE}"


def pictures(study: HandStudy) -> None:
    """Give every place the finished figures that the chapters set."""
    for place in ("city", *(unit.slug for unit in study.present)):
        folder = study.paths.results(place) / "figures"
        folder.mkdir(parents=True)
        for name in CITY_FIGURES if place == "city" else COUNTY_FIGURES:
            for ending in ("svg", "png"):
                shutil.copy(ROOT / "tests" / "render" / "sample" / "figures" / f"bars.{ending}", folder / f"{name}.{ending}")


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> dict[str, str]:
    """What a reader of each format sees of a study of two counties, one of them missing, without spaces."""
    root = tmp_path_factory.mktemp("hostile")
    tables = city_tables()
    tables["city", "policies"][0] |= {
        "policy_title": hostile("名称"),
        "policy_number": hostile("文号"),
        "summary": hostile("摘要"),
    }
    for tariff in tables["city", "tariffs"]:
        tariff["tariff_source"] = hostile("来源")
    check = {"aspect": "billing", "result": "yes", "checked_on": pd.Timestamp("2021-06-01")}
    words = {"item": "事项", "evidence": "依据", "problem": "问题", "highlight": "做法"}
    there, absent = PARAMS.counties[:2]
    tables[there.slug, "convenience"] = [
        check | {name: hostile(field) for name, field in words.items() if name != "problem"},
        check | {"item": "电子发票", "result": "no", "problem": hostile("问题")},
    ]
    tables[there.slug, "survey"] = [row | {"industry": hostile("行业")} for row in survey_rows(hostile("意见"))]
    params = PARAMS.model_copy(update={"counties": (there, absent)})
    study = replace(whole(root, canonical=tables, missing={absent.slug: hostile("缘由")}), params=params)
    shutil.copytree(ROOT / "report" / "chapters", study.paths.report / "chapters")
    pictures(study)
    build, output = study.paths.report_build, study.paths.report_output
    write_project(study, build)
    equip([ROOT / "report"], build)
    render_project(build, output, engine="embedded", only=["report"])
    page = BeautifulSoup((output / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert not [script for script in page.find_all("script") if "alert" in script.get_text()]
    word = Document(str(output / "report.docx")).element.body
    seen = {
        "docx": "".join(text.text or "" for text in word.iter(qn("w:t"))),
        "pdf": "".join(body(page) for page in PdfReader(output / "report.pdf").pages),
        "html": page.body.get_text(),
    }
    return {form: squeezed(text) for form, text in seen.items()}


def squeezed(text: str) -> str:
    return "".join(text.split())


def body(page) -> str:
    """Text of a page between its running head and foot."""
    lines = page.extract_text().splitlines()
    return "".join(line for line in lines if not re.search(r"专项提升报告$|^— \w+ —|— \w+ —$|^本报告数据为合成的演示数据", line))


@pytest.mark.parametrize("form", ["docx", "pdf", "html"])
def test_hostile_text_of_every_field_is_plain_text(texts, form):
    assert [field for field in FIELDS if squeezed(plain(hostile(field))) not in texts[form]] == []
