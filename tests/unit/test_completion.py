"""Completion of command lines, as the shells ask for it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer._completion_shared import get_completion_script

from ge_analysis.cli import main

POWERSHELLS = ("powershell", "pwsh")


def by_powershell(shell: str, line: str) -> dict[str, str]:
    """What the script for PowerShell puts into the environment before it calls `ge`."""
    given = {"$commandAst.ToString()": line.rstrip(), "$wordToComplete": line.split(" ")[-1]}  # PowerShell drops the last blank
    script = get_completion_script(prog_name="ge", complete_var="_GE_COMPLETE", shell=shell)
    before, call, after = script.partition("\n    ge | ForEach-Object {\n")
    put, removed = (re.findall(r"^    \$Env:(\w+) = (.+)$", part, re.MULTILINE) for part in (before, after))
    assert call and removed == [(name, '""') for name, _ in put]
    return {name: given[value] if value.startswith("$") else value.strip('"') for name, value in put}


@pytest.fixture
def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Path):
    """The function that completes a line in a shell of a study of 临县 and 文水县."""
    monkeypatch.chdir(project)

    def ask(shell: str, line: str) -> str:
        words = line.split(" ")
        asked = {
            "_GE_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        for name, value in (by_powershell(shell, line) if shell in POWERSHELLS else asked).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["ge"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    return ask


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "pwsh"])
@pytest.mark.parametrize(
    ("line", "found", "left_out"),
    [
        ("ge sta", ["status"], "build"),
        ("ge run lin", ["linxian"], "wenshui"),
        ("ge run 文", ["文水县"], "临县"),
        ("ge check ", ["linxian", "临县", "wenshui", "文水县", "city", "吕梁市"], "saidi_hours"),
        ("ge report --county wen", ["wenshui"], "linxian"),
        ("ge trace 临", ["临县"], "文水县"),
        ("ge trace linxian saidi_h", ["saidi_hours"], "saifi"),
        ("ge status --year 2", ["2021"], "2020"),
    ],
)
def test_a_line_is_completed(completed, shell: str, line: str, found: list[str], left_out: str) -> None:
    offered = completed(shell, line)
    assert all(word in offered for word in found) and left_out not in offered


@pytest.mark.parametrize("shell", POWERSHELLS)
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ge run lin", {"linxian": "临县"}),
        ("ge run 文", {"文水县": "wenshui"}),
        ("ge trace ", {"linxian": "临县", "临县": "linxian", "city": "吕梁市", "全市": "吕梁市", "吕梁市": "city"}),
        ("ge status --year 2", {"2021": " "}),
    ],
)
def test_powershell_shows_each_word_with_its_meaning(completed, shell: str, line: str, offered: dict[str, str]) -> None:
    script = get_completion_script(prog_name="ge", complete_var="_GE_COMPLETE", shell=shell)
    assert "Register-ArgumentCompleter -Native -CommandName ge -ScriptBlock $scriptblock" in script
    assert re.search(r"\$_ -Split \"(.+)\"", script)[1] == ":::"
    pairs = [said.split(":::") for said in completed(shell, line).splitlines()]
    assert offered.items() <= dict(pairs).items()
    assert all(word and meaning for word, meaning in pairs)  # PowerShell refuses an empty one


@pytest.mark.parametrize("line", ["ge run lin", "ge check 文", "ge trace 临", "ge status --year 2"])
def test_outside_a_study_nothing_is_offered(completed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert completed("bash", line).strip() == ""


def test_completion_is_silent_about_mistakes_in_the_parameters(completed, project: Path) -> None:
    (project / "params/2021/counties.yml").write_text("- {slug: x\n", encoding="utf-8")
    assert completed("bash", "ge run lin").strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_is_installed_once_for_a_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, shell: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANGUAGE", "zh")
    monkeypatch.setattr(sys, "argv", ["ge", "--install-completion", shell])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    said = capsys.readouterr().out
    assert said.startswith(f"{shell} 的命令补全已写入 ")
    assert "_GE_COMPLETE" in Path(said.split("已写入 ")[1].split("，")[0]).read_text(encoding="utf-8")


ASK = {  # what a shell does when Tab is pressed after `ge run lin`
    "bash": "source ./ge.bash; COMP_WORDS=(ge run lin); COMP_CWORD=2; _ge_completion ge; echo $COMPREPLY",
    "fish": "source ./ge.fish; complete -C 'ge run lin'",
}


@pytest.mark.parametrize("shell", ASK)
def test_the_shell_itself_completes(project: Path, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "HOME": str(project)}

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, text=True).stdout

    (project / f"ge.{shell}").write_text(run("ge", "--show-completion", shell), encoding="utf-8")
    assert run(shell, "-c", ASK[shell]).split()[0] == "linxian"
