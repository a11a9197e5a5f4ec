"""A notebook as it is committed, which JupyterLab may be saving at any moment."""

import json
import time
from contextlib import suppress
from pathlib import Path

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.storage.files import digest_bytes


def notebook_text(path: Path) -> str:
    """Return a notebook's text; where JupyterLab is just saving it, which empties the file first, as it is a moment later."""
    for wait in (0.1, 0.3, 1):
        text = path.read_text(encoding="utf-8")
        with suppress(ValueError):
            json.loads(text)
            return text
        time.sleep(wait)
    return path.read_text(encoding="utf-8")


def read_notebook(path: Path) -> tuple[str, str]:
    """Return a notebook's text, and a hash of its cells without their outputs: running it in JupyterLab changes nothing.

    Raises
    ------
    GeError
        Where the file is missing or is no notebook.
    """
    try:
        text = notebook_text(path)
        cells = json.loads(text)["cells"]
        kept = [{key: value for key, value in cell.items() if key not in {"outputs", "execution_count"}} for cell in cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GeError(
            _("{path} is missing or no notebook ({error})", path=path, error=error), _("restore it from the repository")
        ) from None
    return text, digest_bytes(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode())
