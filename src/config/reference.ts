import { type Leaf, descriptionAt, leaves } from './leaves.ts'

const range = ({ minimum, exclusiveMinimum, maximum }: Leaf): string => {
  const low = exclusiveMinimum === undefined ? minimum : `>${exclusiveMinimum}`
  if (low === undefined && maximum === undefined) return ''
  return `${low ?? ''} … ${maximum ?? ''}`.trim()
}

const typeOf = (leaf: Leaf): string => {
  if (leaf.choices !== undefined) return leaf.choices.map((choice) => `\`${choice}\``).join(', ')
  if (leaf.isFile) return 'file'
  if (leaf.type === 'array') return 'list of text'
  if (leaf.type === 'object') return 'entries by name'
  return [leaf.type === 'string' ? 'text' : leaf.type, range(leaf)].filter(Boolean).join(' ')
}

const defaultOf = (leaf: Leaf): string =>
  leaf.default === undefined || leaf.type === 'object' || String(leaf.default) === ''
    ? ''
    : `\`${String(leaf.default)}\``

const row = (leaf: Leaf): string =>
  `| \`${leaf.path.join('.')}\` | ${typeOf(leaf)} | ${defaultOf(leaf)} | ${leaf.description} |`

const header = ['| key | value | default | meaning |', '| --- | --- | --- | --- |']

const sectionOf = (leaf: Leaf): string => (leaf.path.length === 1 ? 'general' : (leaf.path[0] ?? ''))

const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const section = ([name, members]: readonly [string, readonly Leaf[]]): string => {
  const description = descriptionAt([name])
  return [
    `## ${name}`,
    '',
    ...(description === '' ? [] : [`${capitalised(description)}.`, '']),
    ...header,
    ...members.map(row),
    '',
  ].join('\n')
}

const introduction = `# Configuration

<!-- Generated from src/config/settings.ts: change that and run \`npm run generate\`. -->

One YAML file (JSON is YAML too), read once at the start: \`--config FILE\`, else \`$YIWANG_CONFIG\`, else
\`yiwang.yaml\` in the data folder, where it may be missing. The data folder is \`--data DIR\`, else \`$YIWANG_DATA\`,
else \`./yiwang-data\`. Unknown keys are errors. Relative paths count from the folder of the file that names them.

Each key can be set by the environment as well, which outranks the file: \`YIWANG_\`, then the path in capitals,
so \`collector.tls.clientCa\` is \`YIWANG_COLLECTOR_TLS_CLIENT_CA\`. Empty variables count as unset; paths in them
count from the working folder. Lists are written with commas between, entries by name as a JSON object.

\`\`\`yaml
probing:
  icmp: { intervalSeconds: 30, count: 3 }
collector:
  listen: 192.0.2.10:9410
  tls: { certificate: tls/collector.pem, key: tls/collector.key }
  metricsTokenFile: metrics.token
\`\`\`
`

const secrets = `## Secrets

Plans and inventory name credentials; their values are the agent's own. They are read from \`secretsFile\`, which
must belong to root or to the user that runs yiwang, with mode 0600 (or 0400):

\`\`\`yaml
county-switches:
  kind: snmp-community # SNMP v2c
  community: …
core-routers:
  kind: snmp-user # SNMP v3 authPriv
  user: yiwang
  authProtocol: sha256 # or sha1
  authPassword: … # at least 8 characters (RFC 3414)
  privProtocol: aes128
  privPassword: …
portal-api:
  kind: bearer
  token: …
duty-group:
  kind: endpoint # of a messenger’s robot or a webhook
  url: https://…
  secret: … # with which messages are signed
mail-user:
  kind: smtp
  user: …
  password: …
\`\`\`

or from \`YIWANG_SECRET_<NAME>\`, which outranks the file: \`YIWANG_SECRET_COUNTY_SWITCHES=community:…\`,
\`bearer:…\`, or the fields above as a JSON object. No value appears in output, logs, errors, metrics or process
arguments.
`

/** The reference of all settings as Markdown; \`docs/configuration.md\` is this, kept in step by \`npm run generate\`. */
export const configurationReference = (): string => {
  const groups = Map.groupBy(leaves, sectionOf)
  return [introduction, ...[...groups].map(section), secrets].join('\n')
}
