"""What each result is made from, and so whether it is stale."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from pydantic_core import to_jsonable_python

from ge_analysis.errors import UnreadableError
from ge_analysis.ledgers.stale import why_stale as why_tables
from ge_analysis.runner.notebook_file import read_notebook
from ge_analysis.settings.parameters import Params
from ge_analysis.settings.places import CITY
from ge_analysis.storage.files import digest_bytes, digest_files
from ge_analysis.storage.paths import Paths, provided
from ge_analysis.storage.results import failure
from ge_analysis.storage.stamps import STAMP, code_digest, own_digest, why_stale
from ge_analysis.study import Study

# City tables that a county's notebook reads.
CITY_TABLES_OF_A_COUNTY = ("index_items", "previous_indicators")
# Code that decides only when and where results are made.
OTHER_CODE = ("report", "review", *(f"runner/{name}.py" for name in ("distributed", "dvc", "pool", "read", "run", "stale")))
PACKAGES = ("ipykernel", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "pyarrow", "seaborn", "typst")


def notebook_name(place: str) -> str:
    """Return the name of the notebook of a county slug, or of `city`, in a study or the package."""
    return f"notebooks/{'city' if place == CITY else 'county'}.ipynb"


def notebook_path(paths: Paths, place: str) -> Path:
    """Return the notebook that makes the results of a county slug, or of `city`."""
    return provided(paths.root, notebook_name(place))


def why(study: Study, place: str) -> list[str]:
    """Return the reasons why the results of a county slug, or of `city`, must be made again; empty if they are up to date."""
    return why_stale(study.paths.results(place), inputs(study, place))


def inputs(study: Study, place: str) -> dict[str, str]:
    """Return name and hash of everything that the results of a county slug, or of `city`, are made from."""
    if place == CITY:
        found = _tables(study.paths, CITY)
        for county in study.counties:
            found[f"county {county.slug}"] = _county_results(study.paths, county.slug)
    else:
        found = _tables(study.paths, place) | _city_tables(study)
    own = own_digest(study.paths.own_indicators, study.paths.own_vocabulary)
    _, notebook = read_notebook(notebook_path(study.paths, place))
    return {
        **found,
        **_parameters(study.params, place),
        **({"own indicators": own} if own else {}),
        "notebook": notebook,
        **workings(),
    }


def _tables(paths: Paths, place: str) -> dict[str, str]:
    """Hash the canonical tables of a place."""
    folder = paths.tables(place)
    return {f"{place} table {path.stem}": _digest([path], folder) for path in sorted(folder.glob("*.parquet"))}


def _city_tables(study: Study) -> dict[str, str]:
    """Hash the city's tables that a county's notebook reads; it does without them if they are not up to date."""
    found = {} if why_tables(study, CITY) else _tables(study.paths, CITY)
    return {name: found.get(name, "") for name in (f"{CITY} table {table}" for table in CITY_TABLES_OF_A_COUNTY)}


def _county_results(paths: Paths, slug: str) -> str:
    """Hash what the city uses of one county; "missing" if the county has no results."""
    folder = paths.results(slug)
    if failure(folder) or not (folder / STAMP).is_file():
        return "missing"
    return _digest([*folder.glob("*.parquet"), *paths.tables(slug).glob("*.parquet")], paths.processed)


def _digest(made: Iterable[Path], base: Path) -> str:
    """Hash results; an unreadable one is made again before anything is made from it."""
    try:
        return digest_files(made, base)
    except UnreadableError:
        return "unreadable"


def _parameters(params: Params, place: str) -> dict[str, str]:
    """Hash the parameters that the notebook reads; of the counties, a county's own entry only."""
    counties = params.counties if place == CITY else [county for county in params.counties if county.slug == place]
    parts = {
        "county entry": counties,
        "city": params.study.city,
        **{name: getattr(params, name) for name in ("study_year", "year", "grids", "findings", "targets")},
        **{f"method/{name}": value for name, value in params.method},
    }
    return {f"parameters {name}": digest_bytes(_text(value).encode()) for name, value in parts.items()}


def _text(value: object) -> str:
    return json.dumps(to_jsonable_python(value), sort_keys=True, ensure_ascii=False)


@cache
def workings() -> dict[str, str]:
    """Return name and version of what makes all results: this package's code, Python and the libraries."""
    return {
        "code": code_digest(*OTHER_CODE),
        "Python": python_version(),
        **{name: version(name) for name in PACKAGES},
    }
