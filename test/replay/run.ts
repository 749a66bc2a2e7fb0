import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { differences, strangers } from './compare.ts'
import { replay } from './replay.ts'

/** `npm run replay -- --out FOLDER [--minutes 60]`: the simulated half year, kept to be looked at. */
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'yiwang-replay' }, minutes: { type: 'string', default: '60' } },
})
const folder = path.resolve(values.out)
await mkdir(folder, { recursive: true })
const abort = new AbortController()
process.once('SIGINT', () => abort.abort())
const tell = (line: string): void => void process.stdout.write(`${line}\n`)
const done = await replay({ folder, intervalMinutes: Number(values.minutes), signal: abort.signal, tell })
const problems = [
  ...differences(done).map(
    ({ week, claim, what, expected, got, because }) =>
      `${week} ${claim} ${what}: expected ${expected}, got ${got}: ${because}`,
  ),
  ...strangers(done).map((each) => `${each}: nobody planted it`),
]
for (const problem of problems) tell(problem)
tell(
  `${done.observations} observations, ${done.script.claims.length} claims, ${problems.length} wrong verdicts`,
)
process.exitCode = problems.length === 0 ? 0 : 3
