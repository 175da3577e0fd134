import { shareName, shareUser } from "#core/sharing/sharing.ts";

export interface SambaConfigOptions {
  /** Absolute path of a folder of one's own, without odd characters. */
  readonly folder: string;
  /** Where the backups are, as absolute path without odd characters. */
  readonly shared: string;
  readonly port: number;
  /** Undefined for all of this machine. */
  readonly address: string | undefined;
}

/**
 * `smb.conf` of a server that gives out one folder to one user, and nothing else: no printers, no names of the old days, no
 * helpers that would outlive it (so it cannot list its one share: whoever opens it names it). Only SMB 3 with
 * encryption: an archive may hold every secret of a home.
 */
export function sambaConfig({ folder, shared, port, address }: SambaConfigOptions): string {
  return `[global]
server role = standalone server
server string = Safehouse
netbios name = SAFEHOUSE
workgroup = WORKGROUP
disable netbios = yes
smb ports = ${port}
${address === undefined ? "" : `interfaces = ${address}\nbind interfaces only = yes\n`}server min protocol = SMB3
server smb encrypt = required
map to guest = never
restrict anonymous = 2
private dir = ${folder}/private
lock directory = ${folder}/lock
state directory = ${folder}/state
cache directory = ${folder}/cache
pid directory = ${folder}/pid
ncalrpc dir = ${folder}/ncalrpc
passdb backend = tdbsam:${folder}/private/passdb.tdb
username map = ${folder}/users.map
logging = file
log file = ${folder}/log
log level = 1
max log size = 1000
load printers = no
printing = bsd
printcap name = /dev/null
disable spoolss = yes
rpc start on demand helpers = no
usershare max shares = 0
unix extensions = no
follow symlinks = no
wide links = no

[${shareName}]
comment = Backups of Home Assistant
path = ${shared}
read only = yes
guest ok = no
veto files = /.*/
`;
}

/** `username map`: who signs in as the user of the share is the user of this machine that the server runs as. */
export function sambaUsers(systemUser: string): string {
  return `${systemUser} = ${shareUser}\n`;
}
