#!/usr/bin/env python3
"""The command report: from saved results to a matrix, pages and short reports.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance report_command_test.py [arguments of unittest]
"""
import json
import pathlib
import re
import subprocess
import unittest
import xml.etree.ElementTree

from browser import PHONE, WIDE, BrowserTest
from report_page_test import EVIL, ReportCase, data_of
from runner_case import FOURTEEN, MATRIX_SCHEMA, SCHEMA_CHECK, SEVEN

SOME = "FillOrder.*:PartialBuffers.*:PythonBuffers.*:AncillaryData.*:IovMax.*"
BAD = ("FAIL", "CRASH", "HANG", "PROTOCOL", "NOTRUN", "XPASS")
TEST_POINT = re.compile(r"(not )?ok (\d+) - ((?:[^#\\]|\\.)*?)(?: # (TODO|SKIP) (.*))?$")


class Tap:
    """A reader of the Test Anything Protocol, version 14, without subtests."""

    def __init__(self, text):
        version, plan, *lines = text.splitlines()
        assert version == "TAP version 14", version
        self.points = []
        in_yaml = False
        for line in lines:
            if in_yaml or line == "  ---":
                in_yaml = line != "  ..."
                continue
            point = TEST_POINT.match(line)
            assert point, line
            self.points.append((point[3], not point[1], point[4]))
            assert int(point[2]) == len(self.points)
        assert plan == f"1..{len(self.points)}" and not in_yaml


class CommandCase(ReportCase):
    def results_of(self, name, implementation, filter_=SOME, *more):
        out = self.directory / name
        self.call("run", "--implementation", implementation, "--filter", filter_, "--out", out, *more)
        return out, json.loads((out / "results.json").read_text(encoding="utf-8"))

    def matrix_of(self, *saved):
        out = self.directory / "site"
        run = self.call("report", *saved, "--out", out)
        self.assertEqual((run.status, run.stderr), (0, ""))
        self.assert_by_the_schema(out / "matrix.json", schema=MATRIX_SCHEMA)
        return out

    def saved(self, name, results):
        file = self.directory / f"{name}.json"
        file.write_text(json.dumps(results), encoding="utf-8")
        return file


class Command(CommandCase):
    def test_the_matrix_has_every_verdict_and_a_page_of_each_run(self):
        one, before = self.results_of("one", "reference")
        other, after = self.results_of("other", "fault:errors-clear-buffers")
        site = self.matrix_of(one, other / "results.json")
        matrix = json.loads((site / "matrix.json").read_text(encoding="utf-8"))
        self.assertEqual([entry["spec"] for entry in matrix["implementations"]], ["reference", "fault:errors-clear-buffers"])
        self.assertEqual({check["id"]: check["verdicts"] for check in matrix["checks"]},
                         {check["id"]: [check["verdict"], later["verdict"]]
                          for check, later in zip(before["checks"], after["checks"])})
        for which, results in enumerate((before, after)):
            entry = matrix["implementations"][which]
            self.assertEqual(data_of((site / entry["report"]).read_text(encoding="utf-8"))["summary"], results["summary"])
            name = pathlib.Path(entry["report"]).stem
            badge = json.loads((site / "badges" / f"{name}.json").read_text(encoding="utf-8"))
            self.assertEqual(badge["color"], "red" if which else "brightgreen")
            image = xml.etree.ElementTree.parse(site / "badges" / f"{name}.svg").getroot()
            self.assertIn(badge["message"], image.get("aria-label"))
            for area in matrix["areas"]:
                self.assertEqual(sum(area["counts"][which].values()),
                                 sum(check["area"] == area["area"] for check in matrix["checks"]))
        [comparison] = matrix["comparisons"]
        self.assertEqual({change["id"] for change in comparison["new_failures"]},
                         {check["id"] for check in after["checks"] if check["verdict"] in BAD})
        self.assertEqual(comparison["gone"], [])

    @unittest.skipUnless(SCHEMA_CHECK, "JSON_SCHEMA_CHECK is not set")
    def test_the_schema_of_the_matrix_refuses_what_is_none(self):
        one, _ = self.results_of("one", "fault:first-item-only", "AncillaryData.TwoItems*")
        other, _ = self.results_of("other", "reference", "AncillaryData.TwoItems*")
        matrix = json.loads((self.matrix_of(one, other) / "matrix.json").read_text(encoding="utf-8"))
        self.assertTrue(matrix["comparisons"][0]["gone"])
        def refused(change):
            changed = json.loads(json.dumps(matrix))
            change(changed)
            check = [SCHEMA_CHECK, MATRIX_SCHEMA, self.saved("changed", changed)]
            return subprocess.run(check, stdout=subprocess.DEVNULL, check=False).returncode == 1
        self.assertFalse(refused(lambda _: None))
        for change in (lambda matrix: matrix.update(schema=2),
                       lambda matrix: matrix.pop("suite"),
                       lambda matrix: matrix.update(implementations=[]),
                       lambda matrix: matrix["implementations"][0].update(report="../report.html"),
                       lambda matrix: matrix["areas"][0]["counts"][0].update(good=1),
                       lambda matrix: matrix["requirements"][0].pop("slug"),
                       lambda matrix: matrix["checks"][0]["verdicts"].append("OK"),
                       lambda matrix: matrix["comparisons"][0]["gone"][0].pop("after")):
            self.assertTrue(refused(change))

    def test_two_runs_say_what_is_new_and_what_is_gone(self):
        one, before = self.results_of("one", "fault:first-item-only")
        other, after = self.results_of("other", "fault:errors-clear-buffers")
        summary = self.directory / "summary.md"
        summary.write_text("of an earlier step\n", encoding="utf-8")
        run = self.call("report", one, other, "--summary", summary)
        self.assertEqual((run.status, run.stdout, run.stderr), (0, "", ""))
        text = summary.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("of an earlier step\n"))
        bad = [{check["id"] for check in results["checks"] if check["verdict"] in BAD} for results in (before, after)]
        self.assertIn(f"\nNew failures ({len(bad[1] - bad[0])}):\n", text)
        self.assertIn(f"\nGone ({len(bad[0] - bad[1])}):\n", text)

    def test_a_run_writes_its_summary_and_tap(self):
        for implementation in ("reference", "fault:errors-clear-buffers"):
            name = implementation.rpartition(":")[2]
            tap, summary = self.directory / f"{name}.tap", self.directory / f"{name}.md"
            _, results = self.results_of(name, implementation, SOME, "--tap", tap, "--summary", summary)
            points = Tap(tap.read_text(encoding="utf-8")).points
            self.assertEqual(points, [(check["id"], check["verdict"] in ("PASS", "SKIP"),
                                       "SKIP" if check["verdict"] == "SKIP" else None) for check in results["checks"]])
            text = summary.read_text(encoding="utf-8")
            for check in results["checks"]:
                if check["verdict"] == "CRASH":
                    self.assertIn(check["summary"], text)
                    break
            self.assertIn(f"Judged as `{implementation}`", text)
            again = self.directory / "again.tap"
            self.call("report", self.directory / name, "--tap", again)
            self.assertEqual(again.read_text(encoding="utf-8"), tap.read_text(encoding="utf-8"))

    def test_what_cannot_be_written_is_said(self):
        for option in ("--summary", "--tap"):
            run = self.call("run", "--filter", SEVEN, option, "/nowhere/file")
            self.assertEqual(run.status, 70)
            self.assertIn("cannot write /nowhere/file", run.stderr)

    def test_files_that_are_no_results_get_one_line(self):
        _, results = self.results_of("one", "fault:first-item-only", "AncillaryData.*")
        def changed(change):
            copy = json.loads(json.dumps(results))
            change(copy, copy["checks"][0])
            return json.dumps(copy).encode()
        cases = {
            "no such file": (None, "No such file or directory"),
            "empty": (b"", "no JSON, from line 1 on"),
            "text": (b"{\n\n nothing", "no JSON, from line 3 on"),
            "binary": (b"\xff\xfe\x00", "no JSON"),
            "cut": (json.dumps(results).encode()[:5000], "no JSON"),
            "another": (b'{"a": 1}', "not the results of a run"),
            "list": (b"[1]", "not the results of a run"),
            "schema 1": (changed(lambda document, _: document.update(schema=1)), "schema 1; this version reads 2"),
            "schema text": (changed(lambda document, _: document.update(schema="<b>\n")), "this version reads 2"),
            "verdict": (changed(lambda _, check: check.update(verdict="OK")), "unknown verdict"),
            "id": (changed(lambda _, check: check.update(id="x")), "no id of a check"),
            "no level": (changed(lambda _, check: check.pop("level")), "level"),
            "cause": (changed(lambda document, _: [check.update(cause="luck") for check in document["checks"]]), "luck"),
            "checks": (changed(lambda document, _: document.update(checks={"a": 1})), "as docs/results.schema.json has it"),
            "name": (changed(lambda document, _: document["implementation"].update(name=7)),
                     "as docs/results.schema.json has it"),
            "complete": (changed(lambda document, _: document.update(complete="yes")), "as docs/results.schema.json has it")}
        for name, (content, words) in cases.items():
            with self.subTest(name):
                file = self.directory / f"{name}.json"
                if content is not None:
                    file.write_bytes(content)
                out = self.directory / "site"
                run = self.call("report", self.directory / "one", file, "--out", out, "--summary", self.directory / "s.md")
                self.assertEqual((run.status, run.stdout), (64, ""))
                self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
                self.assertIn(words, run.stderr)
                self.assertIn(str(file), run.stderr)
                self.assertFalse(out.exists() or (self.directory / "s.md").exists())
        run = self.call("report", self.directory / "one")
        self.assertEqual((run.status, len(run.stderr.splitlines())), (64, 1))
        run = self.call("report", "--out", self.directory / "site")
        self.assertEqual((run.status, len(run.stderr.splitlines())), (64, 1))

    def test_results_of_another_version_of_the_suite_are_shown(self):
        _, results = self.results_of("one", "fault:first-item-only", "AncillaryData.*")
        for check in results["checks"]:
            check.update(id="NewTopic." + check["id"].partition(".")[2], requirements=["new-requirement"])
        site = self.matrix_of(self.saved("new", results), self.directory / "one")
        matrix = json.loads((site / "matrix.json").read_text(encoding="utf-8"))
        self.assertEqual({area["area"] for area in matrix["areas"]}, {"Ancillary data", "Other"})

    def test_markup_stays_text_in_every_format(self):
        tap, summary = self.directory / "x.tap", self.directory / "x.md"
        out, _ = self.results_of("evil", self.hostile_adapter("raise SystemExit(1)"), SEVEN, "--tap", tap, "--summary", summary,
                                 "--baseline", self.hostile_baseline("*/udp4"))
        self.call("report", out, out, "--out", self.directory / "site", "--summary", summary)
        for file in (self.directory / "site/index.html", *(self.directory / "site/runs").iterdir(), out / "report.html"):
            html = file.read_bytes().decode("utf-8")
            self.assertEqual(html.count("</script>"), 2)
            self.assertNotIn("<img", html)
            self.assertNotRegex(html, "[\x00-\x08\x0b-\x1f]")
        xml.etree.ElementTree.parse(out / "junit.xml")
        for badge in (self.directory / "site/badges").glob("*.svg"):
            xml.etree.ElementTree.parse(badge)
        self.assertEqual(len(Tap(tap.read_bytes().decode("utf-8")).points), 7)
        self.assertNotRegex(tap.read_bytes().decode("utf-8"), "[\x00-\x08\x0b-\x1f\u202e]")
        markdown = summary.read_bytes().decode("utf-8")
        self.assertNotRegex(markdown, "[\x00-\x08\x0b-\x1f\u202e]")
        outside_code = re.sub(r"(`+)(?!`).*?[^`]\1(?!`)", "", markdown)
        self.assertNotIn("<", outside_code)
        self.assertIn("&lt;/script&gt;&lt;img", outside_code)


class InABrowser(BrowserTest, CommandCase):
    @staticmethod
    def many(results, checks, failures):
        """Results of that number of checks, copies of those in `results`."""
        failed = [check for check in results["checks"] if check["verdict"] in BAD]
        passed = [check for check in results["checks"] if check["verdict"] == "PASS"]
        all_checks = [dict(of[i % len(of)], id=f"{of[i % len(of)]['id'].partition('/')[0]}N{i}/udp4")
                      for i in range(checks) for of in [failed if i < failures else passed]]
        summary = dict.fromkeys(results["summary"], 0)
        for check in all_checks:
            summary[check["verdict"].lower()] += 1
        return dict(results, checks=all_checks, summary=summary)

    def seconds_until_interactive(self, file, selector):
        """Of the processor."""
        page = self.open(file)
        page.wait_for_selector(selector)
        return page.processor_seconds()

    def test_two_thousand_checks_are_a_small_page_that_is_quick(self):
        _, results = self.results_of("one", "fault:errors-clear-buffers", "*-Waiting.*:Interruption.*:MemoryGrowth.*")
        site = self.matrix_of(self.saved("many", self.many(results, 2000, 300)))
        [file] = (site / "runs").iterdir()
        self.assertLess(file.stat().st_size, 3_000_000)
        self.assertEqual(len(data_of(file.read_text(encoding="utf-8"))["checks"]), 2000)
        seconds = self.seconds_until_interactive(file, "#causes summary")
        print(f"2000 checks, 300 failures: {file.stat().st_size} bytes, interactive after {seconds:.2f} s of the processor")
        self.assertLess(seconds, 1)

    def test_thirty_implementations_are_a_small_matrix_that_is_quick(self):
        saved = []
        for i, fault in enumerate(("reference", "fault:errors-clear-buffers", "fault:first-item-only")):
            _, results = self.results_of(f"run{i}", fault, "*-Waiting.*:Interruption.*:MemoryGrowth.*")
            for copy in range(10):
                results["implementation"]["name"] = f"implementation-{i}-{copy}"
                saved.append(self.saved(f"saved{i}-{copy}", results))
        file = self.matrix_of(*saved) / "index.html"
        self.assertLess(file.stat().st_size, 5_000_000)
        seconds = self.seconds_until_interactive(file, ".matrix .area")
        print(f"30 implementations: {file.stat().st_size} bytes, interactive after {seconds:.2f} s of the processor")
        self.assertLess(seconds, 1)
        page = self.open(file)
        self.assertEqual(len(page.query_selector_all(".matrix thead th")), 30)
        self.assert_fits(page)
        self.assert_accessible(page)

    def site(self):
        one, before = self.results_of("one", "reference")
        other, after = self.results_of("other", "fault:errors-clear-buffers")
        third, _ = self.results_of("third", "fault:first-item-only")
        return self.matrix_of(one, other, third) / "index.html", before, after

    def test_the_matrix_goes_down_to_checks_and_their_pages(self):
        file, _before, after = self.site()
        bad = [check for check in after["checks"] if check["verdict"] in BAD]
        page = self.open(file)
        rows = len(page.query_selector_all(".matrix tbody tr"))
        page.click(".matrix .area button")
        page.click(".matrix .of-requirement button")
        self.assertGreater(len(page.query_selector_all(".matrix .of-check")), 0)
        page.click(".matrix .area button")
        self.assertEqual(len(page.query_selector_all(".matrix tbody tr")), rows)
        page.keyboard.press("/")
        page.keyboard.type(bad[0]["id"])
        row = page.wait_for_selector(f'.of-check[data-check="{bad[0]["id"]}"]')
        self.assertEqual([cell.inner_text() for cell in row.query_selector_all("td")], ["PASS", bad[0]["verdict"], "PASS"])
        row.query_selector_all("td a")[1].click()
        page.wait_for_selector("aside")
        self.assertEqual(page.inner_text("aside h2"), bad[0]["id"])
        self.assertIn(bad[0]["repro"], page.inner_text("aside"))

    def test_any_two_runs_are_compared(self):
        file, before, after = self.site()
        bad = {check["id"] for check in after["checks"] if check["verdict"] in BAD}
        def compared(page):
            for fold in page.query_selector_all("#comparison details:not([open]) > summary"):
                fold.click()
            return {heading.query_selector(".what").inner_text(): int(heading.query_selector(".count").inner_text())
                    for heading in page.query_selector_all("#comparison summary")}
        page = self.open(file)
        self.assertEqual(compared(page), {"New failures": len(bad)})
        self.assertEqual(set(page.eval_on_selector_all("#comparison th", "all => all.map(one => one.innerText)")), bad)
        page.get_by_label("First run").select_option("1")
        page.get_by_label("Second run").select_option("0")
        self.assertEqual(compared(page), {"Gone": len(bad)})
        # The address has it.
        self.assertEqual(compared(self.open(file, "#" + page.url.partition("#")[2])), {"Gone": len(bad)})
        page.get_by_label("Second run").select_option("1")
        self.assertIn("No check has another verdict.", page.inner_text("#comparison"))
        self.assertEqual(len(before["checks"]), len(after["checks"]))

    def test_only_what_differs_is_shown_on_request(self):
        file, before, after = self.site()
        later = {check["id"]: check["verdict"] for check in after["checks"]}
        page = self.open(file, "#only=fail+somewhere&q=fillorder+partialbuffers")
        self.assertIn("No check is like that", page.inner_text(".matrix"))
        differing = {check["id"] for check in before["checks"] if check["id"].startswith("PartialBuffers")
                     and check["verdict"] != later[check["id"]] and later[check["id"]] != "SKIP"}
        page = self.open(file, "#only=differ&q=partialbuffers.")
        self.assertTrue(differing)
        self.assertEqual(set(page.eval_on_selector_all(".of-check", "all => all.map(one => one.dataset.check)")), differing)

    def test_the_matrix_is_accessible_and_readable_without_scripts(self):
        file, _, after = self.site()
        some = "#only=differ&q=EagainWrites"
        for fragment, viewport, scheme in (("", WIDE, "light"), ("", PHONE, "dark"), (some, WIDE, "dark"),
                                           (some, PHONE, "light")):
            page = self.open(file, fragment, viewport, scheme)
            self.assert_fits(page)
            self.assert_accessible(page)
        text = self.open(file, java_script_enabled=False).inner_text("body")
        bad = sum(check["verdict"] in BAD for check in after["checks"])
        self.assertIn(f"{bad} of {len(after['checks']) - after['summary']['skip']} judged checks fail", text)

    def test_markup_is_shown_as_text(self):
        out, _ = self.results_of("evil", self.hostile_adapter("raise SystemExit(1)"), FOURTEEN)
        page = self.open(self.matrix_of(out, out) / "index.html", "#q=udp4")
        self.assertIn(EVIL.replace("\u202e", "\\u202e").replace("\u2028", "\\u2028"), page.inner_text("thead th"))
        self.assertIsNone(page.query_selector("#page img"))
        self.assertIsNone(page.evaluate("window.harmed || null"))


if __name__ == "__main__":
    unittest.main()
