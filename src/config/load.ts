import path from 'node:path'
import { valueAt } from '../core/expectation.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { type Environment, isSet, unknownVariables, withEnvironment } from './environment.ts'
import { keysAt, leaves } from './leaves.ts'
import { problemsOf } from './problems.ts'
import { type Settings, settings } from './settings.ts'
import { withValue } from './tree.ts'
import { type YamlSource, readYaml } from './yaml-source.ts'

/** Settings, and where everything lies. Paths are absolute; the value is deeply frozen. */
export interface Config extends Settings {
  readonly dataFolder: string
  /** The file that was read, undefined where there is none. */
  readonly configFile: string | undefined
  readonly secretsFile: string
}

export interface ConfigPlaces {
  /** `--config`; else $YIWANG_CONFIG; else yiwang.yaml in the data folder, which may be missing. */
  readonly configFile?: string
  /** `--data`; else $YIWANG_DATA; else ./yiwang-data. */
  readonly dataFolder?: string
  readonly env: Environment
}

const findSource = ({ configFile, env }: ConfigPlaces, dataFolder: string): YamlSource | undefined => {
  const chosen = configFile ?? (env['YIWANG_CONFIG'] || undefined)
  if (chosen === undefined) return readYaml(path.join(dataFolder, 'yiwang.yaml'))
  const source = readYaml(path.resolve(chosen))
  if (source !== undefined) return source
  throw new EnvironmentFault('FILE_UNREADABLE', `there is no configuration file ${path.resolve(chosen)}`)
}

/** The file's value, its paths made absolute from its own folder. */
const valueOf = (source: YamlSource): unknown =>
  leaves
    .filter(({ isFile }) => isFile)
    .reduce<unknown>((value, leaf) => {
      const named = valueAt(value, leaf.path)
      if (typeof named !== 'string' || named === '') return value
      return withValue(value, leaf.path, path.resolve(path.dirname(source.file), named))
    }, source.value ?? {})

const whereOf =
  (source: YamlSource | undefined, env: Environment) =>
  (keys: readonly PropertyKey[]): string => {
    const dotted = keys.map(String).join('.')
    const leaf = leaves.find(({ path: own }) => own.join('.') === dotted)
    if (leaf && isSet(env, leaf)) return `$${leaf.variable}`
    return source === undefined ? dotted : `${source.placeOf(keys)} ${dotted}`.trimEnd()
  }

const parse = (source: YamlSource | undefined, env: Environment): Settings => {
  const value = withEnvironment(source === undefined ? {} : valueOf(source), env)
  const { success, data, error } = settings.safeParse(value)
  const where = whereOf(source, env)
  const wrong = success ? [] : problemsOf(error, { where, valueAt: (keys) => valueAt(value, keys), keysAt })
  const problems = [...wrong, ...unknownVariables(env)]
  if (success && problems.length === 0) return data
  throw new UsageFault(problems, { cause: error })
}

/**
 * Reads the configuration: defaults, then the file, then `YIWANG_<PATH>` variables.
 * Throws `UsageFault` with every problem (file, line and dotted path), `EnvironmentFault` FILE_UNREADABLE.
 */
export const loadConfig = (places: ConfigPlaces): Config => {
  const dataFolder = path.resolve(places.dataFolder ?? (places.env['YIWANG_DATA'] || 'yiwang-data'))
  const source = findSource(places, dataFolder)
  const parsed = parse(source, places.env)
  return Object.freeze({
    ...parsed,
    dataFolder,
    configFile: source?.file,
    secretsFile: parsed.secretsFile ?? path.join(dataFolder, 'secrets.yaml'),
  })
}
