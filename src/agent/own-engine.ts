import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type OwnEngine, engineIdOf } from '../../probes/snmp/trap/index.ts'
import { jsonOf } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import { readIfThere, replaceFile } from './durable-file.ts'

const randomOctets = 16
/** RFC 3414 §2.2.2: an engine that has booted so often must become another. */
const maxBoots = 2 ** 31 - 1

const document = z.strictObject({
  engineId: z.string().regex(/^([0-9a-f]{2}){5,32}$/u),
  boots: z
    .int()
    .min(1)
    .max(maxBoots - 2),
})

/**
 * Who this agent is to devices that send informs: the same engine at each start, and one more boot, which is on the
 * disk before anything is taken. Without a file, or with a broken one, it is a new engine, for which nobody has a
 * message from before. Rejects with `EnvironmentFault`.
 */
export const bootEngine = async (file: string, log: Log): Promise<OwnEngine> => {
  const text = await readIfThere(file)
  const before = text === undefined ? undefined : document.safeParse(jsonOf(text)).data
  if (text !== undefined && before === undefined)
    log('warn', 'the SNMP engine’s file is broken or used up: devices will find a new engine here', { file })
  const engineId = before?.engineId ?? engineIdOf(randomBytes(randomOctets)).toString('hex')
  const boots = (before?.boots ?? 0) + 1
  await replaceFile(file, `${JSON.stringify({ engineId, boots })}\n`, 0o600)
  return { engineId: Buffer.from(engineId, 'hex'), boots }
}
