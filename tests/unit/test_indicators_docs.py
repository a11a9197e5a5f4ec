"""The generated documents are those of the code, and name everything that is published."""

from pathlib import Path

import ge_analysis.indicators as indicators
from ge_analysis.handbook import chapters, pages
from ge_analysis.settings.registry import registry

ROOT = Path(__file__).parents[2]


def test_documents_are_those_of_the_code():
    picture = pages.developing((ROOT / "docs" / "developing.md").read_text("utf-8"))
    found = {"methodology": pages.methodology(), "glossary": pages.glossary(), "chapters": chapters.page(), "developing": picture}
    for name, made in found.items():
        assert (ROOT / "docs" / f"{name}.md").read_text("utf-8") == made, "run `make docs`"


def test_every_public_formula_has_its_source_and_a_worked_example():
    formulas = (
        "reliability_band",
        "reliability_index",
        "distance_to_frontier",
        "getting_electricity_score",
        "weighted_score",
        "rank",
        "interruption_indices",
        "major_event_threshold",
        "procedure_count",
        "connection_time",
        "connection_cost",
        "monthly_bill",
        "resale_code",
        "tariffs_in_force",
        "beijing",
        "guangzhou",
        "aspect_summary",
        "wilson_interval",
        "interruption_marks",
        "frequency",
        "answered",
        "shared_out",
        "worth",
        "scored",
    )
    text = pages.methodology()
    for name in formulas:
        part = text.split(f"### `{name}(")[1].split("\n### ")[0]
        for section in ("**Parameters**", "**Returns**", "**References**", "**Examples**"):
            assert section in part, (name, section)


def test_glossary_names_every_indicator():
    text = pages.glossary()
    assert all(f"| `{name}` |" in text for name in registry().indicators)


def test_no_formula_knows_a_path_or_a_plot():
    for path in Path(indicators.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not [word for word in ("matplotlib", "pathlib", "read_parquet", "open(", "print(") if word in text], path
