"""Speaks to a server as Home Assistant does, with aiohasupervisor, and prints what came of it as JSON.

    python supervisor_client.py URL TOKEN FOLDER
"""

import asyncio
import dataclasses
import json
import sys
from pathlib import Path, PurePath
from uuid import UUID

from aiohasupervisor import SupervisorClient, SupervisorError
from aiohasupervisor.models import (
    BackupsOptions,
    CIFSMountRequest,
    DownloadBackupOptions,
    Folder,
    FreezeOptions,
    FullBackupOptions,
    FullRestoreOptions,
    JobCondition,
    JobsOptions,
    MountUsage,
    NFSMountRequest,
    PartialBackupOptions,
    PartialRestoreOptions,
    RemoveBackupOptions,
    UploadBackupOptions,
)

PASSWORD = "correct horse battery staple"


def plain(value):
    """Turn models into what JSON can hold."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(entry) for entry in value]
    if isinstance(value, UUID):
        return value.hex
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


async def refusal(work):
    """Tell how a request was refused."""
    try:
        await work
    except SupervisorError as error:
        return {"type": type(error).__name__, "message": str(error), "job_id": error.job_id}
    return None


async def end_of(client, job_id):
    """Ask until a job has ended, as Home Assistant does after it has subscribed."""
    while True:
        job = await client.jobs.get_job(job_id)
        state = (await client.info()).state
        if job.done and state == "running":
            return job
        await asyncio.sleep(0.05)


async def pieces(path):
    """Read a file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(65536):
            yield piece


async def who_is_there(client):
    await client.supervisor.ping()
    return {
        "root": plain(await client.info()),
        "supervisor": plain(await client.supervisor.info()),
    }


async def mounts(client):
    told = {}
    nfs = NFSMountRequest(server="nas.local", usage=MountUsage.BACKUP, path=PurePath("/backups"))
    cifs = CIFSMountRequest(
        server="nas.local",
        usage=MountUsage.BACKUP,
        share="backups",
        username="homeassistant",
        password="secret of the share",
    )
    films = CIFSMountRequest(server="nas.local", usage=MountUsage.MEDIA, share="films")
    told["nfs"] = await refusal(client.mounts.create_mount("films", nfs))
    told["cifs"] = await refusal(client.mounts.create_mount("films", cifs))
    told["media"] = await refusal(client.mounts.create_mount("films", films))
    told["stored"] = plain(await client.mounts.info())
    await client.mounts.delete_mount("shed")
    told["left"] = plain(await client.mounts.info())
    return told


async def make(client):
    told = {}
    full = await client.backups.full_backup(
        FullBackupOptions(name="Full", location=[".local", "nas"])
    )
    told["full"] = plain(full)
    partial = await client.backups.partial_backup(
        PartialBackupOptions(
            name="Part",
            password=PASSWORD,
            addons={"core_mosquitto"},
            folders={Folder.SSL},
            homeassistant=True,
            homeassistant_exclude_database=True,
            background=True,
            extra={"instance_id": "test"},
        )
    )
    told["partial"] = plain(partial)
    job = await end_of(client, partial.job_id)
    told["job"] = plain(job)
    told["list"] = plain(await client.backups.list())
    await client.backups.set_options(BackupsOptions(days_until_stale=7))
    await client.backups.reload()
    told["info"] = plain(await client.backups.info())
    told["details"] = plain(await client.backups.backup_info(job.reference))
    return told, full.slug, job.reference


async def restore(client, full, part):
    told = {}
    wanted = PartialRestoreOptions(folders={Folder.SSL}, password="wrong")
    told["wrong"] = await refusal(client.backups.partial_restore(part, wanted))
    told["missing"] = await refusal(
        client.backups.partial_restore(
            part, dataclasses.replace(wanted, password=None, background=True)
        )
    )
    told["not full"] = await refusal(client.backups.full_restore(part))
    told["partial"] = plain(
        await client.backups.partial_restore(
            part, dataclasses.replace(wanted, password=PASSWORD)
        )
    )
    started = await client.backups.full_restore(
        full, FullRestoreOptions(background=True, location="nas")
    )
    told["full"] = plain(await end_of(client, started.job_id))
    return told


async def transfer(client, part, folder):
    told = {}
    saved = folder / "downloaded.tar"
    options = DownloadBackupOptions(location=".local")
    with saved.open("wb") as file:
        async for piece in await client.backups.download_backup(part, options):
            file.write(piece)
    told["size"] = saved.stat().st_size
    await client.backups.remove_backup(part)
    told["removed"] = await refusal(client.backups.backup_info(part))
    told["uploaded"] = await client.backups.upload_backup(
        pieces(saved),
        UploadBackupOptions(location={".local", "nas"}, filename=PurePath("Uploaded.tar")),
    )
    told["details"] = plain(await client.backups.backup_info(part))
    await client.backups.remove_backup(part, RemoveBackupOptions(location={".local"}))
    told["left"] = plain(await client.backups.backup_info(part))
    return told


async def freeze(client):
    told = {}
    await client.backups.freeze(FreezeOptions(timeout=60))
    told["held"] = (await client.info()).state
    told["new"] = await refusal(client.backups.full_backup())
    await client.backups.thaw()
    told["thawed"] = (await client.info()).state
    told["again"] = await refusal(client.backups.thaw())
    return told


async def jobs(client):
    told = {}
    await client.jobs.set_options(JobsOptions(ignore_conditions=[JobCondition.FREE_SPACE]))
    told["info"] = plain(await client.jobs.info())
    await client.jobs.reset()
    first = UUID(told["info"]["jobs"][0]["uuid"])
    await client.jobs.delete_job(first)
    told["after"] = plain(await client.jobs.info())
    told["unknown"] = await refusal(client.jobs.get_job(first))
    return told


async def session(url, token, folder):
    async with SupervisorClient(url, token) as client:
        told = {"who": await who_is_there(client), "mounts": await mounts(client)}
        told["make"], full, part = await make(client)
        told["restore"] = await restore(client, full, part)
        told["transfer"] = await transfer(client, part, folder)
        told["freeze"] = await freeze(client)
        told["jobs"] = await jobs(client)
    async with SupervisorClient(url, "wrong") as stranger:
        told["stranger"] = await refusal(stranger.info())
    return told


print(json.dumps(asyncio.run(session(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
