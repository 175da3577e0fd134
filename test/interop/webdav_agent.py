"""Brings a backup to a server by WebDAV as Home Assistant does, with aiowebdav2, and prints what came of it as JSON.

    python webdav_agent.py URL TOKEN PATH ARCHIVE METADATA ERA

The requests, their order and their options are those of Home Assistant's integration `webdav`: ERA is `2025.3` for its
first release, `now` for what it does today.
"""

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import ClientTimeout
from aiowebdav2.client import Client, ClientOptions
from aiowebdav2.exceptions import UnauthorizedError, WebDavError

LONG = ClientTimeout(connect=10, total=43200)
MARKS = {"backup_id": "b0b0", "metadata_version": "1"}


async def pieces(path):
    """What Home Assistant streams: pieces of 1 MiB."""
    with Path(path).open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


async def set_up(client, path):
    """The config flow and the set-up of the entry."""
    reached = await client.check()
    parts = path.strip("/").split("/")
    for count in range(1, len(parts) + 1):
        folder = "/".join(parts[:count])
        if not await client.check(folder) and not await client.mkdir(folder):
            return {"reached": reached, "folder": False}
    # Folders that an early release had encoded twice would be moved.
    wrong = path.replace(" ", "%20")
    moved = wrong != path and await client.check(wrong)
    if moved:
        await client.move(wrong, path)
    return {"reached": reached, "folder": True, "moved": moved}


async def quota(client):
    """What the sensors ask for every quarter of an hour."""
    if not hasattr(client, "quota"):
        return None
    found = await client.quota()
    return {"available": found.available_bytes, "used": found.used_bytes}


async def upload(client, path, archive, metadata, era):
    """The archive first, then what describes it."""
    size = Path(archive).stat().st_size
    length = {} if era == "2025.3" else {"content_length": size}
    await client.upload_iter(pieces(archive), f"{path}/{metadata['file']}.tar", timeout=LONG, **length)
    described = f"{path}/{metadata['file']}.metadata.json"
    await client.upload_iter(json.dumps(metadata), described)
    if era == "2025.3":
        from aiowebdav2 import Property

        marks = [Property(namespace="homeassistant", name=name, value=value) for name, value in MARKS.items()]
        await client.set_property_batch(described, marks)


async def described(client, path, era):
    """Addresses of the descriptions, as the integration finds them."""
    if era != "2025.3":
        return [name for name in await client.list_files(path) if name.endswith(".metadata.json")]
    from aiowebdav2 import PropertyRequest

    found = []
    for file in await client.list_with_infos(path):
        # The base of the address is part of the path there, which that release took off again.
        name = file["path"].replace("/dav/inbox/", "/", 1)
        if not name.endswith(".json"):
            continue
        wanted = PropertyRequest(namespace="homeassistant", name="metadata_version")
        mark = await client.get_property(name, wanted)
        if mark and mark.value == MARKS["metadata_version"]:
            found.append(name)
    return found


async def listed(client, path, era):
    """Reads every description, and of each only what comes first."""
    descriptions = []
    for name in await described(client, path, era):
        iterator = await client.download_iter(name)
        descriptions.append(json.loads(await anext(iterator)))
    return descriptions


async def fetched(client, path, metadata, to):
    """Downloads the archive."""
    iterator = await client.download_iter(f"{path}/{metadata['file']}.tar", timeout=LONG)
    with Path(to).open("wb") as file:
        async for piece in iterator:
            file.write(piece)


async def removed(client, path, metadata):
    """Deletes both files."""
    await client.clean(f"{path}/{metadata['file']}.tar")
    await client.clean(f"{path}/{metadata['file']}.metadata.json")


async def refusal(work):
    """Tell how a request was refused."""
    try:
        await work
    except WebDavError as error:
        return {"type": type(error).__name__, "message": str(error)}
    return None


async def tell(url, token, path, archive, metadata_file, era):
    """Goes through the life of a backup."""
    metadata = json.loads(Path(metadata_file).read_text())
    async with Client(url, "homeassistant", token, options=ClientOptions(verify_ssl=True)) as client:
        told = {"set_up": await set_up(client, path), "empty": await listed(client, path, era)}
        told["upload"] = await refusal(upload(client, path, archive, metadata, era))
        if told["upload"] is None:
            told["quota"] = await quota(client)
            told["listed"] = await listed(client, path, era)
            await fetched(client, path, metadata, f"{archive}.fetched")
        print(json.dumps(told), flush=True)
        # Whoever runs this looks at the server now, and says when it goes on.
        await asyncio.to_thread(sys.stdin.readline)
        gone = {"removed": await refusal(removed(client, path, metadata))}
        gone["listed"] = await listed(client, path, era)
        print(json.dumps(gone), flush=True)


async def main(url, token, *more):
    """Also shows what somebody without a token meets."""
    async with Client(url, "homeassistant", "wrong") as stranger:
        try:
            await stranger.check()
        except UnauthorizedError:
            await tell(url, token, *more)


asyncio.run(main(*sys.argv[1:]))
