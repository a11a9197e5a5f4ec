"""Quarto runs this after `quarto render` by hand: it finishes the Word files as `ge report` does."""

import os
import sys
from pathlib import Path

try:
    from ge_analysis.report.by_hand import finish_docx
except ImportError:
    sys.exit(f"{sys.executable} has no ge_analysis: activate the project's environment, or name its Python in QUARTO_PYTHON")

finish_docx(Path.cwd(), os.environ.get("QUARTO_PROJECT_OUTPUT_FILES", "").splitlines())
