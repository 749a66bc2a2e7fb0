import type { Attributes } from './tags.ts'

/** What a page is made of beside its text. */
export const resourceTypes = [
  'script',
  'frame',
  'form',
  'embed',
  'refresh',
  'base',
  'handler',
  'style',
  'image',
  'link',
] as const
export type ResourceType = (typeof resourceTypes)[number]

/** A URL as an attribute has it, or a piece of code. */
export interface Reference {
  readonly type: ResourceType
  readonly url?: string
  readonly code?: string
}

const attributeOf: Readonly<Record<string, readonly [attribute: string, type: ResourceType]>> = {
  a: ['href', 'link'],
  area: ['href', 'link'],
  script: ['src', 'script'],
  iframe: ['src', 'frame'],
  frame: ['src', 'frame'],
  form: ['action', 'form'],
  embed: ['src', 'embed'],
  object: ['data', 'embed'],
  applet: ['archive', 'embed'],
  base: ['href', 'base'],
  img: ['src', 'image'],
  input: ['src', 'image'],
  video: ['src', 'image'],
  audio: ['src', 'image'],
  source: ['src', 'image'],
}

const refreshUrl = (content: string): string =>
  /url\s{0,10}=\s{0,10}["']?([^"']{0,2000})/iu.exec(content.slice(0, 4000))?.[1] ?? content

const linkType = (rel: string): ResourceType =>
  /\b(?:stylesheet|icon)\b/iu.test(rel.slice(0, 200)) ? 'style' : 'link'

const named = (name: string, attributes: Attributes): readonly Reference[] => {
  if (name === 'link') {
    const url = attributes.get('href')
    return url === undefined ? [] : [{ type: linkType(attributes.get('rel') ?? ''), url }]
  }
  if (name === 'meta') {
    const isRefresh = attributes.get('http-equiv')?.toLowerCase() === 'refresh'
    return isRefresh ? [{ type: 'refresh', url: refreshUrl(attributes.get('content') ?? '') }] : []
  }
  const [attribute, type] = (Object.hasOwn(attributeOf, name) ? attributeOf[name] : undefined) ?? []
  const url = attribute === undefined ? undefined : attributes.get(attribute)
  return type === undefined || url === undefined ? [] : [{ type, url }]
}

const code = (attributes: Attributes): readonly Reference[] => [
  ...[...attributes]
    .filter(([attribute]) => /^on[a-z]{3,}$/u.test(attribute))
    .map(([attribute, value]) => ({ type: 'handler' as const, code: `${attribute}=${value}` })),
  ...(attributes.has('srcdoc') ? [{ type: 'frame' as const, code: attributes.get('srcdoc') ?? '' }] : []),
]

/** What an element refers to, and the code that its attributes hold. */
export const referencesOf = (name: string, attributes: Attributes): readonly Reference[] => [
  ...named(name, attributes),
  ...code(attributes),
]

/** What loads or runs something: it counts in an ignored fragment too, where it names a URL. */
const active: ReadonlySet<ResourceType> = new Set(['script', 'frame', 'form', 'embed', 'refresh', 'base'])
export const isActive = ({ type, url }: Reference): boolean => url !== undefined && active.has(type)
