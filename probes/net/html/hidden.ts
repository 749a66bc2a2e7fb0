import type { Attributes } from './tags.ts'

/** Styles by which spam is kept from readers but not from search engines. */
const hiding =
  /display:none|visibility:hidden|font-size:0(?:[;a-z%]|$)|opacity:0(?:\.0*)?(?:;|$)|(?:text-indent|left|top|margin-left|margin-top):-\d{3,}/u

/** Whether an element's own attributes keep it from being seen; style sheets are not looked at. */
export const isHidden = (attributes: Attributes): boolean =>
  attributes.has('hidden') ||
  hiding.test((attributes.get('style') ?? '').slice(0, 2000).toLowerCase().replace(/\s+/gu, ''))
