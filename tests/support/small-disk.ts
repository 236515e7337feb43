import { spawnSync } from 'node:child_process'

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
