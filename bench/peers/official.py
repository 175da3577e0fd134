#!/usr/bin/env python3
"""The official stack as the Supervisor runs it: one process, one thread, zlib replaced by ISA-L.

  official.py check                                          what compresses, and what it makes of the levels
  official.py create HOME FILE [--password WORD]             level 6 plain, level 9 protected, both securetar's own
  official.py restore FILE DIR [--password WORD] [--straight]
  official.py list FILE [--password WORD]                    names and sizes of everything within
  official.py cat FILE PART PATH [--password WORD]           one file to standard output
"""
import zlib_fast

# The Supervisor does this first, before anything imports zlib or gzip.
zlib_fast.enable()

import argparse  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
import tarfile  # noqa: E402
from pathlib import Path  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "interop"))

import peer  # noqa: E402
from securetar import SecureTarFile  # noqa: E402


def check() -> None:
    """What `tarfile` gets when it imports zlib and gzip, as it does each time it opens an archive."""
    import gzip
    import zlib

    from zlib_fast.utils import gzip_compress_level_to_isal as level

    if not (zlib.crc32.__module__ == "isal.isal_zlib" and gzip.GzipFile.__mro__[1].__module__ == "isal.igzip"):
        raise SystemExit("zlib and gzip are not ISA-L")
    print(f"zlib and gzip are ISA-L; level 6 is {level(6)}, level 9 is {level(9)}")


def inner_archives(file: Path, password: str | None):
    metadata = peer.read_metadata(file)
    with tarfile.open(file, "r:") as outer:
        for name in peer.inner_names(metadata):
            source = outer.extractfile(f"{name}.tar{'.gz' if metadata['compressed'] else ''}")
            key = password if metadata["protected"] else None
            yield name, SecureTarFile(fileobj=source, gzip=metadata["compressed"], bufsize=peer.BUFFER, password=key)


def list_names(file: Path, password: str | None) -> None:
    for name, inner in inner_archives(file, password):
        with inner as tar:
            for member in tar:
                print(name, member.name, member.size)


def cat(file: Path, part: str, path: str, password: str | None) -> None:
    for name, inner in inner_archives(file, password):
        if name != part:
            continue
        with inner as tar:
            for member in tar:
                if member.name == path:
                    shutil.copyfileobj(tar.extractfile(member), sys.stdout.buffer)
                    return
    raise SystemExit(f"{path} is not in {part}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    arguments = {"check": [], "create": ["home", "file"], "restore": ["file", "dir"], "list": ["file"], "cat": ["file", "part", "path"]}
    for name, positional in arguments.items():
        command = commands.add_parser(name)
        for argument in positional:
            command.add_argument(argument, type=str if argument in ("part", "path") else Path)
        command.add_argument("--password")
        if name == "restore":
            command.add_argument("--straight", action="store_true")
    a = parser.parse_args()
    if a.command == "check":
        check()
    elif a.command == "create":
        peer.make(a.home, a.file, "v3" if a.password else "plain", a.password)
    elif a.command == "restore":
        (peer.extract_straight if a.straight else peer.extract)(a.file, a.dir, a.password)
    elif a.command == "list":
        list_names(a.file, a.password)
    else:
        cat(a.file, a.part, a.path, a.password)


if __name__ == "__main__":
    main()
