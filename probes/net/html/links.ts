import type { ResourceType } from './resources.ts'
import { referencesOf } from './resources.ts'
import { readTags } from './tags.ts'

/** A URL that a page names, without fragment and user information. */
export interface PageLink {
  readonly url: URL
  readonly type: ResourceType
}

const bare = (url: URL): URL => {
  url.hash = ''
  url.username = ''
  url.password = ''
  return url
}

const webUrl = (text: string, base: URL): URL | undefined => {
  const url = URL.parse(text.trim(), base.href)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? bare(url) : undefined
}

/**
 * The http(s) URLs of the wanted types that a page names, each once, in the order of its source, at most `limit`.
 * Never throws.
 */
export const linksOf = (
  source: string,
  page: URL,
  { types, limit }: { readonly types: ReadonlySet<ResourceType>; readonly limit: number },
): readonly PageLink[] => {
  const found = new Map<string, PageLink>()
  let base = page
  readTags(source, {
    open: (name, attributes) => {
      if (name === 'base') base = URL.parse(attributes.get('href') ?? '', base.href) ?? base
      for (const { type, url: text } of referencesOf(name, attributes)) {
        const url = types.has(type) && text !== undefined ? webUrl(text, base) : undefined
        if (url !== undefined && found.size < limit && !found.has(url.href))
          found.set(url.href, { url, type })
      }
    },
    close: () => undefined,
    text: () => undefined,
  })
  return [...found.values()]
}
