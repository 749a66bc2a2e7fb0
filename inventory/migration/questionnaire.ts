import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { UsageFault } from '../../src/core/fault.ts'
import { id, keysOf } from '../fields.ts'

/** The questionnaire that tells how risky the move of a system is: data, which a site can replace. */

export const riskLabels = { low: '低', medium: '中', high: '高' } as const
export type Risk = keyof typeof riskLabels

const text = z.string().min(1).max(200)
const answer = z.strictObject({ id, text, risk: keysOf(riskLabels) })
const question = z.strictObject({
  id,
  text,
  weight: z.number().positive().max(100),
  answers: z.array(answer).min(2).max(20),
})

const isUnique = (items: readonly { readonly id: string }[]): boolean =>
  new Set(items.map((item) => item.id)).size === items.length

const questionnaire = z
  .strictObject({
    id,
    name: text,
    notice: text,
    /** The weighted risk, 0 to 1, from which on it is medium and high. */
    thresholds: z
      .strictObject({ medium: z.number().min(0).max(1), high: z.number().min(0).max(1) })
      .refine(({ medium, high }) => medium <= high, 'expected medium to be at most high'),
    questions: z.array(question).min(1).max(200).refine(isUnique, 'expected each id of a question once'),
  })
  .refine(({ questions }) => questions.every(({ answers }) => isUnique(answers)), {
    error: 'expected each id of an answer once in its question',
    path: ['questions'],
  })

export type Questionnaire = z.output<typeof questionnaire>
export type Question = Questionnaire['questions'][number]

const maxCharacters = 200_000

/** Reads a questionnaire from YAML. Throws `UsageFault` with every problem, each with its path in the file. */
export const readQuestionnaire = (file: string, content: string): Questionnaire => {
  if (content.length > maxCharacters)
    throw new UsageFault([{ where: file, message: `expected at most ${maxCharacters} characters` }])
  // YAML 1.2: `no` is a text, not false.
  const parsed = questionnaire.safeParse(parsedYaml(file, content))
  if (parsed.success) return parsed.data
  throw new UsageFault(
    parsed.error.issues.map(({ path, message }) => ({ where: [file, ...path].join('.'), message })),
  )
}

const parsedYaml = (file: string, content: string): unknown => {
  try {
    return parse(content, { maxAliasCount: 0 })
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new UsageFault([{ where: file, message: error.message }], { cause: error })
  }
}
