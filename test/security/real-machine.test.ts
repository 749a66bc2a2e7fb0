import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Measurement } from '../../src/core/probe.ts'
import { launcher } from '../support/cli.ts'
import { requiresMachine, runOnMachine } from '../support/machine.ts'
import { openAfterLooks } from './looking.ts'

/** What a kernel knows of its clock is one for a whole machine: on one of its own, before and after chronyd keeps it. */

const nodeFolder = path.dirname(process.execPath)
const look = `${launcher} probe host localhost --timeout-seconds 120 --json; echo ===`
const chronyd = (name: string, ...lines: readonly string[]): string =>
  [
    `mkdir /run/${name}`,
    `printf '%s\\n' 'pidfile /run/${name}/pid' 'bindcmdaddress /run/${name}/socket' 'cmdport 0' ${lines.map((line) => `'${line}'`).join(' ')} >/run/${name}/conf`,
    `chronyd -d -u root -f /run/${name}/conf`,
  ].join('; ')

/**
 * A time server with a clock of its own, and who follows it, by NTP over the loopback, with the kernel in the end.
 * Without `rtcsync` in its settings it leaves the kernel's flag as it was.
 */
const script = `
export PATH=${nodeFolder}:/usr/sbin:/usr/bin:/sbin:/bin YIWANG_DATA=/run/data
${look}
${chronyd('server', 'port 11123', 'local stratum 3', 'allow 127.0.0.0/8')} -x >/dev/null 2>&1 &
${chronyd('client', 'port 0', 'server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 0')} >/dev/null 2>&1 &
for second in $(seq 120); do busybox adjtimex | grep -q 'maxerror: *16000000' || break; sleep 1; done
${look}`

/** A boot and two looks of a processor that is computed, on a machine that has other things to do. */
const patienceMs = 600_000

describe.skipIf(requiresMachine('chronyd').skip)('a machine of its own', () => {
  let looks: readonly Measurement[]
  beforeAll(async () => {
    looks = (await runOnMachine(script))
      .split('===\n')
      .slice(0, 2)
      .map((text) => JSON.parse(text) as Measurement)
  }, patienceMs)

  /** What was seen once is as it was at each further look. */
  const openAfter = (seen: Measurement | undefined): Promise<readonly string[]> =>
    openAfterLooks(
      {
        rule: 'host.clock',
        stand: () =>
          Promise.resolve({
            kind: 'host',
            options: {},
            measure: () =>
              seen === undefined ? Promise.reject(new Error('it was not looked at')) : Promise.resolve(seen),
          }),
      },
      true,
    )

  test('host.clock is found where no one sets the clock', async () => {
    expect(looks[0]).toMatchObject({ status: 'up', facts: { clock: { synchronised: false, daemons: [] } } })
    expect(await openAfter(looks[0])).toContain('host.clock')
  })

  test('and not once chronyd follows a time server', async () => {
    expect(looks[1]).toMatchObject({
      status: 'up',
      facts: { clock: { synchronised: true, daemons: ['chronyd'] } },
    })
    expect(await openAfter(looks[1])).not.toContain('host.clock')
  })
})
