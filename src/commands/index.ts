import type { Command } from '@oclif/core'

/** Every command, by its id; oclif's `explicit` discovery reads this map. */
export const commands: Readonly<Record<string, typeof Command>> = {}
