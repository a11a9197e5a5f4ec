"""The JSON Schemas of the parameter files, made from their models."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ge_analysis.settings.measures import Measures
from ge_analysis.settings.method import Method
from ge_analysis.settings.parameters import Benchmark, LedgerParams, Names, ReviewParams, StudyParams, Targets, Year
from ge_analysis.settings.places import Counties, Grids
from ge_analysis.settings.rules import FindingsParams
from ge_analysis.storage.files import write_text


def write(root: Path) -> None:
    """Write the JSON Schema of every parameter file to `root/params/schema/`."""
    models: dict[str, Any] = {"study": StudyParams, "names": Names, "year": Year, "grids": Grids, "counties": Counties}
    models |= {"benchmark": Benchmark, "ledgers": LedgerParams}
    models |= {"findings": FindingsParams, "targets": Targets, "review": ReviewParams, "measures": Measures}
    models |= {name: field.annotation for name, field in Method.model_fields.items()}
    for name, model in models.items():
        schema = json.dumps(TypeAdapter(model).json_schema(), ensure_ascii=False, indent=1) + "\n"
        write_text(root / "params" / "schema" / f"{name}.schema.json", schema)
