import type { Readiness } from '../../inventory/migration/index.ts'
import type { Question, Questionnaire, Risk } from '../../inventory/migration/questionnaire.ts'
import type { Problem } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'

/** The weighted risk of a move, as far as the answers tell. */
export interface Assessed {
  /** Mean of the risks by weight, 0 (low) to 1 (high), with each open question at its best and at its worst. */
  readonly least: number
  readonly most: number
  /** The risks that are possible; one where it is certain. */
  readonly levels: readonly Risk[]
  readonly answered: number
  readonly open: readonly string[]
  /** Questions that were answered with the highest risk. */
  readonly high: readonly string[]
}

const valueOf: Readonly<Record<Risk, number>> = { low: 0, medium: 0.5, high: 1 }
const risks = Object.keys(valueOf) as readonly Risk[]

type Answers = Readiness['answers']

const riskOf = (question: Question, answers: Answers): Risk | undefined =>
  question.answers.find(({ id }) => id === answers[question.id])?.risk

const levelAt = (value: number, { medium, high }: Questionnaire['thresholds']): Risk => {
  if (value >= high) return 'high'
  return value >= medium ? 'medium' : 'low'
}

const mean = (questions: readonly Question[], read: (question: Question) => number): number => {
  const weights = questions.reduce((sum, { weight }) => sum + weight, 0)
  return questions.reduce((sum, question) => sum + question.weight * read(question), 0) / weights
}

const extremesOf = ({ answers }: Question): readonly [number, number] => {
  const values = answers.map(({ risk }) => valueOf[risk])
  return [Math.min(...values), Math.max(...values)]
}

/** Answers to questions that the questionnaire does not have are left out of account. */
export const assess = ({ questions, thresholds }: Questionnaire, answers: Answers): Assessed => {
  const known = (question: Question, open: number): number => {
    const risk = riskOf(question, answers)
    return risk === undefined ? open : valueOf[risk]
  }
  const least = mean(questions, (question) => known(question, extremesOf(question)[0]))
  const most = mean(questions, (question) => known(question, extremesOf(question)[1]))
  const [from, to] = [least, most].map((value) => risks.indexOf(levelAt(value, thresholds)))
  const open = questions.filter((question) => riskOf(question, answers) === undefined)
  return {
    least,
    most,
    levels: risks.slice(from, (to ?? 0) + 1),
    answered: questions.length - open.length,
    open: open.map(({ id }) => id),
    high: questions.filter((question) => riskOf(question, answers) === 'high').map(({ id }) => id),
  }
}

const expected = (items: readonly { readonly id: string; readonly text: string }[], got: string): string =>
  `expected one of ${items.map(({ id, text }) => `${id} (${text})`).join(', ')}, got ${got}`

/** What is wrong with answers, each with its question. */
export const answerProblems = ({ questions }: Questionnaire, answers: Answers): readonly Problem[] =>
  Object.entries(answers).flatMap(([key, given]) => {
    const question = questions.find(({ id }) => id === key)
    if (question === undefined) {
      const best = nearest(
        key,
        questions.map(({ id }) => id),
      )
      const problem = { where: key, message: expected(questions, key) }
      return [best === undefined ? problem : { ...problem, suggestion: `did you mean ${best}?` }]
    }
    return question.answers.some(({ id }) => id === given)
      ? []
      : [{ where: key, message: expected(question.answers, given) }]
  })
