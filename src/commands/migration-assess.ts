import { Args, Flags } from '@oclif/core'
import { migrationOf, withAnswers } from '../../inventory/migration/edit.ts'
import { type Question, type Questionnaire, riskLabels } from '../../inventory/migration/questionnaire.ts'
import type { Inventory } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { answerProblems, assess, type Assessed } from '../migration/risk.ts'
import { loadQuestionnaire } from '../service/migration.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { csvFlag, writeFlags, YiwangCommand } from './base.ts'
import { dayIn } from './mlps-words.ts'

interface Risky extends Assessed {
  readonly system: string
  readonly name: string
}

const riskyOf = (
  inventory: Inventory,
  questionnaire: Questionnaire,
  ids: readonly string[],
): readonly Risky[] =>
  ids.map((system) => ({
    system,
    name: inventory.system.get(system)?.name ?? system,
    ...assess(questionnaire, inventory.readiness.get(system)?.answers ?? {}),
  }))

const scoreOf = ({ least, most }: Assessed): string =>
  least === most ? least.toFixed(2) : `${least.toFixed(2)}–${most.toFixed(2)}`

const columns: readonly Column<Risky>[] = [
  { header: '系统', read: ({ system }) => system },
  { header: '名称', read: ({ name }) => name, least: 12 },
  { header: '风险', read: ({ levels }) => levels.map((level) => riskLabels[level]).join('或') },
  { header: '加权分', read: scoreOf },
  { header: '已答', read: ({ answered, open }) => `${answered}/${answered + open.length}`, align: 'right' },
  { header: '高风险项', read: ({ high }) => high.join(' '), least: 8 },
]

const questionColumns = (answers: Readonly<Record<string, string>>): readonly Column<Question>[] => [
  { header: '问题', read: ({ id }) => id },
  { header: '内容', read: ({ text }) => text, least: 12 },
  { header: '权重', read: ({ weight }) => String(weight), align: 'right' },
  {
    header: '答案',
    read: ({ id, answers: choices }) => choices.find((each) => each.id === answers[id])?.text ?? '',
  },
  {
    header: '可选',
    read: ({ answers: choices }) =>
      choices.map(({ id, text, risk }) => `${id} (${text}, ${riskLabels[risk]})`).join(', '),
    least: 16,
  },
]

const answersFrom = (texts: readonly string[]): Readonly<Record<string, string>> => {
  const pairs = texts.map((text) => ({ text, parts: /^([^=]+)=(.+)$/u.exec(text) }))
  const bad = pairs.filter(({ parts }) => parts === null)
  if (bad.length > 0)
    throw new UsageFault(
      bad.map(({ text }) => ({ where: '--answer', message: `expected QUESTION=ANSWER, got ${text}` })),
    )
  return Object.fromEntries(pairs.flatMap(({ parts }) => (parts ? [[parts[1] ?? '', parts[2] ?? '']] : [])))
}

interface AssessReport {
  readonly questionnaire: string
  readonly notice: string
  readonly systems: readonly Risky[]
}

export class MigrationAssess extends YiwangCommand {
  static override readonly summary = 'how risky moving each system is, by a questionnaire (迁移评估)'
  static override readonly description =
    'Without a system: the weighted risk of each. With one: its questions and answers; --answer records some. An open question makes the risk a range: the best and the worst that its answers could make of it.'
  static override readonly examples = [
    '<%= config.bin %> migration assess',
    '<%= config.bin %> migration assess s-oa --answer database=self --answer cpu=same',
    '<%= config.bin %> migration assess --questionnaire ours.yaml --csv',
  ]
  static override readonly args = { system: Args.string({ description: 'id of the system' }) }
  static override readonly flags = {
    answer: Flags.string({
      summary: 'an answer to record; may be repeated',
      helpValue: 'QUESTION=ANSWER',
      multiple: true,
      default: [],
    }),
    date: Flags.string({ summary: 'when it was answered (default: today)', helpValue: 'DATE' }),
    questionnaire: Flags.string({
      summary: 'YAML file (default: the one that comes with yiwang)',
      helpValue: 'FILE',
    }),
    ...csvFlag,
    ...writeFlags,
  }

  async run(): Promise<AssessReport> {
    const { args, flags } = await this.parse(MigrationAssess)
    const config = this.configuration(flags)
    const questionnaire = await loadQuestionnaire(flags.questionnaire)
    const answers = answersFrom(flags.answer)
    const problems = answerProblems(questionnaire, answers)
    if (problems.length > 0) throw new UsageFault(problems)
    if (args.system === undefined && flags.answer.length > 0)
      throw new UsageFault([{ where: 'system', message: 'expected the system that the answers are of' }])
    await using store = await this.openInventory(config)
    const { system } = args
    if (system !== undefined && flags.answer.length > 0) {
      const given = { answers, by: flags.actor, on: flags.date ?? dayIn(config.timezone, Date.now()) }
      const result = await store.change({
        actor: flags.actor,
        reason: flags.reason,
        operations: (inventory) => [withAnswers(inventory, migrationOf(inventory, system).id, given)],
      })
      this.note(`revision ${result.revision}: ${flags.answer.length} answers recorded`)
    }
    const inventory = await store.read()
    const ids = system === undefined ? [...inventory.migration.keys()] : [migrationOf(inventory, system).id]
    const systems = riskyOf(inventory, questionnaire, ids)
    const { id, name, notice } = questionnaire
    if (!this.jsonEnabled()) {
      this.line((flags.csv ? csv : table)(columns, systems))
      if (system !== undefined && !flags.csv)
        this.line(
          `\n${table(questionColumns(inventory.readiness.get(system)?.answers ?? {}), questionnaire.questions)}`,
        )
      this.note(`${name}（${id}）：${notice}`)
    }
    return { questionnaire: id, notice, systems }
  }
}
