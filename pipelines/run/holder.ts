import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Names this process as `host/pid/start/random`, so that a later run on the same machine can tell that it is gone.
 * `start` is the process's start time in clock ticks where the system shows it: pids come again.
 */
export const holderOfThisProcess = (): string =>
  [hostname(), process.pid, startOf(process.pid) ?? '', randomBytes(4).toString('hex')].join('/')

/** True where the holder ran on this machine and its process is gone. A guess never costs data: fences decide. */
export function isDeadHolder(holder: string): boolean {
  const [host, pid, start] = holder.split('/')
  if (host !== hostname() || !pid) return false
  if (Number(pid) === process.pid) return start !== (startOf(process.pid) ?? '')
  const now = startOf(Number(pid))
  if (now !== undefined) return start !== now
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function startOf(pid: number): string | undefined {
  try {
    // The name in brackets may hold blanks: fields are counted after its closing bracket; start time is the 22nd.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return fields[19]
  } catch {
    return undefined
  }
}
