#!/usr/bin/env python3
"""artifact.py gets the last artifact of a name; against a server that answers as GitHub's and as its storage."""
import http.server
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "artifact.py"


class Service(http.server.BaseHTTPRequestHandler):
    artifacts = []
    asked = []

    def do_GET(self):
        self.asked.append((self.path, self.headers["Authorization"]))
        here = f"http://localhost:{self.server.server_port}"
        if self.path.startswith("/repos/owner/name/actions/artifacts?"):
            listed = [dict(one, archive_download_url=f"{here}/zip") for one in self.artifacts]
            self.reply(200, json.dumps({"artifacts": listed}).encode())
        elif self.path == "/zip":
            self.reply(302, b"", Location=f"{here}/storage")
        elif self.path == "/storage":
            content = io.BytesIO()
            with zipfile.ZipFile(content, "w") as archive:
                archive.writestr("site/index.html", "the matrix")
            self.reply(200, content.getvalue())

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Artifact(unittest.TestCase):
    def get(self, *artifacts):
        """How it ends, what was written, and what was asked for with which token."""
        service = type("OfThisTest", (Service,), {"artifacts": artifacts, "asked": []})
        server = http.server.HTTPServer(("localhost", 0), service)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as directory:
            environment = dict(os.environ, GITHUB_API_URL=f"http://localhost:{server.server_port}", no_proxy="*",
                               GITHUB_REPOSITORY="owner/name", GITHUB_TOKEN="t0ken")
            done = subprocess.run([sys.executable, PROGRAM, "matrix", directory], env=environment, capture_output=True, text=True,
                                  check=False)
            written = {str(file.relative_to(directory)): file.read_text() for file in pathlib.Path(directory).rglob("*.html")}
        return done, written, service.asked

    def test_the_last_one_is_unpacked_and_the_token_stays_with_the_service(self):
        done, written, asked = self.get({"expired": False})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(written, {"site/index.html": "the matrix"})
        self.assertEqual(asked, [("/repos/owner/name/actions/artifacts?name=matrix&per_page=1", "Bearer t0ken"),
                                 ("/zip", "Bearer t0ken"), ("/storage", None)])

    def test_none_is_a_status_of_its_own(self):
        for artifacts in ((), ({"expired": True},)):
            done, written, _ = self.get(*artifacts)
            self.assertEqual((done.returncode, done.stderr, written), (3, "artifact.py: there is no artifact matrix\n", {}))


if __name__ == "__main__":
    unittest.main()
