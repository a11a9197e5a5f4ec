// Figures: show a mark's value by pointer or arrow keys; a larger view.
"use strict";

const large = document.getElementById("large");

function equip(figure, drawing) {
  const marks = [...drawing.querySelectorAll(".says")];
  const readout = make("p", { className: "readout" });
  readout.setAttribute("aria-live", "polite");
  let at = -1;

  function show(mark) {
    drawing.querySelector(".shown")?.classList.remove("shown");
    at = marks.indexOf(mark);
    mark?.classList.add("shown");
    readout.textContent = mark ? mark.querySelector("title").textContent : "";
  }

  if (marks.length) {
    drawing.tabIndex = 0;
    readout.textContent = "指向图中的条块，或用方向键，可看数值";
    drawing.addEventListener("pointerover", (event) => { const mark = event.target.closest(".says"); if (mark) show(mark); });
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      show(marks[(at + step + marks.length) % marks.length]);
    });
  }
  const place = drawing.parentElement;
  const enlarge = button("放大", words(figure.querySelector("figcaption")), () => {
    large.replaceChildren(button("关闭", "", () => large.close()), drawing, readout);
    large.onclose = () => { place.append(drawing); place.after(readout); };
    large.showModal();
  });
  enlarge.className = "enlarge";
  place.after(readout, enlarge);
}

for (const figure of document.querySelectorAll("main figure")) {
  const drawing = figure.querySelector("svg");
  if (drawing) equip(figure, drawing);
}
