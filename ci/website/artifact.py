#!/usr/bin/env python3
"""Gets the last artifact of a name that a workflow of this repository uploaded: artifact.py NAME DIR

Reads GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN. Exit status 3: there is no such artifact, or it has expired.
"""
import io
import json
import os
import pathlib
import sys
import urllib.parse
import urllib.request
import zipfile

DEADLINE_S = 120
NONE_THERE = 3


class ToStorage(urllib.request.HTTPRedirectHandler):
    """Where the artifact lies is another host, which the token is not for."""

    def redirect_request(self, *arguments):
        request = super().redirect_request(*arguments)
        if request is not None:
            request.remove_header("Authorization")
        return request


def get(url):
    headers = {"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.build_opener(ToStorage).open(request, timeout=DEADLINE_S) as response:
        return response.read()


def main(name, directory):
    query = urllib.parse.urlencode({"name": name, "per_page": 1})
    listed = json.loads(get(f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/actions/artifacts?{query}"))
    kept = [one for one in listed["artifacts"] if not one["expired"]]
    if not kept:
        print(f"artifact.py: there is no artifact {name}", file=sys.stderr)
        return NONE_THERE
    with zipfile.ZipFile(io.BytesIO(get(kept[0]["archive_download_url"]))) as archive:
        archive.extractall(pathlib.Path(directory))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: artifact.py NAME DIR")
    sys.exit(main(*sys.argv[1:]))
