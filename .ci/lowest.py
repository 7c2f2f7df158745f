"""Prints the lower bound of every dependency in pyproject.toml as a pip constraint."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
requirements = set(project["dependencies"]).union(*project["optional-dependencies"].values())

for requirement in sorted(requirements):
    if requirement.startswith("sociallogin["):
        continue
    if not re.fullmatch(r"[\w.-]+>=[\d.]+", requirement):
        raise SystemExit(f"no lower bound to test: {requirement}")
    print(requirement.replace(">=", "=="))
