import type { Inventory } from '../../inventory/store.ts'
import type { LogAccount } from '../collector/syslog/blocks.ts'
import { type SourceStanding, standingOfSources } from '../collector/syslog/silent.ts'
import type { Seen } from '../compliance/evidence/evidence.ts'
import type { Config } from '../config/index.ts'
import { isWithin } from '../core/network.ts'

export interface NamedSource extends SourceStanding {
  /** Of the inventory, where a device has this address. */
  readonly device?: string
  readonly name?: string
}

export interface LogSourcesReport {
  readonly retentionDays: number
  readonly bytes: number
  readonly oldestAt?: number
  readonly sources: readonly NamedSource[]
}

/** Every source that logged, and every device that may and did not; what stopped and ought to log comes first. */
export const logSources = (
  account: LogAccount,
  inventory: Inventory,
  { collector: { syslog } }: Pick<Config, 'collector'>,
  now: number,
): LogSourcesReport => {
  const devices = new Map([...inventory.device.values()].map((device) => [device.address, device]))
  const expected = [...devices.keys()].filter((address) => isWithin(address, syslog.allow))
  const standing = standingOfSources(account.sources(), {
    expected,
    now,
    afterMs: syslog.silentAfterSeconds * 1000,
  })
  const order = ['silent', 'never', 'logging', 'former']
  return {
    retentionDays: syslog.retentionDays,
    ...account.figures(),
    sources: standing
      .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
      .map((source) => {
        const device = devices.get(source.source)
        return { ...source, ...(device && { device: device.id, name: device.name }) }
      }),
  }
}

const dayMs = 86_400_000

/**
 * How each device of the inventory logs, as a look of the collector's own; of who need not log nothing. Where nobody
 * has logged of late, the collector itself may not have been there: it counts as silent then, and accuses nobody.
 */
const logsSeen = ({ sources, oldestAt = 0 }: LogSourcesReport, now: number): readonly Seen[] => {
  const heard = sources.some(({ state }) => state === 'logging')
  return sources.flatMap(({ source, device, state, messages, firstAt, lastAt }) =>
    device === undefined || state === 'former'
      ? []
      : [
          {
            agent: 'collector',
            heard,
            observation: {
              job: `syslog/${source}`,
              target: device,
              kind: 'syslog',
              vantage: 'private',
              planRevision: 0,
              ...(state === 'logging' ? { status: 'up' } : { status: 'down', cause: 'timeout', detail: '' }),
              observedAt: now,
              seconds: 0,
              facts: {
                state,
                messages,
                ...(firstAt !== undefined && { keptDays: (now - Math.max(firstAt, oldestAt)) / dayMs }),
                ...(lastAt !== undefined && { lastAt }),
              },
            },
          },
        ],
  )
}

/** Reads how devices log; nothing where no log is kept. */
export const logReader =
  (account: LogAccount | undefined, config: Pick<Config, 'collector'>) =>
  (inventory: Inventory, now: number): readonly Seen[] =>
    account === undefined ? [] : logsSeen(logSources(account, inventory, config, now), now)
