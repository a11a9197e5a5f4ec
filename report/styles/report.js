// The page on a screen: contents, search, the marked county, links to copy, light and dark themes.
"use strict";

// An element with properties and children; strings are inserted as text, never as html.
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// A button; its accessible name is its text and what a screen reader needs besides.
function button(text, more, click) {
  const made = make("button", { type: "button", textContent: text, onclick: click });
  if (more) made.setAttribute("aria-label", `${text} ${more}`.trim());
  return made;
}

const tools = document.querySelector(".tools");
const say = (text) => { document.getElementById("said").textContent = text; };
const counties = JSON.parse(document.getElementById("counties").textContent);
const captions = [...document.querySelectorAll("main caption, main figcaption")];
const headings = [...document.querySelectorAll("main h2, main h3, main h4, main h5")];
const words = (element) => element.textContent.trim();
const anchor = (element) => element.closest("figure[id], div.table[id], section[id]").id;
tools.hidden = false;

// Contents: collapsible parts, and a mark at the current position.
const nav = document.querySelector("nav");
const links = new Map([...document.querySelectorAll("nav a[href^='#']")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));

for (const list of document.querySelectorAll("nav li > ul")) {
  const link = list.parentElement.querySelector("a");
  if (!link || list.closest(".beside")) continue;
  const fold = button("", `展开或收起“${words(link)}”`, () => {
    list.hidden = !list.hidden;
    fold.setAttribute("aria-expanded", String(!list.hidden));
  });
  list.hidden = true;
  fold.className = "fold";
  fold.setAttribute("aria-expanded", "false");
  link.before(fold);
}

function mark(link) {
  for (const other of links.values()) other.removeAttribute("aria-current");
  let current = link;
  for (let hidden; (hidden = current.closest("ul[hidden]"));) current = hidden.parentElement.querySelector("a");
  current.setAttribute("aria-current", "location");
  const [place, frame] = [current, nav].map((element) => element.getBoundingClientRect());
  if (place.top < frame.top || place.bottom > frame.bottom) nav.scrollTop += place.top - frame.top - nav.clientHeight / 2;
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

// Search: headings, figures and tables, counties.
const search = document.getElementById("search"), found = document.getElementById("found");
const plain = (text) => text.normalize("NFKC").toLowerCase();
const targets = [...captions, ...headings].map((element) => ({ text: words(element), id: anchor(element) }));

function results(query) {
  const parts = plain(query).split(/\s+/).filter(Boolean);
  if (!parts.length) return [];
  const named = counties.filter(([slug, name]) => parts.every((part) => name.includes(part) || slug.startsWith(part)));
  const fitting = targets.filter(({ text }) => parts.every((part) => plain(text).replace(/\s/g, "").includes(part)));
  return [
    ...named.map(([slug, name]) => make("li", {}, button(`标出${name}`, "", () => { pick(slug); closeResults(); }))),
    ...fitting.slice(0, 30).map(({ text, id }) => make("li", {}, make("a", { href: `#${id}`, textContent: text, onclick: closeResults }))),
  ];
}

function closeResults() {
  found.hidden = true;
}

search.addEventListener("input", () => {
  const shown = results(search.value);
  found.replaceChildren(...shown);
  found.hidden = !shown.length;
  say(search.value.trim() ? (shown.length ? `${shown.length}条结果` : "没有找到") : "");
});
search.addEventListener("focus", () => { found.hidden = !found.children.length; });

document.querySelector(".finder").addEventListener("keydown", (event) => {
  const choices = [...found.querySelectorAll("a, button")], at = choices.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (next !== undefined && !found.hidden) {
    event.preventDefault();
    (choices[next] ?? (next < 0 ? search : choices.at(-1))).focus();
  } else if (event.key === "Enter" && document.activeElement === search && choices.length) {
    event.preventDefault();
    choices[0].click();
  } else if (event.key === "Escape") {
    search.focus();
    closeResults();
  }
});
document.addEventListener("click", (event) => { if (!event.target.closest(".finder")) closeResults(); });

// Mark one county in every table and figure.
const picker = document.getElementById("county");
const isOf = (text, name) => text === name || text.startsWith(`${name}（`);

function pick(slug) {
  picker.value = slug;
  const name = counties.find((county) => county[0] === slug)?.[1];
  for (const marked of document.querySelectorAll(".marked")) marked.classList.remove("marked");
  const briefs = name ? ["docx", "pdf"].map((form) => make("a", { href: `counties/${slug}.${form}`, textContent: `简报（${form}）` })) : [];
  document.getElementById("briefs").replaceChildren(...briefs);
  if (!name) return say("没有标出任何县");
  let count = 0;
  for (const place of document.querySelectorAll("div.table, figure")) {
    const marked = place.matches("figure") ? inFigure(place, name) : inTable(place, name);
    for (const element of marked) element.classList.add("marked");
    count += marked.length > 0;
  }
  return say(`已在${count}个图表中标出${name}`);
}

function inTable(place, name) {
  const rows = [...place.querySelectorAll("tbody tr")];
  const columns = [...place.querySelectorAll("thead th")].filter((cell) => isOf(words(cell), name)).map((cell) => cell.cellIndex);
  return [
    ...rows.filter((row) => [...row.cells].slice(0, 2).some((cell) => isOf(words(cell), name))),
    ...columns.flatMap((column) => rows.map((row) => row.cells[column]).filter(Boolean)),
  ];
}

function inFigure(place, name) {
  return [
    ...[...place.querySelectorAll("svg text")].filter((text) => isOf(words(text), name)),
    ...[...place.querySelectorAll("svg .says")].filter((says) => isOf(says.dataset.of, name)),
  ];
}

if (counties.length) {
  picker.append(...counties.map(([slug, name]) => make("option", { value: slug, textContent: name })));
  picker.addEventListener("change", () => pick(picker.value));
  document.querySelector(".picker").hidden = false;
}

// Links to copy.
async function copy(id) {
  const address = `${location.href.split("#")[0]}#${id}`;
  try {
    await navigator.clipboard.writeText(address);
    say("链接已复制");
  } catch {
    location.hash = id;
    say("链接在地址栏中");
  }
}

for (const element of [...headings, ...captions]) {
  const link = button("", `复制“${words(element)}”的链接`, () => copy(anchor(element)));
  link.className = "copy";
  element.append(link);
}

// Light or dark: the system's preference until the reader chooses.
const root = document.documentElement, theme = document.getElementById("theme");
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const nameTheme = () => { theme.textContent = isDark() ? "浅色" : "深色"; };
theme.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
});
nameTheme();
