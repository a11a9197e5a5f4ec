"""Write the generated pages, parameter schemas and catalogue of messages: `python -m ge_analysis.handbook`, or `make docs`."""

from pathlib import Path

from ge_analysis.handbook import catalogue, pages, schemas
from ge_analysis.storage.paths import find_root

root = find_root(Path.cwd())
pages.write(root)
schemas.write(root)
catalogue.write()
