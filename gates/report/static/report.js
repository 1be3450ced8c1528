// Without this script the page is whole; it sorts the table and opens a query that a link leads to.
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
      return;
    }
    const words = (row) => (row.cells[cell].querySelector(".title") ?? row.cells[cell]).textContent;
    const value = by === "words" ? words : numbers(by);
    groups[0].append(...[...rows].sort(compare(value, descending ? -1 : 1)));
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

  const open = () => {
    const found = document.getElementById(location.hash.slice(1));
    if (found && found.matches("details")) found.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
