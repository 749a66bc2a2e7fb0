import type { Command, Config } from '@oclif/core'

const flagLine = ([name, flag]: readonly [string, Command.Flag.Cached]): string =>
  `- \`--${name}${flag.type === 'option' ? ` ${flag.helpValue?.toString() ?? 'VALUE'}` : ''}\` ${flag.summary ?? flag.description ?? ''}`

const expand = (text: string): string => text.replaceAll('<%= config.bin %>', 'yiwang')

const section = (command: Command.Loadable): string => {
  const args = Object.entries(command.args).map(([name, arg]) => (arg.required ? name : `[${name}]`))
  const flags = Object.entries(command.flags)
    .filter(([, flag]) => flag.helpGroup !== 'GLOBAL')
    .map(flagLine)
  const examples = (command.examples ?? []).map((example) =>
    typeof example === 'string' ? example : example.command,
  )
  return [
    `## yiwang ${[command.id.replaceAll(':', ' '), ...args].join(' ')}`,
    command.summary ?? '',
    command.description ?? '',
    flags.join('\n'),
    examples.length > 0 ? ['```', ...examples.map(expand), '```'].join('\n') : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}

/** Markdown of every command, from oclif's own metadata. */
export const commandReference = (config: Config): string =>
  [
    '# Commands',
    'Made from the code by `npm run generate`. Every command takes `--data`, `--config`, `--json` and `--help`.',
    ...config.commands
      .filter((command) => command.pluginName === config.name)
      .toSorted((a, b) => a.id.localeCompare(b.id))
      .map(section),
  ].join('\n\n') + '\n'
