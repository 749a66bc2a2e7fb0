import { Args, Flags, Parser } from '@oclif/core'
import { expect, test } from 'vitest'
import { parseFault } from '../../src/commands/parse-fault.ts'
import { EnvironmentFault, UsageFault } from '../../src/core/fault.ts'

const flags = {
  port: Flags.integer({ required: true, min: 1, max: 65_535 }),
  level: Flags.string({ options: ['city', 'county'] }),
  ca: Flags.file({ exists: true }),
  csv: Flags.boolean({ exclusive: ['level'] }),
}
const args = { address: Args.string({ required: true, description: 'an address' }) }

const refusalOf = async (argv: readonly string[]): Promise<UsageFault | undefined> => {
  try {
    await Parser.parse([...argv], { flags, args, strict: true } as never)
  } catch (error) {
    return parseFault(error as Error, { command: 'probe tcp', flags })
  }
  throw new Error('expected the parser to refuse')
}

const help = '\n  → yiwang probe tcp --help'

test.each([
  [['--port', '1'], `ADDRESS: expected an address, got nothing${help}`],
  [['a'], `--port: expected a value, got nothing${help}`],
  [['a', '--port'], `--port: expects a value${help}`],
  [['a', '--port', 'x'], `--port: expected an integer but received: x${help}`],
  [['a', '--port', '0'], `--port: expected an integer greater than or equal to 1 but received: 0${help}`],
  [
    ['a', 'b', 'c', '--port', '1'],
    `b: expected no further argument${help}\nc: expected no further argument${help}`,
  ],
  [['a', '--port', '1', '--prot', '2'], '--prot: `probe tcp` has no such flag\n  → did you mean --port?'],
  [['a', '--port', '1', '--zzzzzz'], `--zzzzzz: \`probe tcp\` has no such flag${help}`],
  [['a', '--port', '1', '-x'], `-x: \`probe tcp\` has no such flag${help}`],
  [['a', '--port', '1', '--level', 'x'], `--level: expected one of city, county, got x${help}`],
  [['a', '--port', '1', '--ca', '/nowhere'], `--ca: no file found at /nowhere${help}`],
  [
    ['a', '--port', '1', '--csv', '--level', 'city'],
    `--level=city cannot also be provided when using --csv${help}`,
  ],
])('%j', async (argv, message) => {
  const refusal = await refusalOf(argv)
  expect(refusal).toBeInstanceOf(UsageFault)
  expect(refusal?.message).toBe(message)
})

test('a flag that is missing says what is wanted', async () => {
  const wanted = { object: Flags.string({ required: true, summary: 'what is assessed: a or b' }) }
  const line = { command: 'mlps assess', flags: wanted }
  const error = await Parser.parse([], { flags: wanted, strict: true } as never).catch(
    (fault: unknown) => fault,
  )
  expect(parseFault(error as Error, line)?.message).toBe(
    '--object: expected what is assessed: a or b, got nothing\n  → yiwang mlps assess --help',
  )
})

test('what the parser did not say is not its refusal', () => {
  const line = { command: 'status', flags: {} }
  expect(parseFault(new TypeError('x is not a function'), line)).toBeUndefined()
  expect(parseFault(new EnvironmentFault('DISK_FULL', 'no space'), line)).toBeUndefined()
})
