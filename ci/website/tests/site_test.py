#!/usr/bin/env python3
"""The site: every requirement has its page, links that lead nowhere are errors, nothing is loaded from elsewhere; in a browser.

RECVMSG_CONFORMANCE names the runner. Skipped where ci/test could not get MkDocs (build/tools/site).
"""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "runner/tests"))
from browser import PHONE, WIDE, BrowserTest  # noqa: E402

PYTHON = ROOT / "build/tools/site/bin/python"
RUNNER = pathlib.Path(os.environ["RECVMSG_CONFORMANCE"]).resolve()
REPOSITORY = "https://example.org/blob/main"


MARKUP = "</p></script><img src=x onerror=window.harmed=1>`</code><b>&lt; [x](javascript:harm()) | \u202e"
SHOWN = MARKUP.replace("\u202e", "\\u202e")


def build(root, out, *options):
    runner = RUNNER if root == ROOT else root / "runner"
    command = [PYTHON, "-B", root / "ci/website/build.py", runner, out / "site", "--repository", REPOSITORY, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)


def some_matrix(folder):
    """What the command report writes of two short runs."""
    for name, implementation in (("one", "reference"), ("other", "fault:swaps-buffers")):
        subprocess.run([RUNNER, "--implementation", implementation, "--filter", "FillOrder.*", "--out", folder / name],
                       capture_output=True, check=False)
    subprocess.run([RUNNER, "report", folder / "one", folder / "other", "--out", folder / "matrix"], check=True,
                   capture_output=True)
    return folder / "matrix"


@functools.cache
def built():
    """The folder of all that these tests write, which has the site, and how that was built."""
    directory = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(directory.cleanup)
    out = pathlib.Path(directory.name)
    (out / "campaign").mkdir()
    (out / "campaign/report.html").write_text("<!doctype html><title>of a campaign</title>", encoding="utf-8")
    return out, build(ROOT, out, "--matrix", some_matrix(out), "--campaign", out / "campaign")


class OfTheSite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not PYTHON.exists():
            raise unittest.SkipTest("there is no MkDocs in build/tools/site")
        super().setUpClass()
        cls.out, cls.done = built()
        cls.site = cls.out / "site"


def small_sources(copy, sentence="It is."):
    """What a small site is made of: each document in one line, the requirement fill-in-order, no baselines; and a runner that
    knows of no other requirement."""
    shutil.copytree(ROOT / "ci/website", copy / "ci/website")
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "*.md"], check=True, capture_output=True, text=True).stdout.split()
    for name in listed:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(f"# {name}\n", encoding="utf-8")
    files = [tomllib.loads(file.read_text(encoding="utf-8")) for file in (ROOT / "conformance/requirements").glob("*.toml")]
    source, entry = next((file["source"], entry) for file in files for entry in file["requirement"]
                         if entry["slug"] == "fill-in-order")
    lines = []
    for name, values in (("[source]", source), ("[[requirement]]", {**entry, "sentence": sentence})):
        # JSON's strings, numbers and lists of them are TOML's.
        lines += [name, *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    for folder in ("conformance/requirements", "conformance/baselines"):
        (copy / folder).mkdir(parents=True)
    (copy / "conformance/requirements/small.toml").write_text("\n".join(lines), encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", copy], check=True)
    runner = copy / "runner"
    runner.write_text(f"""#!{sys.executable}
import json, subprocess, sys
listed = json.loads(subprocess.run([{str(RUNNER)!r}, *sys.argv[1:]], check=True, capture_output=True).stdout)
for one in listed.get("checks", []):
    one["requirements"] = [slug for slug in one["requirements"] if slug == "fill-in-order"]
for one in listed.get("faults", []):
    one["breaks"] = [slug for slug in one["breaks"] if slug == "fill-in-order"]
print(json.dumps(listed))
""", encoding="utf-8")
    runner.chmod(0o755)
    return copy


class Site(OfTheSite):
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

    def test_a_matrix_that_is_not_there_is_an_error(self):
        done = build(ROOT, self.out / "without", "--matrix", self.out / "no-such-folder")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, f"ci/site: {self.out}/no-such-folder/index.html: No such file or directory\n")

    def test_a_link_that_leads_nowhere_is_an_error(self):
        copy = small_sources(self.out / "copy")
        (copy / "README.md").write_text("# Start\n[Words](docs/glossary.md)\n", encoding="utf-8")
        done = build(copy, self.out / "copied")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for wrong in ("[text](docs/no-such-document.md)", "[text](docs/glossary.md#no-such-heading)"):
            with self.subTest(wrong):
                (copy / "README.md").write_text(f"# Start\n{wrong}\n", encoding="utf-8")
                done = build(copy, self.out / "copied")
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertRegex(done.stdout + done.stderr, "no-such-(document|heading)")


class InABrowser(BrowserTest, OfTheSite):
    def test_each_page_of_the_menu_opens_from_disk_on_a_phone(self):
        pages = self.open(self.site / "index.html").eval_on_selector_all(
            ".navbar a[href*='.html']", "all => all.map(one => one.getAttribute('href'))")
        self.assertGreater(len(set(pages)), 15)
        for name in sorted(set(pages)):
            with self.subTest(name):
                page = self.open(self.site / name, viewport=PHONE)
                self.assertTrue(page.inner_text("h1"))
                self.assert_fits(page)
                page.context.close()

    def test_a_requirement_is_found_by_the_filter_and_leads_to_a_finding(self):
        page = self.open(self.site / "index.html")
        page.get_by_role("link", name="Requirements", exact=True).click()
        page.wait_for_selector("#shown:not(:empty)")
        of_all = page.eval_on_selector_all(".wide tbody tr", "all => all.length")
        page.get_by_label("Filter the requirements").fill("Abstract NAMESPACE required")
        page.wait_for_function("count => document.querySelectorAll('.wide tbody tr:not([hidden])').length < count", arg=of_all)
        shown = page.eval_on_selector_all(".wide tbody tr",
                                          "all => all.filter(one => one.checkVisibility()).map(one => one.innerText)")
        self.assertTrue(shown)
        for row in shown:
            self.assertIn("abstract", row.lower())
        # The address has it.
        again = self.open(self.site / "requirements/index.html", "#" + page.url.partition("#")[2])
        self.assertEqual(again.inner_text("#shown"), f"{len(shown)} of {of_all}")
        page.get_by_role("link", name="address-abstract-is-exact").click()
        page.wait_for_url("**/address-abstract-is-exact.html")
        self.assertEqual(page.inner_text("h1").rstrip("¶"), "address-abstract-is-exact")
        page.locator("a[href*='docs/findings/go.html']").first.click()
        page.wait_for_url("**/docs/findings/go.html#*")

    def test_the_search_finds_pages_by_keys_alone(self):
        page = self.open(self.site / "docs/results.html")
        page.keyboard.press("/")
        page.wait_for_selector("#mkdocs-search-query:focus")
        page.keyboard.type("fault:swaps-buffers FILL-IN-order")
        page.wait_for_selector("#mkdocs-search-results a")
        self.assert_accessible(page)
        for text in page.eval_on_selector_all("#mkdocs-search-results article", "all => all.map(one => one.innerText)")[:1]:
            self.assertIn("fill-in-order", text)
        page.keyboard.press("Enter")
        page.wait_for_url("**/requirements/fill-in-order.html*")
        page.keyboard.press("/")
        page.wait_for_selector("#mkdocs-search-query:focus")
        page.keyboard.type("nosuchwordanywhere")
        page.wait_for_function("document.getElementById('mkdocs-search-results').innerText === 'No page has all these words.'")

    def test_the_matrix_and_the_report_of_a_campaign_are_a_part_of_it(self):
        page = self.open(self.site / "docs/implementations.html")
        page.get_by_role("link", name="The matrix of the last run").click()
        page.wait_for_selector(".matrix tbody tr")
        page.locator(".matrix thead th a").first.click()
        page.wait_for_url("**/matrix/runs/*.html")
        page = self.open(self.site / "docs/campaigns.html")
        page.get_by_role("link", name="The report of the last campaign").click()
        page.wait_for_url("**/fuzz/report.html")
        self.assertEqual(page.title(), "of a campaign")

    def test_it_is_accessible_in_light_and_dark_and_fits_a_phone(self):
        for name in ("index.html", "requirements/fill-in-order.html", "docs/findings.html"):
            for viewport, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")):
                with self.subTest(name, width=viewport["width"], scheme=scheme):
                    page = self.open(self.site / name, viewport=viewport, scheme=scheme)
                    self.assertEqual(page.get_attribute("html", "data-bs-theme"), scheme)
                    self.assert_fits(page)
                    self.assert_accessible(page)
                    page.context.close()

    def test_markup_in_requirements_and_baselines_is_shown_as_text(self):
        copy = small_sources(self.out / "evil", sentence=MARKUP)
        (copy / "conformance/baselines/evil <b>x<b>.toml").write_text(
            f'[[known]]\ncheck = "FillOrder.DocumentedExampleFills*"\nkind = "bug"\nreason = {json.dumps(MARKUP)}\n'
            'link = "javascript:harm()"\n', encoding="utf-8")
        done = build(copy, self.out / "harmful")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        page = self.open(self.out / "harmful/site/requirements/fill-in-order.html")
        self.assertEqual(page.inner_text("blockquote").strip(), SHOWN)
        self.assertIn(f"evil <b>x<b>: FillOrder.DocumentedExampleFills*, {SHOWN} (bug)", page.inner_text("[role=main]"))
        page.keyboard.press("/")
        page.wait_for_selector("#mkdocs-search-query:focus")
        page.keyboard.type("onerror=window.harmed")
        page.wait_for_selector("#mkdocs-search-results a")
        self.assertIn("<img src=x onerror", page.inner_text("#mkdocs-search-results"))
        self.assertEqual(page.query_selector_all("[role=main] img, #mkdocs-search-results img, [href^='javascript']"), [])
        self.assertIsNone(page.evaluate("window.harmed || null"))


if __name__ == "__main__":
    unittest.main()
