// The page of one run: the data of page_data.h, rendered.

const FLAGS = [[0x1, "MSG_OOB"], [0x8, "MSG_CTRUNC"], [0x10, "MSG_PROXY"], [0x20, "MSG_TRUNC"], [0x40, "MSG_DONTWAIT"],
               [0x80, "MSG_EOR"], [0x200, "MSG_FIN"], [0x2000, "MSG_ERRQUEUE"], [0x40000000, "MSG_CMSG_CLOEXEC"]];
const CAUSES = { "not-declared": "the implementation does not declare what the check needs",
                 "host-lacks": "this host lacks what the check needs",
                 "kernel-deviates": "recvmsg(2) itself fails in the same way on this host",
                 unpredictable: "what is right is not predictable" };

function start() {
  const data = readData();
  const page = document.getElementById("page");
  const byId = new Map(data.checks.map((check) => [check.id, check]));
  for (const check of data.checks) {
    check.area = areaOf(data, check.id);
    check.kind = kindOf(check.id);
    check.key ||= check.summary || "";
  }
  const state = { q: "", verdict: new Set(), level: "", area: "", kind: "", check: "" };
  let listed = []; // checks in the order of the page, for the keys
  const texts = new Map(); // of a check, for searches

  const textOf = (check) => {
    if (!texts.has(check)) {
      const cites = check.requirements.flatMap((slug) => [slug, requirementOf(data, slug).sentence, requirementOf(data, slug).citation]);
      texts.set(check, [check.id, check.verdict, check.cause, check.summary, check.reason, check.baseline?.reason, check.area, ...cites]
        .join("\n").toLowerCase());
    }
    return texts.get(check);
  };
  const isFiltered = () => Boolean(state.q || state.verdict.size || state.level || state.area || state.kind);
  const fits = (check, except = "") =>
    (except === "verdict" || !state.verdict.size || state.verdict.has(check.verdict)) &&
    (except === "level" || !state.level || check.level === state.level) &&
    (except === "area" || !state.area || check.area === state.area) &&
    (!state.kind || check.kind === state.kind) &&
    state.q.toLowerCase().split(/\s+/).every((word) => !word || textOf(check).includes(word));

  const hash = (changes = {}) => {
    const now = { ...state, ...changes };
    return hashOf({ q: now.q, verdict: [...now.verdict].join(","), level: now.level, area: now.area, kind: now.kind, check: now.check });
  };
  const choose = (changes) => {
    Object.assign(state, changes);
    history.replaceState(null, "", hash());
    render();
  };

  // Head and pictures: of the whole run, whatever is filtered.
  const total = tally(data.checks);
  const implementation = data.implementation;
  const name = `${implementation.name} ${implementation.version}`.trim() || implementation.spec;

  function statement() {
    const bad = data.checks.filter((check) => isBad(check.verdict));
    const binding = bad.filter((check) => check.level !== "recommended" || check.baseline);
    if (!data.checks.length) return h("p", { class: "statement" }, "No check was judged.");
    if (!bad.length) {
      return h("p", { class: "statement good" }, h("span", {},
        h("strong", {}, total.pass || total.xfail ? "Nothing fails unexpectedly." : "Nothing was judged."), ` ${inWords(total)}.`));
    }
    const causes = new Set(bad.map((check) => `${check.verdict} ${check.key}`)).size;
    return h("p", { class: "statement bad" }, h("span", {},
      h("strong", {}, `${number.format(bad.length)} of ${number.format(total.judged)}`),
      ` judged checks ${total.xpass === bad.length ? "pass though listed" : bad.length === 1 ? "fails" : "fail"}, ${count(causes, "cause")}`,
      binding.length === bad.length ? "." : binding.length
        ? `; ${number.format(bad.length - binding.length)} of them are recommendations.` : "; all of them are recommendations."));
  }

  const header = h("header", { class: "page-header" },
    h("p", { class: "eyebrow" }, "Conformance of recvmsg_into"), h("h1", {}, name), statement(),
    h("dl", { class: "facts" }, [["judged as", h("code", {}, implementation.spec)],
      ["buffers", data.merged_buffers ? "merged: one in place of several (--merge-buffers)" : ""], ["language", implementation.language],
      ["on", `${data.environment.system} ${data.environment.release}, ${data.environment.machine}`],
      ["suite", data.suite], ["seed", String(data.seed)], ["rounds", data.rounds > 1 ? `${data.rounds}, ${data.rounds_differing} differing` : ""]]
      .filter(([, value]) => value).map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value)))),
    data.complete ? null : h("p", { class: "note" }, "This run has not ended, or was killed: the page has what was judged until then."));

  const levels = ["required", "platform", "recommended"];
  const rows = (values, field) => values.map((value) => {
    const counts = tally(data.checks.filter((check) => check[field] === value));
    if (!counts.all) return null;
    return h("button", { type: "button", class: "row", "data-field": field, "data-value": value,
                         "aria-label": `${value}: ${inWords(counts)}`,
                         onclick: () => choose({ [field]: state[field] === value ? "" : value }) },
      h("span", {}, value), bar(counts), figures(counts));
  });
  const figures = (counts) => h("span", { class: "figures" }, counts.bad ? h("b", {}, number.format(counts.bad)) : null,
    counts.bad ? " of " : null, counts.judged ? number.format(counts.judged) : counts.all ? "skipped" : "");
  const legend = h("p", { class: "legend" }, GROUPS.filter((group) => total[group]).map((group) =>
    h("span", { style: { "--of": `var(--${group})` } }, `${number.format(total[group])} ${words[group]}`)));
  const glance = h("section", { class: "glance", "aria-label": "At a glance" },
    h("div", {}, h("h2", {}, "By level"), rows(levels, "level"), legend), h("div", {}, h("h2", {}, "By area"), rows(data.areas, "area")));

  // Filters.
  const search = h("input", { type: "search", placeholder: "Search checks, citations  ( / )", "aria-label": "Search",
                              oninput: () => choose({ q: search.value }) });
  const toggles = h("span", { class: "toggles", role: "group", "aria-label": "Verdicts" });
  const choices = h("span", { style: { display: "contents" } });
  const shown = h("span", { class: "shown", role: "status" });
  const filters = h("nav", { class: "filters", "aria-label": "Filters" }, h("div", {}, search, choices, toggles, shown));
  const present = (field, order) => {
    const values = new Set(data.checks.map((check) => check[field]));
    return order ? order.filter((value) => values.has(value)) : [...values].sort();
  };

  function renderFilters() {
    if (document.activeElement !== search) search.value = state.q;
    const focused = document.activeElement?.dataset?.keep;
    replace(choices, choice("All levels", state.level, present("level", levels), (level) => choose({ level })),
      choice("All areas", state.area, present("area", data.areas), (area) => choose({ area })),
      choice("All sockets", state.kind, present("kind"), (kind) => choose({ kind })));
    [...choices.children].forEach((select, i) => { select.dataset.keep = `choice${i}`; });
    const counts = new Map();
    for (const check of data.checks) if (fits(check, "verdict")) counts.set(check.verdict, (counts.get(check.verdict) || 0) + 1);
    replace(toggles, VERDICTS.filter((verdict) => data.summary[verdict.toLowerCase()]).map((verdict) =>
      h("button", { type: "button", class: "toggle", "aria-pressed": String(state.verdict.has(verdict)), "data-keep": verdict,
                    onclick: () => {
                      const chosen = new Set(state.verdict);
                      if (!chosen.delete(verdict)) chosen.add(verdict);
                      choose({ verdict: chosen });
                    } }, `${verdict} ${number.format(counts.get(verdict) || 0)}`)),
      isFiltered() && h("button", { type: "button", class: "toggle", "data-keep": "clear",
                                    onclick: () => choose({ q: "", verdict: new Set(), level: "", area: "", kind: "" }) }, "Clear"));
    if (focused) filters.querySelector(`[data-keep="${focused}"]`)?.focus();
    for (const row of glance.querySelectorAll(".row")) {
      row.setAttribute("aria-pressed", String(state[row.dataset.field] === row.dataset.value));
    }
  }

  // Lists.
  const chip = (check) => {
    const group = GROUP_OF[check.verdict] || "notrun";
    return h("a", { href: hash({ check: check.id }), "data-check": check.id, class: `chip ${group}`, title: check.verdict,
                    "aria-label": `${check.id}: ${check.verdict}` }, h("span", { "aria-hidden": "true" }, MARKS[group]), check.kind);
  };
  // Its body is made when it is opened for the first time.
  function fold(isOpen, summary, body) {
    const content = h("div", { class: "body" });
    const fill = () => { if (!content.hasChildNodes()) add(content, body()); markCurrent(content); };
    const details = h("details", { class: "fold", open: isOpen, ontoggle: () => details.open && fill() }, h("summary", {}, summary), content);
    if (isOpen) fill();
    return details;
  }
  // Claims with their checks, as many as are read at once.
  function claimsOf(checks, most = 40) {
    const claims = new Map();
    for (const check of checks) {
      if (!claims.has(claimOf(check.id))) claims.set(claimOf(check.id), []);
      claims.get(claimOf(check.id)).push(check);
    }
    const all = [...claims];
    const list = h("ul", { class: "claims" });
    const more = (begin) => {
      add(list, all.slice(begin, begin + most).map(([claim, of]) => h("li", {}, h("span", { class: "name" }, breakable(claim)), of.map(chip))));
      if (all.length <= begin + most) return;
      const item = h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => { item.remove(); more(begin + most); } },
        count(all.length - begin - most, "more claim")));
      list.append(item);
    };
    more(0);
    return list;
  }
  function grouped(checks, keyOf) {
    const groups = new Map();
    for (const check of checks) {
      const key = keyOf(check);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(check);
    }
    return [...groups.values()].sort((one, other) =>
      (one[0].verdict === "NOTRUN") - (other[0].verdict === "NOTRUN") || other.length - one.length);
  }

  const causes = h("section", { id: "causes" });
  function renderCauses(checks) {
    const groups = grouped(checks.filter((check) => isBad(check.verdict)), (check) => `${check.verdict} ${check.key}`);
    causes.hidden = !groups.length;
    if (!groups.length) return [];
    replace(causes, h("h2", {}, "Causes", h("span", { class: "soft" }, "one defect is seldom seen by one check only")),
      groups.map((group) => fold(groups.length <= 4 && group.length <= 20,
        [h("span", { class: "count" }, number.format(group.length)), badge(group[0].verdict),
         h("span", { class: "what" }, group[0].verdict === "XPASS" ? "passes, although the baseline lists it" : group[0].summary,
           h("span", { class: "example" }, breakable(group[0].id), group.length > 1 && ` and ${number.format(group.length - 1)} more`))],
        () => claimsOf(group))));
    return groups.flat();
  }

  const requirements = h("section", { id: "requirements" });
  function renderRequirements(checks) {
    const isOpen = isFiltered() && checks.length <= 300;
    const areas = data.areas.map((area) => [area, checks.filter((check) => check.area === area)]).filter(([, of]) => of.length);
    replace(requirements, h("h2", {}, "Requirements", h("span", { class: "soft" }, "by area, with the checks of each")),
      areas.length ? null : h("p", { class: "empty" }, "No check is like that."),
      areas.map(([area, of]) => {
        const counts = tally(of);
        return fold(isOpen, [h("span", { class: "what" }, area), bar(counts), figures(counts)], () => requirementsOf(of));
      }));
    return areas.flatMap(([, of]) => of);
  }
  function requirementsOf(checks) {
    const bySlug = new Map();
    for (const check of checks) for (const slug of check.requirements) {
      if (!bySlug.has(slug)) bySlug.set(slug, []);
      bySlug.get(slug).push(check);
    }
    const bads = (of) => of.filter((check) => isBad(check.verdict)).length;
    return [...bySlug].sort(([, one], [, other]) => bads(other) - bads(one)).map(([slug, of]) =>
      h("div", { class: "requirement" }, h("p", {}, requirementOf(data, slug).sentence), cited(slug, requirementOf(data, slug)),
        claimsOf(of, Infinity)));
  }

  const known = h("section", { id: "known" });
  function renderKnown(checks) {
    const groups = grouped(checks.filter((check) => check.verdict === "XFAIL"), (check) => check.baseline?.entry);
    known.hidden = !groups.length;
    replace(known, h("h2", {}, "Known failures", h("span", { class: "soft" }, "they fail as the baseline lists them")),
      groups.map((group) => fold(false, [h("span", { class: "count" }, number.format(group.length)),
        h("span", { class: "badge xfail" }, group[0].baseline?.kind),
        h("span", { class: "what" }, group[0].baseline?.reason)], () => [listedAs(group[0].baseline), claimsOf(group)])));
  }

  const skipped = h("section", { id: "skipped" });
  function renderSkipped(checks) {
    const groups = grouped(checks.filter((check) => check.verdict === "SKIP"), (check) => `${check.cause} ${check.reason}`);
    skipped.hidden = !groups.length;
    replace(skipped, h("h2", {}, "Skipped", h("span", { class: "soft" }, "neither failure nor success")),
      groups.map((group) => fold(false, [h("span", { class: "count" }, number.format(group.length)),
        h("span", { class: "badge skip", title: CAUSES[group[0].cause] }, group[0].cause),
        h("span", { class: "what" }, group[0].reason)], () => claimsOf(group))));
  }

  // One check.
  const bytesOf = (hex) => {
    const [, digits, more] = /^([0-9a-f]*)(?: \[(\d+) more\])?$/.exec(hex) || [null, null, null];
    if (digits === null) return hex;
    const parts = (digits.match(/../g) || []).map((two) => {
      const byte = parseInt(two, 16);
      return byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? String.fromCharCode(byte) : `\\x${two}`;
    });
    let text = "";
    for (let i = 0; i < parts.length;) {
      let end = i;
      while (parts[end] === parts[i] && end < parts.length) end += 1;
      text += end - i > 3 ? `${parts[i]}{${end - i}}` : parts.slice(i, end).join("");
      i = end;
    }
    return `"${text}"${more ? ` and ${count(Math.ceil(more / 2), "more byte")}` : ""}`;
  };
  const errorText = (error) => `${error.class}${error.errno === null || error.errno === undefined ? "" : ` (errno ${error.errno})`}${
    error.message ? `: ${error.message}` : ""}`;
  const flagsText = (flags) => {
    const names = FLAGS.filter(([bit]) => flags & bit).map(([, flag]) => flag);
    return flags ? `0x${flags.toString(16)} ${names.join(" | ")}` : "0";
  };
  function seenRows(seen) {
    const rows = [];
    if (seen.error) rows.push(["error", errorText(seen.error)]);
    else if ("nbytes" in seen) rows.push(["nbytes", seen.nbytes]);
    (seen.buffers || []).forEach((buffer, i) => rows.push([`buffer ${i}`, bytesOf(buffer)]));
    for (const item of seen.ancdata || []) {
      rows.push(["item", Array.isArray(item) ? `level ${item[0]}, type ${item[1]}: ${bytesOf(item[2])}` : String(item)]);
    }
    if (typeof seen.msg_flags === "number") rows.push(["msg_flags", flagsText(seen.msg_flags)]);
    if (seen.address) {
      rows.push(["address", Object.entries(seen.address).map(([field, value]) =>
        `${field} ${field === "path" || field === "raw" ? bytesOf(value) : value}`).join(", ")]);
    }
    if (seen.signals) rows.push(["signals", seen.signals]);
    if (seen.stray_descriptors) rows.push(["stray descriptors", seen.stray_descriptors]);
    for (const warning of seen.warnings || []) rows.push(["warning", warning]);
    for (const [fact, value] of Object.entries(seen.facts || {})) rows.push([fact, typeof value === "string" ? value : JSON.stringify(value)]);
    for (const call of seen.kernel || []) rows.push(["kernel", call]);
    return h("dl", { class: "seen" }, rows.map(([label, value]) => [h("dt", {}, label), h("dd", {}, String(value))]));
  }
  const stepItem = (step) =>
    typeof step === "string" ? h("li", { class: "step" }, step)
    : step.omitted ? h("li", { class: "soft" }, `... ${count(step.omitted, "more step")} ...`)
    : h("li", {}, seenRows(step.seen || {}));

  function differencesOf(check) {
    const places = new Map();
    for (const difference of check.differences || []) {
      if (!places.has(difference.where)) places.set(difference.where, []);
      places.get(difference.where).push(difference);
    }
    return [...places].map(([where, differences]) => h("table", { class: "differences" }, where && h("caption", {}, where),
      h("thead", {}, h("tr", {}, ["field", "expected", "actual"].map((label) => h("th", { scope: "col" }, label)))),
      h("tbody", {}, differences.map((difference) => {
        const [expected, actual] = compared(difference.expected, difference.actual);
        return h("tr", {}, h("th", { scope: "row" }, difference.field),
          h("td", { class: "expected", "data-label": "expected" }, marked(expected)), h("td", { "data-label": "actual" }, marked(actual)));
      }))));
  }
  const listedAs = (entry) => h("p", { class: "listed" },
    h("code", {}, entry.entry), ` lists it as ${[entry.verdict].flat().join(" or ")}: ${entry.kind}, ${entry.reason} `,
    entry.link && link(entry.link, entry.link));

  function checkDetails(check, tools) {
    const part = (title, ...content) => [h("h3", {}, title), ...content];
    return [h("header", {}, badge(check.verdict), h("span", { class: "soft" }, `${check.level}, ${number.format(check.milliseconds)} ms`), tools),
      h("h2", { tabindex: "-1" }, breakable(check.id)),
      check.requirements.map((slug) => [h("p", { class: "sentence" }, requirementOf(data, slug).sentence), cited(slug, requirementOf(data, slug))]),
      check.baseline && listedAs(check.baseline),
      check.reason && part(check.verdict === "SKIP" ? `Skipped: ${check.cause}` : "Reason", h("p", { class: "reason" }, check.reason)),
      check.differences?.length ? part("Expected and actual", differencesOf(check),
        check.more_differences && h("p", { class: "soft" }, `${count(check.more_differences, "more difference")} in results.json`)) : null,
      check.steps?.length ? part("What was done, and what came back", h("ol", { class: "steps" }, check.steps.map(stepItem))) : null,
      check.stderr && part("Its standard error", h("pre", { class: "listing" }, check.stderr)),
      check.is_brief && h("p", { class: "note" }, "The details of this check are in results.json."),
      part("Reproduce", copyable("the line that reproduces it", check.repro)),
      check.replay && part("Perform its scenario again", copyable("the line that performs its scenario again", check.replay))];
  }

  const panel = h("aside", { class: "check", "aria-label": "Check" });
  let opener = null;
  const open = (id) => {
    if (!state.check) opener = document.activeElement;
    location.hash = hash({ check: id });
  };
  const close = () => {
    location.hash = hash({ check: "" });
    opener?.focus?.();
  };
  function step(by) {
    if (!listed.length) return;
    const at = listed.findIndex((check) => check.id === state.check);
    open(listed[at < 0 ? (by > 0 ? 0 : listed.length - 1) : (at + by + listed.length) % listed.length].id);
  }
  function markCurrent(within) {
    for (const element of within.querySelectorAll("[data-check]")) {
      if (element.dataset.check === state.check) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
  }
  function renderPanel() {
    const check = byId.get(state.check);
    document.title = `${state.check ? `${state.check} - ` : ""}${name}: recvmsg_into conformance`;
    document.body.classList.toggle("with-check", Boolean(state.check));
    panel.remove();
    markCurrent(main);
    if (!state.check) return;
    const button = (label, action, title) => h("button", { type: "button", class: "quiet", title, "aria-label": title, onclick: action }, label);
    const tools = h("span", { class: "tools" }, button("‹", () => step(-1), "Previous check (k)"), button("›", () => step(1), "Next check (j)"),
      button("Link", (event) => copy(location.href.split("#")[0] + hashOf({ check: state.check }), event.currentTarget), "Copy a link to this check"),
      button("Close", close, "Close (Esc)"));
    replace(panel, check ? checkDetails(check, tools)
      : [h("header", {}, tools), h("h2", { tabindex: "-1" }, breakable(state.check)), h("p", {}, "This run has no such check.")]);
    columns.append(panel);
    panel.scrollTop = 0;
    panel.querySelector("h2").focus({ preventScroll: true });
  }

  const columns = h("div", { class: "columns" }, h("div", {}, causes, requirements, known, skipped));
  const main = h("main", {}, columns);
  function render() {
    renderFilters();
    const checks = isFiltered() ? data.checks.filter((check) => fits(check)) : data.checks;
    const bad = renderCauses(checks);
    const isListed = new Set(bad);
    listed = [...bad, ...renderRequirements(checks).filter((check) => !isListed.has(check))];
    renderKnown(checks);
    renderSkipped(checks);
    shown.textContent = isFiltered() ? `${number.format(checks.length)} of ${count(data.checks.length, "check")}` : count(data.checks.length, "check");
    markCurrent(main);
  }
  let rendered = null;
  function follow() {
    const fields = readHash();
    state.check = fields.check || "";
    const filter = hashOf({ ...fields, check: "" });
    if (filter !== rendered) {
      rendered = filter;
      Object.assign(state, { q: fields.q || "", level: fields.level || "", area: fields.area || "", kind: fields.kind || "",
                             verdict: new Set((fields.verdict || "").split(",").filter(Boolean)) });
      render();
    }
    renderPanel();
  }

  // Links keep what is filtered now.
  page.addEventListener("click", (event) => {
    const target = event.target.closest("a[data-check]");
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(target.dataset.check);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (state.check) close();
      else if (document.activeElement === search) { search.blur(); choose({ q: "" }); }
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName || "")) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });
  window.addEventListener("hashchange", follow);

  // On paper there is nothing to open: the causes are open, and their first checks follow in full.
  const printed = h("section", { class: "printed" });
  window.addEventListener("beforeprint", () => {
    for (const details of causes.querySelectorAll("details")) details.open = true;
    const bad = listed.filter((check) => isBad(check.verdict)).slice(0, 100);
    replace(printed, bad.length && h("h2", {}, "Failures"), bad.map((check) => h("article", { class: "check" }, checkDetails(check, null))));
    main.append(printed);
  });
  window.addEventListener("afterprint", () => printed.remove());

  add(page, [header, h("div", { class: "page-header" }, glance), filters, main,
    h("footer", {}, h("kbd", {}, "/"), " search   ", h("kbd", {}, "j"), " ", h("kbd", {}, "k"), " next and previous check   ", h("kbd", {}, "Esc"),
      " close. Every fact is in results.json of the run.")]);
  follow();
}

document.addEventListener("DOMContentLoaded", start);
