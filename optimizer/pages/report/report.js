"use strict";

// Tables sort by a click on a head, long ones have a box to filter their rows. Without script they read as they are.

const words = document.querySelector(".page").dataset;
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

// What a cell is sorted by: its number, else its text; null where there is none.
function keyOf(row, column) {
  const cell = row.cells[column];
  if ("value" in cell.dataset) return cell.dataset.value === "" ? null : Number(cell.dataset.value);
  return cell.textContent.trim() || null;
}

function compare(one, other) {
  return typeof one === "number" && typeof other === "number"
    ? one - other
    : collator.compare(String(one), String(other));
}

// Sort the rows of a table; what has no key comes last, whichever way. Equal rows stay in their order.
function sort(table, column, down) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => ({ row, key: keyOf(row, column) }));
  rows.sort((one, other) => {
    if (one.key === null || other.key === null) return (one.key === null) - (other.key === null);
    return down ? compare(other.key, one.key) : compare(one.key, other.key);
  });
  body.append(...rows.map(({ row }) => row));
}

function makeSortable(table) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(table, column, down);
    });
  });
}

function makeFiltered(table) {
  const bar = document.createElement("p");
  const label = document.createElement("label");
  const box = document.createElement("input");
  const count = document.createElement("output");
  const rows = Array.from(table.tBodies[0].rows);
  const show = () => {
    const wanted = box.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
      shown += !row.hidden;
    }
    count.textContent = `${shown} / ${rows.length} ${words.rows}`;
  };
  bar.className = "filter";
  box.type = "search";
  box.placeholder = words.hint;
  label.append(words.filter + " ", box);
  bar.append(label, count);
  table.parentElement.before(bar);
  box.addEventListener("input", show);
  show();
}

for (const table of document.querySelectorAll("table")) {
  if ("sorts" in table.dataset && table.tBodies[0].rows.length > 1) makeSortable(table);
  if ("long" in table.dataset) makeFiltered(table);
}
