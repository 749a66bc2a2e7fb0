#!/usr/bin/env node
/**
 * 复算：node recompute.mjs [--expect SHA256] [文件夹]
 *
 * Checks every file of this package against its manifest, works the headline numbers out again from data/ and compares
 * them with report.json, of which the report was rendered. Needs Node.js 22 or newer and nothing else; nothing of the
 * program that made the package is used. --expect: SHA-256 of manifest.json, as it was told apart from the package.
 * Exit code 0: all files are intact and all numbers agree, 1: not.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { parseArgs } from 'node:util'

const { values: flags, positionals } = parseArgs({
  options: { expect: { type: 'string' } },
  allowPositionals: true,
})
const root = path.resolve(positionals[0] ?? import.meta.dirname)
const at = (file) => path.join(root, file)

let failures = 0
const fail = (text) => {
  failures += 1
  console.log(`✗ ${text}`)
}

// Whatever is so broken that it cannot be read is told, and is a failure.
process.on('uncaughtException', (error) => {
  console.log(`✗ ${error.message}`)
  process.exit(1)
})

/* Files */

const sha256 = async (file) => {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece)
  return hash.digest('hex')
}

const filesBelow = (folder) =>
  readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(name) : [name]
  })

const manifest = JSON.parse(readFileSync(at('manifest.json'), 'utf8'))

const checkFiles = async () => {
  const hash = await sha256(at('manifest.json'))
  console.log(`manifest.json SHA-256 ${hash}`)
  if (flags.expect !== undefined && flags.expect.toLowerCase() !== hash)
    fail(`manifest.json: expected SHA-256 ${flags.expect}, got ${hash}`)
  const listed = new Set(['manifest.json', ...manifest.files.map((file) => file.path)])
  for (const extra of filesBelow('.').filter((file) => !listed.has(file)))
    fail(`${extra}: is not in the manifest`)
  for (const file of manifest.files) {
    const found = existsSync(at(file.path)) ? await sha256(at(file.path)) : 'no file'
    if (found !== file.sha256) fail(`${file.path}: expected SHA-256 ${file.sha256}, got ${found}`)
  }
  console.log(`${manifest.files.length} files checked`)
}

await checkFiles()

/* Data */

const lines = (file) => {
  const text = existsSync(at(file)) ? readFileSync(at(file), 'utf8').trimEnd() : ''
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line))
}
const records = (collection) => lines(`data/inventory/${collection}.jsonl`)
const byId = (list) => new Map(list.map((each) => [each.id, each]))
const count = (list, holds) => list.filter(holds).length
const percent = (part, whole) => (whole === 0 ? undefined : (100 * part) / whole)

const cutoff = Date.parse(manifest.evidenceCutoff)
const today = manifest.evidenceCutoff.slice(0, 10)
const { unit, range } = manifest
const isKnown = ({ at: time }) => Date.parse(time) <= cutoff
const inUnit = (record) => unit === undefined || record.unit === unit
const precedes = (a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1)

/** Last move of each task and milestone; where a task ends, what is open in it ends with it. */
const taskNumbers = () => {
  const moves = records('progress')
    .filter((each) => each.to !== undefined && isKnown(each))
    .sort(precedes)
  const last = new Map(moves.map((move) => [move.subject, move]))
  const parts = Map.groupBy(records('milestone'), ({ task }) => task)
  const isDone = (state) => state === 'claimed' || state === 'verified'
  const partState = (id, task) => {
    const own = last.get(id)
    if (own === undefined) return task?.to ?? 'not_started'
    if (task === undefined || precedes(own, task) > 0) return own.to
    const ends = isDone(task.to) || (task.to === 'deferred' && !isDone(own.to))
    return ends ? task.to : own.to
  }
  const whole = (id) => {
    if (last.has(id)) return last.get(id).to
    const states = (parts.get(id) ?? []).map((part) => last.get(part.id)?.to ?? 'not_started')
    if (states.every((state) => state === 'not_started')) return 'not_started'
    if (states.every((state) => state === 'verified')) return 'verified'
    return states.every(isDone) ? 'claimed' : 'in_progress'
  }
  const isLate = (state, date) => !isDone(state) && state !== 'deferred' && date < today
  const own = records('task').filter(
    ({ lead, joint }) => unit === undefined || lead.includes(unit) || joint.includes(unit),
  )
  const standing = own.map(({ id }) => {
    const state = whole(id)
    const open = !isDone(state) && state !== 'deferred'
    const late = (parts.get(id) ?? []).some((part) => isLate(partState(part.id, last.get(id)), part.date))
    return { state, overdue: open && late }
  })
  const of = (state) => count(standing, (each) => each.state === state)
  return [
    own.length,
    of('claimed') + of('verified'),
    of('verified'),
    of('in_progress'),
    of('not_started'),
    of('deferred'),
    count(standing, ({ overdue }) => overdue),
  ]
}

const claims = records('claim').filter(isKnown).sort(precedes)
const standingClaims = () => {
  const last = new Map()
  for (const claim of claims)
    if (claim.withdrawn === undefined || !isKnown(claim.withdrawn))
      last.set([claim.subjectKind, claim.subject, claim.item ?? '', claim.kind].join('\n'), claim.id)
  return new Set(last.values())
}

const gravest = ['contradicted', 'unverifiable', 'stale', 'consistent']
const worst = (parts) =>
  gravest.find((verdict) => parts.some((part) => part.verdict === verdict)) ?? 'unverifiable'
const verdicts = lines('data/verdicts.jsonl').map((each) => ({ ...each, verdict: worst(each.parts) }))
const ofVerdict = (list, verdict) => count(list, (each) => each.verdict === verdict)

const checkVerdicts = () => {
  const standing = standingClaims()
  const judged = new Set(verdicts.map(({ claim }) => claim.id))
  for (const id of standing) if (!judged.has(id)) fail(`claim ${id} stands and has no verdict`)
  for (const id of judged) if (!standing.has(id)) fail(`claim ${id} has a verdict and does not stand`)
  for (const { claim, verdict } of lines('data/verdicts.jsonl')) {
    const own = verdicts.find((each) => each.claim.id === claim.id)
    if (own.verdict !== verdict) fail(`claim ${claim.id}: its parts come to ${own.verdict}, not ${verdict}`)
  }
}

const claimNumbers = () => {
  const own = verdicts.filter(inUnit)
  const numbers = gravest.map((verdict) => ofVerdict(own, verdict))
  const [contradicted, unverifiable, stale, consistent] = numbers
  return [own.length, consistent, own.length - consistent, contradicted, stale, unverifiable]
}

/** Looks by target: up and down of the hours of the period, of jobs that must be answered. */
const readLooks = async () => {
  const turned = new Set(
    lines('data/jobs.jsonl')
      .filter(({ expect }) => expect !== 'reachable')
      .map(({ job }) => job),
  )
  const looks = new Map()
  const stream = createReadStream(at('data/rollups.jsonl'))
  for await (const line of readline.createInterface({ input: stream })) {
    const { job, target, day, hours } = JSON.parse(line)
    if (turned.has(job) || day < range.from || day > range.to) continue
    const sum = looks.get(target) ?? { up: 0, down: 0 }
    for (const hour of hours) if (hour !== null) [sum.up, sum.down] = [sum.up + hour[0], sum.down + hour[1]]
    looks.set(target, sum)
  }
  return looks
}

const answered = (targets, looks) => {
  const seen = targets.flatMap(({ id }) => {
    const { up = 0, down = 0 } = looks.get(id) ?? {}
    return percent(up, up + down) ?? []
  })
  const mean = seen.length === 0 ? undefined : seen.reduce((sum, each) => sum + each, 0) / seen.length
  return { targets: targets.length, seen: seen.length, mean }
}

const active = (collection) => records(collection).filter((each) => each.state === 'active' && inUnit(each))
const countyOf = (region) => region.slice(0, 6)

const countyNumbers = (looks) => {
  const regions = records('region')
  const townships = regions.filter(({ level, statisticalOnly }) => level === 'township' && !statisticalOnly)
  const covering = verdicts.filter(
    ({ claim: { subjectKind, kind } }) =>
      subjectKind === 'region' && (kind === 'connected' || kind === 'covered'),
  )
  const claimed = new Set(covering.map(({ claim }) => claim.subject))
  const verified = new Set(
    covering.filter(({ verdict }) => verdict === 'consistent').map(({ claim }) => claim.subject),
  )
  const nodes = active('node')
  return regions
    .filter(({ level }) => level === 'county')
    .map(({ id, name }) => {
      const own = townships.filter((each) => countyOf(each.id) === id)
      const node = answered(
        nodes.filter(({ region }) => countyOf(region) === id),
        looks,
      )
      const among = (ids) => count(own, (township) => ids.has(township.id))
      return [
        name,
        own.length,
        among(claimed),
        percent(among(claimed), own.length),
        among(verified),
        percent(among(verified), own.length),
        node.targets,
        node.mean,
      ]
    })
}

/** Which claims a ratio counts, by what its roster lists; over systems by the category of its tasks. */
const counted = {
  nodes: ['node', 'connected'],
  halls: ['unit', 'connected'],
  departments: ['unit', 'connected'],
  counties: ['region', 'covered'],
  townships: ['region', 'covered'],
}
const ofSystems = [
  ['cloud-migration', 'migrated'],
  ['auth', 'unified-login'],
  ['data-sharing', 'exchange'],
  ['network-coverage', 'connected'],
]

const goalNumbers = () => {
  const [tasks, mentions] = [byId(records('task')), byId(records('mention'))]
  const rosters = records('roster').filter(({ effectiveOn }) => effectiveOn <= today)
  return records('goal').map((goal) => {
    const roster = rosters
      .filter(({ series }) => series === goal.roster)
      .sort((a, b) => a.version - b.version)
      .at(-1)
    if (roster === undefined) return [goal.name, undefined, undefined, undefined, undefined, undefined]
    const excluded = Object.values(roster.exclusions).reduce((sum, each) => sum + each.count, 0)
    const denominator = (roster.count ?? roster.members.length) - excluded
    const categories = new Set(goal.tasks.flatMap((id) => tasks.get(id)?.categories ?? []))
    const kind = ofSystems.find(([category]) => categories.has(category))?.[1]
    const [subjectKind, claimKind] = roster.of === 'systems' ? ['system', kind] : (counted[roster.of] ?? [])
    const members = new Map()
    if (roster.count === undefined && claimKind !== undefined)
      for (const each of verdicts) {
        const { claim } = each
        const isMention = subjectKind === 'system' && claim.subjectKind === 'mention'
        if (claim.kind !== claimKind || !(claim.subjectKind === subjectKind || isMention)) continue
        const member = isMention ? (mentions.get(claim.subject)?.system ?? claim.subject) : claim.subject
        if (roster.members.includes(member) && !Object.hasOwn(roster.exclusions, member))
          members.set(member, each)
      }
    const list = [...members.values()]
    const reported = Number(
      verdicts.find(({ claim }) => claim.kind === 'count' && claim.subject === goal.id)?.claim.value ?? 0,
    )
    const claimed = Math.max(list.length, reported)
    const of = (verdict) => ofVerdict(list, verdict)
    return [
      goal.name,
      percent(claimed, denominator),
      percent(of('consistent'), denominator),
      of('contradicted'),
      of('stale'),
      of('unverifiable') + claimed - list.length,
    ]
  })
}

const funnelNumbers = () => {
  const systems = byId(records('system'))
  const moving = records('migration').filter(
    ({ id, unit: own }) => unit === undefined || (own ?? systems.get(id)?.unit) === unit,
  )
  const stateOf = ({ state, moves }) => moves.filter(isKnown).at(-1)?.to ?? moves[0]?.from ?? state
  return Map.groupBy(moving, stateOf)
}

const securityNumbers = () => {
  const open = lines('data/findings.jsonl')
    .filter(inUnit)
    .filter(({ closedAt }) => closedAt === undefined || closedAt > cutoff)
  const live = lines('data/incidents.jsonl')
    .filter(({ units }) => unit === undefined || units.includes(unit))
    .filter(({ state, mergedInto }) => state !== 'archived' && mergedInto === undefined)
  const late = live.filter(
    ({ reportedAt, reportClocks }) =>
      reportedAt === undefined && reportClocks.some(({ dueAt }) => dueAt <= cutoff),
  )
  return [
    open.length,
    count(open, ({ severity }) => severity === 'critical' || severity === 'high'),
    live.length,
    late.length,
  ]
}

const resultNumbers = () => {
  const systems = byId(records('system'))
  const own = new Set(
    records('assessment')
      .filter(({ system }) => unit === undefined || systems.get(system)?.unit === unit)
      .map(({ id }) => id),
  )
  if (own.size === 0) return undefined
  const results = lines('data/results.jsonl').filter(({ assessment }) => own.has(assessment))
  return [
    own.size,
    results.length,
    ...['consistent', 'contradicted', 'stale', 'unverifiable'].map((check) =>
      count(results, (each) => each.check === check),
    ),
  ]
}

/* Report */

const report = JSON.parse(readFileSync(at('report.json'), 'utf8'))
const sentence = (pattern) =>
  report.blocks.flatMap(({ kind, text }) =>
    kind === 'paragraph' ? (pattern.exec(text)?.slice(1).map(Number) ?? []) : [],
  )
const rows = (caption) =>
  report.blocks.find((block) => block.kind === 'table' && block.caption === caption)?.rows

let agreed = 0
const isNear = (a, b) => a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) < 1e-6)
const compare = (what, printed, found) => {
  const [left, right] = [printed, found].map((list) => list.map((each) => each ?? null))
  if (left.length === right.length && left.every((each, index) => isNear(each, right[index])))
    agreed += right.length
  else fail(`${what}: the report says ${JSON.stringify(left)}, the data come to ${JSON.stringify(right)}`)
}
/** A table by the name in one of its columns. */
const compareRows = (caption, { name, columns }, found) => {
  const table = rows(caption)
  if (table === undefined) return
  const printed = new Map(table.map((row) => [row[name], columns.map((column) => row[column])]))
  for (const [key, ...numbers] of found) compare(`${caption} ${key}`, printed.get(key) ?? [], numbers)
}

const levels = { province: '省级节点', city: '市级节点', county: '县级节点', township: '乡级节点' }

const checkReport = async () => {
  const tasks = taskNumbers()
  if (tasks[0] > 0)
    compare(
      '任务',
      sentence(
        /^共 (\d+) 项任务：报完成 (\d+) 项.*?已核验销号 (\d+) 项.*?推进中 (\d+) 项，未启动 (\d+) 项，暂缓 (\d+) 项；未完成的任务中逾期 (\d+) 项/u,
      ),
      tasks,
    )
  const claimed = claimNumbers()
  if (claimed[0] > 0)
    compare(
      '上报',
      sentence(
        /^有效上报 (\d+) 条：核验相符 (\d+) 条；差距 (\d+) 条，其中矛盾 (\d+) 条、证据过期 (\d+) 条、无法验证 (\d+) 条/u,
      ),
      claimed,
    )
  compareRows('各项目标', { name: 0, columns: [2, 3, 5, 6, 7] }, goalNumbers())
  const looks = await readLooks()
  compareRows('县区接入和节点可用率', { name: 1, columns: [2, 3, 4, 5, 6, 7, 8] }, countyNumbers(looks))
  const nodes = Map.groupBy(active('node'), ({ level }) => level)
  const groups = [
    ...Object.entries(levels).map(([level, name]) => [name, nodes.get(level) ?? []]),
    ['信息系统', active('system')],
  ]
  const measured = groups
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => [name, answered(list, looks)])
  compareRows(
    '各级节点和系统可用率',
    { name: 0, columns: [1, 2, 4] },
    measured.map(([name, { targets, seen, mean }]) => [name, targets, seen, mean]),
  )
  const funnel = funnelNumbers()
  for (const [state, label] of Object.entries(manifest.words.migrationStates))
    compareRows('系统迁移漏斗', { name: 0, columns: [1] }, [[label, funnel.get(state)?.length ?? 0]])
  const security = sentence(
    /^网络安全：截止时未消除的安全发现 (\d+) 项，其中严重和高 (\d+) 项；未归档的安全事件 (\d+) 起，其中超过报告期限未报告 (\d+) 起/u,
  )
  if (security.length > 0 || existsSync(at('data/findings.jsonl')))
    compare('网络安全', security, securityNumbers())
  const results = resultNumbers()
  if (results !== undefined)
    compare(
      '等级保护',
      sentence(
        /^等级保护：登记等级测评 (\d+) 项；.*?已记录结果 (\d+) 项，与证据核对：相符 (\d+) 项、矛盾 (\d+) 项、证据过期 (\d+) 项、无法验证 (\d+) 项/u,
      ),
      results,
    )
}

checkVerdicts()
await checkReport()
console.log(failures === 0 ? `✓ 相符：${agreed} 个数字由数据复算，与报告一致` : `不相符：${failures} 处`)
process.exitCode = failures === 0 ? 0 : 1
