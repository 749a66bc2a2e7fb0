import readline from 'node:readline'
import { lookAt } from './stand.ts'

/** Run as a process of its own in another namespace: looks as each line tells it, and prints what it saw. */

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { previous, ...look } = JSON.parse(line) as { kind: string; options: object; previous?: unknown }
  process.stdout.write(`${JSON.stringify(await lookAt(look, previous))}\n`)
}
