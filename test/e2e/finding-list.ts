import type { Finding } from '../../src/security/events.ts'
import { type ChildOptions, finishYiwang } from './child.ts'

/** `rule target` of each line of `yiwang finding list`, in their order. */
export const listFindings = async (
  flags: readonly string[],
  options?: ChildOptions,
): Promise<readonly string[]> => {
  const { stdout } = await finishYiwang(['finding', 'list', '--json', ...flags], options)
  if (stdout === '') return ['not evaluated yet']
  return (JSON.parse(stdout) as readonly Finding[]).map(({ rule, target }) => `${rule} ${target}`).toSorted()
}
