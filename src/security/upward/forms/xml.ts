import { type Presented, toldField, toldSeverity } from '../present.ts'

/**
 * Documents in the style of GB/T 28517-2012 (IODEF): its table of contents names the classes Incident, IncidentID,
 * Time, Assessment, EventData, System, Node, Record and AdditionalData. Its own schema is not public, so the namespace
 * is ours, and nothing here claims to be valid by that standard.
 */

/** What XML 1.0 cannot hold at all. */
const illegal = /[\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{9F}\u{FFFE}\u{FFFF}]/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(illegal, '\u{FFFD}')
    .replaceAll(/[&<>"'\t\n\r]/gu, (found) => entities[found] ?? '')

type Attributes = Readonly<Record<string, string>>

const element = (name: string, attributes: Attributes, children: readonly string[] | string): string => {
  const inside = typeof children === 'string' ? escaped(children) : children.join('')
  const own = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`)
  return `<${name}${own.join('')}>${inside}</${name}>`
}

const ifTold = (value: string | undefined, write: (value: string) => string): readonly string[] =>
  value === undefined ? [] : [write(value)]

const isHappening = ({ message: { kind } }: Presented): boolean => kind !== 'asset' && kind !== 'status'

/** Of assets and states, which are no incidents, only the record. */
const classesOf = (presented: Presented): readonly string[] => {
  if (!isHappening(presented)) return []
  const target = toldField(presented, 'targetName') ?? toldField(presented, 'targets')
  return [
    ...ifTold(toldSeverity(presented), (severity) =>
      element('Assessment', {}, [element('Impact', { severity }, severity)]),
    ),
    element('EventData', {}, [
      ...ifTold(toldField(presented, 'title'), (title) => element('Description', {}, title)),
      ...ifTold(target, (name) =>
        element('System', {}, [element('Node', {}, [element('NodeName', {}, name)])]),
      ),
    ]),
  ]
}

/** A whole document, UTF-8. */
export const xmlOf = (presented: Presented, source: string): string => {
  const { message, name, entries } = presented
  const body = [
    element('IncidentID', { name: source }, message.id),
    element('ReportTime', {}, new Date(message.at).toISOString()),
    ...classesOf(presented),
    ...entries.map(({ theirs, value }) =>
      element(
        'AdditionalData',
        { dtype: typeof value === 'number' ? 'integer' : 'string', meaning: theirs },
        String(value),
      ),
    ),
  ]
  const root = element(
    'IODEF-Document',
    { xmlns: 'urn:yiwang:iodef-style:1', version: '1', lang: 'zh-CN', kind: message.kind, name },
    [element(isHappening(presented) ? 'Incident' : 'Record', { purpose: 'reporting' }, body)],
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- In the style of GB/T 28517-2012; not checked against its schema. -->
${root}
`
}
