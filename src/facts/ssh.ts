import { type Facts, factsIn, textAt } from './read.ts'

/** Reasons of the probe's own table that make a session readable or alterable. */
const broken: ReadonlySet<string> = new Set(['none', 'rc4', 'des', 'block64', 'md5', 'tag64', 'group1024'])

/** Algorithms on offer that are broken. */
export const brokenAmong = (facts: Facts): readonly string[] =>
  factsIn(facts, 'weak')
    .filter((algorithm) => broken.has(textAt(algorithm, 'reason') ?? ''))
    .map((algorithm) => textAt(algorithm, 'name') ?? '')
