import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { probes } from '../../probes/index.ts'
import { requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'

const kinds = probes.map(({ kind }) => kind).filter((kind) => kind !== 'host')

test.skipIf(requiresRoot().skip || requires('unshare', 'mount', 'ip').skip)(
  'a resolver that is silent is no fault of any target',
  async () => {
    const lines = [
      'ip link set lo up',
      'mount -t tmpfs none /tmp',
      'echo nameserver 127.0.0.1 > /tmp/resolv.conf',
      'mount --bind /tmp/resolv.conf /etc/resolv.conf',
      'exec "$0" "$1"',
    ]
    const child = path.join(import.meta.dirname, 'silent-resolver-child.ts')
    const inside = ['-nm', 'sh', '-ec', lines.join('\n'), process.execPath, child]
    const { stdout } = await promisify(execFile)('unshare', inside)
    const silent = {
      status: 'unknown',
      cause: 'resolver',
      detail: 'the resolver did not answer for www.example.test in time',
    }
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(kinds.map((kind) => [kind, silent])))
  },
)
