#!/usr/bin/env python3
"""Makes, reads and restores Home Assistant backups with the official securetar, as the Supervisor does.

  peer.py make HOME FILE --form plain|plain-uncompressed|v2|v3|v3-uncompressed [--password WORD]
  peer.py list FILE [--password WORD] [--stream]
  peer.py extract FILE DIR [--password WORD] [--straight]

`list` prints every entry of every inner archive as JSON; with --stream it reads FILE once from front to back.
HOME and DIR are laid out as config/, share/, ssl/, media/, addons/local/ and data/<add-on>/.
`extract` restores through a temporary folder, as the Supervisor does; with --straight each inner
archive goes into its place at once.
"""
import argparse
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePath

from securetar import SecureTarArchive, SecureTarFile, atomic_contents_add

BUFFER = 4 * 1024 * 1024
FOLDERS = ("share", "addons/local", "ssl", "media")
# What the Supervisor leaves out of the configuration folder, relative to it.
EXCLUDED = (
    "**/__pycache__/*", "**/.DS_Store", "*.db-shm", "*.corrupt.*", "*.log.*", "*.log", ".storage/*.corrupt.*",
    "OZW_Log.txt", "backups/*.tar", "tmp_backups/*.tar", "tts/*", ".cache/*",
)
KINDS = {
    tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink", tarfile.FIFOTYPE: "fifo", tarfile.CHRTYPE: "char", tarfile.BLKTYPE: "block",
}


def make(home: Path, file: Path, form: str, password: str | None) -> None:
    """Makes a full backup, entry by entry in the Supervisor's order."""
    version = {"v2": 2, "v3": 3}.get(form.split("-")[0])
    compressed = not form.endswith("uncompressed")
    suffix = ".tar.gz" if compressed else ".tar"
    addons = sorted(path.name for path in (home / "data").glob("*") if path.is_dir())
    folders = [name for name in FOLDERS if (home / name).is_dir()]
    key = password if version else None
    with SecureTarArchive(file, "w", bufsize=BUFFER, create_version=version, password=key) as archive:
        with archive.create_tar(f"homeassistant{suffix}", gzip=compressed) as tar:
            add_records(tar, {"homeassistant.json": {"version": "2026.8.0", "port": 8123, "ssl": False}})
            atomic_contents_add(tar, home / "config", is_excluded, arcname="data")
        for slug in addons:
            with archive.create_tar(f"{slug}{suffix}", gzip=compressed) as tar:
                add_records(tar, {"addon.json": addon_record(slug)})
                atomic_contents_add(tar, home / "data" / slug, lambda path: False, arcname="data")
        for name in folders:
            with archive.create_tar(f"{name.replace('/', '_')}{suffix}", gzip=compressed) as tar:
                atomic_contents_add(tar, home / name, lambda path: False, arcname=".")
        add_metadata(archive.tar, {
            "version": 2, "name": "peer", "type": "full", "supervisor_version": "2026.08.0",
            "compressed": compressed, "protected": key is not None, "folders": folders, "repositories": [], "extra": {},
            "homeassistant": {"version": "2026.8.0", "exclude_database": False, "size": 0.0},
            "addons": [{"slug": slug, "name": slug, "version": "1.0.0", "size": 0} for slug in addons],
        })


def is_excluded(path: PurePath) -> bool:
    inside = PurePath(*path.parts[1:])
    return any(matches(inside, PurePath(pattern)) for pattern in EXCLUDED)


def matches(path: PurePath, pattern: PurePath) -> bool:
    """Python 3.11 has no full_match. A leading `**` stands for any depth, else both have the same depth."""
    if pattern.parts[0] == "**":
        return path.match(str(PurePath(*pattern.parts[1:])))
    return len(path.parts) == len(pattern.parts) and path.match(str(pattern))


def addon_record(slug: str) -> dict:
    system = {"name": slug, "slug": slug, "version": "1.0.0", "repository": "core", "arch": ["amd64"], "description": slug}
    return {"user": {"version": "1.0.0", "options": {}}, "system": system, "version": "1.0.0", "state": "started"}


def add_records(tar: tarfile.TarFile, records: dict[str, dict]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, record in records.items():
            path = Path(folder, name)
            path.write_text(json.dumps(record, indent=2))
            path.chmod(0o600)
        atomic_contents_add(tar, Path(folder), lambda path: False, arcname=".")


def add_metadata(outer: tarfile.TarFile, metadata: dict) -> None:
    date = "2026-08-20T04:51:00.000000+00:00"
    slug = hashlib.sha1(f"{date} - {metadata['name']}".lower().encode()).hexdigest()[:8]
    data = json.dumps({**metadata, "date": date, "slug": slug}, separators=(",", ":")).encode()
    info = tarfile.TarInfo("./backup.json")
    info.size = len(data)
    info.mtime = int(time.time())
    outer.addfile(info, io.BytesIO(data))


def read_metadata(file: Path) -> dict:
    with tarfile.open(file, "r:") as outer:
        return json.load(outer.extractfile("./backup.json"))


@contextmanager
def opened_outside(file: Path) -> Iterator[tuple[dict, Path]]:
    """The metadata, and a temporary folder beside the file with the outer archive extracted into it."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        with tarfile.open(file, "r:") as outer:
            outer.extractall(folder, filter="tar")
        yield read_metadata(file), Path(folder)


def inner_names(metadata: dict) -> list[str]:
    first = ["homeassistant"] if metadata.get("homeassistant") else []
    rest = [addon["slug"] for addon in metadata.get("addons", [])]
    return first + rest + [name.replace("/", "_") for name in metadata.get("folders", [])]


def open_inner(folder: Path, name: str, metadata: dict, password: str | None) -> SecureTarFile:
    compressed = metadata.get("compressed", True)
    key = password if metadata["protected"] else None
    return SecureTarFile(folder / f"{name}.tar{'.gz' if compressed else ''}", gzip=compressed, bufsize=BUFFER, password=key)


def list_entries(file: Path, password: str | None) -> dict:
    """Reads every inner archive once, in order; encrypted ones can be read in no other way."""
    with opened_outside(file) as (metadata, folder):
        if metadata["protected"]:
            wrong = [name for name in inner_names(metadata) if not open_inner(folder, name, metadata, password).validate()]
            if wrong:
                raise SystemExit(f"securetar refuses {', '.join(wrong)}")
        parts = {}
        for name in inner_names(metadata):
            with open_inner(folder, name, metadata, password) as tar:
                parts[name] = {member.name: describe(tar, member) for member in tar}
    return {"metadata": metadata, "parts": parts}


def list_streaming(file: Path, password: str | None) -> dict:
    """Reads the file once from front to back, as Home Assistant Core reads a download."""
    metadata, parts = {}, {}
    with file.open("rb") as source, SecureTarArchive(fileobj=source, streaming=True, bufsize=BUFFER, password=password) as archive:
        for member in archive.tar:
            base = PurePath(member.name).name
            if base == "backup.json":
                metadata = json.load(archive.tar.extractfile(member))
                continue
            with decrypted(archive, member, password) as stream:
                mode = "r|gz" if base.endswith(".gz") else "r|"
                with tarfile.open(fileobj=stream, mode=mode, bufsize=BUFFER) as tar:
                    parts[base.split(".tar")[0]] = {inner.name: describe(tar, inner) for inner in tar}
    return {"metadata": metadata, "parts": parts}


def decrypted(archive: SecureTarArchive, member: tarfile.TarInfo, password: str | None) -> AbstractContextManager:
    return archive.extract_tar(member) if password else archive.tar.extractfile(member)


def describe(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict:
    entry = {"type": KINDS[member.type], "mode": f"{member.mode:#o}", "mtime": member.mtime}
    if member.isreg():
        digest = hashlib.file_digest(tar.extractfile(member), "sha256").hexdigest()
        return {**entry, "size": member.size, "sha256": digest}
    return {**entry, "target": member.linkname} if member.issym() or member.islnk() else entry


def extract(file: Path, target: Path, password: str | None) -> None:
    """The Supervisor's way: outer archive to a temporary folder, folders in place, the rest through a second one."""
    with opened_outside(file) as (metadata, folder):
        for name in metadata["folders"]:
            place = emptied(target / name)
            with open_inner(folder, name.replace("/", "_"), metadata, password) as tar:
                tar.extractall(place, members=tar, filter="tar")
        if metadata.get("homeassistant"):
            extract_by_copy(open_inner(folder, "homeassistant", metadata, password), target / "config")
        for addon in metadata["addons"]:
            inner = open_inner(folder, addon["slug"], metadata, password)
            extract_by_copy(inner, target / "data" / addon["slug"])


def extract_by_copy(inner: SecureTarFile, place: Path) -> None:
    """The temporary folder is on the disk of the home, as the Supervisor's is."""
    emptied(place)
    with tempfile.TemporaryDirectory(dir=place.parent) as temporary:
        with inner as tar:
            tar.extractall(temporary, members=tar, filter="tar")
        shutil.copytree(Path(temporary, "data"), place, symlinks=True, dirs_exist_ok=True)


def extract_straight(file: Path, target: Path, password: str | None) -> None:
    """No temporary copies: each inner archive is read within the outer one and written once."""
    metadata = read_metadata(file)
    places = {name.replace("/", "_"): emptied(target / name) for name in metadata["folders"]}
    with tarfile.open(file, "r:") as outer:
        for name in inner_names(metadata):
            member = outer.getmember(f"{name}.tar{'.gz' if metadata['compressed'] else ''}")
            key = password if metadata["protected"] else None
            source = outer.extractfile(member)
            with SecureTarFile(fileobj=source, gzip=metadata["compressed"], bufsize=BUFFER, password=key) as tar:
                if name in places:
                    tar.extractall(places[name], members=tar, filter="tar")
                else:
                    place = emptied(target / ("config" if name == "homeassistant" else f"data/{name}"))
                    tar.extractall(place, members=without_data_prefix(tar), filter="tar")


def without_data_prefix(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in tar:
        if member.name == "data" or member.name.startswith("data/"):
            yield member.replace(name=member.name[5:] or ".", deep=False)


def emptied(place: Path) -> Path:
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    return place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("home", type=Path)
    making.add_argument("file", type=Path)
    making.add_argument("--form", required=True)
    listing = commands.add_parser("list")
    listing.add_argument("file", type=Path)
    listing.add_argument("--stream", action="store_true")
    extracting = commands.add_parser("extract")
    extracting.add_argument("file", type=Path)
    extracting.add_argument("dir", type=Path)
    extracting.add_argument("--straight", action="store_true")
    for command in (making, listing, extracting):
        command.add_argument("--password")
    a = parser.parse_args()
    if a.command == "make":
        make(a.home, a.file, a.form, a.password)
    elif a.command == "list":
        read = list_streaming if a.stream else list_entries
        print(json.dumps(read(a.file, a.password)))
    else:
        (extract_straight if a.straight else extract)(a.file, a.dir, a.password)


if __name__ == "__main__":
    main()
