"""Rows that are finished are kept, so that a validation can be interrupted and resumed."""
import hashlib
import json
import os
import pathlib


def digest(root, runner, implementation, seconds):
    """What a row depends on: the manifest's entry, the adapter, the baseline, the runner."""
    parts = [repr(implementation), str(seconds)]
    left_out = {"__pycache__", "target", "manifest.toml"}
    files = [path for path in sorted((root / implementation.folder).rglob("*"))
             if path.is_file() and not left_out & set(path.parts)]
    files += [root / implementation.baseline] if implementation.baseline else []
    made = hashlib.sha256("\n".join(parts).encode())
    for path in [*files, pathlib.Path(runner)]:
        made.update(path.read_bytes())
    return made.hexdigest()


def kept(out, name, made_of):
    """The row of an earlier validation, if it was judged and nothing that it depends on has changed; else None."""
    try:
        row = json.loads((out / name / "row.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return row if row.get("made_of") == made_of and row.get("status") == "judged" else None


def write_whole(path, text):
    """A file that is there whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def keep(out, row, made_of):
    write_whole(out / row["name"] / "row.json", json.dumps({**row, "made_of": made_of}, indent=1) + "\n")
