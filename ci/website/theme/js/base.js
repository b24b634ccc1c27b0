// In the place of a script of the theme that fails where a heading begins with a figure: opens the search, makes what scrolls to
// the side reachable by keys, and filters the table of requirements.
"use strict";

for (const table of document.querySelectorAll("table")) table.classList.add("table", "table-striped");

addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("mkdocs_search_modal");
  const search = new bootstrap.Modal(box);
  box.addEventListener("shown.bs.modal", () => document.getElementById("mkdocs-search-query").focus());
  document.getElementById("mkdocs-search-results").addEventListener("click", event => {
    if (event.target.tagName === "A") search.hide();
  });
  addEventListener("keydown", event => {
    if (!["s", "/"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
    event.preventDefault();
    search.show();
  });
});

function makeReachable() {
  for (const box of document.querySelectorAll("pre, pre code, .wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", makeReachable);
addEventListener("resize", makeReachable);

const filter = document.getElementById("filter");
if (filter !== null) {
  const rows = [...document.querySelectorAll(".wide tbody tr")];
  const shown = document.getElementById("shown");
  const choose = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      count += row.hidden ? 0 : 1;
    }
    for (const table of document.querySelectorAll(".wide")) {
      const empty = table.querySelector("tbody tr:not([hidden])") === null;
      table.hidden = empty;
      table.previousElementSibling.hidden = empty;
    }
    shown.textContent = `${count} of ${rows.length}`;
    history.replaceState(null, "", filter.value ? "#q=" + encodeURIComponent(filter.value) : location.pathname);
  };
  filter.parentElement.hidden = false;
  filter.value = location.hash.startsWith("#q=") ? decodeURIComponent(location.hash.slice(3)) : "";
  filter.addEventListener("input", choose);
  choose();
}
