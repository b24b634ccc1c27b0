#!/usr/bin/env python3
"""The site: every requirement has its page, links that lead nowhere are errors, nothing is loaded from elsewhere; in a browser.

RECVMSG_CONFORMANCE names the runner. Skipped where ci/test could not get MkDocs (build/tools/site).
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "runner/tests"))
from browser import PHONE, WIDE, BrowserTest  # noqa: E402

PYTHON = ROOT / "build/tools/site/bin/python"
RUNNER = pathlib.Path(os.environ["RECVMSG_CONFORMANCE"]).resolve()
REPOSITORY = "https://example.org/blob/main"


MARKUP = "</p></script><img src=x onerror=window.harmed=1>`</code><b>&lt; [x](javascript:harm()) | \u202e"
SHOWN = MARKUP.replace("\u202e", "\\u202e")


def build(root, out):
    return subprocess.run([PYTHON, "-B", root / "ci/website/build.py", RUNNER, out / "site", REPOSITORY], capture_output=True,
                          text=True, check=False, cwd=root)


def setUpModule():
    global OUT, DONE, SITE
    if not PYTHON.exists():
        raise unittest.SkipTest("there is no MkDocs in build/tools/site")
    directory = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(directory.cleanup)
    OUT = pathlib.Path(directory.name)
    DONE = build(ROOT, OUT)
    SITE = OUT / "site"


def copy_of_the_sources(copy):
    """What a site is made of, to be changed; of all other files, that they are there."""
    read = re.compile(r".*\.md|(ci/website|conformance/requirements|conformance/baselines)/.*")
    command = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        if read.fullmatch(name):
            shutil.copy(ROOT / name, copy / name)
        else:
            (copy / name).touch()
    subprocess.run(["git", "init", "--quiet", copy], check=True)
    return copy


class Site(unittest.TestCase):
    def page(self, name):
        return (SITE / name).read_text(encoding="utf-8")

    def test_every_link_leads_somewhere(self):
        self.assertEqual(DONE.returncode, 0, DONE.stdout + DONE.stderr)

    def test_each_requirement_has_a_page_with_its_checks_and_faults(self):
        slugs = set()
        for file in (ROOT / "conformance/requirements").glob("*.toml"):
            slugs |= set(re.findall(r'(?m)^slug = "(.*)"', file.read_text(encoding="utf-8")))
        pages = {file.stem for file in (SITE / "requirements").glob("*.html")}
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
        for file in SITE.rglob("*.html"):
            self.assertEqual([], loaded.findall(file.read_text(encoding="utf-8")), file)

    def test_a_link_that_leads_nowhere_is_an_error(self):
        copy = copy_of_the_sources(OUT / "copy")
        for wrong in ("[text](docs/no-such-document.md)", "[text](docs/glossary.md#no-such-heading)"):
            with self.subTest(wrong):
                readme = (ROOT / "README.md").read_text(encoding="utf-8")
                (copy / "README.md").write_text(f"{readme}\n{wrong}\n", encoding="utf-8")
                done = build(copy, OUT / "copied")
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertRegex(done.stdout + done.stderr, "no-such-(document|heading)")


class InABrowser(BrowserTest):
    def test_each_page_of_the_menu_opens_from_disk_on_a_phone(self):
        pages = self.open(SITE / "index.html").eval_on_selector_all(
            ".navbar a[href*='.html']", "all => all.map(one => one.getAttribute('href'))")
        self.assertGreater(len(set(pages)), 15)
        for name in sorted(set(pages)):
            with self.subTest(name):
                page = self.open(SITE / name, viewport=PHONE)
                self.assertTrue(page.inner_text("h1"))
                self.assert_fits(page)
                page.context.close()

    def test_a_requirement_is_found_by_the_filter_and_leads_to_a_finding(self):
        page = self.open(SITE / "index.html")
        page.get_by_role("link", name="Requirements", exact=True).click()
        page.wait_for_selector("#shown:not(:empty)")
        of_all = page.eval_on_selector_all(".wide tbody tr", "all => all.length")
        page.get_by_label("Filter the requirements").fill("Abstract NAMESPACE required")
        page.wait_for_function("count => document.querySelectorAll('.wide tbody tr:not([hidden])').length < count", arg=of_all)
        shown = page.eval_on_selector_all(".wide tbody tr", "all => all.filter(one => one.checkVisibility()).map(one => one.innerText)")
        self.assertTrue(shown)
        for row in shown:
            self.assertIn("abstract", row.lower())
        # The address has it.
        again = self.open(SITE / "requirements/index.html", "#" + page.url.partition("#")[2])
        self.assertEqual(again.inner_text("#shown"), f"{len(shown)} of {of_all}")
        page.get_by_role("link", name="address-abstract-is-exact").click()
        page.wait_for_url("**/address-abstract-is-exact.html")
        self.assertEqual(page.inner_text("h1").rstrip("¶"), "address-abstract-is-exact")
        page.locator("a[href*='docs/findings/go.html']").first.click()
        page.wait_for_url("**/docs/findings/go.html#*")

    def test_the_search_finds_pages_by_keys_alone(self):
        page = self.open(SITE / "docs/results.html")
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

    def test_it_is_accessible_in_light_and_dark_and_fits_a_phone(self):
        for name in ("index.html", "requirements/fill-in-order.html", "docs/findings.html"):
            for viewport, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")):
                with self.subTest(name, width=viewport["width"], scheme=scheme):
                    page = self.open(SITE / name, viewport=viewport, scheme=scheme)
                    self.assertEqual(page.get_attribute("html", "data-bs-theme"), scheme)
                    self.assert_fits(page)
                    self.assert_accessible(page)
                    page.context.close()

    def test_markup_in_requirements_and_baselines_is_shown_as_text(self):
        copy = copy_of_the_sources(OUT / "evil")
        requirements = next(file for file in (copy / "conformance/requirements").glob("*.toml")
                            if 'slug = "fill-in-order"' in file.read_text(encoding="utf-8"))
        # JSON's strings are TOML's.
        changed = re.sub(r'(slug = "fill-in-order".*?\nsentence = )"(?:[^"\\]|\\.)*"', lambda match: match[1] + json.dumps(MARKUP),
                         requirements.read_text(encoding="utf-8"), flags=re.DOTALL)
        requirements.write_text(changed, encoding="utf-8")
        (copy / "conformance/baselines/evil <b>x<b>.toml").write_text(
            f'[[known]]\ncheck = "FillOrder.DocumentedExampleFills*"\nkind = "bug"\nreason = {json.dumps(MARKUP)}\n'
            'link = "javascript:harm()"\n', encoding="utf-8")
        done = build(copy, OUT / "harmful")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        page = self.open(OUT / "harmful/site/requirements/fill-in-order.html")
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
