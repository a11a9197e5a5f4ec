// Two conveniences of the report on a screen: tables that sort, and a mark at the current place in the contents.
"use strict";

// Numbers by value, text by the Chinese order, what is missing always last.
const MISSING = ["缺", "—", ""];
const number = (text) => Number(text.replace(/[,%\s]/g, "").replace("−", "-") || NaN);
const collator = new Intl.Collator("zh-CN", { numeric: true });

function compare(a, b, sign) {
  const [missingA, missingB] = [a, b].map((text) => MISSING.includes(text));
  if (missingA || missingB) return missingA - missingB;
  const [x, y] = [number(a), number(b)];
  return sign * (Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y);
}

function sort(table, header) {
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.querySelectorAll("th")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const text = (row) => row.cells[header.cellIndex].textContent.trim();
  body.append(...[...body.rows].sort((a, b) => compare(text(a), text(b), ascending ? 1 : -1)));
}

for (const table of document.querySelectorAll("main table")) {
  if (!table.tHead || table.tHead.rows.length !== 1 || table.querySelector("[colspan], [rowspan]")) continue;
  if ([...table.tBodies[0].rows].some((row) => !row.cells[0].textContent.trim())) continue; // a row that goes with the one above
  for (const header of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `按“${header.textContent.trim()}”排序`);
    header.append(button);
    header.addEventListener("click", () => sort(table, header));
  }
}

const nav = document.querySelector("nav");
const links = new Map([...document.querySelectorAll("nav a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));

function mark(current) {
  for (const link of links.values()) link.removeAttribute("aria-current");
  current.setAttribute("aria-current", "location");
  const below = current.offsetTop - nav.scrollTop;
  if (below < 0 || below + current.offsetHeight > nav.clientHeight) nav.scrollTop = current.offsetTop - nav.clientHeight / 2;
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) mark(links.get(entry.target.id));
  }
}, { rootMargin: "0px 0px -70% 0px" });
for (const id of links.keys()) {
  const target = document.getElementById(id);
  if (target) watcher.observe(target);
}

if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details")?.removeAttribute("open");
