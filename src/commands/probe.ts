import { Args, type Command } from '@oclif/core'
import { authorisedNetworks } from '../../inventory/networks.ts'
import { probes } from '../../probes/index.ts'
import { type Config, type CredentialResolver, loadCredentials } from '../config/index.ts'
import { EnvironmentFault, exitCodes, UsageFault } from '../core/fault.ts'
import { isHost } from '../core/network.ts'
import type { Measurement, Probe } from '../core/probe.ts'
import { factLines } from '../terminal/facts.ts'
import { YiwangCommand, untilStopped } from './base.ts'
import { bindFlags, probeFlags, probeOptions } from './probe-flags.ts'

const exitCodeByStatus = {
  up: exitCodes.ok,
  down: exitCodes.targetFailed,
  unknown: exitCodes.couldNotLook,
} as const

const headline = (kind: string, address: string, { status, cause, detail, seconds }: Measurement): string =>
  [
    `${kind} ${address}: ${status}`,
    cause && ` (${cause})`,
    ` in ${(seconds * 1000).toFixed(1)} ms`,
    detail && `\n  ${detail}`,
  ]
    .filter(Boolean)
    .join('')

const forShell = (text: string): string =>
  /^[\w./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

const isRange = (text: string): boolean => /^[\d.:a-f]+\/\d{1,3}$/iu.test(text)

/** People paste URLs, `host:port` and `[address]`: what these are made of, as this kind's flags. */
const commandFor = (probe: Probe, given: string): string | undefined => {
  const url = URL.parse(given.includes('://') ? given : `given://${given}`)
  const host = url?.hostname.replaceAll(/[[\]]/gu, '')
  if (url === null || host === undefined || !isHost(host) || isRange(given)) return undefined
  const path = `${url.pathname}${url.search}`
  const parts = {
    port: url.port,
    scheme: /^https?:$/u.test(url.protocol) ? url.protocol.slice(0, -1) : '',
    path: path === '/' ? '' : path,
  }
  const taken = probeFlags(probe)
  const flags = Object.entries(parts).filter(([name, value]) => value !== '' && name in taken)
  return [
    `yiwang probe ${probe.kind} ${host}`,
    ...flags.map(([name, value]) => `--${name} ${forShell(value)}`),
  ].join(' ')
}

const checkedAddress = (probe: Probe, given: string): string => {
  if (isHost(given)) return given
  const suggestion = commandFor(probe, given) ?? `yiwang probe ${probe.kind} --help`
  throw new UsageFault([
    { where: 'ADDRESS', message: `expected one host name or address, got ${given || 'nothing'}`, suggestion },
  ])
}

/** A file that belongs to another user, such as the agent's, matters only where a secret is asked for. */
const credentialsOf = (config: Config, isAsked: boolean): CredentialResolver => {
  try {
    return loadCredentials(config.secretsFile, process.env)
  } catch (error) {
    if (isAsked || !(error instanceof EnvironmentFault)) throw error
    return () => undefined
  }
}

/** Of kinds that send nothing to addresses outside the networks that it names. */
const authorisationFlag = 'authorised-by'

/** `yiwang probe <kind> <address>`: the flags of each kind follow from its schema. */
const probeCommand = (probe: Probe): typeof Command =>
  class ProbeCommand extends YiwangCommand {
    static override readonly summary = `${probe.summary}, once, and shows the facts`
    static override readonly description = 'Exit code 0: up, 3: down, 4: could not look.'
    static override readonly examples = [
      `<%= config.bin %> probe ${probe.kind} ${probe.example}`,
      `<%= config.bin %> probe ${probe.kind} ${probe.example} --json`,
    ]
    static override readonly args = {
      address: Args.string({ required: true, description: 'IPv4 or IPv6 address, or a host name' }),
    }
    static override readonly flags = probeFlags(probe)

    async run(): Promise<Measurement> {
      const { args, flags } = await this.parse(ProbeCommand)
      const config = this.configuration(flags)
      const asksAuthorisation = authorisationFlag in ProbeCommand.flags && !(authorisationFlag in flags)
      const address = checkedAddress(probe, args.address)
      const look = bindFlags(probe, {
        address,
        ...(asksAuthorisation && { authorisedBy: await this.authorised(config) }),
        ...probeOptions(probe, flags),
      })
      const credential = credentialsOf(config, 'credential' in flags)
      const measurement = await look({ signal: untilStopped(), now: Date.now, credential })
      this.line(
        [headline(probe.kind, args.address, measurement), factLines(measurement.facts)]
          .filter((text) => text !== '')
          .join('\n'),
      )
      process.exitCode = exitCodeByStatus[measurement.status]
      return measurement
    }

    /** By the inventory, where there is one. */
    private async authorised(config: Config): Promise<readonly string[]> {
      try {
        await using store = await this.openInventory(config)
        return authorisedNetworks(await store.read())
      } catch (error) {
        if (error instanceof EnvironmentFault && error.code === 'STORE_MISSING') return []
        throw error
      }
    }
  }

/** One command a probe kind, from the registry. */
export const probeCommands: Readonly<Record<string, typeof Command>> = Object.fromEntries(
  probes.map((probe) => [`probe:${probe.kind}`, probeCommand(probe)]),
)
