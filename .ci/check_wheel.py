"""Checks that a wheel holds every file of the package: templates, assets and py.typed too."""

import sys
from pathlib import Path
from zipfile import ZipFile

source = Path("src")
expected = {
    path.relative_to(source).as_posix()
    for path in (source / "sociallogin").rglob("*")
    if path.is_file() and path.suffix != ".pyc"
}
with ZipFile(sys.argv[1]) as wheel:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

if packed != expected:
    missing, extra = sorted(expected - packed), sorted(packed - expected)
    sys.exit(f"The wheel lacks {missing} and holds {extra} besides.")
for needed in (".html", ".css", ".svg", ".mo", "py.typed"):
    if not any(name.endswith(needed) for name in packed):
        sys.exit(f"The wheel holds no {needed} at all.")
print(f"{len(packed)} files, as in src")
