// Without this script the page is whole; it sorts and filters the table and opens what a link leads
// to.
(() => {
  "use strict";
  const table = document.querySelector("table.gates");
  const groups = [...table.tBodies];
  const rows = [...table.querySelectorAll("tr.gate")];
  const homes = new Map(rows.map((row) => [row, row.parentElement]));
  const heads = [...table.tHead.querySelectorAll("th[data-by]")];

  // What has no number stands last, whichever way round.
  const numbers = (by) => (row) => (row.dataset[by] === "" ? NaN : Number(row.dataset[by]));
  const compare = (value, way) => (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (typeof x === "string") return way * x.localeCompare(y);
    return Number.isNaN(x) - Number.isNaN(y) || way * (x - y) || 0;
  };

  const sort = (by, cell, descending) => {
    table.classList.toggle("sorted", by !== "order");
    if (by === "order") {
      const order = descending ? [...rows].reverse() : rows;
      groups.forEach((group) => group.append(...order.filter((row) => homes.get(row) === group)));
      table.append(...(descending ? [...groups].reverse() : groups));
      show();
      return;
    }
    const words = (row) => (row.cells[cell].querySelector(".title") ?? row.cells[cell]).textContent;
    const value = by === "words" ? words : numbers(by);
    groups[0].append(...[...rows].sort(compare(value, descending ? -1 : 1)));
    show();
  };

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(head.dataset.by, head.cellIndex, descending);
    });
  }

  // The filter: what the rows say is what one can choose.
  const filter = document.querySelector(".filter");
  const fields = Object.fromEntries([...filter.querySelectorAll("[name]")].map((field) => [field.name, field]));
  const facts = new Map(rows.map((row) => [row, {
    stage: row.querySelector("details").id.split(".")[0],
    outcome: row.className.replace("gate ", "").replace("-", " "),
    owner: row.dataset.owner ?? "",
    // Its title, its id and its sentence; what is to be done would find half of the table.
    text: `${row.querySelector("summary").textContent} ${row.querySelector(".more p").textContent}`.toLowerCase(),
  }]));
  for (const name of ["stage", "outcome", "owner"]) {
    const found = new Set([...facts.values()].map((fact) => fact[name]).filter(Boolean));
    fields[name].append(...[...found].map((value) => new Option(value, value)));
    fields[name].parentElement.hidden = found.size === 0;
  }
  const show = () => {
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const [row, fact] of facts) {
      const chosen = ["stage", "outcome", "owner"].every((name) => ["", fact[name]].includes(fields[name].value));
      row.hidden = !(chosen && words.every((word) => fact.text.includes(word)));
    }
    groups.forEach((group) => { group.hidden = !group.querySelector("tr.gate:not([hidden])"); });
    const shown = rows.filter((row) => !row.hidden).length;
    filter.querySelector("output").textContent = `${shown} of ${rows.length} gates are shown`;
  };
  const showAll = () => {
    Object.values(fields).forEach((field) => { field.value = ""; });
    show();
  };
  filter.addEventListener("input", show);
  filter.querySelector("button").addEventListener("click", showAll);
  filter.hidden = false;
  showAll();

  const open = () => {
    const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!found || !found.matches("details")) return;
    if (found.closest("tr")?.hidden) showAll();
    found.open = true;
    found.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();
