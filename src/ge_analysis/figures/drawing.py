"""A matplotlib drawing as part of a page: with searchable text, marks that show their values, and unique ids."""

import json
import re
from html import unescape
from typing import Any, cast

from lxml import etree

from ge_analysis.figures.picture import SAYS
from ge_analysis.settings.registry import half_up

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
# Elements that matplotlib uses; other drawings may do what a page must not, and stay pictures.
_TAGS = {f"{_SVG}{name}" for name in ("svg", "g", "path", "use", "defs", "clipPath", "pattern", "rect", "style", "metadata")}
_SHOWN = re.compile(r"(.*)：(-?[\d,.]+)　(.*)")
_GLYPHS = re.compile(r"(translate\(.*\)) scale\(([\d.]+) -[\d.]+\)$")
_POINT = re.compile(r"-?\d+\.\d+")
_BESIDE_LETTER = re.compile(r" ?([A-Za-z]) ?")


class Said(tuple[str, str, str, float]):
    """What a mark shows: category, series, quantity and value."""

    __slots__ = ()

    @property
    def number(self) -> str:
        """The value, with more decimals than any figure shows."""
        return f"{half_up(self[3], 2 if abs(self[3]) >= 1 else 4).normalize():,f}"

    @property
    def text(self) -> str:
        """The text as the page shows it."""
        return f"{' '.join(filter(None, self[:2]))}：{self.number}　{self[2]}"


def _read(svg: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(svg, parser)
    except etree.XMLSyntaxError:
        return None
    elements = list(root.iter(etree.Element))
    own = {_HREF, "href"}
    tame = all(
        each.tag in _TAGS and not any(str(name).startswith("on") for name in each.attrib)
        for each in elements
        if not (
            isinstance(each.tag, str) and each.tag.startswith(("{http://www.w3.org/1999/02", "{http://creative", "{http://purl"))
        )
    )
    local = all(each.get(name, "#").startswith("#") for each in elements for name in own)
    return root if tame and local else None


def _said(name: str) -> Said | None:
    if not name.startswith(f'["{SAYS}"'):
        return None
    return Said(json.loads(name)[1:])


def inline(svg: bytes, prefix: str, label: str, width: str) -> str:
    """Return a drawing as an element of a page; "" if it is not from matplotlib.

    Parameters
    ----------
    svg : bytes
        The drawing.
    prefix : str
        Prefix that makes its ids unique in the page.
    label : str
        Its alternative text.
    width : str
        CSS width.
    """
    root = _read(svg)
    if root is None:
        return ""
    for each in root.xpath("//*[local-name() = 'metadata' or local-name() = 'style']"):
        each.getparent().remove(each)
    for rim in root.xpath("//*[@class = 'halo']/*[1]"):  # the page's style draws it
        rim.getparent().remove(rim)
    for comment in root.xpath("//comment()"):
        _write_text(comment)
    for each in root.xpath("//*[local-name() = 'defs'][not(*)]"):
        each.getparent().remove(each)
    _name(root, prefix)
    for each in root.iter(f"{_SVG}path"):
        each.set("d", _short(each.get("d", ""), 2 if each.getparent().tag == f"{_SVG}defs" else 1))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    for name, value in {
        "role": "group",
        "aria-label": label,
        "style": f"width: {width}",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }.items():
        root.set(name, value)
    etree.cleanup_namespaces(root)
    return re.sub(r">\s+<", "><", etree.tostring(root, encoding="unicode", with_tail=False))


def shown(mark: Any) -> tuple[str, str, str, str]:
    """Return what a mark of a page shows: category, series, quantity and value."""
    of = mark.get("data-of")
    said = _SHOWN.fullmatch(mark.findtext(".//title").removeprefix(of))
    series, value, quantity = cast("re.Match[str]", said).groups()  # as `Said.text` writes it
    return of, series.strip(), quantity, value


def _short(path: str, decimals: int) -> str:
    """Return an outline without what cannot be seen: of many counties, outlines are half of the page."""
    return _BESIDE_LETTER.sub(r"\1", _rounded(" ".join(path.split()), decimals))


def _rounded(text: str, decimals: int) -> str:
    return _POINT.sub(lambda found: f"{float(found[0]):.{decimals}f}".rstrip("0").rstrip("."), text)


def _write_text(comment: Any) -> None:
    """Replace the outlines that follow a text by the text."""
    outlines = comment.getnext()
    found = _GLYPHS.match(outlines.get("transform", "")) if outlines is not None else None
    if found:
        text = etree.Element(f"{_SVG}text", transform=_rounded(found[1], 2))
        text.set("font-size", f"{float(found[2]) * 100:g}")
        if style := outlines.get("style"):
            text.set("style", style)
        text.text = unescape(comment.text.strip())
        outlines.getparent().replace(outlines, text)
    comment.getparent().remove(comment)


def _name(root: Any, prefix: str) -> None:
    """Keep only ids that are referred to, renamed to be unique in the page, and give marks their texts."""
    used = set(re.findall(r"url\(#([^)]+)\)", etree.tostring(root, encoding="unicode")))
    used |= {each.get(_HREF, "")[1:] for each in root.iter(f"{_SVG}use")}
    for each in root.iter(etree.Element):
        name = each.attrib.pop("id", "")
        if says := _said(name):
            each.set("class", "says")
            each.set("data-of", says[0])
            title = etree.SubElement(each, f"{_SVG}title")
            title.text = says.text
            each.insert(0, title)
        elif name in used:
            each.set("id", f"{prefix}-{name}")
        for attribute, value in each.attrib.items():
            if attribute == _HREF:
                each.set(attribute, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                each.set(attribute, value.replace("url(#", f"url(#{prefix}-"))
