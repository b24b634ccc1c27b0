"""The catalogue of requirements: a page for each, with its sentence, citation, checks, planted faults, and findings."""
import fnmatch
import json
import subprocess
import tomllib


class Requirement:
    def __init__(self, entry, source):
        self.slug, self.level, self.sentence = entry["slug"], entry.get("level", "required"), entry["sentence"]
        self.citation, self.url, self.excluded = f"{source['title']}: {entry['section']}", source["url"], entry.get("excluded")
        self.checks, self.faults, self.known = [], [], []


def as_text(text):
    """Text that Markdown shows as it is."""
    for letter in "\\`*_{}[]<>|#":
        text = text.replace(letter, "\\" + letter if letter not in "<>" else {"<": "&lt;", ">": "&gt;"}[letter])
    return text


def requirements(root):
    found = {}
    for file in sorted((root / "conformance/requirements").glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        for entry in document["requirement"]:
            found[entry["slug"]] = Requirement(entry, document["source"])
    return found


def listed(runner, *options):
    command = [runner, "list", "--format", "json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read(root, runner):
    """All requirements, with what the runner and the baselines say of them."""
    found = requirements(root)
    checks = listed(runner)["checks"]
    for check in checks:
        for slug in check["requirements"]:
            found[slug].checks.append(check)
    for fault in listed(runner, "--faults")["faults"]:
        for slug in fault["breaks"]:
            found[slug].faults.append(fault)
    for file in sorted((root / "conformance/baselines").glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8")).get("known", []):
            listed_here = [check for check in checks if fnmatch.fnmatchcase(check["id"], entry["check"])]
            for slug in {slug for check in listed_here for slug in check["requirements"]}:
                found[slug].known.append((file.stem, entry))
    return found


def page(requirement):
    lines = [f"# {requirement.slug}", "", f"> {as_text(requirement.sentence)}", "",
             f"**{requirement.level}** — [{as_text(requirement.citation)}]({requirement.url})", ""]
    if requirement.excluded:
        lines += ["No check observes it: " + as_text(requirement.excluded), ""]
    lines += ["## Checks", ""]
    claims = {}
    for check in requirement.checks:
        claims.setdefault(check["claim"], []).append(check)
    for claim, checks in claims.items():
        kinds = ", ".join(check["kind"] for check in checks)
        needs = ", ".join(checks[0]["capabilities"])
        lines.append(f"- `{claim}` on {as_text(kinds)}" + (f"; needs {as_text(needs)}" if needs else ""))
    filters = ":".join(f"{claim}/*" for claim in claims)
    lines += ["", "```", f"recvmsg-conformance --filter '{filters}'", "```"] if claims else ["none"]
    lines += ["", "## Planted faults that break it", ""]
    lines += [f"- `fault:{fault['name']}`: {as_text(fault['description'])}" for fault in requirement.faults] or ["none"]
    lines += ["", "## Implementations that fail", ""]
    known = []
    for implementation, entry in requirement.known:
        link = entry.get("link", "")
        more = f" ([{entry['kind']}]({'../' + link if link.startswith('docs/') else link}))" if link else f" ({entry['kind']})"
        known.append(f"- {implementation}: `{entry['check']}`, {as_text(entry['reason'])}{more}")
    lines += known or ["none that is known"]
    return "\n".join(lines) + "\n"


def index(found):
    lines = ["# Requirements", "", f"{len(found)} requirements, each with its checks and the planted faults that prove them. "
             "[What a requirement is](../docs/requirements.md).", ""]
    sources = {}
    for requirement in found.values():
        sources.setdefault(requirement.citation.split(": ")[0], []).append(requirement)
    for source, some in sources.items():
        lines += [f"## {as_text(source)}", ""]
        lines += ["| requirement | level | checks | faults | fail |", "| --- | --- | ---: | ---: | ---: |"]
        for one in some:
            lines.append(f"| [{one.slug}]({one.slug}.md): {as_text(one.sentence)} | {one.level} | {len(one.checks)} | "
                         f"{len(one.faults)} | {len({name for name, _ in one.known})} |")
        lines.append("")
    return "\n".join(lines)


def write(root, runner, directory):
    found = read(root, runner)
    directory.mkdir(parents=True, exist_ok=True)
    for requirement in found.values():
        (directory / f"{requirement.slug}.md").write_text(page(requirement), encoding="utf-8")
    (directory / "index.md").write_text(index(found), encoding="utf-8")
    return found
