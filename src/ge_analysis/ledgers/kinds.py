"""What a file really is that is named like a workbook but is not one."""

import re
from collections.abc import Iterable

_BEGINNINGS = {
    b"%PDF": "PDF文件",
    b"{\\rtf": "RTF文档",
    b"Rar!": "RAR压缩包",
    b"7z\xbc\xaf": "7z压缩包",
    b"\x1f\x8b": "gzip压缩包",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"\x09\x00\x04\x00": "Excel 2.x旧格式",
    b"\x09\x00\x06\x00": "Excel 2.x旧格式",
    b"\x09\x02\x06\x00": "Excel 3.0旧格式",
    b"\x09\x04\x06\x00": "Excel 4.0旧格式",
    b"\x09\x08\x08\x00": "Excel 5.0/95旧格式",
    b"\x09\x08\x10\x00": "没有外壳的.xls",
}
_MARKUP = (
    (re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet"), "XML电子表格2003"),
    (re.compile(rb"<(?:!doctype\s+html|html|table|meta|head|body|style)\b", re.IGNORECASE), "网页（HTML）"),
    (re.compile(rb"^MIME-Version:", re.IGNORECASE | re.MULTILINE), "网页（MHT）"),
)
_PARTS = {
    "xl/workbook.bin": "Excel二进制工作簿（.xlsb）",
    "word/document.xml": "Word文档",
    "ppt/presentation.xml": "演示文稿",
    "content.xml": "ODF文档（.ods等）",
    "index/document.iwa": "Numbers表格",
}
_STREAMS = {"WordDocument": "Word文档", "PowerPoint Document": "演示文稿", "__properties_version1.0": "Outlook邮件"}
_HEAD = 4096


def of_bytes(content: bytes) -> str:
    """Return what a file is that is neither a package nor a compound file; "" if unknown."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    head = content[:_HEAD].replace(b"\0", b"")  # UTF-16 too
    for sign, kind in _MARKUP:
        if sign.search(head):
            return kind
    lines = head.splitlines()[:-1]
    if (
        b"\0\0" not in content[:_HEAD]
        and len(lines) > 1
        and any(all(mark in line for line in lines) for mark in (b",", b"\t", b";"))
    ):
        return "文本文件（CSV）"
    return ""


def of_parts(names: Iterable[str]) -> str:
    """Return what a package is by the names of its parts."""
    return next((_PARTS[name] for name in names if name in _PARTS), "")


def of_streams(names: Iterable[str]) -> str:
    """Return what a compound file is by the names of its streams."""
    return next((_STREAMS[name] for name in names if name in _STREAMS), "")
