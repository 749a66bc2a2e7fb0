import { accessSync, constants } from 'node:fs'
import path from 'node:path'

const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/local/sbin`

const isInstalled = (binary: string): boolean =>
  searchPath.split(':').some((folder) => {
    try {
      accessSync(path.join(folder, binary), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/**
 * Whether a suite that needs these programs must be skipped.
 * Under `YIWANG_REQUIRE_SERVICES=1` (CI) a missing program is an error, not a skip.
 */
export const requires = (...binaries: readonly string[]): { readonly skip: boolean } => {
  const missing = binaries.filter((binary) => !isInstalled(binary))
  if (missing.length === 0) return { skip: false }
  if (process.env['YIWANG_REQUIRE_SERVICES'] === '1') throw new Error(`not installed: ${missing.join(', ')}`)
  process.stderr.write(`skipped, not installed: ${missing.join(', ')}\n`)
  return { skip: true }
}
