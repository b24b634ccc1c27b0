"""A headless browser for tests of pages: Chromium, driven by Playwright. ci/test installs both where they can be had
(ci/setup.sh, get_browser); without them, the tests are skipped with the reason.

A module that imports this runs on the Python of build/tools/browser, if the one that it was started with has no Playwright.
"""
import contextlib
import os
import pathlib
import shutil
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / "build/tools/browser/bin/python"
try:
    import axe_playwright_python
    import playwright.sync_api
except ImportError:
    if PYTHON.exists() and "TEST_IN_BROWSER" not in os.environ:
        os.environ["TEST_IN_BROWSER"] = "1"
        os.execv(PYTHON, [str(PYTHON), "-B", *sys.argv])
    playwright = None

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LACKING = ("no Playwright: ci/test installs it in build/tools/browser" if playwright is None else
           "no Chromium: apt-get install chromium" if CHROMIUM is None else "")
DEADLINE_MS = 60_000  # for what takes a moment: a machine may be busy
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 400, "height": 800}


class BrowserTest(unittest.TestCase):
    """Pages are opened from disk. What they print on the console, and what they request from a network, is an error."""

    @classmethod
    def setUpClass(cls):
        if LACKING:
            raise unittest.SkipTest(LACKING)
        super().setUpClass()
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        engine = stack.enter_context(playwright.sync_api.sync_playwright())
        cls.browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        stack.callback(cls.browser.close)

    def open(self, file, fragment="", viewport=WIDE, scheme="light", **options):
        context = self.browser.new_context(viewport=viewport, color_scheme=scheme, offline=True, **options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(DEADLINE_MS)
        troubles = []
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        session = context.new_cdp_session(page)
        # Of the page's thread: seconds on the clock would depend on what else the machine does.
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.processor_seconds = lambda: next(metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]
                                              if metric["name"] == "TaskDuration")
        page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else troubles.append(request.url))
        page.goto(f"{file.as_uri()}{fragment}")
        self.addCleanup(lambda: self.assertEqual(troubles, []))
        return page

    def assert_accessible(self, page):
        """Of axe-core's rules, none of serious or critical impact is broken."""
        script = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
        page.evaluate(script)
        # Not by reading styles again, which pages that are opened from disk may not.
        found = page.evaluate("axe.run(document, {preload: false})")
        self.assertGreater(len(found["passes"]), 10)
        self.assertEqual([(rule["id"], rule["nodes"][0]["html"], rule["nodes"][0]["failureSummary"])
                          for rule in found["violations"] if rule["impact"] in ("serious", "critical")], [])

    def assert_fits(self, page):
        """Nothing has to be scrolled to the side."""
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), page.viewport_size["width"])
