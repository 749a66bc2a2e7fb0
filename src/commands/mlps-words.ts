import { codeMeant, listed, type Spelled } from '../../inventory/columns/index.ts'
import { UsageFault } from '../core/fault.ts'

export { listed } from '../../inventory/columns/index.ts'
export { dayIn } from '../core/day.ts'

/** The code that a person meant, given as such or by its Chinese word. Throws `UsageFault` with the list. */
export const codeOf = <Code extends string>(labels: Spelled<Code>, text: string, where: string): Code => {
  const found = codeMeant(labels, text)
  if (found !== undefined) return found
  throw new UsageFault([{ where, message: `expected one of ${listed(labels)}, got ${text}` }])
}
