"""Write the generated pages, parameter schemas and catalogue of messages: `python -m ge_analysis.handbook`, or `make docs`."""

from pathlib import Path

from ge_analysis.handbook import catalogue
from ge_analysis.handbook.pages import write
from ge_analysis.settings.parameters import write_schemas
from ge_analysis.storage.paths import find_root

root = find_root(Path.cwd())
write(root)
write_schemas(root)
catalogue.write()
