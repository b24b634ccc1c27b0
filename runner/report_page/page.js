// What the pages of one run and of several have in common. All text gets into the page as text nodes: whatever an adapter,
// a baseline or a file says is shown, and never read as markup.

const number = new Intl.NumberFormat("en");
const count = (n, word, words = `${word}s`) => `${number.format(n)} ${n === 1 ? word : words}`;

// Control characters, and those that change the direction of writing or end a line, as escapes.
const visible = (text) =>
  String(text)
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replace(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

// An element. Children are elements, texts, lists of them, or nothing (null, undefined, false).
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, child) {
  if (Array.isArray(child)) child.forEach((one) => add(element, one));
  else if (child instanceof Node) element.append(child);
  else if (child !== null && child !== undefined && child !== false) element.append(visible(child));
}

// Only addresses of the web become links.
const link = (url, ...text) =>
  /^https?:\/\//i.test(url) ? h("a", { href: url, rel: "noopener noreferrer" }, ...text) : h("span", {}, ...text);

// Verdicts, from the worst on. A group is what one colour stands for.
const VERDICTS = ["CRASH", "HANG", "PROTOCOL", "FAIL", "NOTRUN", "XPASS", "XFAIL", "PASS", "SKIP"];
const GROUP_OF = { CRASH: "crash", HANG: "crash", PROTOCOL: "crash", FAIL: "fail", NOTRUN: "notrun", XPASS: "xpass", XFAIL: "xfail",
                   PASS: "pass", SKIP: "skip" };
const GROUPS = ["crash", "fail", "notrun", "xpass", "xfail", "pass", "skip"];
const MARKS = { crash: "‼", fail: "✕", notrun: "·", xpass: "!", xfail: "≈", pass: "✓", skip: "–" };
const isBad = (verdict) => !["PASS", "SKIP", "XFAIL"].includes(verdict);
const badge = (verdict) => h("span", { class: `badge ${GROUP_OF[verdict] || "notrun"}` }, verdict);

function tally(checks) {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, 0]));
  for (const check of checks) counts[GROUP_OF[check.verdict] || "notrun"] += 1;
  counts.bad = counts.crash + counts.fail + counts.notrun + counts.xpass;
  counts.judged = checks.length - counts.skip;
  counts.all = checks.length;
  return counts;
}

const words = { crash: "crash, hang or protocol", fail: "fail", notrun: "not run", xpass: "pass though listed",
                xfail: "fail as listed", pass: "pass", skip: "skipped" };
const inWords = (counts) =>
  GROUPS.filter((group) => counts[group]).map((group) => `${number.format(counts[group])} ${words[group]}`).join(", ");

// Counts as one bar, the worst first, so that the bars below each other compare.
function bar(counts) {
  return h("span", { class: "bar", "aria-hidden": "true" },
    GROUPS.filter((group) => counts[group]).map((group) =>
      h("span", { class: group, style: { "flex-grow": String(counts[group]) }, title: `${counts[group]} ${words[group]}` })));
}

// What is chosen is in the fragment of the address: a link to it shows the same.
function readHash() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}
function hashOf(fields) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value) search.set(name, value);
  // These need no escape in a fragment, and links are read.
  return `#${search.toString().replace(/%2F/gi, "/").replace(/%2C/gi, ",").replace(/%3A/gi, ":")}`;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "offscreen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const was = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = was; }, 1500);
}

const copyable = (label, text) =>
  h("div", { class: "copyable" }, h("pre", {}, text),
    h("button", { type: "button", class: "quiet", "aria-label": `Copy: ${label}`, onclick: (event) => copy(text, event.currentTarget) },
      "Copy"));

// The parts of two values that differ, as [text, differs] pairs of each. An escape, and a byte with its count, is one part.
function compared(expected, actual) {
  const tokens = (text) => text.match(/(?:\\x[0-9a-f]{2}|\\[\s\S]|[\s\S])(?:\{\d+\})?/gu) || [];
  const one = tokens(expected), other = tokens(actual);
  let begin = 0;
  while (begin < one.length && begin < other.length && one[begin] === other[begin]) begin += 1;
  let end = 0;
  while (end < one.length - begin && end < other.length - begin && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const middle = [one.slice(begin, one.length - end), other.slice(begin, other.length - end)];
  const flags = inBoth(...middle);
  return [one, other].map((all, i) => {
    const differs = all.map((_, at) => at >= begin && at < all.length - end && !flags[i][at - begin]);
    const parts = [];
    all.forEach((token, at) => {
      if (parts.length && parts[parts.length - 1][1] === differs[at]) parts[parts.length - 1][0] += token;
      else parts.push([token, differs[at]]);
    });
    return parts;
  });
}

// Of each token, whether it is of the longest common subsequence; none where that is a small part, for specks do not help.
function inBoth(one, other) {
  const none = [one.map(() => false), other.map(() => false)];
  if (!one.length || !other.length || one.length * other.length > 200000) return none;
  const width = other.length + 1;
  const lengths = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1)
    for (let j = other.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = one[i] === other[j] ? lengths[(i + 1) * width + j + 1] + 1
                                                   : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  if (lengths[0] * 2 < Math.max(one.length, other.length)) return none;
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    if (one[i] === other[j]) { none[0][i] = none[1][j] = true; i += 1; j += 1; }
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return none;
}

const marked = (parts) => parts.map(([text, differs]) => (differs ? h("mark", {}, text) : text));

// A field for a choice, with "all" first.
const choice = (label, value, values, onchange) => {
  const select = h("select", { "aria-label": label, onchange: () => onchange(select.value) },
    h("option", { value: "" }, label), values.map((one) => h("option", { value: one, selected: one === value }, one)));
  if (value) select.classList.add("set");
  return select;
};

// Requirement, level and citation, as every page shows them.
const cited = (slug, requirement) =>
  h("p", { class: "cited" }, h("code", {}, slug), " ", h("span", { class: "level" }, requirement.level || "level unknown"), " ",
    requirement.url ? link(requirement.url, requirement.citation) : requirement.citation);

const requirementOf = (data, slug) =>
  data.requirements[slug] || { level: "", sentence: "This version of the suite does not know the requirement.", citation: "", url: "" };
const areaOf = (data, id) => data.topics[id.split(".")[0]] || data.areas[data.areas.length - 1];
const kindOf = (id) => id.slice(id.indexOf("/") + 1);
const claimOf = (id) => id.slice(0, id.indexOf("/"));

// A line may end behind a dot, a slash and before a capital.
const breakable = (id) => id.split(/(?<=[./_])|(?<=[a-z0-9])(?=[A-Z])/).flatMap((part) => [part, h("wbr")]);

const readData = () => JSON.parse(document.getElementById("data").textContent);
const replace = (element, ...children) => { element.replaceChildren(); add(element, children); };
