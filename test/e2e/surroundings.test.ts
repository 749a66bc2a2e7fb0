import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Finished, launcher } from '../support/cli.ts'
import { type DataFolder, emptyFolder, expectRefusal, kaifeng } from './data-folder.ts'

/** Machines that are not as a developer's: what the CLI says there, and how it ends. */

let city: DataFolder
beforeAll(async () => {
  city = await kaifeng()
})
afterAll(() => city[Symbol.asyncDispose]())

/** Runs lines of shell with `$0` the launcher and `$1` the data folder. */
const shell = async (lines: readonly string[], folder: DataFolder): Promise<Finished> => {
  const child = spawn('sh', ['-c', lines.join('\n'), launcher, folder.path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

describe.skipIf(process.getuid?.() !== 0)('in a mount namespace', () => {
  const inside = (...lines: readonly string[]): readonly string[] => [
    `exec unshare -m sh -ec '${lines.join('\n')}' "$0" "$1"`,
  ]

  test('a user whom the system does not know, without a home: named by number in the audit log', async () => {
    await using folder = await emptyFolder()
    const made = await shell(
      inside(
        'for file in /etc/passwd /etc/nsswitch.conf; do mount --bind /dev/null $file; done',
        'exec "$0" init --region 410202 --data "$1"',
      ),
      folder,
    )
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(await folder.json('audit', 'log')).toMatchObject([{ actor: 'uid 0' }])
  })

  test.each([['run'], ['collector run'], ['node set n-410202 remark=x'], ['backup "$1/b"']])(
    'a folder that is mounted read-only: %s',
    async (command) => {
      const finished = await shell(
        inside('mount --bind "$1" "$1"', 'mount -o remount,ro,bind "$1"', `exec "$0" ${command} --data "$1"`),
        city,
      )
      expectRefusal(finished, 4, /cannot use \/.*(EROFS|read-only)[^]*\n {2}→ check that the path/u)
    },
  )
})

test('a data folder that can never be made: said, not tried for ever', async () => {
  await using folder = await emptyFolder()
  const finished = await shell(['exec "$0" init --region 410202 --data /proc/yiwang/data'], folder)
  expectRefusal(finished, 4, /cannot use \/proc\/yiwang: ENOENT/u)
})

test('secrets that this user may not read: no matter where none is asked for', async () => {
  await using folder = await emptyFolder()
  await symlink('secrets.yaml', folder.file('secrets.yaml'))
  const { code, stdout } = await folder.run('probe', 'tcp', '127.0.0.1', '--port', '1')
  expect({ code, stdout }).toMatchObject({ code: 3 })
  expect(stdout).toMatch(/^tcp 127\.0\.0\.1: down \(refused\).*\n {2}connect ECONNREFUSED.*\n$/u)
  expectRefusal(
    await folder.run('probe', 'snmp', '127.0.0.1', '--credential', 'core'),
    4,
    /cannot read .*secrets\.yaml: ELOOP/u,
  )
})

test.each(['node list', 'node list --json', '--help'])(
  'standard output that takes nothing more: %s',
  async (command) => {
    const finished = await shell([`YIWANG_DATA="$1" exec "$0" ${command} > /dev/full`], city)
    expectRefusal(finished, 4, /^yiwang: standard output: ENOSPC.*\n {2}→ free some space/u)
  },
)

test.each([
  ['node', 'list'],
  ['node', 'show'],
  ['node', 'set', 'n-410202'],
  ['probe', 'icmp'],
  ['nothing-like-it'],
])('an argument of 100,000 characters: %j', async (...args) => {
  const { code, stderr } = await city.run(...args, 'a'.repeat(100_000))
  expect([2, 3]).toContain(code)
  expect(stderr.length).toBeLessThan(4000)
})

test('a file that never ends is not read for ever', async () => {
  expectRefusal(await city.run('import', '/dev/zero'), 2, /zero: expected at most 33554432 bytes/u)
})

test('what was given does not speak to the terminal', async () => {
  const { stderr } = await city.run('node', 'show', '\u{1b}[31mx')
  expect(stderr).toMatch(/there is no such node/u)
  expect(stderr).not.toContain('\u{1b}')
})

test('a command that is none, of a topic that is one', async () => {
  const { code, stderr } = await city.run('probe', 'nope', '192.0.2.1')
  expect({ code, stderr }).toMatchObject({ code: 2 })
  expect(stderr).toMatch(/ {2}→ yiwang probe --help lists them/u)
})
