#!/usr/bin/env python3
"""Tests what is made of figures: medians, ratios, verdicts, tables, plots. The figures are stored ones, figures.json."""

import contextlib
import io
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from suite import plots, report, results, targets  # noqa: E402
from suite.measure import BenchError  # noqa: E402


class Report(unittest.TestCase):
    def setUp(self):
        self.found = results.load(HERE / "figures.json")

    def verdict(self, title, peer):
        (found,) = [v for v in targets.evaluate(self.found) if v.target.title == title and v.peer == peer]
        return found

    def test_what_is_saved_is_loaded(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "again.json"
            self.found.save(path)
            self.assertEqual(results.load(path), self.found)
            self.assertEqual(path.read_bytes(), (HERE / "figures.json").read_bytes())

    def test_median_leaves_out_failed_runs(self):
        self.assertEqual(self.found.median("100x64", "libuv", "rate"), 120000)
        self.assertIsNone(self.found.median("100x64", "go", "rate"))
        self.assertIsNone(self.found.median("churn", "qnet", "rate"))

    def test_ratios_are_of_the_same_round(self):
        # 190/200, 100/100, 196/200: not the ratio of the medians.
        self.assertEqual(self.found.ratios("100x64", "qnet", "epoll", "rate"), [0.95, 1.0, 0.98])
        self.assertEqual(self.found.ratio("100x64", "qnet", "epoll", "rate"), 0.98)
        # Where the second round failed it has no pair.
        self.assertEqual(self.found.ratios("100x64", "qnet", "libuv", "rate"), [1.9, 1.4])

    def test_each_family_has_a_subject(self):
        self.assertEqual(self.found.subject_of("100x64", "qt"), "qnet")
        self.assertEqual(self.found.subject_of("100x64", "PySide6"), "qnet-python")
        del self.found.runs["100x64"]["qnet"]
        self.assertEqual(self.found.subject_of("100x64", "qt"), "epoll")

    def test_verdicts(self):
        self.assertTrue(self.verdict("100 × 64 B", "epoll").reached)
        self.assertTrue(self.verdict("100 × 64 B", "qt").reached)
        asio = self.verdict("100 × 64 B", "asio")
        self.assertEqual((asio.measured, asio.reached), (0.95, False))
        self.assertIsNone(self.verdict("100 × 4 KiB", "qt").reached)
        self.assertEqual(self.verdict("p99 at 100 × 64 B", "epoll").measured, 1.1)
        self.assertTrue(self.verdict("p99 at 100 × 64 B", "epoll").reached)
        self.assertTrue(self.verdict("p99 at 100 × 64 B", "qt").reached)

    def test_memory_is_held_against_a_number_of_bytes(self):
        epoll = self.verdict("resident bytes per idle connection", "epoll")
        self.assertEqual((epoll.measured, epoll.reached), (513, True))
        self.assertFalse(self.verdict("resident bytes per idle connection", "libuv").reached)
        self.assertFalse(self.verdict("resident bytes per idle connection", "asio").reached)

    def test_every_target_is_a_case_that_is_measured(self):
        self.assertLessEqual({target.scenario for target in targets.TARGETS}, set(report.BY_NAME))
        self.assertEqual(len(targets.evaluate(self.found)), 40)

    def test_encrypted_connections_have_targets_of_their_own(self):
        found = results.Results(servers={name: results.Server(name, "native") for name in ("openssl", "qnet", "qt")})
        for server, cpu in ("openssl", 10.0), ("qnet", 11.5), ("qt", 46.0):
            found.add("tls-100x64+2000", server, {"cpu_us": cpu, "rate": 1e6 / cpu})
        found.add("tls-memory", "qnet", {"before": 0, "after": 1e6, "bytes_each": 8001})
        text = report.write(found)
        self.assertIn("`make bench-tls`", text)
        self.assertIn("| 100 × 64 B + 2,000 idle | ≤ 1.15: **1.15** ✓ | ≤ 0.35: **0.25** ✓ |\n", text)
        self.assertIn("| resident bytes per idle connection | ≤ 8000 B: **8,001 B** ✗ |  |\n", text)
        self.assertIn("2 of 3 targets reached, 15 not measured.", text)
        self.assertLessEqual({target.scenario for target in targets.TLS_TARGETS}, set(report.BY_NAME))

    def test_tables(self):
        text = report.write(self.found)
        for line in ("| raw epoll (C) | 200,000 * | 0.98 (0.95–1.00) | 200 | 400 | 800 | 5.00 | 1.02 (1.00–1.05) |",
                     "| PySide6 | 40,000 | 2.00 | 900 | 1,800 | 3,600 | 25.0 | 0.50 |",
                     "| qnet (C) | 2.0 | 6.9 | 513 (512–514) | 1 |",
                     "| qnet (C) | 2.50 |",
                     "| qnet, one by one | 5,000,000 | 2.50 | 5.00 |",
                     "| libqnet | 1.50 | 1.00 | 3.5 |",
                     "- go: go_echo_server was not built, which needs make",
                     "- 100x64, round 2 of 3, libuv: ended"):
            self.assertIn(line + "\n", text)
        self.assertIn("≥ 0.97: **0.98** ✓", text)
        self.assertIn("≥ 1: **0.95** ✗", text)
        self.assertIn("9 of 12 targets reached, 28 not measured.", text)
        self.assertIn("100 × 64 B against Asio: ≥ 1: 0.95 ✗", report.missed_targets(self.found))

    def test_without_targets_nothing_is_said_of_them(self):
        for name in "100x64", "memory":
            del self.found.runs[name]
        self.assertNotIn("argets", report.write(self.found))

    def test_readme_keeps_what_is_around(self):
        section = report.readme_section(self.found, "folder", {"plots/a.svg": "Another", "plots/rate-connections.svg": "A plot"})
        self.assertIn("![A plot](folder/plots/rate-connections.svg)", section)
        self.assertNotIn("Another", section)
        self.assertIn("| 100 × 64 B | 0.98 | ", section)
        self.assertIn("| resident bytes per idle connection | 513 B | ", section)
        text = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        once = report.put_into(text, section)
        self.assertEqual(once, f"before\n{section}\nafter\n")
        self.assertEqual(report.put_into(once, section), once)
        with self.assertRaises(BenchError):
            report.put_into("no marks", section)

    def test_the_readme_has_marks(self):
        report.put_into((HERE.parents[2] / "README.md").read_text(encoding="utf-8"), "x")

    def test_points(self):
        self.assertEqual(plots.connection_points(self.found, "qt", "rate", 1e-3), ([100.0], [98.0]))
        self.assertEqual(plots.size_points(self.found, "qnet"), ([64.0], [0.98]))
        self.assertEqual(plots.size_points(self.found, "epoll"), ([64.0], [1.0]))

    def test_plots(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            try:
                written = plots.write(self.found, folder)
            except ImportError as why:
                self.skipTest(f"{why}")
            self.assertEqual(set(written), set(plots.PLOTS))
            for file in written:
                tree = xml.etree.ElementTree.parse(folder / file)
                words = "".join(tree.getroot().itertext())
                self.assertIn("qnet", words, file)
                self.assertLess((folder / file).stat().st_size, 60_000)
            first = {file: (folder / file).read_bytes() for file in written}
            plots.write(self.found, folder)
            self.assertEqual({file: (folder / file).read_bytes() for file in written}, first)


def main():
    """Runs the tests; ends with their numbers."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        outcome = unittest.main(exit=False, verbosity=2, argv=sys.argv[:1]).result
    print(said.getvalue(), end="")
    bad = outcome.failures + outcome.errors
    for test, text in bad:
        print(f"FAIL {test.id()}: {text.strip().splitlines()[-1][:200]}")
    for test, why in outcome.skipped:
        print(f"skip {test.id()}: {why}")
    print(f"{outcome.testsRun - len(bad) - len(outcome.skipped)} passed, {len(bad)} failed, {len(outcome.skipped)} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
