import { all, any, type Found, type Moment, record, standing } from './network.ts'
import type { Json } from './raw.ts'
import { movedParts, nodeAnswers, nodesWhere, ownSights, stateAt } from './verdicts.ts'

/** The systems that the plan names, whether anything is claimed of them or not. */

/** Three of which documents alone tell; named ones that are to be linked, of which no interface is looked at here. */
const onPaper: readonly string[] = ['sys-prov-secmon', 'sys-prov-app', 'sys-vertical']
const linked: readonly string[] = [
  'sys-12345',
  'sys-110',
  'sys-prov-portal',
  'sys-city-trade',
  'sys-prov-trade',
  'sys-trade-pub',
  'sys-trade-property',
  'sys-trade-soe',
  'sys-invest',
  'sys-credit',
  'sys-frontend',
  'sys-prov-exchange',
  'sys-city-catalog',
  'sys-prov-catalog',
]

interface Member {
  readonly name: string
  readonly parts: readonly Found[]
}

/** As bad as its worst member; it says how many hold, and of those that do not how many parts do. */
const everyMember = (members: readonly Member[]): Found => {
  const found = members.map(({ name, parts }) => ({ name, parts, whole: all(parts) }))
  const { verdict } = all(found.map(({ whole }) => whole))
  const so = (all: readonly Found[]): string =>
    `${all.filter((each) => each.verdict === '相符').length}/${all.length}`
  const worst = found.filter(({ whole }) => whole.verdict === verdict)
  return {
    verdict,
    says: [
      so(found.map(({ whole }) => whole)),
      String(worst.length),
      ...worst.flatMap(({ name, parts, whole }) => [
        name,
        so(parts),
        String(parts.filter((each) => each.verdict === verdict).length),
        ...whole.says,
      ]),
    ],
  }
}

const list = ({ records }: Moment, collection: string): readonly Json[] => [
  ...(records[collection]?.values() ?? []),
]

const nodesOf = (moment: Moment): Found =>
  everyMember(
    list(moment, 'node').map((node) => ({
      name: `${node.id} ${node.name}`,
      parts: [nodeAnswers(moment, node)],
    })),
  )

const hallsOf = (moment: Moment): Found =>
  everyMember(
    list(moment, 'unit')
      .filter(({ kind }) => kind === 'hall')
      .map(({ id, name }) => ({
        name: `${id} ${name}`,
        parts: [any(nodesWhere(moment, 'unit', id).map((node) => nodeAnswers(moment, node)))],
      })),
  )

/** 不宜上云, 整合关停: they are not to move. */
const stays: readonly string[] = ['exempt', 'merged']

const systemsOf = (moment: Moment): Found =>
  everyMember(
    list(moment, 'migration')
      .filter((each) => !stays.includes(stateAt(each, moment.cutoff)))
      .map(({ id }) => {
        const system = record(moment, 'system', id)
        return { name: `${id} ${system.name}`, parts: movedParts(moment, system) }
      }),
  )

const classes: Readonly<Record<string, (moment: Moment) => Found>> = {
  'net-city-extranet': nodesOf,
  'sys-hall': hallsOf,
  'cls-nonsecret': systemsOf,
}

export interface Named {
  readonly mention: Json
  readonly verdict: string
  readonly says: readonly string[]
}

export const namedOf = (moment: Moment): readonly Named[] =>
  list(moment, 'mention').map((mention): Named => {
    const { id } = mention
    if (onPaper.includes(id)) return { mention, verdict: '仅文件可核', says: [] }
    const ofClass = classes[id]
    if (ofClass !== undefined) return { mention, ...ofClass(moment) }
    const system = record(moment, 'system', mention.system)
    const names = list(moment, 'system').map(({ name }) => name as string)
    // Nothing of theirs contradicts while no interface is asked for.
    if (linked.includes(id)) return { mention, verdict: '无法验证', says: names }
    const isThere = (system.state ?? 'active') === 'active'
    const found = standing(moment, isThere ? ownSights(moment, system) : [], true)
    return { mention, ...found }
  })
