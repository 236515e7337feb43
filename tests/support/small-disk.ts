import { execFileSync, spawnSync } from 'node:child_process'
import type { ServerUser } from './server-process.ts'

/**
 * Words that run a command with `folder` replaced by an empty disk of `megabytes`; when it ends, what lies on the
 * disk is copied to `keep`. The mount is seen by that command alone, and gone with it.
 */
export function onSmallDisk(folder: string, megabytes: number, keep: string, words: string[]): string[] {
  const script =
    'mount -t tmpfs -o size="$1"m tmpfs "$2" && cp -a "$3"/. "$2"/ && shift 3 && "$@"; code=$?; ' +
    'cp -a "$DISK"/. "$KEEP"/ && exit $code'
  const env = [`DISK=${folder}`, `KEEP=${keep}`]
  const inside = ['env', ...env, 'sh', '-c', script, 'sh', String(megabytes), folder, keep, ...words]
  return ['unshare', ...asRoot(), '--mount', ...inside]
}

/** Why this machine cannot give a process a disk of its own; undefined where it can. */
export function noSmallDisk(): string | undefined {
  const probe = 'mount -t tmpfs -o size=1m tmpfs /mnt'
  const { status, stderr, error } = spawnSync('unshare', [...asRoot(), '--mount', 'sh', '-c', probe], {
    encoding: 'utf8',
  })
  return status === 0 ? undefined : (error?.message ?? stderr.trim())
}

/** Users who are not root become it inside a namespace of their own, where the system lets them. */
const asRoot = (): string[] => (process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])

interface ServerDisk {
  data: string
  disk: string
  user: ServerUser
  freeMegabytes?: number | undefined
}

/**
 * The command of a server and who starts it. With `freeMegabytes` its `data` is copied to a disk of its own, at `disk`,
 * with so much free: seen by the server alone and gone with it. The process is the server's, so signals reach it.
 */
export function onDisk(
  { data, disk, user, freeMegabytes }: ServerDisk,
  server: string[],
): { command: string; words: string[]; as: ServerUser } {
  const [command, ...words] = server
  if (freeMegabytes === undefined) return { command: command!, words, as: user }
  const script =
    'mount -t tmpfs -o size=$(($(du -sm "$1" | cut -f1) + $3))m tmpfs "$2" && cp -a "$1"/. "$2"/ && shift 3 && exec "$@"'
  const asUser = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  const inside = ['sh', data, disk, String(freeMegabytes), ...asUser, ...server]
  return { command: 'unshare', words: ['--mount', 'sh', '-c', script, ...inside], as: {} }
}

/** Makes the disk of a running server larger. */
export function growDisk(pid: number, disk: string, megabytes: number): void {
  execFileSync('nsenter', [`--target=${pid}`, '--mount', 'mount', '-o', `remount,size=${megabytes}m`, disk])
}

/** Servers refuse to be root, and only root can make them a disk and become somebody else. */
export const noSmallDiskForServers = (): string | undefined =>
  process.getuid?.() === 0 ? noSmallDisk() : 'only root can mount a disk for a server'
