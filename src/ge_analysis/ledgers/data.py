"""The YAML files of this package."""

from importlib.resources import files
from pathlib import Path

import yaml

FOLDER = Path(str(files("ge_analysis.ledgers")))


def load(name: str) -> object:
    """Return the content of one YAML file below `ledgers/` ("rules.yml"), read by the fast loader."""
    return yaml.load((files("ge_analysis.ledgers") / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
