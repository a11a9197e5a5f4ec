"""What tests in a browser ask of a page."""

from pathlib import Path

AXE = Path(__file__).parent / "render" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page, within: str = "document", rules: list[str] = RULES) -> list[tuple[str, str]]:
    """Return what axe finds on a page (WCAG 2.2 AA and good practice), or in an element: rules, and elements that break them."""
    page.add_style_tag(content="* { content-visibility: visible !important }")  # axe leaves out what is not laid out yet
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run({within}, {{runOnly: {rules}}})")
    assert found["passes"]  # axe ran
    return [(one["id"], node["html"]) for one in found["violations"] for node in one["nodes"]]
