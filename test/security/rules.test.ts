import { describe, expect, test } from 'vitest'
import { itemById } from '../../inventory/mlps/index.ts'
import { categoryLabels } from '../../src/security/events.ts'
import { rules } from '../../src/security/rules/index.ts'
import { plants } from './plants.ts'
import { openAfter } from './scene.ts'

describe('each rule', () => {
  test('is planted', () => {
    expect(new Set(plants.map(({ rule }) => rule))).toEqual(new Set(rules.map(({ id }) => id)))
  })

  test('has an id of its own, a category of GB/T 20986 and items of the catalogue', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    for (const { category, clauses, why, remedy } of rules) {
      expect(Object.keys(categoryLabels)).toContain(category)
      expect(clauses.length).toBeGreaterThan(0)
      for (const clause of clauses) expect(itemById(clause)).toBeDefined()
      expect(why).not.toBe('')
      expect(remedy).not.toBe('')
    }
  })

  test.each(plants)('$rule finds what is planted', ({ rule, bad, inventory }) => {
    const found = openAfter(bad, inventory)
    expect(found.map((finding) => finding.rule)).toContain(rule)
  })

  test.each(plants)('$rule finds nothing without it', ({ rule, good, inventory }) => {
    const found = openAfter(good, inventory)
    expect(found.map((finding) => finding.rule)).not.toContain(rule)
  })
})
