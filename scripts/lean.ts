import type { Plugin } from 'rolldown'

const http = 'node:http'
const virtual = `\0${http}`

/**
 * A module that imports `node:http` has every name of it looked up, those of WebSocket too, and with them undici
 * loaded: 10 MB and 10 ms of each process. Asking for the same object does not.
 */
export const withoutUndici: Plugin = {
  name: 'without-undici',
  resolveId: (id) => (id === http ? virtual : null),
  load: (id) => (id === virtual ? `export default process.getBuiltinModule('${http}')` : null),
}

const rendering = 'return ejs_1.default.render(t, context);'

/** oclif compiles a template of each text of a help page, a fifth of `--help`; a text without a tag is what it renders to. */
export const templatesOnly: Plugin = {
  name: 'templates-only',
  transform: (code, id) => {
    if (!id.endsWith('/@oclif/core/lib/help/util.js')) return null
    if (!code.includes(rendering)) throw new Error(`expected ${rendering} in ${id}`)
    return code.replace(rendering, () => `if (!t.includes('<%')) return t; ${rendering}`)
  },
}

/** JavaScript or JSON that says the same in ASCII: in memory a byte a character, where others take two. */
export const inAscii = (source: string): string =>
  source.replaceAll(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

export const sourcesInAscii: Plugin = {
  name: 'sources-in-ascii',
  // The last hook that sees the text: dropping comments, after `renderChunk`, would undo it.
  generateBundle: (_, chunks) => {
    for (const chunk of Object.values(chunks)) if (chunk.type === 'chunk') chunk.code = inAscii(chunk.code)
  },
}
