import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import { bounded } from '../net/text.ts'

const execute = promisify(execFile)
const mostServices = 100
const options = ['list-units', '--state=failed', '--plain', '--no-legend', '--no-pager', '--full']

/** The first column of `systemctl list-units --plain`. Never throws. */
export const parseUnits = (output: string): readonly string[] =>
  output
    .split('\n', 10_000)
    .map((line) => line.trim().split(/\s/u, 1)[0] ?? '')
    .filter((unit) => /^[^\s.]\S*\.[a-z]+$/u.test(unit))
    .slice(0, mostServices)
    .map((unit) => bounded(unit, 256))

const isBootedWithSystemd = (): Promise<boolean> =>
  // sd_booted(3)
  access('/run/systemd/system').then(
    () => true,
    () => false,
  )

/** Units that failed; undefined where systemd does not run. Rejects as `systemctl` fails. */
export const readFailedServices = async (signal: AbortSignal): Promise<readonly string[] | undefined> => {
  if (!(await isBootedWithSystemd())) return undefined
  const { stdout } = await execute('systemctl', options, { signal, maxBuffer: 1024 * 1024 })
  return parseUnits(stdout)
}
