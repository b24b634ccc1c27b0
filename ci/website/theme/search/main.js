// Searches the site, also where it is opened from disk: the index is a script that sets `siteIndex`, loaded when the search is
// opened first. A section is found if it has all words, whatever their case; sections with the words in their title come first,
// then short ones.
"use strict";

const MOST_RESULTS = 40;
let searchBox, found, sections;

function loadIndex() {
  if (sections !== undefined) return;
  sections = [];
  const script = document.createElement("script");
  script.src = base_url + "/search/index.js";
  script.onload = () => {
    sections = siteIndex.map(section => ({...section, lowTitle: section.title.toLowerCase(), low: section.text.toLowerCase()}));
    showResults();
  };
  document.head.append(script);
}

// How well a section has these words: 0 is not at all.
function rank(section, words) {
  let sum = 0;
  for (const word of words) {
    if (section.lowTitle === word) sum += 20;
    else if (section.lowTitle.includes(word)) sum += 5;
    else if (section.low.includes(word)) sum += 1;
    else return 0;
  }
  return sum + 1 / (1 + section.low.length / 1000);
}

function excerpt(section, words) {
  const at = Math.max(0, Math.min(...words.map(word => section.low.indexOf(word)).filter(index => index >= 0)));
  const from = Number.isFinite(at) ? Math.max(0, at - 60) : 0;
  return (from > 0 ? "… " : "") + section.text.slice(from, from + 200);
}

function element(name, text, children = []) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function showResults() {
  const words = searchBox.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.replaceChildren();
  if (words.length === 0 || sections.length === 0) return;
  const ranked = sections.map(section => [rank(section, words), section]).filter(([sum]) => sum > 0);
  ranked.sort(([one], [other]) => other - one);
  for (const [, section] of ranked.slice(0, MOST_RESULTS)) {
    const link = element("a", section.title);
    link.href = base_url + "/" + section.location;
    found.append(element("article", "", [element("h5", "", [link]), element("p", excerpt(section, words))]));
  }
  if (ranked.length === 0) found.append(element("p", "No page has all these words."));
  if (ranked.length > MOST_RESULTS) found.append(element("p", `${ranked.length - MOST_RESULTS} more; add a word.`));
}

addEventListener("DOMContentLoaded", () => {
  searchBox = document.getElementById("mkdocs-search-query");
  found = document.getElementById("mkdocs-search-results");
  document.getElementById("mkdocs_search_modal").addEventListener("show.bs.modal", loadIndex);
  searchBox.addEventListener("input", showResults);
  searchBox.form.addEventListener("submit", event => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
});
