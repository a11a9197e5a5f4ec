"""What notebooks use: parameters that they do not have are refused, and a picker shows the values of its choice."""

import pytest
from indicator_study import BOTH, COUNTIES

from ge_analysis.errors import GeError
from ge_analysis.notebook.interactive import Picker
from ge_analysis.notebook.parameters import check_parameters

DEFAULTS = 'year = 2021  # 年度\ncounty: str = "lishi"\nresults = ""'


def injected(source: str) -> str:
    return f"# Parameters\n{source}\n"


def test_known_parameters_pass_and_so_does_a_notebook_without_injected_ones():
    check_parameters(["", DEFAULTS, injected('county = "linxian"\nyear = 2022')])
    check_parameters(["", DEFAULTS, "check_parameters(In)"])


def test_an_unknown_parameter_is_named_with_those_there_are():
    with pytest.raises(GeError, match="the notebook has no parameter 'countie'; it has year, county, results"):
        check_parameters(["", DEFAULTS, injected('countie = "linxian"')])


def test_cells_run_again_in_jupyterlab_change_nothing():
    good = ["", DEFAULTS, injected('county = "linxian"'), "study = 1", "check_parameters(In)"]
    check_parameters([*good, good[2], "check_parameters(In)"])
    check_parameters(["", good[2], "check_parameters(In)"])  # the injected cell run alone: nothing to compare with
    with pytest.raises(GeError, match="no parameter 'study'"):
        check_parameters(["", DEFAULTS, injected("study = 2"), "study = 1", "check_parameters(In)"])


def test_a_cell_that_is_not_python_does_not_stop_the_check():
    check_parameters(["", "year = = 2021", DEFAULTS, injected("year = 2022")])


def test_a_picker_shows_the_values_of_its_choice_without_what_is_chosen():
    shown = Picker(COUNTIES["lishi"].indicators, BOTH)._shown.value
    assert "<th>数值</th>" in shown and "<th>指标</th>" not in shown and "方法版本" not in shown and "lishi" not in shown
