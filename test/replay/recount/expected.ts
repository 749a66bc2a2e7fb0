import { createHash } from 'node:crypto'
import { askedOf, type Moment, record } from './network.ts'
import { type Asked, dayAfter, dayOf, daysFrom, hour, type Json, origin, startOf } from './raw.ts'
import { numbersIn } from './markdown.ts'
import { namedOf } from './named.ts'
import { dueBetween, leavesOf, slippedIn, tasksOf } from './tasks.ts'
import {
  excludedFrom,
  type Judged,
  judgeAll,
  listedIn,
  ratioOf,
  rosterOn,
  stateAt,
  townshipsIn,
  way,
} from './verdicts.ts'

/** What the bulletin of a week must say, as text, from the records and the planted looks alone. */

export interface Week {
  readonly name: string
  readonly number: number
  readonly from: string
  readonly to: string
  /** At its cut-off, and at that of the week before, with what had come by then. */
  readonly now: Moment
  readonly before: Moment
}

const percent = (value: number | undefined): string => (value === undefined ? '—' : `${value.toFixed(1)}%`)
const change = (now: number | undefined, before: number | undefined): string => {
  if (now === undefined || before === undefined) return '—'
  const rounded = Number((now - before).toFixed(1))
  return rounded > 0 ? `+${rounded}` : String(rounded)
}
const ratio = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole
const signed = (value: number): string => (value > 0 ? `+${value}` : String(value))
const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length

const all = ({ records }: Moment, collection: string): readonly Json[] => [
  ...(records[collection]?.values() ?? []),
]
const nameOf = (moment: Moment, collection: string, id: string): string =>
  record(moment, collection, id)?.name ?? id
const unitName = (moment: Moment, id: string): string => nameOf(moment, 'unit', id)
const chineseDay = (day: string): string => {
  const [year = '', month = '', date = ''] = day.split('-')
  return `${year}年${Number(month)}月${Number(date)}日`
}

/** A cell of a table: its text, or numbers among which those of its prose must be. */
export type Cell = string | ReadonlySet<string>
export interface Expected {
  /** Every line outside of tables that has a number in it. */
  readonly lines: readonly string[]
  readonly tables: ReadonlyMap<string, readonly (readonly Cell[])[]>
}

// Tasks and goals.

const count = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number =>
  items.filter(holds).length

const taskLine = ({ now, before }: Week): string => {
  const [tasks, earlier] = [tasksOf(now), tasksOf(before)]
  const of = (list: readonly Json[], ...states: readonly string[]): number =>
    count(list, ({ state }) => states.includes(state))
  const overdue = (list: readonly Json[]): number => count(list, (each) => each.overdue)
  const done = of(tasks, 'claimed', 'verified')
  const verified = of(tasks, 'verified')
  return [
    `共 ${tasks.length} 项任务：报完成 ${done} 项（较上期 ${signed(done - of(earlier, 'claimed', 'verified'))}）`,
    `其中已核验销号 ${verified} 项（较上期 ${signed(verified - of(earlier, 'verified'))}，占 ${percent(ratio(verified, tasks.length))}）`,
    `报完成而未核验 ${of(tasks, 'claimed')} 项`,
    `推进中 ${of(tasks, 'in_progress')} 项，未启动 ${of(tasks, 'not_started')} 项，暂缓 ${of(tasks, 'deferred')} 项`,
    `未完成的任务中逾期 ${overdue(tasks)} 项（较上期 ${signed(overdue(tasks) - overdue(earlier))}）。`,
  ].join('；')
}

const verdictCounts = (judged: readonly Judged[]): readonly number[] =>
  ['相符', '矛盾', '证据过期', '无法验证'].map((verdict) => count(judged, (each) => each.verdict === verdict))

const claimLine = (judged: readonly Judged[]): string => {
  const [consistent = 0, contradicted, stale, unverifiable] = verdictCounts(judged)
  return `有效上报 ${judged.length} 条：核验相符 ${consistent} 条；差距 ${judged.length - consistent} 条，其中矛盾 ${contradicted ?? 0} 条、证据过期 ${stale ?? 0} 条、无法验证 ${unverifiable ?? 0} 条。`
}

interface Judgements {
  readonly now: readonly Judged[]
  readonly before: readonly Judged[]
}

/** Whatever it is: a light is no number. */
export const light = '灯'

const numbersOf = (texts: readonly string[]): ReadonlySet<string> => new Set(texts.flatMap(numbersIn))

const goals = ({ now, before }: Week, judged: Judgements) => {
  const rows = all(now, 'goal').map((goal) => {
    const [own, earlier] = [ratioOf(now, goal, judged.now), ratioOf(before, goal, judged.before)]
    const share = (of: typeof own, field: 'claimed' | 'verified'): number | undefined =>
      of && ratio(of[field], of.denominator)
    const text = (value: number | undefined): string => (value === undefined ? '—' : String(value))
    return {
      name: goal.name,
      note:
        own &&
        `${goal.name}：分母 ${own.denominator}，上报 ${own.claimed}、核验相符 ${own.verified}（名册“${own.roster.name}”第 ${own.roster.version} 版，${own.roster.effectiveOn} 起，来源：${own.roster.source}）。`,
      cells: [
        goal.name,
        goal.due,
        percent(share(own, 'claimed')),
        percent(share(own, 'verified')),
        change(share(own, 'verified'), share(earlier, 'verified')),
        text(own?.contradicted),
        text(own?.stale),
        text(own?.unverifiable),
        light,
      ],
    }
  })
  const without = rows.filter(({ note }) => note === undefined).map(({ name }) => name)
  const rest = without.length === 0 ? '' : `没有名册、不计比率的目标：${without.join('；')}。`
  return {
    rows: rows.map(({ cells }) => cells),
    line: `${rows.map(({ note }) => note ?? '').join('')}${rest}`,
  }
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join('、')}${names.length > 5 ? ` 等 ${names.length} 个` : ''}`

const rosterWords: Readonly<Record<string, string>> = {
  systems: '政务信息系统',
  townships: '乡镇（办事处）',
  villages: '行政村',
  items: '事项',
}

const rosterLines = ({ now, from, to }: Week): readonly string[] =>
  all(now, 'roster')
    .filter(({ effectiveOn, version }) => from <= effectiveOn && effectiveOn <= to && version > 1)
    .map((after) => {
      const old = all(now, 'roster').find(
        ({ series, version }) => series === after.series && version === after.version - 1,
      )
      const [had, has] = [new Set(old.members), new Set(after.members)] as [Set<string>, Set<string>]
      const added = [...has].filter((id) => !had.has(id))
      const removed = [...had].filter((id) => !has.has(id))
      const excluded = Object.entries(after.exclusions ?? {}).filter(
        ([id]) => !(id in (old.exclusions ?? {})),
      )
      const counts = (read: (roster: Json) => number): string => `${read(old)} → ${read(after)}`
      return `${[
        `口径变化：${after.name}（${rosterWords[after.of] ?? ''}，${after.series}）第 ${old.version} 版 → 第 ${after.version} 版，${after.effectiveOn} 起`,
        `列入 ${counts(listedIn)}`,
        added.length > 0 && `新增 ${some(added)}`,
        removed.length > 0 && `移出 ${some(removed)}`,
        `排除 ${counts(excludedFrom)}`,
        ...excluded.map(([id, { basis }]: Json) => `新增排除 ${id}（依据：${basis}）`),
        `分母 ${counts((roster) => listedIn(roster) - excludedFrom(roster))}`,
        `来源：${after.source}`,
      ]
        .filter(Boolean)
        .join('；')}。`
    })

const stateWords: Readonly<Record<string, string>> = {
  not_started: '未启动',
  in_progress: '推进中',
  claimed: '已完成待核验',
  verified: '已核验销号',
  deferred: '暂缓',
}

const taskTables = ({ now, before }: Week) => {
  const [leaves, earlier] = [leavesOf(tasksOf(now)), leavesOf(tasksOf(before))]
  const became = (holds: (item: Json) => boolean) => {
    const then = new Set(earlier.filter(holds).map(({ id }) => id))
    return leaves
      .filter((each) => holds(each) && !then.has(each.id))
      .map(({ id, name, lead, state, overdue, due = '—' }) => [
        id,
        name,
        lead.map((unit) => unitName(now, unit)).join('、'),
        overdue ? '逾期' : (stateWords[state] ?? ''),
        due,
        light,
      ])
  }
  const byLead = new Map<string, Json[]>()
  for (const task of tasksOf(now))
    for (const unit of task.lead) byLead.set(unit, [...(byLead.get(unit) ?? []), task])
  const units = [...byLead].map(([unit, tasks]) => [
    unitName(now, unit),
    String(tasks.length),
    ...Object.keys(stateWords).map((state) => String(count(tasks, (task) => task.state === state))),
    String(count(tasks, ({ overdue }) => overdue)),
  ])
  return new Map([
    ['本期报完成', became(({ state }) => state === 'claimed' || state === 'verified')],
    ['本期核验销号', became(({ state }) => state === 'verified')],
    ['本期新增逾期', became(({ overdue }) => overdue)],
    ['牵头单位任务情况', units],
  ])
}

// Claims.

const claimWords: Readonly<Record<string, string>> = {
  completed: '已完成',
  count: '完成数',
  connected: '已接入电子政务外网',
  covered: '外网已覆盖',
  online: '已上线',
  migrated: '已迁移上云',
  'migration-state': '迁移状态',
  'old-silent': '原址已停用',
  'unified-login': '已接统一身份认证',
  exchange: '已接入共享交换平台',
  linked: '已互联对接',
  ipv6: '支持 IPv6',
  filed: '已定级备案',
}

const subjectName = (moment: Moment, { subjectKind, subject }: Json): string =>
  subjectKind === 'milestone' ? subject : nameOf(moment, subjectKind, subject)

const unitRows = (now: Moment, judged: Judgements): readonly (readonly Cell[])[] => {
  const row = (name: string, own: readonly Judged[], earlier: readonly Judged[]): readonly string[] => {
    const counts = verdictCounts(own)
    const [consistent] = verdictCounts(earlier)
    return [name, String(own.length), ...counts.map(String), change(counts[0], consistent)]
  }
  return [
    ...[...Map.groupBy(judged.now, ({ unit }) => unit)].map(([unit, own]) =>
      row(
        unitName(now, unit),
        own,
        judged.before.filter((each) => each.unit === unit),
      ),
    ),
    row('合计', judged.now, judged.before),
  ]
}

export const mostNamed = 30

const contradictionRows = (now: Moment, judged: readonly Judged[]): readonly (readonly Cell[])[] =>
  judged
    .filter(({ verdict }) => verdict === '矛盾')
    .map(({ claim, unit, says }) => [
      subjectName(now, claim),
      `${claimWords[claim.kind] ?? ''}${claim.value === undefined ? '' : `：${claim.value}`}`,
      unitName(now, unit),
      dayOf(Date.parse(claim.at)),
      // What an address, a name, a time may be of; the rules' own numbers of days.
      numbersOf([...says, claim.subject, subjectName(now, claim), claim.value ?? '', '7 30', 'IPv4 IPv6']),
      claim.answers?.map(({ by, text }: Json) => `${by}：${text}`).join('；') || '—',
    ])

// Availability.

const availability = (asked: readonly Asked[], from: string, to: string): number | undefined => {
  const [first, last] = [startOf(from), startOf(dayAfter(to, 1))].map((at) => (at - origin) / hour) as [
    number,
    number,
  ]
  const sum = (read: (each: Asked) => Uint16Array): number =>
    asked
      .filter(({ expect }) => expect === 'reachable')
      .flatMap((each) => [...read(each).subarray(first, last)])
      .reduce((total, each) => total + each, 0)
  const [up, down] = [sum((each) => each.up), sum((each) => each.down)]
  return ratio(up, up + down)
}

const group = ({ now, from, to }: Week, ids: readonly string[]) => {
  const seen = (start: string, end: string): readonly number[] =>
    // Also of the week before everything counts that has come by now.
    ids.flatMap((id) => availability(askedOf(now, id), start, end) ?? [])
  const values = seen(from, to)
  return {
    targets: ids.length,
    seen: values.length,
    now: mean(values),
    before: mean(seen(dayAfter(from, -7), dayAfter(to, -7))),
  }
}

const isActive = ({ state = 'active' }: Json): boolean => state === 'active'
const ids = (records: readonly Json[]): readonly string[] => records.filter(isActive).map(({ id }) => id)

const levelNames: Readonly<Record<string, string>> = {
  province: '省级节点',
  city: '市级节点',
  county: '县级节点',
  township: '乡级节点',
}

const availabilityRows = (week: Week): readonly (readonly Cell[])[] => {
  const nodes = Map.groupBy(all(week.now, 'node'), ({ level }) => levelNames[level] ?? '')
  return [...nodes, ['信息系统', all(week.now, 'system')] as const].map(([name, records]) => {
    const { targets, seen, now, before } = group(week, ids(records))
    return [name, String(targets), String(seen), String(targets - seen), percent(now), change(now, before)]
  })
}

const countyRows = (week: Week, judged: readonly Judged[]) => {
  const { now } = week
  const covering = judged.filter(
    ({ claim }) => claim.subjectKind === 'region' && ['connected', 'covered'].includes(claim.kind),
  )
  const rows = all(now, 'region')
    .filter(({ level }) => level === 'county')
    .map(({ id, name }) => {
      const townships = townshipsIn(now, id).map((each) => each.id)
      const having = (claims: readonly Judged[]): number =>
        count(townships, (each) => claims.some(({ claim }) => claim.subject === each))
      const nodes = all(now, 'node').filter(({ region }) => region.startsWith(id))
      const measured = group(week, ids(nodes))
      const claimed = having(covering)
      const verified = having(covering.filter(({ verdict }) => verdict === '相符'))
      return { name, townships: townships.length, claimed, verified, nodes: nodes.length, measured }
    })
  const rankOf = (value: number | undefined): string =>
    value === undefined ? '—' : String(1 + count(rows, ({ measured }) => (measured.now ?? -1) > value))
  return rows.map(({ name, townships, claimed, verified, nodes, measured }) => ({
    table: [
      rankOf(measured.now),
      name,
      String(townships),
      String(claimed),
      percent(ratio(claimed, townships)),
      String(verified),
      percent(ratio(verified, townships)),
      String(nodes),
      percent(measured.now),
      change(measured.now, measured.before),
    ],
    chart: [
      name,
      percent(ratio(claimed, townships)),
      percent(ratio(verified, townships)),
      percent(measured.now),
    ],
  }))
}

// Migration.

const beside: readonly (readonly [state: string, word: string])[] = [
  ['exempt', '不宜上云'],
  ['merged', '整合关停'],
  ['deferred', '暂缓'],
  ['blocked', '受阻'],
  ['rolled_back', '已回退'],
]
const wordOf = (state: string): string => [...way, ...beside].find(([each]) => each === state)?.[1] ?? ''
const isMoved = (state: string): boolean => state === 'accepted' || state === 'decommissioned'
const isOut = (state: string): boolean => state === 'exempt' || state === 'merged'

const migrationTables = ({ now, before, to }: Week) => {
  const records = all(now, 'migration')
  const stateOn = (each: Json, at: number): string => stateAt(each, at)
  const inState = (state: string, at: number): number => count(records, (each) => stateOn(each, at) === state)
  const funnel = [...way, ...beside].map(([state, word]) => {
    const further = way.slice(way.findIndex(([each]) => each === state)).map(([each]) => each)
    return [
      word,
      String(inState(state, now.cutoff)),
      change(inState(state, now.cutoff), inState(state, before.cutoff)),
      beside.some(([each]) => each === state)
        ? '—'
        : String(count(records, (each) => further.includes(stateOn(each, now.cutoff)))),
    ]
  })
  const waves = all(now, 'wave').toSorted((a, b) => (a.startsOn < b.startsOn ? -1 : 1))
  const ofWave = (id: string): readonly Json[] => records.filter(({ wave }) => wave === id)
  const waveRows = waves.map(({ id, name, startsOn, endsOn }) => [
    name,
    startsOn,
    endsOn,
    String(ofWave(id).length),
    String(count(ofWave(id), (each) => isMoved(stateOn(each, now.cutoff)))),
    String(count(ofWave(id), (each) => isOut(stateOn(each, now.cutoff)))),
  ])
  const begin: string = waves[0].startsOn
  const end = [to, waves.at(-1).endsOn].toSorted().at(-1) as string
  const steps = Array.from({ length: Math.floor(daysFrom(begin, end) / 7) + 1 }, (_, index) =>
    dayAfter(begin, 7 * index),
  )
  const points = [...new Set([...steps, to, end])].toSorted()
  const burnDown = points.map((day) => {
    const at = Math.min(now.cutoff, startOf(dayAfter(day, 1)) - 1)
    const scope = records.filter((each) => !isOut(stateOn(each, at)))
    const planned = count(scope, ({ wave }) => (record(now, 'wave', wave)?.endsOn ?? '9999') > day)
    const left = day > to ? '—' : String(count(scope, (each) => !isMoved(stateOn(each, at))))
    return [day.slice(5), String(planned), left]
  })
  const late = records
    .map((each) => ({ each, state: stateOn(each, now.cutoff), wave: record(now, 'wave', each.wave) }))
    .filter(({ state, wave }) => wave !== undefined && wave.endsOn < to && !isOut(state) && !isMoved(state))
    .map(({ each, state, wave }) => [
      nameOf(now, 'system', each.id),
      wave.name,
      wordOf(state),
      wave.endsOn,
      String(daysFrom(wave.endsOn, to)),
    ])
  return new Map([
    ['系统迁移漏斗', funnel],
    ['迁移批次', waveRows],
    ['系统迁移燃尽图（单位：个）', burnDown],
    ['超过批次计划而未完成的系统', late],
  ])
}

const overriddenIn = ({ now, before }: Week): number =>
  all(now, 'migration')
    .flatMap(({ moves = [] }) => moves)
    .filter(
      ({ at, override }: Json) =>
        override !== undefined && Date.parse(at) > before.cutoff && Date.parse(at) <= now.cutoff,
    ).length

// Assessments: nothing was assessed item by item, so that all items of the level are open.

const items: Readonly<Record<number, number>> = { 2: 135, 3: 211 }

const assessmentRows = ({ now }: Week): readonly (readonly Cell[])[] =>
  all(now, 'assessment').map(({ name, system, level }) => [
    name,
    nameOf(now, 'system', system),
    level === 3 ? '第三级' : '第二级',
    String(items[level] ?? 0),
    '0.0%',
    String(items[level] ?? 0),
    '0',
    '不符合或基本符合或符合（未定）',
  ])

const checks: readonly string[] = ['相符', '矛盾', '证据过期', '无法验证']

const resultRows = ({ now }: Week): readonly (readonly Cell[])[] =>
  all(now, 'assessment').map(({ name }) => [name, '0', ...checks.map(() => '0')])

const assessmentLine = ({ now }: Week): string =>
  `等级保护：登记等级测评 ${all(now, 'assessment').length} 项；符合率 0.0%；已记录结果 0 项，与证据核对：${checks.map((each) => `${each} 0 项`).join('、')}。`

// Named systems.

const namedPart = ({ now }: Week) => {
  const named = namedOf(now)
  const counts = [...checks, '仅文件可核'].map(
    (word) => `${word} ${count(named, ({ verdict }) => verdict === word)} 个`,
  )
  return {
    line: `方案点名的系统 ${named.length} 个，不论是否上报，逐个核对：${counts.join('、')}。`,
    rows: named.map(({ mention, verdict, says }): readonly Cell[] => {
      // The rules' own numbers of days; the plan's own names.
      const known = numbersOf([...says, mention.name, mention.id, '7 30'])
      return [mention.name, known, verdict, known, known]
    }),
  }
}

// What it was made of.

const basisLines = ({ now, name, number, from, to }: Week, audit: readonly Json[]): readonly string[] => {
  const own = all(now, 'bulletin').find(({ period }) => period === name)
  const head = audit.find(({ revision }) => revision === own.storeRevision)
  const series = [...new Set(all(now, 'roster').map((each) => each.series as string))].toSorted()
  const rosters = series.map((each) => rosterOn(now, each)).filter(Boolean)
  const cutoff = `${to}T23:59:59+08:00`
  return [
    `统计期：2018年第${number}周（${chineseDay(from)}至${chineseDay(to)}）`,
    `证据截止：${cutoff}`,
    `台账修订号：${audit.at(-1).revision - 1}`,
    `审计链头：${head.hash}`,
    ...rosters.map((each) => `名册：${each.name}（${each.id}）第 ${each.version} 版`),
    `复算命令：yiwang report weekly --week ${name} --as-of ${cutoff}`,
  ].map((line) => `- ${line}`)
}

export const expectedOf = (week: Week, audit: readonly Json[]): Expected => {
  const { now, before, number, from, to } = week
  const judged: Judgements = { now: judgeAll(now), before: judgeAll(before) }
  const goal = goals(week, judged)
  const counties = countyRows(week, judged.now)
  const named = namedPart(week)
  const contradictions = contradictionRows(now, judged.now)
  const due = dueBetween(tasksOf(now), all(now, 'goal'), [to, dayAfter(to, 7)])
  const none = slippedIn(tasksOf(now), from, to).length + due.length + overriddenIn(week)
  if (none > 0)
    throw new Error('the recount knows of no slips, overrides or deadlines in this week, and there are some')
  const organ = unitName(now, all(now, 'workplan')[0].reporting[0].by)
  return {
    lines: [
      `# 电子政务外网和系统迁移周通报<br>（2018年第${number}周）`,
      `${organ}　周通报2018年第${number}期`,
      taskLine(week),
      claimLine(judged.now),
      named.line,
      assessmentLine(week),
      goal.line,
      `登记迁移的系统共 ${all(now, 'migration').length} 个。“到达及以后”含已越过该状态的系统。`,
      ...rosterLines(week),
      ...(contradictions.length > mostNamed
        ? [`另有 ${contradictions.length - mostNamed} 条，见工作簿“上报核验”。`]
        : []),
      `${organ}　${chineseDay(dayAfter(to, 1))}`,
      ...basisLines(week, audit),
    ],
    tables: new Map<string, readonly (readonly Cell[])[]>([
      ['各项目标', goal.rows],
      ['各单位上报与核验', unitRows(now, judged)],
      ['与证据矛盾的上报', contradictions],
      ...taskTables(week),
      ['县区接入和节点可用率', counties.map(({ table }) => table)],
      ['县区接入上报率、核验率和节点可用率（单位：%）', counties.map(({ chart }) => chart)],
      ...migrationTables(week),
      ['各级节点和系统可用率', availabilityRows(week)],
      ['点名系统核验', named.rows],
      ['等级测评情况', assessmentRows(week)],
      ['测评记录与证据核对', resultRows(week)],
    ]),
  }
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
