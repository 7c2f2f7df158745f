"""The benchmarks run and tell what they should; how fast things are is nothing to test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")


@pytest.mark.server
def test_the_benchmarks_print_a_table_and_write_it_as_json(tmp_path):
    written = tmp_path / "results.json"
    command = [sys.executable, str(RUN), "--quick", "--json", str(written)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    results = json.loads(written.read_text())
    assert {result["work"].split(",")[0] for result in results} >= {
        "OAuth 2.0 login",
        "OAuth 1.0a login",
        "the same through Flask",
        "new connections per warm login",
        "TLS contexts made by a process",
        "16 threads",
        "async login",
        "64 tasks",
        "open_identity(cookie)",
        "GET /auth/box",
        "import sociallogin",
    }
    assert all(result["value"] >= 0 for result in results if result["unit"] != "MiB")
    assert all(result["work"] in printed for result in results)
    exact = {result["work"]: result["value"] for result in results}
    assert exact["new connections per warm login, over TLS"] == 0
    assert exact["TLS contexts made by a process"] == 1
    # One each if none is kept; how many the first round opened is the machine's affair.
    assert exact["64 tasks, answers in 50 ms: new connections per login"] < 0.5
