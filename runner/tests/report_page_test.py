#!/usr/bin/env python3
"""report.html of a run, in a browser and as text.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance report_page_test.py [arguments of unittest]
"""
import collections
import json
import re
import signal
import unittest

from browser import PHONE, WIDE, BrowserTest
from runner_case import FOURTEEN, SEVEN, RunnerTest, hostile

FAULT = "fault:errors-clear-buffers"
SOME = "PartialBuffers.*:FillOrder.*:IovMax.*:InaccessibleBuffer.*:PythonBuffers.*:UrgentData.*"
EVIL = "</script><img src=x onerror=window.harmed=1><!--<script>&amp;\u202e\u2028"
BAD = ("FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XPASS")
CHECKS = "#requirements a[data-check]"


def data_of(html):
    """What is embedded in a page."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


class ReportCase(RunnerTest):
    def report(self, implementation, filter_, *more):
        """The results of a run, and its page."""
        out = self.directory / "out"
        self.call("run", "--implementation", implementation, "--filter", filter_, "--out", out, *more)
        return json.loads((out / "results.json").read_text(encoding="utf-8")), out / "report.html"

    def hostile_adapter(self, on_call):
        return self.adapter(f"""
            def hello(self):
                return dict(super().hello(), name={EVIL!r} + chr(7), version={EVIL!r})
            def call(self, request):
                os.write(2, {EVIL!r}.encode() + b"\\xff\\x00\\x1b[31m" + b"long " * 1000000 + b"the end")
                {on_call}
        """)

    def hostile_baseline(self, check):
        baseline = self.directory / "evil.toml"
        # JSON's strings are TOML's.
        baseline.write_text(f'[[known]]\ncheck = "{check}"\nkind = "bug"\nreason = {json.dumps(EVIL)}\n'
                            'link = "javascript:harm()"\n', encoding="utf-8")
        return baseline


class Written(ReportCase):
    def test_each_run_with_out_writes_the_page_with_what_the_results_have(self):
        results, page = self.report(FAULT, SOME)
        data = data_of(page.read_text(encoding="utf-8"))
        self.assertEqual(data["summary"], results["summary"])
        for field in ("suite", "implementation", "environment", "seed", "rounds", "complete"):
            self.assertEqual(data[field], results[field])
        fields = ("id", "verdict", "requirements", "level", "repro")
        self.assertEqual([[check[field] for field in fields] for check in data["checks"]],
                         [[check[field] for field in fields] for check in results["checks"]])
        for check, whole in zip(data["checks"], results["checks"]):
            if check["verdict"] == "FAIL":
                self.assertEqual(check["differences"], whole["differences"][:24])
                self.assertTrue(check["steps"])
            for slug in check["requirements"]:
                self.assertTrue(data["requirements"][slug]["citation"])
            self.assertIn(data["topics"][check["id"].partition(".")[0]], data["areas"][:-1])

    def test_the_page_is_whole_when_the_run_was_killed(self):
        out = self.directory / "out"
        page = out / "report.html"
        run = self.start("run", "--implementation", hostile("hangs_on_third_call"), "--filter", SEVEN, "--jobs", "1",
                         "--out", out, "--deadline-ms", "3600000")
        def is_judged():
            return page.exists() and len(data_of(page.read_text(encoding="utf-8"))["checks"]) == 2
        while not is_judged():
            self.assertIsNone(run.poll())
        run.send_signal(signal.SIGKILL)
        run.communicate()
        data = data_of(page.read_text(encoding="utf-8"))
        self.assertFalse(data["complete"])
        self.assertEqual(data["summary"]["pass"], 2)
        self.assertIn("This run has not ended", page.read_text(encoding="utf-8"))

    def test_markup_stays_text(self):
        results, page = self.report(self.hostile_adapter('raise SystemExit(1)'), SEVEN)
        self.assertEqual(results["summary"]["crash"], 7)
        html = page.read_bytes().decode("utf-8")  # which is valid
        self.assertEqual(html.count("</script>"), 2)
        self.assertNotIn("<img", html)
        self.assertNotRegex(html, "[\x00-\x08\x0b-\x1f]")
        self.assertIn("&lt;/script&gt;&lt;img src=x onerror", html)
        self.assertTrue(data_of(html)["checks"][0]["stderr"].endswith("the end"))
        self.assertLess(len(html), 1_000_000)


class InABrowser(BrowserTest, ReportCase):
    def chosen(self, page):
        """The checks that are listed under requirements."""
        for area in page.query_selector_all("#requirements > details:not([open]) > summary"):
            area.click()
        # What an area holds is made by its event "toggle", which comes after the click.
        page.wait_for_function("""() => [...document.querySelectorAll("#requirements > details[open]")]
                                        .every(area => area.lastElementChild.childElementCount > 0)""")
        return set(page.eval_on_selector_all(CHECKS, "all => all.map(one => one.dataset.check)"))

    def test_the_verdict_is_seen_at_a_glance(self):
        results, file = self.report(FAULT, SOME)
        page = self.open(file)
        implementation = results["implementation"]
        self.assertEqual(page.inner_text("h1"), f"{implementation['name']} {implementation['version']}")
        bad = [check for check in results["checks"] if check["verdict"] in BAD]
        judged = len(results["checks"]) - results["summary"]["skip"]
        self.assertIn(f"{len(bad)} of {judged} judged checks fail", page.inner_text(".statement"))
        levels = collections.Counter(check["level"] for check in bad)
        for row in page.query_selector_all(".glance [data-field=level]"):
            self.assertIn(f"{levels[row.get_attribute('data-value')] or ''} of".lstrip(), row.inner_text() + " of")
        causes = {(check["verdict"], check["summary"]) for check in bad}
        self.assertEqual(len(page.query_selector_all("#causes > details")), len(causes))
        self.assertEqual(self.chosen(page), {check["id"] for check in results["checks"]})

    def test_filters_and_searches_choose_what_is_like_that(self):
        results, file = self.report(FAULT, SOME)
        def ids(like):
            return {check["id"] for check in results["checks"] if like(check)}
        for fragment, like in (
                ("verdict=CRASH", lambda check: check["verdict"] == "CRASH"),
                ("verdict=CRASH,SKIP", lambda check: check["verdict"] in ("CRASH", "SKIP")),
                ("level=recommended&kind=udp4", lambda check: check["level"] == "recommended" and check["id"].endswith("/udp4")),
                ("area=Python+objects", lambda check: check["id"].startswith("Python")),
                ("q=iovmax+EMPTYbuffers", lambda check: "IovMax" in check["id"] and "EmptyBuffers" in check["id"]),
                ("q=iov-max-exceeded-is-an-error", lambda check: "iov-max-exceeded-is-an-error" in check["requirements"])):
            self.assertTrue(ids(like), fragment)
            self.assertEqual(self.chosen(self.open(file, "#" + fragment)), ids(like), fragment)
        page = self.open(file)
        page.get_by_label("All sockets").select_option("udp6")
        page.click("[data-keep=PASS]")
        page.keyboard.press("/")
        page.keyboard.type("fillorder")
        expected = ids(lambda check: check["verdict"] == "PASS" and check["id"].startswith("FillOrder")
                       and check["id"].endswith("/udp6"))
        self.assertTrue(expected)
        self.assertEqual(self.chosen(page), expected)
        # The address has it all.
        self.assertEqual(self.chosen(self.open(file, "#" + page.url.partition("#")[2])), expected)
        page.click("[data-keep=clear]")
        self.assertEqual(self.chosen(page), ids(lambda check: True))

    def test_a_link_to_a_check_shows_all_of_it(self):
        results, file = self.report(FAULT, SOME)
        for verdict in ("FAIL", "CRASH", "SKIP", "PASS"):
            check = next(check for check in results["checks"] if check["verdict"] == verdict)
            text = self.open(file, f"#check={check['id']}").inner_text("aside")
            for shown in (check["id"], check["repro"], check["reason"], *check["requirements"], check.get("replay", "")):
                self.assertIn(shown, text)
            for difference in check["differences"]:
                for field in ("where", "field", "expected", "actual"):
                    self.assertIn(difference[field], text)
            for step in check.get("observation", {"steps": []})["steps"] if verdict != "SKIP" else ():
                self.assertIn(step.get("step", ""), text)

    def test_differing_bytes_are_marked(self):
        results, file = self.report(FAULT, "PartialBuffers.EagainWritesNoBuffer/udp4")
        [difference] = [one for one in results["checks"][0]["differences"] if one["field"] == "buffer 0"]
        self.assertEqual((difference["expected"], difference["actual"]), ('"abc"', r'"\x00\x00\x00"'))
        page = self.open(file, f"#check={results['checks'][0]['id']}")
        self.assertEqual([mark.inner_text() for mark in page.query_selector_all("aside mark")][:2], ["abc", r"\x00\x00\x00"])
        compared = page.evaluate(r"""compared('"ab\\xee{5}cd"', '"ab\\xee{4}cd"')""")
        self.assertEqual(compared, [[['"ab', False], [marked, True], ['cd"', False]] for marked in (r"\xee{5}", r"\xee{4}")])
        self.assertEqual(page.evaluate("compared('same', 'same')"), [[["same", False]]] * 2)
        self.assertEqual(page.evaluate("compared('', 'x')"), [[], [["x", True]]])

    def test_checks_are_gone_through_by_keys(self):
        results, file = self.report(FAULT, SOME)
        bad = [check["id"] for check in results["checks"] if check["verdict"] in BAD]
        page = self.open(file)
        page.keyboard.press("j")
        page.wait_for_selector("aside")
        first = page.inner_text("aside h2")
        self.assertIn(first, bad)
        page.keyboard.press("j")
        page.wait_for_function("first => document.querySelector('aside h2').innerText !== first", arg=first)
        page.keyboard.press("k")
        page.wait_for_function("first => document.querySelector('aside h2').innerText === first", arg=first)
        page.keyboard.press("Escape")
        page.wait_for_selector("aside", state="detached")
        self.assertNotIn("check=", page.url)
        page.go_back()
        page.wait_for_selector("aside")

    def test_known_failures_and_skips_say_why(self):
        baseline = self.directory / "known.toml"
        baseline.write_text('[[known]]\ncheck = "PartialBuffers.EagainWritesNoBuffer/*"\nkind = "bug"\nreason = "it is known"\n'
                            'link = "https://example.org/why"\n', encoding="utf-8")
        results, file = self.report(FAULT, "PartialBuffers.EagainWrites*:FillOrder.Documented*:PythonBuffers.*",
                                    "--baseline", baseline)
        self.assertGreater(results["summary"]["xfail"], 0)
        page = self.open(file)
        self.assertIn("Nothing fails unexpectedly", page.inner_text(".statement"))
        page.click("#known summary")
        page.wait_for_selector("#known a[rel]")  # what a part holds is made when it is opened
        self.assertIn(f"{baseline}:1 lists it as FAIL: bug, it is known", page.inner_text("#known"))
        self.assertEqual(page.get_attribute("#known a[rel]", "href"), "https://example.org/why")
        self.assertIn("python_forms, which the implementation does not declare", page.inner_text("#skipped"))
        self.assertTrue(page.is_hidden("#causes"))

    def test_markup_is_shown_as_text(self):
        baseline = self.hostile_baseline("*/udp4")
        refuses = f"""return {{"error": {{"class": {EVIL!r}, "errno": None, "message": "<b>m</b>"}},
                "buffers": ["ee" * part.get("size", 0) for part in request["buffers"]]}}"""
        _, file = self.report(self.hostile_adapter(refuses), SEVEN, "--baseline", baseline)
        shown = EVIL.replace("\u202e", "\\u202e").replace("\u2028", "\\u2028")
        page = self.open(file)
        self.assertTrue(page.inner_text("h1").startswith(shown))
        for summary in page.query_selector_all("summary"):
            summary.click()
        self.assertIn(shown, page.inner_text("#known"))
        self.assertIsNone(page.query_selector("#known a[rel]"))
        for kind in ("udp4", "udp6"):
            page = self.open(file, "#check=FillOrder.DocumentedExampleFillsTheBuffers/" + kind)
            self.assertIn(shown, page.inner_text("aside"))
            self.assertIn("<b>m</b>", page.inner_text("aside"))
            self.assertEqual(page.query_selector_all("#page img, aside b"), [])
            self.assertIsNone(page.evaluate("window.harmed || null"))

    def test_it_is_readable_without_scripts(self):
        results, file = self.report(FAULT, SOME)
        page = self.open(file, java_script_enabled=False)
        text = page.locator("body").inner_text()
        self.assertIn(results["implementation"]["name"], text)
        self.assertRegex(text, rf"fail\s+{results['summary']['fail']}\b")
        page.locator("summary").first.click()
        first = next(check for check in results["checks"] if check["verdict"] == "CRASH")
        self.assertIn(first["summary"], text)
        self.assertIn("reproduce  recvmsg-conformance run", page.locator("body").inner_text())
        self.assert_fits(page)

    def test_it_is_accessible_in_light_and_dark_and_fits_a_phone(self):
        results, file = self.report(FAULT, SOME)
        bad = next(check["id"] for check in results["checks"] if check["verdict"] == "FAIL")
        for fragment, viewport, scheme in (("", WIDE, "light"), ("", PHONE, "dark"), ("#verdict=FAIL,CRASH,SKIP", WIDE, "dark"),
                                           ("#verdict=FAIL,CRASH,SKIP", PHONE, "light"), (f"#check={bad}", WIDE, "light"),
                                           (f"#check={bad}", PHONE, "dark")):
            page = self.open(file, fragment, viewport, scheme)
            self.assert_fits(page)
            self.assert_accessible(page)

    def test_paper_has_the_failures_in_full(self):
        results, file = self.report(FAULT, FOURTEEN + ":PartialBuffers.EagainWritesNoBuffer/*")
        page = self.open(file)
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        text = page.locator("body").inner_text()
        for check in results["checks"]:
            if check["verdict"] == "FAIL":
                self.assertIn(check["repro"], text)
        self.assertTrue(page.is_hidden("nav"))


if __name__ == "__main__":
    unittest.main()
