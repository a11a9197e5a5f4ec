"""Mutated workbooks: reading any file gives sheets or one reason why not.

python -m tests.fuzz [COUNT [FIRST_SEED]]
"""

import random
import resource
import struct
import sys
import time
import zipfile
from collections import Counter
from datetime import datetime
from functools import cache
from io import BytesIO
from multiprocessing import Process, Queue
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import xlsxwriter
import xlwt

from ge_analysis.demo.workbook import macro_enabled
from ge_analysis.ledgers import workbook
from ge_analysis.settings import parameters as params

LIMITS = params.load(Path(__file__).parents[1]).ledgers
SECONDS, BYTES = 60, 4 << 30  # limits for one file
ROWS = [["事件编号", "线路名称", "时间", "户数"], *([f"E{at}", "城一线", datetime(2020, 3, 5, 8), at] for at in range(1, 40))]
_NUMBERS = ("0", "-1", "1", "255", "256", "16384", "16385", "65535", "1048576", "1048577", "4294967295", "99999999999", "1e9", "")
_ADDRESSES = ("A1", "XFD1", "XFD1048576", "ZZZ1", "A1048577", "A0", "A99999999999", "AAAAAAA1", "", "1", "A", "A1:XFD1048576")


@cache
def bases() -> dict[str, bytes]:
    """Return sound workbooks as different programs write them, by suffix and program."""
    made = {}
    book = openpyxl.Workbook()
    for name in ("停电事件", "备用"):
        sheet = book.create_sheet(name)
        for row in ROWS:
            sheet.append(row)
        sheet.merge_cells("A2:A5")
        sheet.column_dimensions["C"].hidden = True
        sheet["E2"], sheet["E3"] = "=D2*2", "#N/A"
        sheet["D3"].number_format = "0.0%"
    made["openpyxl.xlsx"] = _saved(book.save)
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("停电事件")
        for at, row in enumerate(ROWS):
            sheet.write_row(at, 0, row)
        sheet.write_formula("E2", "=D2*2")
        sheet.merge_range("A2:A5", "E1")
        sheet.set_row(7, None, None, {"hidden": True})
    made["xlsxwriter.xlsx"] = content.getvalue()
    made["macros.xlsm"] = macro_enabled(content.getvalue())
    book = xlwt.Workbook()
    sheet = book.add_sheet("停电事件")
    style = xlwt.easyxf(num_format_str="0.00%")
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(at, column, str(value) if isinstance(value, datetime) else value, *([style] if column == 3 else []))
    sheet.write(1, 4, xlwt.Formula("D2*2"))
    sheet.merge(2, 5, 6, 6)
    sheet.row(7).hidden = sheet.col(2).hidden = True
    made["xlwt.xls"] = _saved(book.save)
    return made


def _saved(save) -> bytes:
    content = BytesIO()
    save(content)
    return content.getvalue()


def mutant(seed: int) -> tuple[str, bytes]:
    """Return a workbook with one or two things wrong in it, and its name; the same for the same seed."""
    draw = random.Random(seed)
    name = sorted(bases())[seed % len(bases())]
    content = bases()[name]
    kinds, weights = ((_bytes, _records), (1, 9)) if name.endswith(".xls") else ((_bytes, _parts, _markup), (1, 3, 16))
    for kind in draw.choices(kinds, weights, k=draw.choice((1, 1, 2))):
        content = kind(content, draw)
    return f"{seed}-{name}", content


def _bytes(content: bytes, draw: random.Random) -> bytes:
    """Change some bytes, or cut the end off."""
    if draw.random() < 0.2:
        return content[: draw.randrange(len(content) + 1)]
    changed = bytearray(content)
    for _ in range(draw.randint(1, 20)):
        if changed:
            changed[draw.randrange(len(changed))] = draw.choice((0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)))
    return bytes(changed)


def _unpacked(content: bytes) -> dict[str, bytes] | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            return {name: book.read(name) for name in book.namelist()}
    except Exception:
        return None


def _packed(parts: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return content.getvalue()


def _parts(content: bytes, draw: random.Random) -> bytes:
    """Leave a part out, double it, exchange two, rename one, or write one in another encoding."""
    parts = _unpacked(content)
    if not parts or len(parts) < 2:
        return content
    one, other = draw.sample(sorted(parts), 2)
    what = draw.randrange(6)
    if what == 0:
        del parts[one]
    elif what == 1:
        parts[one], parts[other] = parts[other], parts[one]
    elif what == 2:
        parts[draw.choice((one.upper(), one.replace("/", "\\"), "../" + one, "/" + one, one + ".xml"))] = parts.pop(one)
    elif what == 3:
        parts[one] = parts[one].decode("utf-8", "replace").encode("utf-16")
    elif what == 4:
        parts[one] = b""
    else:
        parts[one] *= 2
    return _packed(parts)


def _markup(content: bytes, draw: random.Random) -> bytes:
    """Change, repeat or remove attributes and tags of one part."""
    parts = _unpacked(content)
    names = [name for name in parts or () if "sheet" in name.casefold() or "workbook" in name or "styles" in name]
    if not names:
        return content
    name = draw.choice(sorted(names))
    pieces = parts[name].split(b"<")
    for _ in range(draw.randint(1, 2)):
        at = draw.randrange(min(2, len(pieces) - 1), len(pieces))
        what = draw.choices(range(6), (1, 3, 1, 12, 6, 2))[0]  # most leave the markup intact
        if what == 0:
            pieces[at] = b""
        elif what == 1:
            pieces[at:at] = [pieces[at]] * draw.choice((1, 2, 1000))
        elif what == 2:
            pieces[at], pieces[0] = pieces[0], pieces[at]
        elif what == 3 and b'"' in pieces[at]:
            values = pieces[at].split(b'"')
            values[draw.randrange(1, len(values), 2)] = draw.choice(_NUMBERS + _ADDRESSES).encode()
            pieces[at] = b'"'.join(values)
        elif what == 4:
            pieces[at] = pieces[at].replace(b'"', b"'")
        else:
            pieces[at] = pieces[at].replace(b'="', b'="&#65;', 1)
    parts[name] = b"<".join(pieces)
    return _packed(parts)


def _records(content: bytes, draw: random.Random) -> bytes:
    """Change the length, a row, a column or any number of records of an .xls."""
    changed = bytearray(content)
    at, records = 512, []
    while at + 4 <= len(changed):
        kind, length = struct.unpack_from("<HH", changed, at)
        if not kind and not length:
            break
        records.append((at, length))
        at += 4 + length
    for at, length in draw.sample(records, min(len(records), draw.randint(1, 2))):
        where = at + 2 * draw.randrange(1, 2 + max(min(length, 20) // 2, 1))
        if where + 2 <= len(changed):
            struct.pack_into("<H", changed, where, draw.choice((0, 1, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, draw.randrange(65536))))
    return bytes(changed)


def outcome(seed: int, folder: Path) -> str:
    """Read a mutant; return "read" or the rule that it breaks."""
    name, content = mutant(seed)
    path = folder / name
    path.write_bytes(content)
    try:
        sheets = workbook.read(path, LIMITS)
    except workbook.Unreadable as fault:
        return fault.rule
    finally:
        path.unlink()
    for sheet in sheets:
        assert all(len(row) == len(sheet.rows[0]) for row in sheet.rows)
        assert all(bottom < len(sheet.rows) for _, (bottom, _) in sheet.merged)
        sheet.cell(0, 0)
    return "read"


def _run(seeds: range, results: Queue, folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    for seed in seeds:
        begun = time.monotonic()
        try:
            result = outcome(seed, folder)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"[:100]
        results.put((seed, result, time.monotonic() - begun))


def run(seeds: range) -> tuple[Counter, dict[int, str]]:
    """Read mutants in a process that is replaced where one ends it; return the outcomes, and what went wrong by seed."""
    outcomes, wrong, slowest = Counter(), {}, 0.0
    rules = {"read", "damaged", "not_a_workbook", "other_format", "encrypted", "too_large", "zip_bomb"}
    with TemporaryDirectory() as name:
        while seeds:
            results: Queue = Queue()
            process = Process(target=_run, args=(seeds, results, Path(name)))
            process.start()
            while seeds:
                seed = seeds[0]
                try:
                    _, outcome_, took = results.get(timeout=SECONDS)
                except Exception:  # no answer for so long: it hangs, or the process ended
                    outcome_, took = ("hangs" if process.is_alive() else f"ends the process ({process.exitcode})"), SECONDS
                seeds = seeds[1:]
                outcomes[outcome_] += 1
                slowest = max(slowest, took)
                if outcome_ not in rules or took >= SECONDS:
                    wrong[seed] = outcome_
                    if outcome_.startswith(("hangs", "ends")):
                        break
            process.kill()
            process.join()
    print(f"slowest {slowest:.2f} s", dict(outcomes))
    return outcomes, wrong


if __name__ == "__main__":
    count, first = [*map(int, sys.argv[1:]), *(500, 0)[len(sys.argv) - 1 :]]
    _, wrong = run(range(first, first + count))
    for seed, what in wrong.items():
        print(seed, mutant(seed)[0], what)
    sys.exit(bool(wrong))
