import path from 'node:path'
import { recount } from './index.ts'

/** `npm run recount -- FOLDER`: counts the last bulletin of a replay again; ends with 3 where it comes to something else. */
const { bulletin, numbers, problems } = await recount(path.resolve(process.argv[2] ?? 'yiwang-replay'))
process.stdout.write(
  `${[...problems, `${bulletin}: ${numbers} numbers, ${problems.length} problems`].join('\n')}\n`,
)
process.exitCode = problems.length === 0 ? 0 : 3
