import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { probes } from '../../probes/index.ts'
import { requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'

const kinds = probes.map(({ kind }) => kind).filter((kind) => kind !== 'host')

/** What a child prints in a network of its own, where 127.0.0.1 is asked for names. */
const inOwnNetwork = async (child: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> => {
  const lines = [
    'ip link set lo up',
    'mount -t tmpfs none /tmp',
    'echo nameserver 127.0.0.1 > /tmp/resolv.conf',
    'mount --bind /tmp/resolv.conf /etc/resolv.conf',
    'exec "$0" "$1"',
  ]
  const script = path.join(import.meta.dirname, child)
  const args = ['-nm', 'sh', '-ec', lines.join('\n'), process.execPath, script]
  const { stdout } = await promisify(execFile)('unshare', args, { env: { ...process.env, ...env } })
  return JSON.parse(stdout)
}

describe.skipIf(requiresRoot().skip || requires('unshare', 'mount', 'ip').skip)(
  'in a network of their own',
  () => {
    test('a resolver that is silent is no fault of any target', async () => {
      const silent = {
        status: 'unknown',
        cause: 'resolver',
        detail: 'the resolver did not answer for www.example.test in time',
      }
      expect(await inOwnNetwork('silent-resolver-child.ts', { RES_OPTIONS: 'timeout:3 attempts:1' })).toEqual(
        Object.fromEntries(kinds.map((kind) => [kind, silent])),
      )
    })

    test('names that nobody answers for do not keep others waiting', async () => {
      const env = { UV_THREADPOOL_SIZE: '32', RES_OPTIONS: 'timeout:1 attempts:1' }
      expect(await inOwnNetwork('dead-zone-child.ts', env)).toEqual({
        asked: 20,
        givenUp: 0,
        live: '192.0.2.1',
      })
    })
  },
)
