#!/usr/bin/env python3
"""Makes a backup encrypted in SecureTar version 1, with securetar 2024.11.0, the last that wrote it.

  peer_v1.py HOME FILE --password WORD [--uncompressed]

Only the configuration and the folders of HOME go in; the layout of HOME is that of peer.py.
"""
import argparse
import hashlib
import io
import json
import tarfile
import time
from pathlib import Path

from securetar import SecureTarFile, atomic_contents_add

FOLDERS = ("share", "addons/local", "ssl", "media")


def make(home: Path, file: Path, password: str, compressed: bool) -> None:
    key = password.encode()
    for _ in range(100):
        key = hashlib.sha256(key).digest()
    folders = [name for name in FOLDERS if (home / name).is_dir()]
    suffix = ".tar.gz" if compressed else ".tar"
    archive = SecureTarFile(file, "w", gzip=False, bufsize=4 * 1024 * 1024)
    with archive as outer:
        sources = [("homeassistant", home / "config", "data")]
        sources += [(name.replace("/", "_"), home / name, ".") for name in folders]
        for name, source, inside in sources:
            with archive.create_inner_tar(f"./{name}{suffix}", key=key[:16], gzip=compressed) as tar:
                atomic_contents_add(tar, source, excludes=[], arcname=inside)
        add_metadata(outer, folders, compressed)


def add_metadata(outer: tarfile.TarFile, folders: list[str], compressed: bool) -> None:
    date = "2024-11-21T17:58:38.135597+00:00"
    data = json.dumps({
        "version": 2, "slug": hashlib.sha1(f"{date} - old".encode()).hexdigest()[:8], "name": "old", "date": date,
        "type": "full", "supervisor_version": "2024.11.0", "compressed": compressed, "protected": True, "crypto": "aes128",
        "homeassistant": {"version": "2024.11.0", "exclude_database": False, "size": 0.0},
        "folders": folders, "addons": [], "repositories": [], "docker": {}, "extra": {},
    }).encode()
    info = tarfile.TarInfo("./backup.json")
    info.size = len(data)
    info.mtime = int(time.time())
    outer.addfile(info, io.BytesIO(data))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--password", required=True)
    parser.add_argument("--uncompressed", action="store_true")
    a = parser.parse_args()
    make(a.home, a.file, a.password, not a.uncompressed)


if __name__ == "__main__":
    main()
