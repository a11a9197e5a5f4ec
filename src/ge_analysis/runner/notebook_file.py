"""A notebook of the study, which JupyterLab may be saving at any moment."""

import json
import time
from contextlib import suppress
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import digest_bytes


def notebook_text(path: Path) -> str:
    """Return a notebook's text; wait a moment if JupyterLab is saving it, which empties the file first."""
    for wait in (0.1, 0.3, 1):
        text = path.read_text(encoding="utf-8")
        with suppress(ValueError):
            json.loads(text)
            return text
        time.sleep(wait)
    return path.read_text(encoding="utf-8")


def read_notebook(path: Path) -> tuple[str, str]:
    """Return a notebook's text, and a hash of its cells without outputs, which running it in JupyterLab does not change.

    Raises
    ------
    GeError
        If the file is missing or not a notebook.
    """
    try:
        text = notebook_text(path)
        cells = json.loads(text)["cells"]
        kept = [{key: value for key, value in cell.items() if key not in {"outputs", "execution_count"}} for cell in cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GeError(
            _("{path} is missing or not a notebook ({error})", path=path, error=error), _("restore it from the repository")
        ) from None
    return text, digest_bytes(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode())
