import { Flags } from '@oclif/core'
import type { Config } from '../config/index.ts'
import { UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { type Grade, gradeLabels, type Incident, incidentStateLabels } from '../security/events.ts'
import type { Step } from '../security/incident.ts'
import { takeSteps } from '../security/incidents.ts'
import { instantOf } from './as-of.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { incidentArgument } from './incident.ts'
import { withLedger } from './security-ledger.ts'
import { takingWords } from './word-flag.ts'

const args = { incident: incidentArgument }
const { actor } = writeFlags
const noteFlag = Flags.string({ summary: 'what to record', helpValue: 'TEXT' })
const neededNote = Flags.string({ summary: 'what to record', helpValue: 'TEXT', required: true })

const maxNote = 4000

const bounded = (flag: string, text: string): string => {
  if (text.length <= maxNote && text.trim() !== '') return text
  throw new UsageFault([
    {
      where: flag,
      message: `expected 1 to ${maxNote} characters, got ${text.trim() === '' ? 'none' : text.length}`,
    },
  ])
}

const noted = (note: string | undefined): { readonly note?: string } =>
  note === undefined ? {} : { note: bounded('--note', note) }

const noteOf = (note: string): Step => ({ do: 'note', note: bounded('--note', note) })

/** Which incident, by whom, and where its ledger is. */
interface Given {
  readonly args: { readonly incident: string }
  readonly flags: Parameters<YiwangCommand['configuration']>[0] & { readonly actor: string }
}

/** What people do to incidents: each step is written with who and when. */
abstract class WorkCommand extends YiwangCommand {
  protected async take(
    { args: { incident: id }, flags }: Given,
    stepsOf: (config: Config) => readonly Step[] | Promise<readonly Step[]>,
  ): Promise<Incident> {
    const config = this.configuration(flags)
    const steps = await stepsOf(config)
    const who = { at: Date.now(), by: flags.actor }
    const incident = withLedger(config, (ledger) => takeSteps(ledger, id, steps, who))
    this.line(`${incident.id} ${incidentStateLabels[incident.state]} ${incident.title}`)
    return incident
  }

  /** The id of a record; refused where there is none. */
  protected async known(config: Config, collection: 'contact' | 'unit', id: string): Promise<string> {
    await using store = await this.openInventory(config)
    const records = (await store.read())[collection]
    if (records.has(id)) return id
    const meant = nearest(id, records.keys())
    throw new UsageFault([
      {
        where: collection === 'contact' ? '--to' : '--unit',
        message: `expected the id of a ${collection}, got ${id}`,
        suggestion: meant === undefined ? `yiwang ${collection} list` : `did you mean ${meant}?`,
      },
    ])
  }
}

export class IncidentAck extends WorkCommand {
  static override readonly summary = 'acknowledge an incident: somebody is at it (签收)'
  static override readonly examples = ['<%= config.bin %> incident ack INC-20261126-0001 --note 已联系运营商']
  static override readonly args = args
  static override readonly flags = { actor, note: noteFlag }

  async run(): Promise<Incident> {
    const given = await this.parse(IncidentAck)
    return await this.take(given, () => [{ do: 'ack', ...noted(given.flags.note) }])
  }
}

export class IncidentAssign extends WorkCommand {
  static override readonly summary = 'hand an incident over to a contact, or a task to the responsible unit'
  static override readonly examples = [
    '<%= config.bin %> incident assign INC-20261126-0001 --to c-wang',
    '<%= config.bin %> incident assign INC-20261126-0001 --unit u-dsj --task 更换证书 --due 2026-12-01',
  ]
  static override readonly args = args
  static override readonly flags = {
    actor,
    note: noteFlag,
    to: Flags.string({ summary: 'who handles it from now on', helpValue: 'CONTACT' }),
    unit: Flags.string({
      summary: 'unit that has something to do',
      helpValue: 'UNIT',
      dependsOn: ['task', 'due'],
    }),
    task: Flags.string({ summary: 'what it is to do', helpValue: 'TEXT', dependsOn: ['unit'] }),
    due: Flags.string({
      summary: 'by the end of which day, or when',
      helpValue: 'DATE',
      dependsOn: ['unit'],
    }),
  }

  async run(): Promise<Incident> {
    const given = await this.parse(IncidentAssign)
    const { to, unit, task, due, note } = given.flags
    return await this.take(given, async (config) => {
      const steps: Step[] = []
      if (to !== undefined)
        steps.push({ do: 'assign', to: await this.known(config, 'contact', to), ...noted(note) })
      if (unit !== undefined)
        steps.push({
          do: 'task',
          unit: await this.known(config, 'unit', unit),
          what: bounded('--task', task ?? ''),
          dueAt: instantOf(due, config.timezone, Date.now(), '--due'),
        })
      if (steps.length > 0) return to === undefined && note !== undefined ? [...steps, noteOf(note)] : steps
      throw new UsageFault([
        {
          where: '',
          message: 'expected --to, or --unit with --task and --due',
          suggestion: 'yiwang contact list',
        },
      ])
    })
  }
}

export class IncidentNote extends WorkCommand {
  static override readonly summary =
    'record what was found or done; a grade, a report upward, a finished task'
  static override readonly examples = [
    '<%= config.bin %> incident note INC-20261126-0001 --note 光缆被挖断，预计两小时修复',
    '<%= config.bin %> incident note INC-20261126-0001 --grade III --note 经研判',
  ]
  static override readonly args = args
  static override readonly flags = {
    actor,
    note: neededNote,
    grade: takingWords(
      gradeLabels,
      Flags.option({
        summary: 'the grade that a person confirms',
        options: Object.keys(gradeLabels) as readonly Grade[],
      })(),
    ),
    reported: Flags.boolean({ summary: 'it was reported upward' }),
    'task-done': Flags.string({ summary: 'this task is done', helpValue: 'TASK' }),
  }

  async run(): Promise<Incident> {
    const given = await this.parse(IncidentNote)
    const { grade, reported, 'task-done': task } = given.flags
    return await this.take(given, ({ security: { reporter } }) => {
      const note = bounded('--note', given.flags.note)
      const steps: Step[] = []
      if (grade !== undefined) steps.push({ do: 'grade', grade, note, reporter })
      if (reported) steps.push({ do: 'reported', note })
      if (task !== undefined) steps.push({ do: 'task-done', task, note })
      return steps.length > 0 ? steps : [noteOf(note)]
    })
  }
}

export class IncidentResolve extends WorkCommand {
  static override readonly summary = 'say that an incident is mended (处置完毕)'
  static override readonly examples = [
    '<%= config.bin %> incident resolve INC-20261126-0001 --note 已更换光模块',
  ]
  static override readonly args = args
  static override readonly flags = {
    actor,
    note: neededNote,
    force: Flags.boolean({ summary: 'though findings of it are still open' }),
  }

  async run(): Promise<Incident> {
    const given = await this.parse(IncidentResolve)
    const { note, force } = given.flags
    return await this.take(given, () => [{ do: 'resolve', note: bounded('--note', note), isForced: force }])
  }
}

export class IncidentReopen extends WorkCommand {
  static override readonly summary = 'take a resolved or archived incident up again'
  static override readonly examples = ['<%= config.bin %> incident reopen INC-20261126-0001 --note 故障复发']
  static override readonly args = args
  static override readonly flags = { actor, note: neededNote }

  async run(): Promise<Incident> {
    const given = await this.parse(IncidentReopen)
    return await this.take(given, () => [{ do: 'reopen', note: bounded('--note', given.flags.note) }])
  }
}

export class IncidentClose extends WorkCommand {
  static override readonly summary = 'archive a resolved incident with its record (归档)'
  static override readonly examples = [
    '<%= config.bin %> incident close INC-20261126-0001 --cause 光模块老化 --measures 更换 --lessons 列入季度巡检',
  ]
  static override readonly args = args
  static override readonly flags = {
    actor,
    cause: Flags.string({ summary: 'why it happened', helpValue: 'TEXT', required: true }),
    measures: Flags.string({ summary: 'what was done', helpValue: 'TEXT', required: true }),
    lessons: Flags.string({ summary: 'what is to be done otherwise', helpValue: 'TEXT', required: true }),
  }

  async run(): Promise<Incident> {
    const given = await this.parse(IncidentClose)
    const { cause, measures, lessons } = given.flags
    return await this.take(given, () => {
      const postmortem = {
        cause: bounded('--cause', cause),
        measures: bounded('--measures', measures),
        lessons: bounded('--lessons', lessons),
      }
      return [{ do: 'close', postmortem }]
    })
  }
}
