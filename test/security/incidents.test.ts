import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Finding, IncidentEvent } from '../../src/security/events.ts'
import type { Step } from '../../src/security/incident.ts'
import { advance, recordFindings, takeSteps } from '../../src/security/incidents.ts'
import { noticeOf } from '../../src/security/notify/notice.ts'
import { type Ledger, openLedger } from '../../src/security/ledger/ledger.ts'
import { temporaryFolder } from '../support/cli.ts'
import { closing, finding, ground, hourMs, minuteMs, opening } from './findings.ts'
import { siteWith, start } from './scene.ts'

const inLedger = async (work: (ledger: Ledger, file: string) => void): Promise<void> => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'security', 'ledger.sqlite')
  using ledger = openLedger(file)
  work(ledger, file)
}

const live = (ledger: Ledger) => ledger.incidents('live')
const onlyId = (ledger: Ledger): string => live(ledger)[0]?.id ?? ''
const changes = (ledger: Ledger, id: string): readonly string[] =>
  ledger.eventsOf(id).map(({ change }) => change)
const act = (ledger: Ledger, step: Step, at = start) =>
  takeSteps(ledger, onlyId(ledger), [step], { at, by: '王' })

describe('incidents', () => {
  test('one for one cause, however many targets', () =>
    inLedger((ledger) => {
      const all = ['s-1', 's-2', 's-3'].map((target) => opening(finding(target), 'outage:n-1'))
      recordFindings(ledger, all, ground(start))
      expect(live(ledger)).toMatchObject([
        { id: 'INC-20261126-0001', state: 'warned', targets: ['s-1', 's-2', 's-3'], cause: 'outage:n-1' },
      ])
      expect(changes(ledger, onlyId(ledger))).toEqual(['opened', 'grew', 'grew'])
    }))

  test.each([
    ['2026-11-26T15:59:59Z', 'Asia/Shanghai', 'INC-20261126-0001'],
    ['2026-11-26T22:27:00Z', 'Asia/Shanghai', 'INC-20261127-0001'],
    ['2026-11-26T22:27:00Z', 'UTC', 'INC-20261126-0001'],
  ])('is numbered by the day that people there have: %s in %s', (at, timezone, id) =>
    inLedger((ledger) => {
      recordFindings(ledger, [opening(finding('s-1'))], ground(Date.parse(at), { timezone }))
      expect(onlyId(ledger)).toBe(id)
    }),
  )

  test('none for what is of low severity; what is of medium is watched and ends by itself', () =>
    inLedger((ledger) => {
      const low = finding('s-1', { id: 'low', severity: 'low' })
      const medium = finding('s-2', { id: 'medium', severity: 'medium' })
      recordFindings(ledger, [opening(low), opening(medium)], ground(start))
      expect(live(ledger)).toMatchObject([{ state: 'watching', findings: ['medium'] }])
      recordFindings(ledger, [closing(medium, start + minuteMs)], ground(start + minuteMs))
      expect(live(ledger)).toEqual([])
      expect(ledger.findings('open')).toMatchObject([{ id: 'low' }])
    }))

  test('what nobody worked on is one with what turns out to be its cause', () =>
    inLedger((ledger) => {
      const [below, above] = [
        finding('s-1'),
        finding('n-1', { id: 'node.down@standing:n-1', rule: 'node.down' }),
      ]
      recordFindings(ledger, [opening(below, 'outage:s-1')], ground(start))
      recordFindings(ledger, [closing(below, start + 1, ['n-1'])], ground(start + 1))
      recordFindings(ledger, [opening(above, 'outage:n-1')], ground(start + 2))
      expect(ledger.incidents('all')).toMatchObject([
        { state: 'archived', mergedInto: 'INC-20261126-0002' },
        { state: 'warned' },
      ])
      // Cut off is not mended: nobody is told that it recovered.
      expect(changes(ledger, 'INC-20261126-0001')).toEqual(['opened', 'merged'])
    }))

  describe('cut off is not mended: who was told hears once how it ended', () => {
    const below = finding('s-1')
    const above = finding('n-1', { id: 'node.down@standing:n-1', rule: 'node.down' })
    const first = 'INC-20261126-0001'
    type State = 'up' | 'down' | 'unreachable' | 'unknown' | 'unprobed'
    const seen = (state: State) => ({ verdicts: new Map([['s-1', { state }]]) })
    const cutOff = (ledger: Ledger, found: Finding, meanwhile?: () => void): void => {
      recordFindings(ledger, [opening(found, 'outage:s-1')], ground(start))
      meanwhile?.()
      recordFindings(ledger, [closing(found, start + 1, ['n-1'])], ground(start + 1))
    }
    const told = (ledger: Ledger, id = first): readonly string[] =>
      (ledger.eventsOf(id) as readonly IncidentEvent[]).flatMap((event) => noticeOf(event)?.title ?? [])

    test.each<readonly [State, boolean]>([
      ['unreachable', false],
      ['unknown', false],
      ['down', false],
      ['up', true],
      ['unprobed', true],
    ])('acknowledged, and then %s: recovered %s', (state, isOver) =>
      inLedger((ledger) => {
        cutOff(ledger, below, () => act(ledger, { do: 'ack' }))
        recordFindings(ledger, [opening(above, 'outage:n-1')], ground(start + 2))
        expect(told(ledger)).toEqual(['新事件：s-1：信息系统无法访问'])
        for (const minutes of [1, 2]) advance(ledger, ground(start + minutes * minuteMs, seen(state)))
        expect(told(ledger).slice(1)).toEqual(isOver ? ['已恢复：s-1：信息系统无法访问'] : [])
        expect(ledger.incident(first)).toMatchObject({ state: 'responding', openFindings: [] })
        expect(ledger.incident(first)?.recoveredAt).toBe(isOver ? start + minuteMs : undefined)
      }),
    )

    test('where nothing above becomes an incident', () =>
      inLedger((ledger) => {
        cutOff(ledger, below)
        // It waits for nobody while it is cut off.
        advance(ledger, ground(start + hourMs, seen('unreachable')))
        advance(ledger, ground(start + 2 * hourMs, seen('up')))
        expect(changes(ledger, first)).toEqual(['opened', 'recovered'])
      }))

    test('not by an incident that is over, but by that once it comes back', () =>
      inLedger((ledger) => {
        recordFindings(ledger, [opening(above, 'outage:n-1')], ground(start))
        recordFindings(ledger, [closing(above, start)], ground(start))
        act(ledger, { do: 'resolve', note: '好了', isForced: false })
        act(ledger, { do: 'close', postmortem: { cause: '', measures: '', lessons: '' } })
        cutOff(ledger, below)
        const second = 'INC-20261126-0002'
        expect(changes(ledger, second)).toEqual(['opened'])
        recordFindings(ledger, [opening({ ...above, openedAt: start + 2 }, 'outage:n-1')], ground(start + 2))
        expect(changes(ledger, second)).toEqual(['opened', 'merged'])
        recordFindings(ledger, [closing(above, start + 3)], ground(start + 3))
        advance(ledger, ground(start + 4, seen('up')))
        expect(changes(ledger, second)).toEqual(['opened', 'merged'])
        expect(told(ledger).slice(-2)).toEqual([
          '再次发生：n-1：信息系统无法访问',
          '已恢复：n-1：信息系统无法访问',
        ])
      }))

    test('not by one that is less grave: whom only the graver reaches would not hear of it', () =>
      inLedger((ledger) => {
        cutOff(ledger, finding('s-1', { severity: 'critical' }))
        recordFindings(ledger, [opening(above, 'outage:n-1')], ground(start + 2))
        advance(ledger, ground(start + 3, seen('up')))
        expect(changes(ledger, first)).toEqual(['opened', 'recovered'])
      }))

    test('still down when it can be looked at again: it goes on, and ends once', () =>
      inLedger((ledger) => {
        cutOff(ledger, below, () => act(ledger, { do: 'ack' }))
        recordFindings(ledger, [opening({ ...below, openedAt: start + 2 }, 'outage:s-1')], ground(start + 2))
        advance(ledger, ground(start + 3, seen('down')))
        recordFindings(ledger, [closing(below, start + 4)], ground(start + 4))
        advance(ledger, ground(start + 5, seen('up')))
        expect(changes(ledger, first)).toEqual(['opened', 'acknowledged', 'grew', 'recovered'])
        expect(ledger.incident(first)).toMatchObject({ reopened: 0, recoveredAt: start + 4 })
      }))

    test('what people said is over is not told again', () =>
      inLedger((ledger) => {
        cutOff(ledger, below, () => act(ledger, { do: 'ack' }))
        act(ledger, { do: 'resolve', note: '已更换', isForced: false })
        advance(ledger, ground(start + minuteMs, seen('up')))
        expect(told(ledger).slice(1)).toEqual(['已处置：s-1：信息系统无法访问'])
      }))

    test('what was only watched ends untold', () =>
      inLedger((ledger) => {
        cutOff(ledger, finding('s-1', { severity: 'medium' }))
        advance(ledger, ground(start + minuteMs, seen('up')))
        expect(changes(ledger, first)).toEqual(['opened', 'closed'])
        expect(told(ledger)).toEqual([])
      }))
  })

  test('what was only watched is told once it becomes grave; what comes back without is only watched again', () =>
    inLedger((ledger) => {
      const part = finding('s-1', { id: 'part', severity: 'medium' })
      const whole = finding('s-1', { id: 'whole' })
      recordFindings(ledger, [opening(part, 'outage:s-1')], ground(start))
      recordFindings(ledger, [opening(whole, 'outage:s-1')], ground(start + minuteMs))
      const [first] = live(ledger)
      expect(first).toMatchObject({ state: 'warned', severity: 'high', alertedAt: start + minuteMs })
      expect(changes(ledger, onlyId(ledger))).toEqual(['opened', 'raised'])
      const told = ledger.eventsOf(onlyId(ledger)) as readonly IncidentEvent[]
      expect(told.map(({ notify }) => notify)).toEqual([[], ['c-1']])

      const slow = finding('s-2', { id: 'slow', severity: 'medium' })
      recordFindings(ledger, [opening(slow)], ground(start))
      recordFindings(ledger, [closing(slow, start + 1)], ground(start + 1))
      recordFindings(ledger, [opening({ ...slow, openedAt: start + 2 })], ground(start + 2))
      expect(live(ledger)[1]).toMatchObject({ state: 'watching', reopened: 1 })
    }))

  test('carries what was seen and what to do, of the gravest finding, and of the last one when it comes back', () =>
    inLedger((ledger) => {
      const part = finding('s-1', { id: 'part', severity: 'medium', saw: '半', remedy: '看' })
      const whole = finding('s-1', { id: 'whole', saw: '全', remedy: '修' })
      const once = finding('s-1', { id: 'once', saw: '又', remedy: '再修' })
      recordFindings(ledger, [opening(part, 'outage:s-1')], ground(start))
      expect(live(ledger)).toMatchObject([{ saw: '半', remedy: '看' }])
      recordFindings(ledger, [opening(whole, 'outage:s-1'), opening(once, 'outage:s-1')], ground(start))
      expect(live(ledger)).toMatchObject([{ saw: '全', remedy: '修' }])
      const gone = [part, whole, once].map((each) => closing(each, start + 1))
      recordFindings(ledger, gone, ground(start + 1))
      recordFindings(ledger, [opening({ ...once, openedAt: start + 2 }, 'outage:s-1')], ground(start + 2))
      expect(live(ledger)).toMatchObject([{ reopened: 1, saw: '又', remedy: '再修' }])
    }))

  test.each([
    ['that waits for somebody', undefined, ['c-1']],
    ['that somebody is at', 'ack', []],
  ] as const)('one %s is told anew once it becomes graver', (_, step, notify) =>
    inLedger((ledger) => {
      recordFindings(ledger, [opening(finding('s-1'), 'outage:n-1')], ground(start))
      if (step !== undefined) act(ledger, { do: step })
      const hall = finding('h-1', { id: 'hall', severity: 'critical' })
      const another = finding('s-2', { id: 'another' })
      recordFindings(
        ledger,
        [hall, another].map((each) => opening(each, 'outage:n-1')),
        ground(start + 1),
      )
      expect(live(ledger)).toMatchObject([{ severity: 'critical' }])
      expect(changes(ledger, onlyId(ledger)).slice(-2)).toEqual(['worsened', 'grew'])
      const told = ledger.eventsOf(onlyId(ledger)).at(-2) as IncidentEvent
      expect(told.notify).toEqual(notify)
      expect(noticeOf(told)).toMatchObject({ title: '级别升高：s-1：信息系统无法访问', severity: 'critical' })
    }),
  )

  test('states: acknowledged, handed over, mended, archived with its record; the log says who and when', () =>
    inLedger((ledger) => {
      const found = finding('s-1')
      recordFindings(ledger, [opening(found)], ground(start))
      act(ledger, { do: 'ack' })
      act(ledger, { do: 'assign', to: 'c-1' })
      act(ledger, { do: 'task', unit: 'u-1', what: '更换', dueAt: start + hourMs })
      expect(() => act(ledger, { do: 'resolve', note: '好了', isForced: false })).toThrow(
        /expected no open finding/u,
      )
      recordFindings(ledger, [closing(found, start + minuteMs)], ground(start + minuteMs))
      act(ledger, { do: 'task-done', task: 'T-1' })
      act(ledger, { do: 'resolve', note: '好了', isForced: false })
      const id = onlyId(ledger)
      act(ledger, { do: 'close', postmortem: { cause: '甲', measures: '乙', lessons: '丙' } })
      expect(ledger.incident(id)).toMatchObject({
        state: 'archived',
        assignee: 'c-1',
        postmortem: { cause: '甲' },
      })
      expect(changes(ledger, id)).toEqual([
        ...['opened', 'acknowledged', 'assigned', 'tasked', 'recovered', 'task-done', 'resolved', 'closed'],
      ])
      const events = ledger.eventsOf(id) as readonly IncidentEvent[]
      expect(events.map(({ by }) => by)).toEqual([
        'collector',
        '王',
        '王',
        '王',
        'collector',
        '王',
        '王',
        '王',
      ])
      expect(events[0]?.notify).toEqual(['c-1'])
    }))

  test.each<[string, readonly Step[], RegExp]>([
    ['acknowledged twice', [{ do: 'ack' }, { do: 'ack' }], /nobody acknowledged yet/u],
    [
      'archived unresolved',
      [{ do: 'close', postmortem: { cause: '', measures: '', lessons: '' } }],
      /a resolved incident/u,
    ],
    ['a task that is not there', [{ do: 'task-done', task: 'T-9' }], /expected an open task/u],
    ['reopened while open', [{ do: 'reopen', note: '' }], /a resolved or archived incident/u],
  ])('%s is refused, and nothing is written', (_, steps, words) =>
    inLedger((ledger) => {
      recordFindings(ledger, [opening(finding('s-1'))], ground(start))
      const before = ledger.head()
      expect(() => takeSteps(ledger, onlyId(ledger), steps, { at: start, by: '王' })).toThrow(words)
      expect(ledger.head()).toBe(before)
    }),
  )

  test('an unknown incident is refused with the nearest', () =>
    inLedger((ledger) => {
      recordFindings(ledger, [opening(finding('s-1'))], ground(start))
      expect(() => takeSteps(ledger, 'INC-20261126-0002', [], { at: start, by: '王' })).toThrow(
        /did you mean/u,
      )
    }))

  test('the same cause brings a recovered or archived one back, later makes a new one', () =>
    inLedger((ledger) => {
      const found = finding('s-1')
      recordFindings(ledger, [opening(found, 'outage:s-1')], ground(start))
      recordFindings(ledger, [closing(found, start + 1)], ground(start + 1))
      recordFindings(ledger, [opening({ ...found, openedAt: start + 2 }, 'outage:s-1')], ground(start + 2))
      expect(live(ledger)).toMatchObject([{ reopened: 1, state: 'warned' }])
      act(ledger, { do: 'resolve', note: '', isForced: true })
      act(ledger, { do: 'close', postmortem: { cause: '', measures: '', lessons: '' } })
      const later = start + 25 * hourMs
      recordFindings(ledger, [opening({ ...found, openedAt: later }, 'outage:s-1')], ground(later))
      expect(live(ledger)).toMatchObject([{ id: 'INC-20261127-0001', reopened: 0 }])
    }))

  test('nobody acknowledges: the next are told, each once, until somebody does', () =>
    inLedger((ledger) => {
      recordFindings(ledger, [opening(finding('s-1'))], ground(start))
      for (const minutes of [14, 15, 16, 30, 45, 300]) advance(ledger, ground(start + minutes * minuteMs))
      const told = ledger.eventsOf(onlyId(ledger)) as readonly IncidentEvent[]
      expect(told.map(({ change, notify }) => [change, ...notify])).toEqual([
        ['opened', 'c-1'],
        ['escalated', 'c-2'],
        ['escalated', 'c-3'],
      ])
    }))

  test('a portal that is out for long suggests a grade and starts the clock; a person confirms', () =>
    inLedger((ledger) => {
      const inventory = siteWith({
        region: [{ id: '410200', name: '开封市', level: 'city' }],
        system: [{ id: 's-1', name: '门户', region: '410200', kind: 'website' }],
      })
      recordFindings(ledger, [opening(finding('s-1'))], ground(start))
      act(ledger, { do: 'ack' })
      advance(ledger, ground(start + hourMs, { inventory }))
      expect(live(ledger)[0]?.suggestedGrade).toBeUndefined()
      advance(ledger, ground(start + 2 * hourMs, { inventory }))
      expect(live(ledger)).toMatchObject([
        { suggestedGrade: 'III', reportClocks: [{ operator: 'other', dueAt: start + 4 * hourMs }] },
      ])
      const [note] = ledger.eventsOf(onlyId(ledger)).slice(-1) as readonly IncidentEvent[]
      expect(note?.note).toMatch(/^建议：较大.*本平台参考值.*由人确认$/u)
      act(ledger, { do: 'grade', grade: 'IV', note: '影响小', reporter: 'other' })
      expect(live(ledger)).toMatchObject([{ grade: 'IV', suggestedGrade: 'III', reportClocks: [] }])
    }))

  describe('an outage of a portal', () => {
    const inventory = siteWith({
      region: [{ id: '410200', name: '开封市', level: 'city' }],
      system: [{ id: 's-1', name: '门户', region: '410200', kind: 'website' }],
    })
    const outage = (ledger: Ledger, from: number, to: number): void => {
      const found = finding('s-1', { firstSeenAt: from, openedAt: from })
      recordFindings(ledger, [opening(found)], ground(from))
      recordFindings(ledger, [closing(found, to)], ground(to))
      advance(ledger, ground(to, { inventory }))
    }
    const days = 24 * hourMs

    test('that comes back days after it recovered is measured from then', () =>
      inLedger((ledger) => {
        outage(ledger, start, start + minuteMs)
        outage(ledger, start + 3 * days, start + 3 * days + hourMs)
        expect(live(ledger)).toMatchObject([{ reopened: 1, startedAt: start + 3 * days, reportClocks: [] }])
        expect(live(ledger)[0]?.suggestedGrade).toBeUndefined()
      }))

    test('takes nothing back of the grade that a longer one came to', () =>
      inLedger((ledger) => {
        outage(ledger, start, start + 6 * hourMs)
        outage(ledger, start + 3 * days, start + 3 * days + 2 * hourMs)
        expect(live(ledger)).toMatchObject([
          { suggestedGrade: 'II', reportClocks: [{ dueAt: start + 4 * hourMs }] },
        ])
      }))

    test('is over, though people take the incident up again', () =>
      inLedger((ledger) => {
        outage(ledger, start, start + minuteMs)
        act(ledger, { do: 'resolve', note: '好了', isForced: false })
        act(ledger, { do: 'reopen', note: '再查' })
        advance(ledger, ground(start + 3 * days, { inventory }))
        expect(live(ledger)).toMatchObject([{ state: 'responding', recoveredAt: start + minuteMs }])
        expect(live(ledger)[0]?.suggestedGrade).toBeUndefined()
      }))
  })
})

describe('the ledger', () => {
  test('two processes see each other, and everything is there after a restart', () =>
    inLedger((ledger, file) => {
      recordFindings(ledger, [opening(finding('s-1'))], ground(start))
      using other = openLedger(file)
      takeSteps(other, onlyId(other), [{ do: 'ack' }], { at: start, by: '王' })
      expect(live(ledger)).toMatchObject([{ state: 'responding' }])
      expect(ledger.since(0, 10).map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    }))

  test('an event that was altered, or taken out, is found out', () =>
    inLedger((ledger, file) => {
      recordFindings(ledger, [opening(finding('s-1')), opening(finding('s-2'))], ground(start))
      expect(ledger.verify()).toMatchObject({ intact: true, sequence: 4 })
      using database = new DatabaseSync(file)
      database.exec("UPDATE event SET document = replace(document, '拒绝', '一切正常') WHERE sequence = 2")
      expect(ledger.verify()).toEqual({ intact: false, sequence: 2 })
    }))

  test('retention: what was over before is forgotten, what is open is not, and the chain still holds', () =>
    inLedger((ledger) => {
      const [old, open] = [
        finding('s-1', { id: 'old', severity: 'low' }),
        finding('s-2', { severity: 'low' }),
      ]
      recordFindings(ledger, [opening(old), opening(open)], ground(start))
      recordFindings(ledger, [closing(old, start + 1)], ground(start + 1))
      const later = start + 400 * 24 * hourMs
      recordFindings(ledger, [opening(finding('s-3', { severity: 'low' }))], ground(later))
      expect(ledger.prune(later - hourMs, 2)).toBe(2)
      expect(ledger.prune(later - hourMs, 100)).toBe(1)
      expect(ledger.prune(later - hourMs, 100)).toBe(0)
      expect(ledger.findings('all').map(({ target }) => target)).toEqual(['s-2', 's-3'])
      expect(ledger.verify()).toMatchObject({ intact: true, sequence: 4 })
      expect(ledger.retained()).toEqual({ events: 1, oldestAt: later })
    }))

  test('whatever opens and closes: the open findings of incidents are those that are open', async () => {
    const turns = fc.array(fc.tuple(fc.constantFrom('s-1', 's-2', 's-3'), fc.constantFrom('k-1', 'k-2')), {
      maxLength: 24,
    })
    await fc.assert(
      fc.asyncProperty(turns, (all) =>
        inLedger((ledger) => {
          const open = new Map<string, Finding>()
          for (const [index, [target, key]] of all.entries()) {
            const at = start + index
            const known = open.get(target)
            if (known === undefined) open.set(target, finding(target, { openedAt: at }))
            else open.delete(target)
            const transition =
              known === undefined ? opening(finding(target, { openedAt: at }), key) : closing(known, at)
            recordFindings(ledger, [transition], ground(at))
          }
          const ids = [...open.values()].map(({ id }) => id).toSorted()
          expect(
            ledger
              .findings('open')
              .map(({ id }) => id)
              .toSorted(),
          ).toEqual(ids)
          expect(
            live(ledger)
              .flatMap(({ openFindings }) => openFindings)
              .toSorted(),
          ).toEqual(ids)
          expect(ledger.verify().intact).toBe(true)
        }),
      ),
      { numRuns: 15 },
    )
  })
})
