import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Args, Flags } from '@oclif/core'
import { inviteAgent, placeAgent, revokeAgent } from '../../inventory/agents.ts'
import { areaWords } from '../../inventory/columns/labels.ts'
import { normaliseRegionCode } from '../../inventory/regions/index.ts'
import type { ChangeResult } from '../../inventory/store.ts'
import { ensureSigningKey, loadIdentity, loadKey, storeIdentity, storeKey } from '../agent/identity.ts'
import { UsageFault } from '../core/fault.ts'
import { newSigningKey, publicHalf } from '../core/signing-key.ts'
import { areas } from '../core/target.ts'
import { agentFolder, agentService } from '../service/agent.ts'
import { enroll, rotateKey, sendSigningKey } from '../transport/http-client.ts'
import { serviceLog, untilStopped, writeFlags, YiwangCommand } from './base.ts'
import { recordOf } from './inventory/record.ts'
import { takingWords } from './word-flag.ts'

const id = Args.string({ required: true, description: 'id of the agent' })

const regionOf = (given: string): string => {
  const code = normaliseRegionCode(given)
  if (code !== undefined) return code
  throw new UsageFault([{ where: '--region', message: `expected a region code, got ${given}` }])
}

/** On the collector's machine. */
export class AgentInvite extends YiwangCommand {
  static override readonly summary = 'let an agent enrol: prints its invitation, once'
  static override readonly examples = ['<%= config.bin %> agent invite lankao --region 410225']
  static override readonly args = { id }
  static override readonly flags = {
    region: Flags.string({
      summary: 'region whose targets it probes; may be repeated (default: as before; of a new agent all)',
      multiple: true,
      helpValue: 'CODE',
    }),
    vantage: takingWords(
      areaWords,
      Flags.option({
        summary: 'area that it looks from (default: as before; of a new agent public)',
        options: areas,
      })(),
    ),
    target: Flags.string({
      summary: 'node, system or device that its machine is: evidence of the machine is evidence of that',
      helpValue: 'ID',
    }),
    hours: Flags.integer({ summary: 'how long the invitation is good for', default: 24, min: 1, max: 720 }),
    ...writeFlags,
  }

  async run(): Promise<{ readonly agent: string; readonly invitation: string }> {
    const { args, flags } = await this.parse(AgentInvite)
    await using store = await this.openInventory(this.configuration(flags))
    const request = {
      id: args.id,
      vantage: flags.vantage,
      regions: flags.region?.map(regionOf),
      target: flags.target,
      expiresAt: Date.now() + flags.hours * 3_600_000,
    }
    let secret = ''
    await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: ({ agent }) => {
        const invitation = inviteAgent(request, agent.get(args.id))
        secret = invitation.secret
        return [invitation.operation]
      },
    })
    this.line(secret)
    this.note(`good for one enrolment within ${String(flags.hours)} h:`)
    this.note(`  yiwang agent enroll --collector https://… --id ${args.id}   (it asks for the invitation)`)
    return { agent: args.id, invitation: secret }
  }
}

/** On the collector's machine. */
export class AgentPlace extends YiwangCommand {
  static override readonly summary = 'say which node, system or device the machine of an agent is'
  static override readonly description =
    'What the agent finds on its machine is then evidence of that record. Without a target: of none; the evidence is kept by machine all the same.'
  static override readonly examples = ['<%= config.bin %> agent place lankao d-lankao-1']
  static override readonly args = {
    id,
    target: Args.string({ description: 'id of the node, system or device' }),
  }
  static override readonly flags = writeFlags

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(AgentPlace)
    await using store = await this.openInventory(this.configuration(flags))
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => [placeAgent(recordOf(inventory, 'agent', args.id), args.target)],
    })
    this.line(`the machine of ${args.id} is ${args.target ?? 'no record of the inventory'}`)
    return result
  }
}

/** On the collector's machine. */
export class AgentRevoke extends YiwangCommand {
  static override readonly summary = 'refuse an agent from its next request on'
  static override readonly examples = ['<%= config.bin %> agent revoke lankao --reason "设备退役"']
  static override readonly args = { id }
  static override readonly flags = writeFlags

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(AgentRevoke)
    await using store = await this.openInventory(this.configuration(flags))
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => [revokeAgent(recordOf(inventory, 'agent', args.id))],
    })
    this.line(`revoked ${args.id}`)
    return result
  }
}

const readInvitation = async (file: string | undefined): Promise<string> => {
  const given =
    process.env['YIWANG_INVITATION'] ??
    (await (file === undefined ? text(process.stdin) : readFile(file, 'utf8')))
  const invitation = given.trim()
  if (/^[\w-]{1,200}$/u.test(invitation)) return invitation
  throw new UsageFault([
    {
      where: file ?? 'invitation',
      message: `expected what \`yiwang agent invite\` printed, got ${invitation === '' ? 'nothing' : 'something else'}`,
      suggestion: 'type it, pipe it in, or name its file with --invitation-file',
    },
  ])
}

/** On the agent's machine. */
export class AgentEnroll extends YiwangCommand {
  static override readonly summary = 'trade an invitation for this agent’s keys'
  static override readonly description =
    'The invitation is read from standard input, --invitation-file or $YIWANG_INVITATION, never from an argument.'
  static override readonly examples = [
    '<%= config.bin %> agent enroll --collector https://city:9410 --id lankao --ca city.pem',
  ]
  static override readonly flags = {
    collector: Flags.url({ summary: 'address of the collector', required: true }),
    id: Flags.string({ summary: 'id under which it was invited', required: true }),
    ca: Flags.file({ summary: 'certificates (PEM) that the collector’s must be signed by', exists: true }),
    'invitation-file': Flags.file({ summary: 'file that holds the invitation', exists: true }),
  }

  async run(): Promise<{ readonly agent: string; readonly folder: string }> {
    const { flags } = await this.parse(AgentEnroll)
    const folder = agentFolder(this.configuration(flags))
    if (flags['invitation-file'] === undefined && process.stdin.isTTY) this.note('invitation (then Ctrl-D):')
    const invitation = await readInvitation(flags['invitation-file'])
    const ca = flags.ca === undefined ? undefined : await readFile(flags.ca, 'utf8')
    const { privatePem, publicKey } = newSigningKey()
    const enrolled = await enroll(
      { collector: flags.collector, ca, agent: flags.id, invitation, signingKey: publicKey },
      untilStopped(),
    )
    const identity = {
      id: enrolled.agent,
      collector: flags.collector.href,
      vantage: enrolled.vantage,
      ...(ca !== undefined && { ca }),
    }
    await storeIdentity(folder, identity, { key: enrolled.key, signingKey: privatePem })
    this.line(`agent ${enrolled.agent} is enrolled; its keys are in ${folder}`)
    return { agent: enrolled.agent, folder }
  }
}

/** On the agent's machine. */
export class AgentRotate extends YiwangCommand {
  static override readonly summary = 'replace this agent’s key; a running agent takes the new one by itself'
  static override readonly description =
    'The key that signs evidence stays: it is made where there is none yet. To replace that one too, invite and enrol the agent anew.'
  static override readonly examples = ['<%= config.bin %> agent rotate']

  async run(): Promise<{ readonly agent: string }> {
    const { flags } = await this.parse(AgentRotate)
    const folder = agentFolder(this.configuration(flags))
    const { id: agent, collector, ca } = await loadIdentity(folder)
    const key = await loadKey(folder)
    const signingKey = publicHalf(await ensureSigningKey(folder))
    const reach = { collector: new URL(collector), ca, agent }
    const stopped = untilStopped()
    const fresh = await rotateKey({ ...reach, key: () => key }, stopped)
    await storeKey(folder, fresh)
    await sendSigningKey({ ...reach, key: () => fresh }, signingKey, stopped)
    this.line(`agent ${agent} has a new key; the old one ends when the new one is first used`)
    return { agent }
  }
}

/** On the agent's machine. */
export class AgentRun extends YiwangCommand {
  static override readonly summary = 'probe this agent’s part of the plan and deliver what it observes'
  static override readonly description =
    'Probes while the collector cannot be reached and spools to disk; every observation is delivered exactly once. SIGTERM drains. The log is JSON lines on standard error.'
  static override readonly examples = ['<%= config.bin %> agent run --data /var/lib/yiwang-agent']

  async run(): Promise<void> {
    const { flags } = await this.parse(AgentRun)
    await agentService(this.configuration(flags), serviceLog, untilStopped())
  }
}
