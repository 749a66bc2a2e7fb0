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

/** Zero where there is nothing to add up. */
export const orZero = (expr: string): string => `${expr} or vector(0)`
