"""The catalogue of requirements: a page for each, with its sentence, citation, checks, planted faults, and findings."""
import fnmatch
import json
import re
import subprocess
import tomllib
import urllib.parse

SAFE_IN_LINKS = ":/?#[]@!$&'*+,;=%-._~"


class Requirement:
    def __init__(self, entry, source):
        self.slug, self.level, self.sentence = entry["slug"], entry.get("level", "required"), entry["sentence"]
        self.citation, self.url, self.excluded = f"{source['title']}: {entry['section']}", source["url"], entry.get("excluded")
        self.checks, self.faults, self.known = [], [], []


def as_text(text):
    """Text that Markdown shows as it is."""
    # The browser would read entities, and order what follows by directions; what it does not show is no line.
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in " ".join(text.splitlines()))
    text = re.sub(r"([\\`*_{}\[\]|#])", r"\\\1", text.replace("&", "&amp;"))
    return text.replace("<", "&lt;").replace(">", "&gt;")


def as_code(text):
    """Text as code, between more backticks than it has."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    inner = " ".join(text.split("\n"))
    return f"{fence} {inner} {fence}" if "`" in text else f"{fence}{inner}{fence}"


def linked(text, link):
    """A link to a document or the web; to nothing else, which a baseline may name."""
    if link.startswith("docs/"):
        link = "../" + link
    elif not link.startswith(("https://", "http://")):
        return text
    return f"[{text}]({urllib.parse.quote(link, safe=SAFE_IN_LINKS)})"


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
             f"**{requirement.level}** — {linked(as_text(requirement.citation), requirement.url)}", ""]
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
    lines += [f"- {as_code('fault:' + fault['name'])}: {as_text(fault['description'])}"
              for fault in requirement.faults] or ["none"]
    lines += ["", "## Implementations that fail", ""]
    known = []
    for implementation, entry in requirement.known:
        kind = linked(as_text(entry["kind"]), entry.get("link", ""))
        known.append(f"- {as_text(implementation)}: {as_code(entry['check'])}, {as_text(entry['reason'])} ({kind})")
    lines += known or ["none that is known"]
    return "\n".join(lines) + "\n"


def index(found):
    lines = ["# Requirements", "", f"{len(found)} requirements, each with its checks and the planted faults that prove them. "
             "[What a requirement is](../docs/requirements.md).", "",
             '<div class="filter" hidden><input id="filter" type="search" aria-label="Filter the requirements" '
             'placeholder="Words of the requirement or its level"><span id="shown" role="status"></span></div>', ""]
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
