import { clearScreenDown, cursorTo } from 'node:readline'
import { amendResult } from '../../inventory/mlps/edit.ts'
import { type Finding, itemById } from '../../inventory/mlps/index.ts'
import type { Inventory, InventoryStore } from '../../inventory/store.ts'
import {
  type Assessor,
  type Command,
  commandOf,
  type EvidenceOf,
  type Step,
  withNextMethod,
  withResult,
  withText,
} from '../compliance/walk.ts'
import { editText, type Terminal } from '../terminal/keys.ts'
import { isFault } from './base.ts'
import { walkScreen, type WalkView } from './mlps-walk-screen.ts'

const findingAt = (inventory: Inventory, { item, asset }: Step): Finding | undefined =>
  inventory.asset.get(asset)?.results[item]

export const isUntested = (inventory: Inventory, step: Step): boolean =>
  (findingAt(inventory, step)?.result ?? 'untested') === 'untested'

/** Everything that a walk goes by. */
export interface Walk {
  readonly store: InventoryStore
  readonly terminal: Terminal
  readonly assessment: string
  readonly steps: readonly Step[]
  readonly texts: ReadonlyMap<string, string>
  readonly evidenceOf: EvidenceOf
  readonly assessor: () => Assessor
  readonly write: { readonly actor: string; readonly reason: string }
  readonly moved: (step: Step | undefined) => Promise<void>
}

const viewOf = (walk: Walk, inventory: Inventory, at: number, notice?: string): WalkView | undefined => {
  const step = walk.steps[at]
  const item = itemById(step?.item ?? '')
  const asset = inventory.asset.get(step?.asset ?? '')
  if (item === undefined || asset === undefined) return undefined
  const untested = walk.steps.filter((each) => isUntested(inventory, each)).length
  return {
    item,
    asset,
    officialWording: walk.texts.get(item.id),
    evidence: walk.evidenceOf(item, asset),
    progress: { at, of: walk.steps.length, untested },
    notice,
  }
}

const draw = ({ terminal: { output } }: Walk, view: WalkView): void => {
  cursorTo(output, 0, 0)
  clearScreenDown(output)
  output.write(`${walkScreen(view, output).join('\n')}\n`)
}

/** What stood in the way; undefined once the answer is on disk. */
const save = async (
  { store, assessment, write }: Walk,
  step: Step,
  amend: (before: Finding | undefined) => Finding,
): Promise<string | undefined> => {
  try {
    await store.change({
      ...write,
      operations: (inventory) => amendResult(inventory, { ...step, assessment, amend }),
    })
    return undefined
  } catch (error) {
    if (isFault(error)) return error.message
    throw error
  }
}

/** Asks until the text is stored or given up: what was typed is never lost to a text that is too long. */
const editField = async (walk: Walk, step: Step, field: 'evidence' | 'remark'): Promise<void> => {
  const before = findingAt(await walk.store.read(), step)?.[field] ?? ''
  const label = field === 'evidence' ? '结果记录（回车保存，Esc 放弃）：' : '备注（回车保存，Esc 放弃）：'
  let text = await editText(walk.terminal, label, before)
  while (text !== undefined && text !== before) {
    const typed = text
    const notice = await save(walk, step, (finding) => withText(finding, field, typed))
    if (notice === undefined) return
    walk.terminal.output.write(`! ${notice}\n`)
    text = await editText(walk.terminal, label, typed)
  }
}

/** Where a command leads, and what stood in its way. */
interface Turn {
  readonly at: number
  readonly notice?: string | undefined
}

const nextUntested = ({ steps }: Walk, inventory: Inventory, at: number): Turn => {
  const found = steps.findIndex((step, index) => index > at && isUntested(inventory, step))
  return found < 0 ? { at, notice: '后面没有未测评的项' } : { at: found }
}

const obey = async (
  walk: Walk,
  at: number,
  step: Step,
  command: Exclude<Command, { kind: 'quit' }>,
): Promise<Turn> => {
  switch (command.kind) {
    case 'result': {
      const notice = await save(walk, step, (before) => withResult(before, command.result, walk.assessor()))
      return { at: notice === undefined ? at + 1 : at, notice }
    }
    case 'text':
      await editField(walk, step, command.field)
      return { at }
    case 'method': {
      const methods = itemById(step.item)?.methods ?? []
      return { at, notice: await save(walk, step, (before) => withNextMethod(before, methods)) }
    }
    case 'next':
      return { at: at + 1 }
    case 'untested':
      return nextUntested(walk, await walk.store.read(), at)
    case 'back':
      return { at: Math.max(0, at - 1) }
  }
}

const nextCommand = async ({ terminal: { keys } }: Walk): Promise<Command> => {
  for (;;) {
    const { value: key } = await keys.next()
    if (key === undefined || (key.ctrl && (key.name === 'c' || key.name === 'd'))) return { kind: 'quit' }
    const command = key.ctrl || key.pasted ? undefined : commandOf(key.name)
    if (command !== undefined) return command
  }
}

/** Goes from step to step until the end or until somebody leaves. */
export const walkThrough = async (walk: Walk, from: number): Promise<void> => {
  let turn: Turn = { at: from }
  for (;;) {
    const { at, notice } = turn
    const step = walk.steps[at]
    await walk.moved(step)
    const view = viewOf(walk, await walk.store.read(), at, notice)
    if (step === undefined) return
    if (view === undefined) turn = { at: at + 1 }
    else {
      draw(walk, view)
      const command = await nextCommand(walk)
      if (command.kind === 'quit') return
      turn = await obey(walk, at, step, command)
    }
  }
}
