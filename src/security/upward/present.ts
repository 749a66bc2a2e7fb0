import { timeIn } from '../../core/day.ts'
import type { Severity } from '../events.ts'
import type { Mapping } from './mapping.ts'
import { type FieldValue, isTimeField, kindLabels, type Message } from './message.ts'

/** A message in the words of a receiver, not yet in a form that it can be sent in. */
export interface Presented {
  readonly message: Message
  /** What its kind is called there. */
  readonly name: string
  /** Theirs → value, in the order of the mapping; with the name of ours, where it is no constant. */
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly ours?: string
  readonly theirs: string
  readonly value: FieldValue
}

export interface Presenting {
  readonly mapping: Mapping
  readonly timezone: string
}

const timeOf = (at: number, { mapping: { times }, timezone }: Presenting): FieldValue => {
  if (times === 'epoch') return at
  return times === 'utc' ? new Date(at).toISOString() : timeIn(timezone, at)
}

const valueOf = (field: string, value: FieldValue, presenting: Presenting): FieldValue => {
  if (isTimeField(field) && typeof value === 'number') return timeOf(value, presenting)
  const table = (
    presenting.mapping.values as Readonly<
      Record<string, Readonly<Record<string, string | undefined>> | undefined>
    >
  )[field]
  return table?.[String(value)] ?? value
}

/** Only what the mapping names is in it. */
export const present = (message: Message, presenting: Presenting): Presented => {
  const { kinds, constants } = presenting.mapping
  const kind = kinds[message.kind]
  const named = Object.entries(kind?.fields ?? {}).flatMap(([ours, theirs]): readonly Entry[] => {
    const value = ours === 'kind' ? kind?.name : message.fields[ours]
    return value === undefined ? [] : [{ ours, theirs, value: valueOf(ours, value, presenting) }]
  })
  const fixed = Object.entries(constants).map(([theirs, value]) => ({ theirs, value }))
  return { message, name: kind?.name ?? kindLabels[message.kind], entries: [...named, ...fixed] }
}

/** A field of ours that the receiver is told, as it is. */
export const toldField = ({ message, entries }: Presented, field: string): string | undefined =>
  entries.some(({ ours }) => ours === field) ? String(message.fields[field]) : undefined

/** How grave it is, where the receiver is told. */
export const toldSeverity = (presented: Presented): Severity | undefined =>
  toldField(presented, 'severity') as Severity | undefined
