import { states } from '../rules/recorded.ts'
import { colours, words } from '../kit/panels.ts'

/** Addresses of the boards, which links lead to. */
export const boardIds = {
  overview: 'yiwang-overview',
  county: 'yiwang-county',
  node: 'yiwang-node',
  network: 'yiwang-network',
  systems: 'yiwang-systems',
  security: 'yiwang-security',
  migration: 'yiwang-migration',
  mlps: 'yiwang-mlps',
  platform: 'yiwang-platform',
} as const

export const stateWords = words({
  [states.up]: ['可达', colours.good],
  [states.down]: ['中断', colours.bad],
  [states.unreachable]: ['上游不可达', colours.warn],
  [states.unknown]: ['未知', colours.off],
})

export const yesNo = words({ '1': ['是', colours.good], '0': ['否', colours.bad] })

/** How what is claimed compares with what is seen, as the CLI has it. */
export const verdictWords = words({
  consistent: ['相符', colours.good],
  contradicted: ['矛盾', colours.bad],
  stale: ['证据过期', colours.off],
  unverifiable: ['无法验证', colours.off],
})

/** One row of zero where there is no row at all. */
export const orNone = (expr: string): string => `${expr} or (vector(0) unless on () (${expr}))`

/** Zero where there is nothing to add up, of a number without labels: beside any with labels it would stand as one more. */
export const orZero = (expr: string): string => `${expr} or vector(0)`
