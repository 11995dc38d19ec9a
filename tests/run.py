"""All tests: those that can share the machine, some at a time, and then those that need it alone.

`python -m tests.run` builds the book beside the first tests, prints the ten slowest of each kind, and ends with what
came of all of them together.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

TOGETHER = ("-m", "not alone", "--numprocesses=3", "--dist=loadgroup", "--no-loadscope-reorder")
ALONE = ("-m", "alone")


def run(options, report):
    """Run the tests that the options choose, and return pytest's exit status; the report is JUnit's XML."""
    command = [sys.executable, "-m", "pytest", "--durations=10", f"--junitxml={report}", *options]
    return subprocess.run(command).returncode


def counts(report):
    """How many tests passed, failed and were skipped."""
    if not report.exists():
        return 0, 0, 0
    (suite,) = ElementTree.parse(report).getroot()
    every, failures, errors, skipped = (int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped"))
    return every - failures - errors - skipped, failures + errors, skipped


def main():
    with tempfile.TemporaryDirectory() as folder:
        reports = [Path(folder) / "together.xml", Path(folder) / "alone.xml"]
        building = subprocess.Popen([sys.executable, "-m", "tests.build"])
        ends = [run(TOGETHER, reports[0])]
        ends.append(building.wait())
        ends.append(run(ALONE, reports[1]))
        passed, failed, skipped = map(sum, zip(*map(counts, reports)))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return max(ends)


if __name__ == "__main__":
    sys.exit(main())
