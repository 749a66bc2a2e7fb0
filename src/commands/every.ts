import { loadEveryCommand } from './index.ts'

/** What oclif's `explicit` discovery reads when its manifest is made; running a command reads the manifest. */
export const commands = await loadEveryCommand()
