import os from 'node:os'
import process from 'node:process'
import { collectHostEvidence, liveSystem, rootFolder } from './index.ts'

/**
 * A process of its own that looks at this machine once, tells its parent what it found, and ends. It runs when nobody
 * else wants the processor: looking at targets comes first.
 */
const [version = ''] = process.argv.slice(2)
os.setPriority(os.constants.priority.PRIORITY_LOW)
const machine = rootFolder('/', Date.now(), liveSystem(new AbortController().signal))
const evidence = await collectHostEvidence(machine, version)
process.send?.(evidence, undefined, undefined, () => process.disconnect())
