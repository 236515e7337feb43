import winston from 'winston'
import { redactDeep } from './secrets.ts'

export type Log = Pick<winston.Logger, 'error' | 'warn' | 'info' | 'debug'> & { close(): void }

/**
 * Structured log on stderr: one JSON object a line (`format: 'json'`) or a short line for people.
 * Every secret registered in `secrets.ts` is masked, whatever field it stands in.
 */
export function createLog(options: {
  level: 'error' | 'warn' | 'info' | 'debug'
  format: 'json' | 'line'
}): Log {
  const masked = winston.format((info) => Object.assign(info, redactDeep({ ...info })))
  const line = winston.format.printf(({ level, message, timestamp: _, ...rest }) => {
    const facts = Object.entries(rest).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    return [level, message, ...facts].join(' ')
  })
  return winston.createLogger({
    level: options.level,
    format: winston.format.combine(
      masked(),
      winston.format.timestamp(),
      options.format === 'json' ? winston.format.json() : line,
    ),
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  })
}
