// A number opens its proof: what it is, how it is computed, and the ledger rows with the largest weights.
"use strict";

const panel = document.getElementById("proof");
let proofs;

async function unpack() {
  const bytes = Uint8Array.from(atob(document.getElementById("proofs").textContent), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

const SHOWS = { value: "此数即下列数值", n: "此数为下列数值的样本数", made: "此数由报告按下列数值算出" };

function place(name) {
  const [slug, indicator] = name.split(" "), parts = proofs.values[name]?.of_what ?? [];
  return [proofs.places[slug] ?? slug, proofs.indicators[indicator][0], ...parts].join("　");
}

function listed(pairs) {
  return make("dl", {}, ...pairs.filter(([, text]) => text).flatMap(([term, text]) => [make("dt", { textContent: term }), make("dd", { textContent: text })]));
}

function table(caption, heads, rows) {
  const cells = (kind, texts) => make("tr", {}, ...texts.map((text) => make(kind, {}, text)));
  const made = make("table", {}, make("caption", { textContent: caption }), make("thead", {}, cells("th", heads)), make("tbody", {}, ...rows.map((row) => cells("td", row))));
  const scroll = make("div", { className: "scroll", tabIndex: 0, role: "region" }, made);
  scroll.setAttribute("aria-label", caption);
  return scroll;
}

// The proof of one value, with links to the values it is computed from.
function proofOf(name) {
  const value = proofs.values[name];
  if (!value) return [make("p", { textContent: `${name}：没有记录` })];
  const [title, unit, definition] = proofs.indicators[name.split(" ")[1]];
  const parts = [
    make("h3", { textContent: place(name) }),
    listed([
      ["数值", `${value.value} ${unit}`.trim()], ["指标", title], ["定义", definition], ["计算", value.formula], ["分子", value.numerator], ["分母", value.denominator],
      ["样本数", value.n], ["统计期", value.period.replace("/", " 至 ")], ["方法版本", value.method],
    ]),
  ];
  if (value.of.length) {
    parts.push(table("由以下数值得出", ["作用", "数值", "来自"], value.of.map(([role, of, number]) => [
      role, number, of ? button(place(of), "", () => show([of], "")) : "台账所载",
    ])));
  }
  if (value.rows) {
    const rows = value.rows.map(([at, numerator, denominator, part]) => {
      const [where, , book, sheet, row, text] = proofs.rows[at];
      return [part, numerator, denominator, proofs.places[where] ?? where, book, sheet, String(row), text];
    });
    const caption = `所占份额最大的${rows.length}行台账（共${value.count}行）`;
    parts.push(table(caption, ["计入数值", "计入分子", "计入分母", "单元", "工作簿", "工作表", "行", "所载内容"], rows));
  }
  parts.push(make("p", { className: "command" }, "查看全部台账行：", make("code", { textContent: value.command })));
  return parts;
}

function show(names, intro) {
  const title = make("h2", { id: "proof-title", tabIndex: -1, textContent: "这个数从哪里来" });
  panel.replaceChildren(
    button("关闭", "", () => panel.close()), title, ...(intro ? [make("p", { textContent: intro })] : []), ...names.flatMap(proofOf),
  );
  panel.scrollTop = 0;
  title.focus();
}

async function prove(number) {
  panel.replaceChildren(button("关闭", "", () => panel.close()), make("h2", { id: "proof-title", textContent: "正在读取…" }));
  panel.showModal();
  try {
    proofs ??= await unpack();
  } catch {
    panel.append(make("p", { textContent: "这个浏览器不能解压随页所带的来历，请用较新的浏览器，或用 ge trace 命令查看。" }));
    return;
  }
  const [shows, ...names] = proofs.numbers[Number(number.value)];
  show(names, `${words(number)}：${SHOWS[shows]}。`);
}

for (const data of document.querySelectorAll("data.n")) {
  const number = make("button", { type: "button", className: "n", value: data.value, textContent: data.textContent });
  number.setAttribute("aria-haspopup", "dialog");
  data.replaceWith(number);
}
document.querySelector("main").addEventListener("click", (event) => {
  const number = event.target.closest("button.n");
  if (number) prove(number);
});
