"""A stand-in for the Quarto command that behaves as observed of Quarto 1.9 and 1.10, with Pandoc and Typst from the packages.

A document that `project: render:` does not name is no part of the project: it gets no filter, template or font, and no error.
Lua's `error` only logs, `fatal` raises; code is coloured by Pandoc, for Typst as well; what is quiet names no fault; `.quarto`
and `.gitignore` are left in the project, or in the document's folder where it is none; post-render scripts run in the project
with the names of the files made. Without a document it renders all that the project names, each in the formats it names itself,
or in all of the project's.
"""

import fnmatch
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pypandoc
import typst
import yaml

VERSION = "1.9.38"
LUA = """
local raising = error
function error(message) io.stderr:write("ERROR (report.lua) " .. message .. "\\n") end
function fatal(message) io.stderr:write("FATAL (report.lua) " .. message .. "\\n") raising("FATAL QUARTO ERROR") end
"""
FILES = {"filters", "reference-doc", "template", "css"}
OPTIONS = FILES | {"from", "toc", "toc-depth", "embed-resources", "section-divs", "shift-heading-level-by"}
SUFFIXES = {"typst": ".pdf"}


def _options(project: Path, settings: dict, form: str, folder: Path, own: dict) -> dict:
    values = {key: value for key, value in (settings | settings["format"][form] | own).items() if key in OPTIONS}
    for key in FILES & values.keys():
        value = values[key]
        values[key] = [str(project / one) for one in value] if isinstance(value, list) else str(project / value)
    seen = folder / "filter.lua"  # every filter has its own globals, so they are set at its head
    seen.write_text(LUA + Path(values["filters"][0]).read_text(encoding="utf-8"), encoding="utf-8")
    values["from"] = values["from"].replace("+east_asian_line_breaks", "")  # its own reader does not know it
    return values | {"filters": [str(seen)], "metadata": {key: settings[key] for key in ("lang", "toc-title")}}


def render(path: Path, form: str, quiet: bool) -> int:
    """Render one document beside itself; return the exit code."""
    project = path.parent if (path.parent / "_quarto.yml").is_file() else path.parent.parent
    settings = yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8"))
    name = path.relative_to(project).as_posix()
    ours = any(fnmatch.fnmatch(name, pattern) for pattern in settings["project"].get("render", ["*.qmd"]))
    root = project if ours else path.parent
    (root / ".quarto" / "idx").mkdir(parents=True, exist_ok=True)
    (root / ".gitignore").write_text("/.quarto/\n", encoding="utf-8")
    text = re.sub(
        r"^\{\{< include (\S+) >\}\}$",
        lambda found: (path.parent / found[1]).read_text(encoding="utf-8") + "\n",
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    own = next(yaml.safe_load_all(text))  # what a document says of itself goes before the project
    made = path.with_suffix(SUFFIXES.get(form, f".{form}"))
    with tempfile.TemporaryDirectory() as scratch:
        defaults, written = Path(scratch) / "defaults.yml", Path(scratch) / f"out.{form}"
        options = _options(project, settings, form, Path(scratch), own) if ours else {}
        defaults.write_text(
            yaml.safe_dump({"to": form, "standalone": True, "syntax-highlighting": "pygments"} | options), encoding="utf-8"
        )
        command = [pypandoc.get_pandoc_path(), "--defaults", str(defaults), "--output", str(written)]
        done = subprocess.run(command, input=text.encode(), cwd=path.parent, capture_output=True, check=False)
        if not quiet:
            sys.stderr.buffer.write(done.stderr)
        if done.returncode:
            return 1
        content = written.read_bytes()
        if form == "typst":
            fonts = [project / one for one in settings["format"]["typst"]["font-paths"]] if ours else []
            try:
                content = typst.Compiler(content, root=path.parent, font_paths=fonts).compile(format="pdf", pdf_standards="ua-1")
            except RuntimeError as error:
                sys.stderr.write("" if quiet else f"error: {error}\n")
                return 1
    made.write_bytes(content)
    scripts = settings["project"].get("post-render", []) if ours else []
    for script in [scripts] if isinstance(scripts, str) else scripts:
        names = {"QUARTO_PROJECT_OUTPUT_FILES": made.relative_to(project).as_posix()}
        if subprocess.run([sys.executable, script], cwd=project, env=os.environ | names, check=False).returncode:
            return 1
    return 0


def render_all(project: Path) -> int:
    """Render the documents of a project; return the exit code of the first that fails."""
    settings = yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8"))
    for path in (path for pattern in settings["project"]["render"] for path in sorted(project.glob(pattern))):
        own = next(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        for form in own.get("format", settings["format"]):
            if code := render(path, form, quiet=False):
                return code
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--version":
        print(os.environ.get("STAND_IN_VERSION", VERSION))
    elif sys.argv[2:] == []:
        sys.exit(render_all(Path.cwd()))
    else:
        sys.exit(render(Path(sys.argv[2]), sys.argv[sys.argv.index("--to") + 1], "--quiet" in sys.argv))
