"""The report for people: one HTML file that needs nothing beside it."""
from html import escape

from campaign.findings import headline
from campaign.plot import coverage_plot
from campaign.progress import clock, short
from campaign.record import new_findings, open_findings
from campaign.severity import worst_first

_STYLE = """
:root { --ink: #1f2933; --soft: #66727f; --line: #e3e8ee; --accent: #2563a8; --bad: #b3261e; --good: #1d7a46; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: #f6f8fa; margin: 0; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 12px; } h3 { font-size: 16px; margin: 0; }
p { margin: 6px 0; } .soft { color: var(--soft); } a { color: var(--accent); }
code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { background: #f2f5f8; border-radius: 6px; padding: 8px 10px; margin: 8px 0 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.verdict { font-weight: 600; } .bad { color: var(--bad); } .good { color: var(--good); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 20px; }
.tile, .card { background: #fff; border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 12px 16px; } .tile b { display: block; font-size: 23px; } .tile span { color: var(--soft); font-size: 13px; }
.card { padding: 16px 18px; margin: 12px 0; } .card.open { border-left: 4px solid var(--bad); }
.head { display: flex; justify-content: space-between; gap: 16px; align-items: baseline; }
.head h3 { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); gap: 12px; }
.plots .card { margin: 0; }
table { border-collapse: collapse; width: 100%; background: #fff; } .scroll { overflow-x: auto; }
th, td { text-align: left; padding: 6px 12px; border-bottom: 1px solid var(--line); } tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; font-size: 13px; } .number { text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 8px 0 0; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; margin-top: 8px; } svg text { font-size: 11px; fill: var(--soft); }
.grid { stroke: var(--line); } .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
.area { fill: var(--accent); opacity: .09; } .found { fill: var(--bad); stroke: #fff; stroke-width: 1.5; }
.bar { display: inline-block; width: 90px; height: 8px; background: var(--line); border-radius: 4px; overflow: hidden;
  margin-right: 8px; } .pair { display: inline-block; min-width: 76px; }
.bar i { display: block; height: 100%; background: var(--good); }
@media (max-width: 640px) {
  main { padding: 20px 12px 48px; } .card { padding: 10px 12px; } td code { overflow-wrap: anywhere; }
  .open .head { display: block; }
  svg text { font-size: 15px; } .tiles { grid-template-columns: 1fr 1fr; }
  /* A row is a block of its own: its first cell as the heading, the others each with its name. */
  tr:first-child { display: none; } tr, td { display: block; } tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
  tr:last-child { border-bottom: 0; } td { border: 0; padding: 1px 0; } td:first-child { font-weight: 500; }
  td.number { display: flex; align-items: center; } td.number::before { content: attr(data-name); color: var(--soft);
    margin-right: auto; } }
"""

_NUMBER = ' class="number"'


def render(record, edges_are):
    """The whole page."""
    findings = worst_first(new_findings(record))
    known = [finding for finding in open_findings(record) if finding.get("known")]
    gone = [finding for finding in record["findings"] if finding["status"] == "gone"]
    body = [_head(record, findings), _tiles(record), "<h2>Findings</h2>",
            "".join(_finding(finding, record) for finding in findings) or '<p class="soft">None.</p>']
    if known:
        body.append("<h3>Known</h3><ul>" + "".join(
            f"<li><code>{escape(finding['id'])}</code> {escape(headline(finding))}: {escape(finding['known'])}</li>"
            for finding in known) + "</ul>")
    if gone:
        body.append("<h3>Gone</h3><p class=\"soft\">Found by an earlier session; fails no more.</p><ul>" + "".join(
            f"<li><code>{escape(finding['id'])}</code> {escape(headline(finding))}</li>" for finding in gone) + "</ul>")
    body += [_targets(record), f"<h2>Coverage over time</h2><p class=\"soft\">{escape(edges_are)} over the time "
             "spent on that target; a red dot is a finding.</p>", '<div class="plots">',
             *(_plot(record, target) for target in record["targets"]), "</div>", _slowest(record),
             _source_coverage(record["coverage"]), _sessions(record)]
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fuzz campaign</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
            f'<body><main>{"".join(body)}</main></body></html>\n')


def _head(record, findings):
    last = record["sessions"][-1] if record["sessions"] else {}
    if findings:
        verdict = f'<span class="verdict bad">{len(findings)} finding{"s" * (len(findings) > 1)}</span>'
    elif record["summary"]["executions"]:
        verdict = '<span class="verdict good">nothing found</span>'
    else:
        verdict = '<span class="verdict bad">nothing ran</span>'
    interrupted = ", interrupted" if last.get("interrupted") else ""
    return (f'<h1>Fuzz campaign</h1><p>{verdict} <span class="soft">· '
            f'{escape(record["implementation"] or "the reference")} · {escape(record["engine"])} · '
            f'{_date(last.get("ended") or "")}{interrupted}</span></p>')


def _date(timestamp):
    """One of ISO 8601, as people write it."""
    return escape(timestamp.replace("T", " ").replace("+00:00", " UTC"))


def _table(names, rows):
    """`rows` are lists of HTML; the first is text, the others are figures with a name in `names`."""
    head = "".join(f'<th{_NUMBER if index else ""}>{name}</th>' for index, name in enumerate(names))
    body = "".join("<tr>" + "".join(
        f'<td{_NUMBER} data-name="{name}">{cell}</td>' if index else f"<td>{cell}</td>"
        for index, (name, cell) in enumerate(zip(names, row))) + "</tr>" for row in rows)
    return f'<div class="card scroll"><table><tr>{head}</tr>{body}</table></div>'


def _tiles(record):
    seconds = sum(target["fuzz_seconds"] for target in record["targets"])
    cpu = record["summary"]["cpu_seconds"]
    figures = [(short(record["summary"]["executions"]), "executions"),
               (_rate(record["summary"]["executions"], cpu), "per CPU second"), (clock(seconds), "of fuzzing"),
               (len(record["targets"]), "targets"), (record["summary"]["findings"], "findings")]
    if record["coverage"] and record["coverage"].get("total"):
        figures.append((_percent(record["coverage"]["total"]["lines"]), "lines covered"))
    return '<div class="tiles">' + "".join(f'<div class="tile"><b>{value}</b><span>{name}</span></div>'
                                           for value, name in figures) + "</div>"


def _rate(executions, seconds):
    return short(executions / seconds) if seconds else "–"


def _percent(pair):
    return f"{100 * pair[0] / pair[1]:.1f} %" if pair[1] else "–"


def _facts(pairs):
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in pairs) + "</dl>"


def _finding(finding, record):
    size = "not known"
    if finding["bytes"] is not None:
        size = f"{finding['bytes']} bytes"
        if finding["minimised"]:
            original = finding["original_bytes"]  # none of what the target keeps by itself
            size += " (minimised)" if original is None else f" (minimised from {original})"
    times = f"{finding['count']} time{'s' * (finding['count'] != 1)}"
    facts = [("belongs to", finding["belongs_to"])]
    if not finding.get("judge"):  # a disagreement has none
        facts.append(("frames", " < ".join(finding["frames"]) or "none of this project"))
    facts += [("input", size), ("fails", finding["reproduced"] or "not tried again"),
              ("seen", f"{times}, first after {clock(finding['found_after_seconds'])} of fuzzing"),
              ("first seen", finding.get("first_seen") or "not known"),
              ("last seen", finding.get("last_seen") or "not known")]
    laws = [other["judge"] for other in record["findings"] if other.get("same_as") == finding["id"]]
    if laws:
        facts.append(("breaks, too", ", ".join(laws)))
    if finding["input"]:
        facts.append(("file", finding["input"]))
    return (f'<div class="card open"><div class="head"><h3>{escape(headline(finding))}</h3>'
            f'<span class="soft">{escape(finding.get("severity") or "")} · {escape(finding["target"])}</span></div>'
            f'{_facts(facts)}{_what_was_done(finding)}'
            f'<pre>{escape(finding["reproduce"])}</pre>'
            + (f'<pre>{escape(finding["replay"])}</pre>' if finding.get("replay") else "") + "</div>")


def _what_was_done(finding):
    """The steps of a scenario, and what it gave instead of what was expected."""
    steps = "".join(f"<li>{escape(step)}</li>" for step in finding.get("steps", []))
    rows = [[f'{escape(one["where"])}{": " * bool(one["where"])}{escape(one["field"])}',
             *(f'<code>{escape(_cut(one[what]))}</code>' for what in ("expected", "actual"))]
            for one in finding.get("differences", [])]
    return (f"<ol>{steps}</ol>" if steps else "") + (_table(("", "expected", "actual"), rows) if rows else "")


def _cut(text):
    return text if len(text) <= 300 else f"{text[:300]} [{len(text) - 300} more]"


def _targets(record):
    names = ("target", "executions", "per CPU second", "time", "edges", "features", "corpus")
    return "<h2>Targets</h2>" + _table(names, [
        [escape(target["name"]) + _notes(target["notes"]), short(target["executions"]),
         _rate(target["executions"], target["cpu_seconds"]), clock(target["fuzz_seconds"]), target["edges"] or "–",
         target["features"] or "–", f'{target["corpus"]["files"]} files, {short(target["corpus"]["bytes"])} B']
        for target in record["targets"]])


def _notes(notes):
    return "".join(f'<br><span class="soft">{escape(note)}</span>' for note in dict.fromkeys(notes))


def _plot(record, target):
    findings = [finding for finding in record["findings"] if finding["target"] == target["name"]]
    picture = coverage_plot(target, findings) or '<p class="soft">It reported no coverage.</p>'
    return (f'<div class="card"><div class="head"><h3>{escape(target["name"])}</h3>'
            f'<span class="soft">{target["edges"]} edges</span></div>{picture}</div>')


def _slowest(record):
    slow = sorted((entry for target in record["targets"] for entry in target["slowest"]),
                  key=lambda entry: -entry["microseconds"])[:10]
    if not slow:
        return '<h2>Slowest inputs</h2><p class="soft">Not measured.</p>'
    return ('<h2>Slowest inputs</h2><p class="soft">The mean of a hundred executions in the sanitized build, after '
            "the fuzzing.</p>") + _table(("input", "size", "one execution"), [
                [f'<code>{escape(entry["input"])}</code>', f'{entry["bytes"]} B', _duration(entry["microseconds"])]
                for entry in slow])


def _duration(microseconds):
    if microseconds >= 1000:
        return f"{microseconds / 1000:.3g} ms"
    return f"{microseconds} µs" if microseconds else "below 10 µs"


def _source_coverage(coverage):
    if not coverage:
        return '<h2>Source coverage</h2><p class="soft">Not measured.</p>'
    files = coverage.get("files", [])
    table = _table(("file", "lines", "branches"), [
        [f'<code>{escape(file["file"])}</code>', *(
            f'{_bar(file[what])}<span class="pair">{file[what][0]} of {file[what][1]}</span>' if file[what][1] else "–"
            for what in ("lines", "branches"))] for file in files]) if files else ""
    link = f'<p><a href="{escape(coverage["html"])}">Line by line</a></p>' if coverage.get("html") else ""
    return f'<h2>Source coverage</h2>{link}{table}{_notes(coverage["notes"])}'


def _bar(pair):
    return f'<span class="bar"><i style="width:{100 * pair[0] / pair[1]:.0f}%"></i></span>'


def _sessions(record):
    system = record["environment"]
    return "<h2>Sessions</h2>" + _table(("started", "took", "jobs", "seed"), [
        [_date(session["started"]) + (' <span class="soft">interrupted</span>' if session["interrupted"] else ""),
         clock(session["seconds"]), session["jobs"], session["seed"]] for session in record["sessions"]]) + (
            f'<p class="soft">{escape(system["system"])} {escape(system["release"])} {escape(system["machine"])}, '
            f'{system["processors"]} processors</p>')
