"""What the indicators mean: problems with their measures, good practice, and progress towards the targets (method 8)."""

from ge_analysis.findings.judge import Finding, Problem, practices, problems
from ge_analysis.findings.targets import progress

__all__ = ["Finding", "Problem", "practices", "problems", "progress"]
