import { connect, createServer, type Socket } from 'node:net'

/** A slow line moves in steps of 50 ms. */
const STEPS_PER_SECOND = 20

/** `up`: what the client sends; `down`: what the server answers. */
type Direction = 'up' | 'down'

type NetworkFault =
  /** Both ends are closed after this many bytes in one direction. */
  /** With `reset` the client is told as by a process that was killed: no end of the stream, an error. */
  | { kind: 'cut'; direction: Direction; afterBytes: number; reset?: boolean }
  /**
   * The request reaches the server, its reply never reaches the client: `COMMIT` sent, answer lost. With `awayMs` the
   * server is away for so long then, for everybody.
   */
  | { kind: 'dropReply'; pattern: RegExp; awayMs?: number }
  /** Nothing passes any more, and nobody is told, until `release`. */
  | { kind: 'stall'; direction: Direction; afterBytes: number }
  | { kind: 'slow'; direction: Direction; bytesPerSecond: number }

export interface CutProxy {
  port: number
  /** `url` with its host and port replaced by the proxy's. */
  through(url: string): string
  /** The next connection that meets the fault has it, once, or with `always` every one of them. */
  arm(fault: NetworkFault, how?: 'once' | 'always'): void
  /** From now on all is well. */
  disarm(): void
  /** What was stalled arrives late, and the line is well again. */
  release(): void
  /** Faults that have happened. */
  fired(): number
  connections(): number
  close(): Promise<void>
}

/** A TCP proxy before a database, which can lose, hold and slow what passes. */
export async function startCutProxy(targetUrl: string): Promise<CutProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  const state: ProxyState = {
    armed: undefined,
    always: false,
    fired: 0,
    connections: 0,
    awayUntil: 0,
    held: [],
    closeAll: () => sockets.forEach((socket) => void socket.destroy()),
  }
  const server = createServer((client) => {
    if (performance.now() < state.awayUntil) return void client.destroy()
    state.connections += 1
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) track(sockets, socket)
    relay(client, upstream, state)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    through(url) {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(port)
      return changed.href
    },
    arm: (fault, how = 'once') => Object.assign(state, { armed: fault, always: how === 'always' }),
    disarm: () => Object.assign(state, { armed: undefined }),
    release: () => state.held.splice(0).forEach((pass) => void pass()),
    fired: () => state.fired,
    connections: () => state.connections,
    close: () =>
      new Promise((resolve) => {
        state.closeAll()
        server.close(() => resolve())
      }),
  }
}

interface ProxyState {
  armed: NetworkFault | undefined
  always: boolean
  fired: number
  connections: number
  /** No connection is taken before this time (`performance.now`). */
  awayUntil: number
  /** What stalled lines still owe, in order. */
  held: (() => void)[]
  closeAll(): void
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  // A reset is what these tests are about; the other end learns of it by the close below.
  socket.on('error', () => socket.destroy())
}

interface Line {
  state: ProxyState
  /** The fault that this connection has caught and lives with. */
  caught: NetworkFault | undefined
  passed: Record<Direction, number>
  /** The last bytes that the client sent, as Latin-1: a pattern may straddle two packets. */
  heard: string
  close(): void
  reset(): void
}

function relay(client: Socket, upstream: Socket, state: ProxyState): void {
  const close = () => {
    client.destroy()
    upstream.destroy()
  }
  const reset = () => void client.resetAndDestroy()
  const line: Line = { state, caught: undefined, passed: { up: 0, down: 0 }, heard: '', close, reset }
  client.on('data', (chunk: Buffer) => pass(line, 'up', chunk, client, upstream))
  upstream.on('data', (chunk: Buffer) => pass(line, 'down', chunk, upstream, client))
  client.once('close', close)
  upstream.once('close', close)
}

function pass(line: Line, direction: Direction, chunk: Buffer, from: Socket, to: Socket): void {
  const before = line.passed[direction]
  line.passed[direction] += chunk.length
  if (line.caught === undefined && meets(line, direction, chunk)) {
    line.caught = line.state.armed
    if (!line.state.always) line.state.armed = undefined
    line.state.fired += 1
    // What triggers a lost reply must itself arrive.
    if (line.caught?.kind === 'dropReply') return void to.write(chunk)
  }
  const fault = line.caught
  if (fault === undefined) to.write(chunk)
  else if (fault.kind === 'dropReply') lose(line, fault, direction, chunk, to)
  else if (fault.kind === 'slow') slowDown(fault, direction, chunk, from, to)
  else stop(line, fault, direction, chunk, before, to)
}

/** Does this chunk set off the armed fault? */
function meets(line: Line, direction: Direction, chunk: Buffer): boolean {
  const { armed } = line.state
  if (armed === undefined) return false
  if (armed.kind === 'dropReply') {
    if (direction === 'up') line.heard = (line.heard + chunk.toString('latin1')).slice(-4096)
    return direction === 'up' && armed.pattern.test(line.heard)
  }
  if (armed.direction !== direction) return false
  return armed.kind === 'slow' || line.passed[direction] >= armed.afterBytes
}

/** The server has answered, so the work is done: only now is the client cut off. */
function lose(
  line: Line,
  { awayMs }: Extract<NetworkFault, { kind: 'dropReply' }>,
  direction: Direction,
  chunk: Buffer,
  to: Socket,
): void {
  if (direction === 'up') return void to.write(chunk)
  line.close()
  if (awayMs === undefined) return
  line.state.awayUntil = performance.now() + awayMs
  line.state.closeAll()
}

function stop(
  line: Line,
  fault: Extract<NetworkFault, { afterBytes: number }>,
  direction: Direction,
  chunk: Buffer,
  before: number,
  to: Socket,
): void {
  if (direction !== fault.direction) {
    if (fault.kind === 'cut') to.write(chunk)
    else hold(line, chunk, to)
    return
  }
  const left = Math.max(0, fault.afterBytes - before)
  if (left > 0) to.write(chunk.subarray(0, left))
  if (fault.kind === 'stall') hold(line, chunk.subarray(left), to)
  // After the bytes that still pass, so that they arrive.
  if (fault.kind === 'cut') setTimeout(fault.reset ? line.reset : line.close, 20)
}

function hold(line: Line, rest: Buffer, to: Socket): void {
  line.state.held.push(() => {
    line.caught = undefined
    if (!to.destroyed) to.write(rest)
  })
}

function slowDown(
  fault: { direction: Direction; bytesPerSecond: number },
  direction: Direction,
  chunk: Buffer,
  from: Socket,
  to: Socket,
): void {
  if (direction !== fault.direction) return void to.write(chunk)
  const step = Math.max(1, Math.floor(fault.bytesPerSecond / STEPS_PER_SECOND))
  from.pause()
  const next = (at: number) => {
    if (to.destroyed) return
    to.write(chunk.subarray(at, at + step))
    const more = at + step < chunk.length
    setTimeout(() => (more ? next(at + step) : from.resume()), 1000 / STEPS_PER_SECOND)
  }
  next(0)
}
