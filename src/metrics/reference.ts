import { assessments, own, probeFamilies, probeLabelNames, targetLabelNames } from './catalogue.ts'
import type { MetricDefinition } from './definition.ts'
import { ledger } from './ledger.ts'
import { security } from './security.ts'
import { figures, notify, syslog, upward } from './telling.ts'

const referenceRow = ({ name, type, help, labels }: MetricDefinition): string => {
  const isTarget = targetLabelNames.every((label) => labels.includes(label))
  const isProbe = probeLabelNames.every((label) => labels.includes(label))
  const common: readonly string[] = isProbe ? probeLabelNames : isTarget ? targetLabelNames : []
  const group = isProbe ? ['*probe*'] : isTarget ? ['*target*'] : []
  const rest = labels.filter((label) => !common.includes(label)).map((label) => `\`${label}\``)
  return `| \`${name}\` | ${type} | ${[...group, ...rest].join(', ')} | ${help} |`
}

const table = (definitions: readonly MetricDefinition[]): string =>
  ['| metric | type | labels | meaning |', '|---|---|---|---|', ...definitions.map(referenceRow)].join('\n')

const nameList = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** The text of `docs/metrics.md`. */
export const metricsReference = (): string =>
  `# Metrics

Generated from \`src/metrics/catalogue.ts\` and the probe registry; do not edit.

Labels come from the inventory, never from what a target answered (but index and name of an interface, phases and
statistics). *target* stands for ${nameList(targetLabelNames)}; *probe* for the same and
${nameList(probeLabelNames.slice(targetLabelNames.length))}. A label whose value is empty is left out.
\`expect="unreachable"\` marks a probe that must not be answered: its 1 means that nobody answered.

An observation that is older than three intervals (at least 90 s) is not shown as up or down: it is unknown.

## The collector

${table([...Object.values(own), ...Object.values(figures)])}

The collector's own process shows \`process_*\` and \`nodejs_*\` beside these.

## Assessments of classified protection

${table(Object.values(assessments))}

## Log messages of devices

Shown where a listener of \`collector.syslog\` is configured.

${table(Object.values(syslog))}

## Notifications

${table(Object.values(notify))}

## Upward to the province

Shown where \`upward.destinations\` are configured.

${table(Object.values(upward))}

## Findings and incidents

${table(Object.values(security))}

## Work ledger and claims

${table(Object.values(ledger))}

## Probe kinds

${table(probeFamilies.map(({ definition }) => definition))}
`
