"""JupyterLab as `ge lab` opens it: on the notebooks' README, in the language of the terminal, without a word of news."""

import os
import subprocess
import sys
from pathlib import Path

from ge_analysis.language import _
from ge_analysis.storage.files import scratch, write_json


def call(notebooks: Path) -> int:
    """Run JupyterLab until it is closed; return its exit code. What its user chose in its settings goes before ours."""
    start = ["--LabApp.default_url=/lab/tree/README.md"] if (notebooks / "README.md").is_file() else []
    with scratch() as folder:
        write_json(folder / "labconfig" / "default_setting_overrides.json", _settings())
        paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])])
        command = [sys.executable, "-m", "jupyterlab", *start, str(notebooks)]
        return subprocess.call(command, env=os.environ | {"JUPYTER_CONFIG_PATH": paths})


def _settings() -> dict[str, object]:
    """Return the settings that differ from JupyterLab's own."""
    return {
        "@jupyterlab/translation-extension:plugin": {"locale": _("en")},  # by the name of its language pack
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }
