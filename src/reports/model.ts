import { type BulletinKind, bulletinKinds } from '../../inventory/bulletin.ts'
import type { Past } from '../../inventory/past.ts'
import type { Day, DayRange } from '../core/day.ts'

/**
 * A report as plain data: what it says, in the order in which it says it. Renderers turn it into files and decide
 * nothing about it; the same report gives the same bytes.
 */

/** A span is any days; bulletins, which are issued and numbered, are of weeks and months. */
export type ReportKind = BulletinKind | 'span'
export const reportKindLabels: Readonly<Record<ReportKind, string>> = { ...bulletinKinds, span: '阶段通报' }

/** `percent` is 0 to 100; `light` is a word of `lightWords`, coloured where there is colour. */
export type ColumnFormat = 'text' | 'integer' | 'percent' | 'change' | 'light'

export interface Column {
  readonly title: string
  readonly format: ColumnFormat
  /** Share of the table's width. Default: 1. */
  readonly width?: number
}

/** Absent: not known, which is never printed as a zero. */
export type Value = string | number | undefined

export interface Table {
  readonly kind: 'table'
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Value[])[]
  /** What the reader must know to read it: its denominator, what was left out. */
  readonly note?: string
}

export interface Series {
  readonly name: string
  /** One a category; absent: a gap. */
  readonly values: readonly (number | undefined)[]
}

export interface Chart {
  readonly kind: 'chart'
  readonly caption: string
  readonly shape: 'bars' | 'lines'
  /** Of the values: `%`, `个`. */
  readonly unit: string
  readonly categories: readonly string[]
  readonly series: readonly Series[]
}

/** Levels 1 to 4 are numbered 一、（一）1.（1） by the renderer. */
export interface Heading {
  readonly kind: 'heading'
  readonly level: 1 | 2 | 3 | 4
  readonly text: string
}

export interface Paragraph {
  readonly kind: 'paragraph'
  readonly text: string
}

export type Block = Heading | Paragraph | Table | Chart

/** A list in full, for the workbook only. */
export interface Sheet {
  readonly name: string
  readonly table: Table
}

/** What the report was made of: enough to make it again. */
export interface Basis {
  readonly storeRevision: number
  /** Hash of the audit log's head. */
  readonly auditHead: string
  /** How the records come to be those of the cut-off. */
  readonly past: Past
  readonly rosters: readonly { readonly name: string; readonly id: string; readonly version: number }[]
  /** Nothing that was observed or recorded later is in it. ISO 8601 with the offset of the report's zone. */
  readonly evidenceCutoff: string
  /** Whose layout the docx has, where it is not ours. */
  readonly template?: { readonly name: string; readonly sha256: string }
  /** Command that makes the report again from that store and history. */
  readonly command: string
}

/** An earlier bulletin that this one takes the place of. */
export interface Corrected {
  readonly number: string
  readonly issuedOn: Day
  /** SHA-256 of its docx. */
  readonly sha256: string
  readonly reason: string
}

export interface Report {
  readonly kind: ReportKind
  /** Whose bulletin it is (发文机关). */
  readonly organ: string
  readonly title: string
  readonly period: DayRange & { readonly name: string }
  /** Kind and 期号, `周通报2018年第26期`; a span has the kind alone. */
  readonly number: string
  /** Absent: a draft. */
  readonly issuedOn?: Day
  readonly corrects?: Corrected
  readonly basis: Basis
  readonly blocks: readonly Block[]
  readonly sheets: readonly Sheet[]
}

export const unknownMark = '—'

/** Red, amber, green, and the two colours of slips; the words stand in print, where colours are lost. */
export const lightWords = ['绿', '黄', '红', '蓝', '橙'] as const
export type LightWord = (typeof lightWords)[number]
export const lightColours: Readonly<Record<LightWord, string>> = {
  绿: 'C6E0B4',
  黄: 'FFE699',
  红: 'F4B0A8',
  蓝: 'BDD7EE',
  橙: 'F8CBAD',
}

export const isLightWord = (value: Value): value is LightWord => lightWords.some((word) => word === value)
