// Tables as files: csv for any program, xlsx with real numbers. Text from ledgers stays text in both.
"use strict";

const NUMBER = /^[-−]?[\d,]*\.?\d+$/;
const asNumber = (text) => (NUMBER.test(text) ? Number(text.replace(/,/g, "").replace("−", "-")) : NaN);

function save(name, type, parts) {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob(parts, { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const cellsOf = (table) => [...table.rows].map((row) => [...row.cells].map(words));

// Prefix with an apostrophe what a spreadsheet would take for a formula.
function csv(rows) {
  const cell = (text) => {
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(asNumber(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

const markup = (text) => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
  .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

// Number formats with 0 to 6 decimals, then the same with thousands separators.
const FORMATS = [...Array(14).keys()].map((at) => (at < 7 ? "0" : "#,##0") + (at % 7 ? `.${"0".repeat(at % 7)}` : ""));

function sheet(rows) {
  const cell = (text) => {
    const value = asNumber(text);
    if (Number.isNaN(value)) return `<c t="inlineStr"><is><t xml:space="preserve">${markup(text)}</t></is></c>`;
    const format = Math.min((text.split(".")[1] ?? "").length, 6) + (text.includes(",") ? 7 : 0);
    return `<c s="${format + 1}"><v>${value}</v></c>`;
  };
  const lines = rows.map((row) => `<row>${row.map(cell).join("")}</row>`).join("");
  return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${lines}</sheetData></worksheet>`;
}

function workbook(title, rows) {
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", head = '<?xml version="1.0" encoding="UTF-8"?>';
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const packages = "http://schemas.openxmlformats.org/package/2006", type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const formats = FORMATS.map((code, at) => `<numFmt numFmtId="${164 + at}" formatCode="${markup(code)}"/>`).join("");
  const styles = FORMATS.map((_, at) => `<xf numFmtId="${164 + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`).join("");
  return zip({
    "[Content_Types].xml": `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${markup(title)}" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet xmlns="${main}"><numFmts count="${FORMATS.length}">${formats}</numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="${FORMATS.length + 1}"><xf/>${styles}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
    "xl/worksheets/sheet1.xml": sheet(rows),
  }, head);
}

// A zip file without compression.
function zip(files, head) {
  const encoder = new TextEncoder(), parts = [], entries = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const path = encoder.encode(name), content = encoder.encode(head + text);
    const fields = [[20, 2], [0x800, 2], [0, 2], [0, 2], [0x21, 2], [crc(content), 4], [content.length, 4], [content.length, 4], [path.length, 2], [0, 2]];
    const local = record(0x04034b50, fields);
    entries.push(record(0x02014b50, [[20, 2], ...fields, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]]), path);
    parts.push(local, path, content);
    offset += local.length + path.length + content.length;
  }
  const size = entries.reduce((sum, part) => sum + part.length, 0), count = entries.length / 2;
  return [...parts, ...entries, record(0x06054b50, [[0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]])];
}

function record(signature, fields) {
  const bytes = [];
  for (const [value, size] of [[signature, 4], ...fields]) for (let at = 0; at < size; at++) bytes.push((value >>> (8 * at)) & 255);
  return new Uint8Array(bytes);
}

function crc(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

for (const place of document.querySelectorAll("main div.table[id]")) {
  const table = place.querySelector("table"), title = words(table.caption), name = title.split("　")[0];
  const offer = (form, type, made) => button(form, `下载“${title}”`, () => save(`${name}.${form}`, type, made(cellsOf(table))));
  place.querySelector(".scroll").after(make("p", { className: "downloads" },
    offer("csv", "text/csv", (rows) => [csv(rows)]),
    offer("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (rows) => workbook(name, rows))));
}
