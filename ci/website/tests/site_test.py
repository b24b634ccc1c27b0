#!/usr/bin/env python3
"""The site: every requirement has its page, links that lead nowhere are errors, nothing is loaded from elsewhere.

RECVMSG_CONFORMANCE names the runner. Skipped where ci/test could not get MkDocs (build/tools/site).
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PYTHON = ROOT / "build/tools/site/bin/python"
RUNNER = pathlib.Path(os.environ["RECVMSG_CONFORMANCE"]).resolve()
REPOSITORY = "https://example.org/blob/main"


def build(root, out):
    return subprocess.run([PYTHON, "-B", root / "ci/website/build.py", RUNNER, out / "site", REPOSITORY], capture_output=True,
                          text=True, check=False, cwd=root)


@unittest.skipUnless(PYTHON.exists(), "there is no MkDocs in build/tools/site")
class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.out = pathlib.Path(directory.name)
        cls.done = build(ROOT, cls.out)
        cls.site = cls.out / "site"

    def page(self, name):
        return (self.site / name).read_text(encoding="utf-8")

    def test_every_link_leads_somewhere(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)

    def test_each_requirement_has_a_page_with_its_checks_and_faults(self):
        slugs = set()
        for file in (ROOT / "conformance/requirements").glob("*.toml"):
            slugs |= set(re.findall(r'(?m)^slug = "(.*)"', file.read_text(encoding="utf-8")))
        pages = {file.stem for file in (self.site / "requirements").glob("*.html")}
        self.assertEqual(pages, slugs | {"index"})
        page = self.page("requirements/fill-in-order.html")
        for text in ("FillOrder.EachBufferIsFilledBeforeTheNext", "fault:swaps-buffers", "docs.python.org", "required"):
            self.assertIn(text, page)

    def test_known_failures_lead_to_their_findings(self):
        page = self.page("requirements/address-abstract-is-exact.html")
        self.assertRegex(page, r'href="\.\./docs/findings/go\.html#[^"]+"')

    def test_other_files_are_linked_in_the_repository(self):
        self.assertIn(f'href="{REPOSITORY}/reference"', self.page("index.html"))

    def test_nothing_is_loaded_from_elsewhere(self):
        loaded = re.compile(r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="(?:https?:)?//[^"]*"')
        for file in self.site.rglob("*.html"):
            self.assertEqual([], loaded.findall(file.read_text(encoding="utf-8")), file)

    def test_a_link_that_leads_nowhere_is_an_error(self):
        copy = self.out / "copy"
        wanted = ["*.md", "ci/website", "conformance/requirements", "conformance/baselines"]
        command = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", *wanted]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for name in listed.split():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        subprocess.run(["git", "init", "--quiet", copy], check=True)
        for wrong in ("[text](docs/no-such-document.md)", "[text](docs/glossary.md#no-such-heading)"):
            with self.subTest(wrong):
                readme = (ROOT / "README.md").read_text(encoding="utf-8")
                (copy / "README.md").write_text(f"{readme}\n{wrong}\n", encoding="utf-8")
                done = build(copy, self.out / "copied")
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertRegex(done.stdout + done.stderr, "no-such-(document|heading)")


if __name__ == "__main__":
    unittest.main()
