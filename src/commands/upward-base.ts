import { existsSync } from 'node:fs'
import { Flags } from '@oclif/core'
import type { Config } from '../config/index.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { kindLabels, upwardKinds } from '../security/upward/message.ts'
import { openOutbox, type Outbox } from '../security/upward/outbox.ts'
import type { DestinationState } from '../security/upward/view.ts'
import { outboxFile } from '../service/upward.ts'
import { takingWords } from './word-flag.ts'

export const destinationFlag = { destination: Flags.string({ summary: 'only this one', helpValue: 'NAME' }) }
export const kindFlag = {
  kind: takingWords(
    kindLabels,
    Flags.option({ summary: 'only messages of this kind', options: upwardKinds })(),
  ),
}

/** Works on the outbox of a data folder. Throws `EnvironmentFault` where nothing was ever told upward there. */
export const withOutbox = async <Value>(
  { dataFolder, upward }: Config,
  work: (outbox: Outbox) => Promise<Value> | Value,
): Promise<Value> => {
  const file = outboxFile(dataFolder)
  if (!existsSync(file))
    throw new EnvironmentFault('STORE_MISSING', `${file}: nothing was ever told upward here`, {
      suggestion: 'configure upward.destinations (docs/upward.md) and run a collector: yiwang collector run',
    })
  using outbox = openOutbox(file, upward.maxMessages)
  return await work(outbox)
}

interface Named {
  readonly name: string
}

/** Those of that name; all without one. Throws `UsageFault` where there is none. */
export const chosen = <Item extends Named>(
  all: readonly Item[],
  name: string | undefined,
): readonly Item[] => {
  const found = all.filter((each) => name === undefined || each.name === name)
  if (found.length > 0) return found
  const known = all.map((each) => each.name)
  if (name === undefined)
    throw new UsageFault([
      {
        where: 'upward.destinations',
        message: 'expected at least one destination, got none',
        suggestion: 'see docs/upward.md',
      },
    ])
  const meant = nearest(name, known)
  throw new UsageFault([
    {
      where: '--destination',
      message: `expected one of ${known.join(', ') || 'none configured'}, got ${name}`,
      ...(meant !== undefined && { suggestion: `did you mean ${meant}?` }),
    },
  ])
}

export const waitingOf = ({ waiting }: DestinationState): number =>
  Object.values(waiting).reduce((sum, count) => sum + count, 0)
