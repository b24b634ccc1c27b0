#!/usr/bin/env python3
"""Stages the documents and the catalogue, and has MkDocs make a site of them: build.py RUNNER SITE [OPTION...]

Documents keep their places, so that links between them hold; links to other files lead to the repository, or are text without
one. A link that leads nowhere is an error. The matrix of a run and the report of a campaign become pages beside them.
"""
import argparse
import json
import os
import pathlib
import posixpath
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import catalogue  # noqa: E402

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")

# What others wrote: which files of its folder are taken, the document that links to the first, and by which words.
MATRIX = ("matrix", ["index.html", "matrix.json", "runs", "badges"], "docs/implementations.md",
          "The matrix of the last run, down to each check and its report")
CAMPAIGN = ("fuzz", ["report.html", "coverage"], "docs/campaigns.md", "The report of the last campaign")


def documents():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                            check=True, capture_output=True, text=True)
    return [pathlib.Path(line) for line in listed.stdout.splitlines()]


def with_links(text, document, known, repository):
    """Links to what is no page: to the repository, or their text alone."""
    def of(match):
        target, _, anchor = match[2].partition("#")
        if "://" in target or not target:
            return match[0]
        path = posixpath.normpath(posixpath.join(document.parent.as_posix(), target))
        if path == "README.md":
            index = posixpath.relpath("index.md", document.parent.as_posix())
            return f"[{match[1]}]({index}{'#' + anchor if anchor else ''})"
        if pathlib.Path(path) in known:
            return match[0]
        if not (ROOT / path).exists():
            return match[0]  # which MkDocs complains about
        if (ROOT / path).is_dir() and pathlib.Path(path, "README.md") in known:
            inner = posixpath.relpath(posixpath.join(path, "README.md"), document.parent.as_posix())
            return f"[{match[1]}]({inner}{'#' + anchor if anchor else ''})"
        return f"[{match[1]}]({repository}/{path})" if repository else match[1]
    return LINK.sub(of, text)


def stage_written(source, folder, written):
    """Copies what a command wrote, and has a document say so below its heading."""
    name, files, document, words = written
    for file in files:
        if (folder / file).is_dir():
            shutil.copytree(folder / file, source / name / file)
        elif (folder / file).exists() or file == files[0]:
            (source / name).mkdir(exist_ok=True)
            shutil.copy(folder / file, source / name / file)
    target = source / document
    text = target.read_text(encoding="utf-8")
    link = f"[{words}]({posixpath.relpath(f'{name}/{files[0]}', posixpath.dirname(document))})"
    target.write_text(re.sub(r"(?m)^(# .*)$", rf"\1\n\n{link}.", text, count=1), encoding="utf-8")


def stage(source, runner, repository):
    shutil.rmtree(source, ignore_errors=True)
    known = set(documents())
    for document in known:
        target = source / ("index.md" if str(document) == "README.md" else document)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = with_links((ROOT / document).read_text(encoding="utf-8"), document, known, repository)
        target.write_text(text, encoding="utf-8")
    catalogue.write(ROOT, runner, source / "requirements")


def index_as_script(folder):
    """The index of the search as a script, which pages that are opened from disk may load; theme/search/main.js reads it."""
    sections = json.loads((folder / "search_index.json").read_text(encoding="utf-8"))["docs"]
    (folder / "index.js").write_text(f"const siteIndex = {json.dumps(sections)};\n", encoding="utf-8")
    for file in ("search_index.json", "worker.js", "lunr.js"):
        (folder / file).unlink()


def main():
    parser = argparse.ArgumentParser(prog="build.py")
    parser.add_argument("runner")
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--repository", default="")
    parser.add_argument("--matrix", type=pathlib.Path)
    parser.add_argument("--campaign", type=pathlib.Path)
    options = parser.parse_args()
    site = options.site.resolve()
    source = site.parent / (site.name + "-source")
    stage(source, options.runner, options.repository)
    for folder, written in ((options.matrix, MATRIX), (options.campaign, CAMPAIGN)):
        if folder is not None:
            try:
                stage_written(source, folder, written)
            except OSError as error:
                sys.exit(f"ci/site: {error.filename}: {error.strerror}")
    environment = {**os.environ, "SITE_SOURCE": str(source), "SITE_DIR": str(site), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(HERE / "mkdocs.yml")]
    status = subprocess.run(command, env=environment, check=False).returncode
    if status == 0:
        index_as_script(site / "search")
    return status


if __name__ == "__main__":
    sys.exit(main())
