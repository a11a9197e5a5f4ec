"""The YAML files of this package."""

from importlib.resources import files

import yaml


def load(name: str) -> object:
    """Return the content of one YAML file below `ledgers/` ("rules.yml"), read by the fast loader."""
    return yaml.load((files("ge_analysis.ledgers") / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
