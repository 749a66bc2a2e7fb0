import { path } from '../../probes/path/index.ts'
import { probeContext } from '../support/context.ts'

/** Run as a process of its own in a network namespace: traces what it is told, prints what it found, ends. */

const { spec, previous } = JSON.parse(process.argv[2] ?? '{}') as { spec: unknown; previous?: unknown }
process.stdout.write(JSON.stringify(await path.bind(spec)(probeContext({ previous }))))
