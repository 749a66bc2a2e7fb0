import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { loadCredentials, readTokenFile } from '../../src/config/index.ts'
import type { Credential } from '../../src/core/credential.ts'
import { EnvironmentFault, UsageFault } from '../../src/core/fault.ts'
import { temporaryFolder } from './folder.ts'

const file = `
switches: { kind: snmp-community, community: "HIDDEN-community" }
routers:
  kind: snmp-user
  user: yiwang
  authProtocol: sha1
  authPassword: HIDDEN-authentication
  privPassword: HIDDEN-encryption
portal.api: { kind: bearer, token: HIDDEN-token }
`

const thrownBy = (run: () => unknown): Error => {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Error)
    return error as Error
  }
  throw new Error('nothing was thrown')
}

const load = async (text: string, env: Record<string, string> = {}) => {
  await using folder = await temporaryFolder()
  return loadCredentials(await folder.write('secrets.yaml', text), env)
}

/** Every problem of a secrets file, its folder left out. No account of the error may show what is hidden. */
const messageOf = async (text: string, env: Record<string, string> = {}): Promise<string> => {
  await using folder = await temporaryFolder()
  const secrets = await folder.write('secrets.yaml', text)
  const error = thrownBy(() => loadCredentials(secrets, env))
  expect(error).toBeInstanceOf(UsageFault)
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('HIDDEN')
  return error.message.replaceAll(`${folder.path}/`, '')
}

test('named credentials are resolved, with the default protocols', async () => {
  const resolve = await load(file)
  expect(resolve('switches')).toHaveProperty('community', 'HIDDEN-community')
  const routers = resolve('routers')
  expect(routers).toHaveProperty('authProtocol', 'sha1')
  expect(routers).toHaveProperty('authPassword', 'HIDDEN-authentication')
  expect(routers).toHaveProperty('privProtocol', 'aes128')
  expect(resolve('portal.api')).toHaveProperty('token', 'HIDDEN-token')
  expect(resolve('none')).toBeUndefined()
  expect(resolve('constructor')).toBeUndefined()
})

test('a missing file means no credentials; an empty one as well', async () => {
  await using folder = await temporaryFolder()
  expect(loadCredentials(path.join(folder.path, 'none.yaml'), {})('switches')).toBeUndefined()
  expect((await load('# nothing yet\n'))('switches')).toBeUndefined()
})

test('the environment outranks the file', async () => {
  const env = {
    YIWANG_SECRET_SWITCHES: 'community:HIDDEN: with a colon',
    YIWANG_SECRET_PORTAL_API: 'bearer:HIDDEN-other',
    YIWANG_SECRET_CORE: JSON.stringify({
      kind: 'snmp-user',
      user: 'core',
      authPassword: 'HIDDEN-a1',
      privPassword: 'HIDDEN-p1',
    }),
  }
  const resolve = await load(file, env)
  expect(resolve('switches')).toHaveProperty('community', 'HIDDEN: with a colon')
  expect(resolve('portal.api')).toHaveProperty('token', 'HIDDEN-other')
  expect(resolve('core')).toHaveProperty('authProtocol', 'sha256')
})

const accounts: readonly (readonly [string, (credential: Credential) => string])[] = [
  ['inspect', (credential) => inspect(credential, { depth: null, showHidden: true })],
  ['inspect within', (credential) => inspect({ nested: [credential] }, { depth: null })],
  ['format', (credential) => format('%s %o %O %j', credential, credential, credential, credential)],
  ['JSON', (credential) => JSON.stringify({ credential })],
  ['spreading', (credential) => inspect({ ...credential })],
  ['keys and values', (credential) => JSON.stringify(Object.entries(credential))],
  ['a clone', (credential) => inspect(structuredClone({ ...credential }))],
  ['an error', (credential) => inspect(new Error('x', { cause: credential }), { depth: null })],
]

test.each(accounts)('no secret is seen by %s', async (_, account) => {
  const resolve = await load(file)
  for (const name of ['switches', 'routers', 'portal.api'])
    expect(account(resolve(name)!)).not.toContain('HIDDEN')
  expect(Object.isFrozen(resolve('routers'))).toBe(true)
})

test.each<readonly [string, string]>([
  ['a: HIDDEN', 'secrets.yaml:1 a: expected object'],
  [
    'a:\n  kind: password\n  HIDDEN: x',
    'secrets.yaml:2 a.kind: expected kind to be snmp-community, snmp-user, bearer, endpoint or smtp',
  ],
  [
    'a:\n  community: HIDDEN',
    'secrets.yaml:1 a.kind: expected kind to be snmp-community, snmp-user, bearer, endpoint or smtp',
  ],
  ['a: { kind: snmp-community }', 'secrets.yaml:1 a.community: expected string'],
  ['a:\n  kind: snmp-community\n  community: 12345', 'secrets.yaml:3 a.community: expected string'],
  ['a:\n  kind: bearer\n  token: HIDDEN\n  HIDDEN: x', 'secrets.yaml:1 a: unknown key'],
  [
    'a:\n  kind: snmp-user\n  user: u\n  authPassword: HIDDEN7\n  privPassword: HIDDEN8\n  authProtocol: HIDDEN',
    'secrets.yaml:6 a.authProtocol: expected one of "sha1"|"sha256"\n' +
      'secrets.yaml:4 a.authPassword: expected string to have >=8 characters\n' +
      'secrets.yaml:5 a.privPassword: expected string to have >=8 characters',
  ],
  ...['http://192.0.2.7/HIDDEN', 'https://u:HIDDEN@robot.example/', 'ftp://127.0.0.1/HIDDEN'].map(
    (url): readonly [string, string] => [
      `a: { kind: endpoint, url: "${url}" }`,
      'secrets.yaml:1 a.url: expected an https:// address without user and password (http:// only on loopback)\n' +
        '  → turn TLS on there, or name a TLS proxy in front of it',
    ],
  ),
  [
    'HIDDEN Name: { kind: bearer, token: x }',
    'secrets.yaml:1: expected a name of up to 64 of a-z, 0-9, dot, underscore and hyphen',
  ],
  ['HIDDEN', 'secrets.yaml: expected names, each with a credential'],
  ['- HIDDEN', 'secrets.yaml: expected names, each with a credential'],
  ['a: *HIDDEN', 'secrets.yaml: not valid YAML (BAD_ALIAS): put values in quotes'],
  ['a: "HIDDEN', 'secrets.yaml:1: not valid YAML (MISSING_CHAR)'],
  ['a: !HIDDEN x', 'secrets.yaml:1: not valid YAML (TAG_RESOLVE_FAILED)'],
  ['a: @HIDDEN', 'secrets.yaml:1: not valid YAML (BAD_SCALAR_START)'],
  ['a: HIDDEN: b', 'secrets.yaml:1: not valid YAML (BLOCK_AS_IMPLICIT_KEY)'],
])('%j is refused without showing it: %s', async (text, message) => {
  expect(await messageOf(text)).toBe(message)
})

test.each([
  ['HIDDEN', '$YIWANG_SECRET_A: expected community:…, bearer:… or a JSON object'],
  ['{"HIDDEN"', '$YIWANG_SECRET_A: expected community:…, bearer:… or a JSON object'],
  ['"HIDDEN"', '$YIWANG_SECRET_A: expected object'],
  ['community:', '$YIWANG_SECRET_A.community: expected string to have >=1 characters'],
  ['{"kind":"bearer","HIDDEN":1}', '$YIWANG_SECRET_A.token: expected string\n$YIWANG_SECRET_A: unknown key'],
])('the variable %j is refused without showing it: %s', async (text, message) => {
  expect(await messageOf('', { YIWANG_SECRET_A: text })).toBe(message)
})

describe('a file with secrets', () => {
  const readers = [
    ['credentials', (secrets: string) => loadCredentials(secrets, {})],
    ['token', readTokenFile],
  ] as const

  test.each(readers)('%s: others may not read it', async (_, read) => {
    await using folder = await temporaryFolder()
    const secrets = await folder.write('s', 'HIDDEN-HIDDEN')
    chmodSync(secrets, 0o644)
    expect(thrownBy(() => read(secrets)).message).toBe(
      `${secrets}: expected mode 0600, got 0644: others can read or change the secrets\n  → chmod 600 ${secrets}`,
    )
  })

  test.each([0o600, 0o400])('mode %o will do', async (mode) => {
    await using folder = await temporaryFolder()
    const secrets = await folder.write('s', 'HIDDEN-HIDDEN\n')
    chmodSync(secrets, mode)
    expect(readTokenFile(secrets)).toBe('HIDDEN-HIDDEN')
  })

  test.skipIf(process.geteuid?.() !== 0).each(readers)('%s: nobody else may own it', async (_, read) => {
    await using folder = await temporaryFolder()
    const secrets = await folder.write('s', 'HIDDEN-HIDDEN')
    chownSync(secrets, 12_345, 12_345)
    expect(thrownBy(() => read(secrets)).message).toBe(
      `${secrets}: expected owner 0 or root, got 12345\n  → chown 0 ${secrets}`,
    )
  })

  test.each(readers)('%s: a folder or a pipe is none', async (_, read) => {
    await using folder = await temporaryFolder()
    const pipe = path.join(folder.path, 'pipe')
    execFileSync('mkfifo', ['-m', '600', pipe])
    expect(thrownBy(() => read(pipe)).message).toBe(`${pipe}: expected a regular file`)
    expect(thrownBy(() => read(folder.path)).message).toContain(`${folder.path}: expected a regular file`)
  })

  test('its size is bounded', async () => {
    await using folder = await temporaryFolder()
    const secrets = await folder.write('s', 'x'.repeat(1_048_577))
    expect(thrownBy(() => readTokenFile(secrets)).message).toContain('expected up to 1 MiB')
  })
})

test('a token is one line of visible ASCII, and its file must be there', async () => {
  await using folder = await temporaryFolder()
  for (const text of ['', 'short', 'two HIDDEN words', 'two\nHIDDEN', 'HIDDEN-令牌', 'x'.repeat(4097)]) {
    const token = await folder.write('token', text)
    expect(thrownBy(() => readTokenFile(token)).message).toBe(
      `${token}: expected one line of 8 to 4096 visible ASCII characters, got something else`,
    )
  }
  const missing = thrownBy(() => readTokenFile(path.join(folder.path, 'none')))
  expect(missing).toBeInstanceOf(EnvironmentFault)
  expect(missing).toMatchObject({ code: 'FILE_UNREADABLE' })
})
