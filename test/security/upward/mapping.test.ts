import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  readMapping,
  shippedMapping,
  shippedMappings,
  shippedText,
} from '../../../src/security/upward/mapping.ts'
import { draft, fieldLabels, messageOf, upwardKinds } from '../../../src/security/upward/message.ts'
import { present } from '../../../src/security/upward/present.ts'
import { temporaryFolder } from '../../support/cli.ts'

const withFile = async (text: string, work: (file: string) => void): Promise<void> => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'mapping.yaml')
  await writeFile(file, text)
  work(file)
}

const edited = (edit: (text: string) => string): string => edit(shippedText('plain'))

describe('mappings', () => {
  test.each(shippedMappings)('%s is valid and has every kind', (name) => {
    expect(Object.keys(shippedMapping(name).kinds).toSorted()).toEqual(upwardKinds.toSorted())
  })

  test('the plain one names every field of the allow-list, and the documents do', async () => {
    const { kinds } = shippedMapping('plain')
    const guide = await readFile(path.resolve(import.meta.dirname, '../../../docs/upward.md'), 'utf8')
    for (const kind of upwardKinds) {
      const fields = Object.keys(fieldLabels[kind])
      expect(Object.keys(kinds[kind]?.fields ?? {})).toEqual(fields)
      expect(fields.filter((field) => !guide.includes(`\`${field}\``))).toEqual([])
    }
  })

  test('a receiver’s own names, values, times and constants', () =>
    withFile(
      `
version: 1
times: local
constants: { orgCode: '4102' }
values: { severity: { high: '2' } }
kinds: { alert: { name: GJ, fields: { id: eventId, kind: type, severity: level, openedAt: begin } } }
`,
      (file) => {
        const message = messageOf(
          draft('alert', { at: 0, key: [1] }, { severity: 'high', openedAt: 0, title: '不在表中' }),
          '410200',
        )
        const { entries } = present(message, { mapping: readMapping(file), timezone: 'Asia/Shanghai' })
        expect(Object.fromEntries(entries.map(({ theirs, value }) => [theirs, value]))).toEqual({
          ...{ eventId: message.id, type: 'GJ', level: '2', begin: '1970-01-01 08:00:00', orgCode: '4102' },
        })
      },
    ))

  test.each<[string, string, RegExp]>([
    [
      'a field that nobody has',
      edited((text) => text.replace('severity: severity', 'severty: severity')),
      /mapping\.yaml:\d+ kinds\.risk\.fields\.severty: unknown key\n {2}→ did you mean severity\?/u,
    ],
    [
      'a field that is not allowed',
      edited((text) => text.replace('rule: rule', 'saw: saw')),
      /kinds\.risk\.fields\.saw: unknown key/u,
    ],
    [
      'a name that syslog could not carry',
      edited((text) => text.replace('title: title', 'title: "标 题="')),
      /kinds\.risk\.fields\.title: expected up to 32 of/u,
    ],
    [
      'one name for two',
      edited((text) => text.replace('rule: rule', 'rule: title')),
      /kinds\.risk\.fields\.title: expected a name that nothing else/u,
    ],
    ['a kind without id', edited((text) => text.replace('id: id', '')), /kinds\.asset\.fields\.id: /u],
    [
      'a severity that is none',
      edited((text) => text.replace('values: {}', 'values: { severity: { hihg: "1" } }')),
      /values\.severity\.hihg: unknown key\n {2}→ did you mean high\?/u,
    ],
    [
      'another version',
      edited((text) => text.replace('version: 1', 'version: 2')),
      /mapping\.yaml:3 version: /u,
    ],
    ['no YAML', 'kinds: [', /not valid YAML/u],
  ])('%s is refused with its place', (_, text, words) =>
    withFile(text, (file) => {
      expect(() => readMapping(file)).toThrow(words)
    }),
  )

  test('one that is not there', () => {
    expect(() => readMapping('/nowhere/mapping.yaml')).toThrow(/there is no mapping/u)
  })
})
