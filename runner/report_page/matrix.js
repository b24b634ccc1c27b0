// The page of several runs: the data of matrix.cc, rendered.

const VERDICT_OF = { P: "PASS", F: "FAIL", S: "SKIP", C: "CRASH", H: "HANG", R: "PROTOCOL", N: "NOTRUN", x: "XFAIL", X: "XPASS", "-": "" };

function start() {
  const data = readData();
  const page = document.getElementById("page");
  const runs = data.implementations;
  const isDense = runs.length > 7;
  const checks = data.checks.map(([id, level, requirements], index) =>
    ({ id, level, requirements, index, area: areaOf(data, id), verdicts: data.verdicts.map((letters) => VERDICT_OF[letters[index]]) }));
  const state = { q: "", level: "", only: "", before: "0", after: String(Math.min(1, runs.length - 1)) };
  const opened = new Set(); // "AREA" and "AREA/SLUG"
  const texts = new Map();

  const noteOf = (check, run) => {
    const note = data.notes[run][check.index];
    return note === undefined ? "" : data.summaries[note];
  };
  const textOf = (check) => {
    if (!texts.has(check)) {
      texts.set(check, [check.id, check.area, ...check.requirements, ...check.requirements.map((slug) => requirementOf(data, slug).sentence),
        ...runs.map((_, run) => noteOf(check, run))].join("\n").toLowerCase());
    }
    return texts.get(check);
  };
  const ONLY = { "fail somewhere": (check) => check.verdicts.some((verdict) => verdict && isBad(verdict)),
                 "fail everywhere": (check) => check.verdicts.every((verdict) => !verdict || verdict === "SKIP" || isBad(verdict)) &&
                   check.verdicts.some((verdict) => verdict && isBad(verdict)),
                 "differ": (check) => new Set(check.verdicts.filter((verdict) => verdict && verdict !== "SKIP")).size > 1 };
  const fits = (check) => (!state.level || check.level === state.level) && (!ONLY[state.only] || ONLY[state.only](check)) &&
    state.q.toLowerCase().split(/\s+/).every((word) => !word || textOf(check).includes(word));
  const isFiltered = () => Boolean(state.q || state.level || state.only);
  const choose = (changes) => {
    Object.assign(state, changes);
    const isDefault = { before: "0", after: String(Math.min(1, runs.length - 1)) };
    history.replaceState(null, "", hashOf(Object.fromEntries(Object.entries(state).filter(([name, value]) => isDefault[name] !== value))));
    render();
  };

  // The runs.
  const tallyOf = (of, run) => tally(of.map((check) => ({ verdict: check.verdicts[run] })).filter((check) => check.verdict));
  const figures = (counts) => h("span", { class: "figures" }, counts.bad ? h("b", {}, number.format(counts.bad)) : null,
    counts.bad ? " of " : null, counts.judged ? number.format(counts.judged) : counts.all ? "skipped" : "");
  const header = h("header", { class: "page-header" }, h("p", { class: "eyebrow" }, "Conformance of recvmsg_into"),
    h("h1", {}, runs.length === 1 ? runs[0].label : `${number.format(runs.length)} runs`));
  const overview = h("section", { class: "overview", "aria-label": "Runs" }, runs.map((run, i) => {
    const counts = tallyOf(checks, i);
    return h("a", { class: "row", href: run.report, title: run.spec, "aria-label": `${run.label}: ${inWords(counts)}` },
      h("span", { class: "name" }, run.label, run.complete ? null : h("span", { class: "soft" }, " (not ended)")), bar(counts), figures(counts));
  }));

  // Filters.
  const search = h("input", { type: "search", placeholder: "Search checks, requirements, causes  ( / )", "aria-label": "Search",
                              oninput: () => choose({ q: search.value }) });
  const choices = h("span", { style: { display: "contents" } });
  const shown = h("span", { class: "shown", role: "status" });
  const filters = h("nav", { class: "filters", "aria-label": "Filters" }, h("div", {}, search, choices, shown));
  function renderFilters() {
    if (document.activeElement !== search) search.value = state.q;
    const focused = document.activeElement?.dataset?.keep;
    replace(choices, choice("All levels", state.level, ["required", "platform", "recommended"], (level) => choose({ level })),
      choice("All checks", state.only, Object.keys(ONLY), (only) => choose({ only })),
      isFiltered() && h("button", { type: "button", class: "toggle", onclick: () => choose({ q: "", level: "", only: "" }) }, "Clear"));
    [...choices.children].forEach((element, i) => { element.dataset.keep = `choice${i}`; });
    if (focused) filters.querySelector(`[data-keep="${focused}"]`)?.focus();
  }

  // The matrix: areas, requirements of what is open, checks of what is open.
  function cell(of, run) {
    const counts = tallyOf(of, run);
    const group = counts.crash ? "crash" : counts.fail ? "fail" : counts.notrun ? "notrun" : counts.xpass ? "xpass" : counts.xfail ? "xfail"
      : counts.pass ? "pass" : "skip";
    const text = counts.bad ? [h("b", {}, number.format(counts.bad)), isDense ? null : ` of ${number.format(counts.judged)}`]
      : counts.xfail ? (isDense ? "≈" : `${number.format(counts.xfail)} listed`) : counts.pass ? (isDense ? "✓" : `✓ ${number.format(counts.pass)}`) : "–";
    return h("td", { class: `cell ${group}`, title: `${runs[run].label}: ${inWords(counts) || "not in this run"}` }, text,
      isDense ? null : bar(counts));
  }
  function checkCell(check, run) {
    const verdict = check.verdicts[run];
    if (!verdict) return h("td", { title: `${runs[run].label}: not in this run` }, "");
    const note = noteOf(check, run);
    return h("td", { title: visible(`${runs[run].label}: ${verdict}${note ? `, ${note}` : ""}`) },
      h("a", { href: `${runs[run].report}${hashOf({ check: check.id })}`, "aria-label": `${check.id}, ${runs[run].label}: ${verdict}` },
        isDense ? h("span", { class: `badge ${GROUP_OF[verdict]}` }, MARKS[GROUP_OF[verdict]]) : badge(verdict)));
  }
  const body = h("tbody", {});
  const matrix = h("div", { class: "matrix-wrap", tabindex: "0", role: "region", "aria-label": "Areas by implementations" },
    h("table", { class: isDense ? "matrix dense" : "matrix" },
      h("thead", {}, h("tr", {}, h("td", {}), runs.map((run) =>
        h("th", { scope: "col" }, h("a", { href: run.report, title: run.spec }, run.label))))), body));
  function opener(key, row) {
    row.querySelector("button").addEventListener("click", () => {
      if (!opened.delete(key)) opened.add(key);
      renderMatrix();
      body.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
    });
    return row;
  }
  const grouped = (of, keysOf) => {
    const groups = new Map();
    for (const one of of) for (const key of keysOf(one)) {
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(one);
    }
    return groups;
  };
  function renderMatrix() {
    const chosen = checks.filter(fits);
    const all = isFiltered() && chosen.length <= 60;
    shown.textContent = isFiltered() ? `${number.format(chosen.length)} of ${count(checks.length, "check")}` : count(checks.length, "check");
    const rows = [];
    const areas = grouped(chosen, (check) => [check.area]);
    for (const area of data.areas) {
      const of = areas.get(area);
      if (!of) continue;
      const isOpen = all !== opened.has(area);
      rows.push(opener(area, h("tr", { class: "area" }, h("th", { scope: "row" },
        h("button", { type: "button", "aria-expanded": String(isOpen), "data-key": area }, area)), runs.map((_, run) => cell(of, run)))));
      if (!isOpen) continue;
      for (const [slug, cites] of grouped(of, (check) => check.requirements)) {
        const key = `${area}/${slug}`;
        const isUnfolded = all !== opened.has(key);
        const requirement = requirementOf(data, slug);
        rows.push(opener(key, h("tr", { class: "of-requirement" }, h("th", { scope: "row" },
          h("button", { type: "button", "aria-expanded": String(isUnfolded), "data-key": key }, h("span", {}, requirement.sentence, " ",
            h("span", { class: "soft" }, `${slug}, ${requirement.level}`)))), runs.map((_, run) => cell(cites, run)))));
        if (!isUnfolded) continue;
        for (const check of cites) {
          rows.push(h("tr", { class: "of-check", "data-check": check.id }, h("th", { scope: "row" }, breakable(check.id)),
            runs.map((_, run) => checkCell(check, run))));
        }
      }
    }
    replace(body, rows.length ? rows : h("tr", {}, h("td", { colspan: String(runs.length + 1) }, "No check is like that.")));
  }

  // Two runs.
  const comparison = h("section", { id: "comparison", hidden: runs.length < 2 });
  function renderComparison() {
    const before = Number(state.before), after = Number(state.after);
    if (runs.length < 2 || !runs[before] || !runs[after]) return;
    const pick = (label, value, change) => h("select", { "aria-label": label, onchange: (event) => choose(change(event.target.value)) },
      runs.map((run, i) => h("option", { value: String(i), selected: i === value }, run.label)));
    const changed = checks.filter((check) => fits(check) && check.verdicts[before] && check.verdicts[after] &&
      check.verdicts[before] !== check.verdicts[after]);
    const bad = (check, run) => isBad(check.verdicts[run]);
    const isSame = runs[before].name === runs[after].name;
    const parts = [[isSame ? "New failures" : "Fail only in the second", changed.filter((check) => !bad(check, before) && bad(check, after))],
      [isSame ? "Gone" : "Fail only in the first", changed.filter((check) => bad(check, before) && !bad(check, after))],
      ["Other differences", changed.filter((check) => bad(check, before) === bad(check, after))]];
    const at = (check, run) => h("td", {}, h("a", { href: `${runs[run].report}${hashOf({ check: check.id })}`, title: visible(noteOf(check, run)),
      "aria-label": `${check.id}, ${runs[run].label}: ${check.verdicts[run]}` }, badge(check.verdicts[run])));
    const table = (of, begin = 0, most = 200) => [h("table", { class: "changes" }, h("tbody", {}, of.slice(begin, begin + most).map((check) =>
      h("tr", {}, at(check, before), at(check, after), h("th", { scope: "row" }, breakable(check.id)),
        h("td", { class: "soft" }, noteOf(check, after) || noteOf(check, before)))))),
      of.length > begin + most && h("p", { class: "empty" }, `${number.format(of.length - begin - most)} more: search for them.`)];
    replace(comparison, h("h2", {}, "Two runs", h("span", { class: "soft" }, isSame ? "of one implementation: what is new, and what is gone"
                                                                                 : "and where they differ")),
      h("div", { class: "compare" }, pick("First run", before, (value) => ({ before: value })), h("span", { "aria-hidden": "true" }, "→"),
        pick("Second run", after, (value) => ({ after: value }))),
      changed.length ? parts.filter(([, of]) => of.length).map(([title, of], i) => {
        const body = h("div", { class: "body" });
        const fill = () => { if (!body.hasChildNodes()) add(body, table(of)); };
        const isOpen = i < 2 && of.length <= 40;
        const details = h("details", { class: "fold", open: isOpen, ontoggle: () => details.open && fill() },
          h("summary", {}, h("span", { class: "count" }, number.format(of.length)), h("span", { class: "what" }, title)), body);
        if (isOpen) fill();
        return details;
      }) : h("p", { class: "empty" }, "No check has another verdict."));
  }

  function render() {
    renderFilters();
    renderMatrix();
    renderComparison();
  }
  function follow() {
    const fields = readHash();
    Object.assign(state, { q: fields.q || "", level: fields.level || "", only: fields.only || "", before: fields.before || "0",
                           after: fields.after || String(Math.min(1, runs.length - 1)) });
    render();
  }
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.activeElement === search) { search.blur(); choose({ q: "" }); return; }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName || "")) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
  });
  window.addEventListener("beforeprint", () => { for (const details of comparison.querySelectorAll("details")) details.open = true; });

  document.title = "Conformance of recvmsg_into implementations";
  add(page, [header, h("div", { class: "page-header" }, overview), filters,
    h("main", { class: "columns" }, h("div", {}, h("section", { id: "matrix" }, h("h2", {}, "Matrix",
      h("span", { class: "soft" }, "areas, their requirements, and the checks of each")), matrix), comparison)),
    h("footer", {}, h("kbd", {}, "/"), " search. The same as data is in matrix.json beside this page.")]);
  follow();
}

document.addEventListener("DOMContentLoaded", start);
