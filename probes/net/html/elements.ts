/** Elements that are never open: HTML standard §13.1.2. */
const empty = new Set([
  ...['area', 'base', 'basefont', 'bgsound', 'br', 'col', 'embed', 'frame', 'hr', 'img', 'input', 'keygen'],
  ...['link', 'meta', 'param', 'source', 'track', 'wbr'],
])

const rowParts = ['td', 'th']
/** An element that ends the one before it where its end tag was left out: HTML standard §13.1.2.4. */
const endsBefore: Readonly<Record<string, readonly string[]>> = {
  li: ['li'],
  dt: ['dt', 'dd'],
  dd: ['dt', 'dd'],
  option: ['option'],
  td: rowParts,
  th: rowParts,
  tr: [...rowParts, 'tr'],
  tbody: [...rowParts, 'tr', 'thead', 'tbody'],
}

const blocks = new Set([
  ...[
    'address',
    'article',
    'aside',
    'blockquote',
    'body',
    'br',
    'button',
    'caption',
    'center',
    'dd',
    'details',
  ],
  ...[
    'dialog',
    'div',
    'dl',
    'dt',
    'fieldset',
    'figcaption',
    'figure',
    'footer',
    'form',
    'frameset',
    'h1',
    'h2',
  ],
  ...[
    'h3',
    'h4',
    'h5',
    'h6',
    'head',
    'header',
    'hr',
    'html',
    'iframe',
    'legend',
    'li',
    'main',
    'marquee',
    'menu',
  ],
  ...['nav', 'ol', 'optgroup', 'option', 'p', 'pre', 'section', 'select', 'summary', 'table', 'tbody', 'td'],
  ...['textarea', 'tfoot', 'th', 'thead', 'title', 'tr', 'ul'],
])

/** Whether text before and after its tags stands apart. */
export const isBlock = (name: string): boolean => blocks.has(name)

/** Marks that an element gives to everything in it. */
export interface Marks {
  readonly isIgnored: boolean
  readonly isHidden: boolean
}

interface Open {
  readonly name: string
  readonly marks: Marks
}

/** The elements that are open, and what they mark. */
export interface OpenElements {
  /** Opens an element; its marks add to those around it. Tells what holds inside. */
  readonly open: (name: string, own: Marks) => Marks
  readonly close: (name: string) => void
  readonly marks: () => Marks
}

/** Browsers nest no deeper either. */
const maxDepth = 512
const unmarked: Marks = { isIgnored: false, isHidden: false }

/** The elements open inside what has these marks, in bounded room and time: nested deeper than 512, they are not told apart. */
export const openElements = (around: Marks = unmarked): OpenElements => {
  const stack: Open[] = []
  const counts = new Map<string, number>()
  const marks = (): Marks => stack.at(-1)?.marks ?? around
  const pop = (): Open | undefined => {
    const top = stack.pop()
    if (top !== undefined) counts.set(top.name, (counts.get(top.name) ?? 1) - 1)
    return top
  }
  const endImplied = (name: string): void => {
    const ended = Object.hasOwn(endsBefore, name) ? (endsBefore[name] ?? []) : isBlock(name) ? ['p'] : []
    // A mark of an element that stands open by mistake must not spread over the rest of the page.
    while (name !== 'br' && ended.includes(stack.at(-1)?.name ?? '')) pop()
  }
  return {
    marks,
    open: (name, own) => {
      endImplied(name)
      const outer = marks()
      const inside = {
        isIgnored: outer.isIgnored || own.isIgnored,
        isHidden: outer.isHidden || own.isHidden,
      }
      if (empty.has(name)) return inside
      if (stack.length < maxDepth) {
        stack.push({ name, marks: inside })
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
      return inside
    },
    close: (name) => {
      if ((counts.get(name) ?? 0) === 0) return
      while (pop()?.name !== name);
    },
  }
}
