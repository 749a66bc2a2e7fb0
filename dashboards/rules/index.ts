import { stringify } from 'yaml'
import type { AlertRule } from './alert.ts'
import { handlingAlerts } from './handling.ts'
import { reachAlerts } from './reach.ts'
import { recorded } from './recorded.ts'
import { securityAlerts } from './security.ts'
import { upwardAlerts } from './upward.ts'

export const alerts: readonly AlertRule[] = [
  ...reachAlerts,
  ...securityAlerts,
  ...handlingAlerts,
  ...upwardAlerts,
]

const alertEntry = (runbooks: string) => (rule: AlertRule) => ({
  alert: rule.name,
  expr: rule.expr,
  for: rule.for,
  ...(rule.keepFor !== undefined && { keep_firing_for: rule.keepFor }),
  labels: { severity: rule.severity },
  annotations: {
    summary: rule.summary,
    description: `${rule.meaning} 先做：${rule.steps[0]}`,
    runbook_url: `${runbooks}/${rule.name}.md`,
  },
})

/** Rules of Prometheus, as YAML; `runbooks` is the address under which the runbooks are read. */
export const rulesFile = (runbooks: string): string =>
  stringify(
    {
      groups: [
        {
          name: 'yiwang-recorded',
          rules: Object.values(recorded).map(({ record, expr }) => ({ record, expr })),
        },
        { name: 'yiwang-alerts', rules: alerts.map(alertEntry(runbooks)) },
      ],
    },
    { lineWidth: 0 },
  )

const urgency = {
  critical: '紧急：立即处理',
  warning: '警告：当日处理',
  info: '提示：不单独通知',
} as const

/** The runbook of an alert, as Markdown. */
export const runbook = ({ name, expr, for: during, severity, meaning, steps }: AlertRule): string =>
  `# ${name}

${urgency[severity]}。

${meaning}

## 处置

${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}

## 规则

持续 ${during}：

\`\`\`
${expr}
\`\`\`

由 \`dashboards/rules/\` 生成，请勿手改。
`
