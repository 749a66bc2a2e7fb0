import path from 'node:path'
import type { Plugin } from 'rolldown'

const mark = (what: string, file: string): string => `__own_${what}__(${JSON.stringify(file)})`
const marks = /__own_(url|dirname|filename)__\("([^"]+)"\)/gu

const expression = (what: string, relative: string): string => {
  const url = `new URL(${JSON.stringify(relative)}, import.meta.url)`
  if (what === 'url') return `${url}.href`
  const file = `process.getBuiltinModule('node:url').fileURLToPath(${url})`
  return what === 'filename' ? file : `process.getBuiltinModule('node:path').dirname(${file})`
}

/**
 * In a bundle every module goes on thinking that it lies where its source does, under the folder of the bundle:
 * `import.meta.url`, `dirname` and `filename` of `inventory/regions/index.ts` are those of
 * `dist/inventory/regions/index.js`, whichever chunk it went into.
 */
export const ownPlaces = (root: string): Plugin => ({
  name: 'own-places',
  transform: (code, id) => {
    if (!id.startsWith(root) || id.includes('/node_modules/') || !code.includes('import.meta.')) return null
    const file = path.relative(root, id).replace(/\.ts$/u, '.js')
    return code.replaceAll(/import\.meta\.(url|dirname|filename)\b/gu, (_, what: string) => mark(what, file))
  },
  renderChunk: (code, { fileName }) =>
    code.includes('__own_')
      ? code.replaceAll(marks, (_, what: string, file: string) => {
          const relative = path.relative(path.dirname(fileName), file)
          return expression(what, relative.startsWith('.') ? relative : `./${relative}`)
        })
      : null,
})
