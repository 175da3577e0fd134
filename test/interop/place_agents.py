"""Lets Home Assistant's own backup agents use a place, and prints what comes of it as JSON.

    python place_agents.py < JSON

The agents, what they list by and how they name files are the code of the package `homeassistant`. Of the rest there is only
what they lean on: it would need a whole Home Assistant, and Python 3.14, to be imported.

In comes `{"agent": …, "entry": {…}, "steps": [[step, …], …]}`; out comes a list with what each step gave. Steps:
`["list"]`, `["upload", metadata, archive]`, `["download", backup_id, to]`, `["delete", backup_id]`.
"""

import __future__

import asyncio
import importlib
import json
import re
import sys
import typing
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace

import ciso8601
import orjson

[root] = find_spec("homeassistant").submodule_search_locations


class Plain(SourceFileLoader):
    """Reads a module as older Pythons can: annotations may name what comes later, and type parameters are left out."""

    def get_code(self, fullname):
        parameters = rb"^(\s*(?:async )?def \w+)\[[^\]]*\]"
        source = re.sub(parameters, rb"\1", self.get_data(self.path), flags=re.M)
        flags = __future__.annotations.compiler_flag
        return compile(source, self.path, "exec", flags=flags, dont_inherit=True)


class Modules(MetaPathFinder):
    """Finds modules of Home Assistant in packages that were not imported themselves."""

    def find_spec(self, fullname, path=None, target=None):
        if not fullname.startswith("homeassistant."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            return spec
        return spec_from_file_location(fullname, spec.origin, loader=Plain(fullname, spec.origin))


def package(name, **content):
    """A package of Home Assistant without what its own code does when it is imported."""
    made = ModuleType(name)
    made.__path__ = [str(Path(root, *name.split(".")[1:]))]
    made.__dict__.update(content)
    sys.modules[name] = made
    return made


async def gathered(limit, *work):
    """The same as Home Assistant's, one after another."""
    return [await one for one in work]


def prepare():
    """Makes what the agents import."""
    if not hasattr(typing, "override"):
        typing.override = lambda method: method
    sys.meta_path.insert(0, Modules())
    for name in ("homeassistant", "homeassistant.components", "homeassistant.helpers", "homeassistant.util"):
        package(name)
    package("homeassistant.core", HomeAssistant=object, callback=lambda function: function)
    package("homeassistant.const", CONF_PREFIX="prefix")
    package("homeassistant.exceptions", HomeAssistantError=type("HomeAssistantError", (Exception,), {}))
    package("homeassistant.helpers.json", json_dumps=lambda data: orjson.dumps(data).decode())
    package("homeassistant.util.json", JSON_DECODE_EXCEPTIONS=(ValueError,), json_loads_object=orjson.loads)
    package("homeassistant.util.hass_dict", HassKey=str)
    package("homeassistant.util.async_", gather_with_limited_concurrency=gathered)
    backup = package("homeassistant.components.backup")
    for module in ("models", "agent"):
        backup.__dict__.update(vars(importlib.import_module(f"homeassistant.components.backup.{module}")))
    util = Path(root, "components", "backup", "util.py").read_text()
    naming = re.search(r"^def suggested_filename_from_name_date.*?(?=^def validate_password)", util, re.M | re.S)
    names = {
        "dt_util": SimpleNamespace(parse_datetime=lambda text, raise_on_error: ciso8601.parse_datetime(text)),
        "AgentBackup": backup.AgentBackup,
    }
    exec("from __future__ import annotations\n" + naming[0], names)
    backup.suggested_filename = names["suggested_filename"]
    package("homeassistant.components.webdav", WebDavConfigEntry=object)
    package("homeassistant.components.sftp_storage", SFTPConfigEntry=object, SFTPConfigEntryData=object)
    package("homeassistant.components.aws_s3", S3ConfigEntry=object)
    return backup


class Home:
    """As much of a Home Assistant as the agents ask."""

    async def async_add_executor_job(self, function, *args):
        return function(*args)


def webdav(entry):
    """The agent of the integration `webdav`, with the client that it makes."""
    from aiohttp import ClientTimeout
    from aiowebdav2.client import Client, ClientOptions
    from homeassistant.components.webdav.backup import WebDavBackupAgent

    options = ClientOptions(timeout=ClientTimeout(total=30))
    client = Client(entry["url"], entry["username"], entry["password"], options=options)
    data = {"backup_path": entry["backup_path"]}
    return client, WebDavBackupAgent(Home(), given(client, data))


def sftp_storage(entry):
    """The agent of the integration `sftp_storage`, which connects by itself."""
    from contextlib import nullcontext

    from homeassistant.components.sftp_storage.backup import SFTPBackupAgent

    return nullcontext(), SFTPBackupAgent(Home(), given(SimpleNamespace(**entry), {}))


def aws_s3(entry):
    """The agent of the integration `aws_s3`, with the client that it makes."""
    from aiobotocore.session import AioSession
    from homeassistant.components.aws_s3.backup import S3BackupAgent

    context = AioSession().create_client(
        "s3",
        endpoint_url=entry["endpoint_url"],
        aws_access_key_id=entry["access_key_id"],
        aws_secret_access_key=entry["secret_access_key"],
        region_name="us-east-1",
    )
    data = {"bucket": entry["bucket"], "prefix": entry["prefix"]}
    agent = lambda client: S3BackupAgent(Home(), given(SimpleNamespace(client=client), data))
    return context, agent


def given(runtime, data):
    """A config entry."""
    return SimpleNamespace(runtime_data=runtime, data=data, title="Place", entry_id="1")


async def pieces(path):
    """What Home Assistant streams: pieces of 1 MiB."""
    with Path(path).open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


async def step(agent, backup, what, *args):
    """One thing that Home Assistant asks of an agent."""
    # Home Assistant asks again after five minutes; nobody here waits for that.
    agent._cache_expiration = 0
    if what == "list":
        found = [one.as_dict() for one in await agent.async_list_backups()]
        return sorted(found, key=lambda one: one["backup_id"])
    if what == "upload":
        metadata, archive = args

        async def open_stream():
            return pieces(archive)

        described = backup.AgentBackup.from_dict(metadata)
        await agent.async_upload_backup(
            open_stream=open_stream, backup=described, on_progress=lambda **progress: None
        )
    if what == "download":
        backup_id, to = args
        with Path(to).open("wb") as file:
            async for piece in await agent.async_download_backup(backup_id):
                file.write(piece)
    if what == "delete":
        await agent.async_delete_backup(*args)
    return None


async def main():
    """Reads what is wanted, and tells what came of it."""
    wanted = json.load(sys.stdin)
    backup = prepare()
    context, agent = {"webdav": webdav, "sftp_storage": sftp_storage, "aws_s3": aws_s3}[wanted["agent"]](
        wanted["entry"]
    )
    async with context as client:
        if wanted["agent"] == "aws_s3":
            agent = agent(client)
        print(json.dumps([await step(agent, backup, *one) for one in wanted["steps"]]))


asyncio.run(main())
