import { cannotTell, decide, defineFamily, type HostCheck, type Judgement, withText } from '../check.ts'
import { type ItemId, items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { enabledUnits, firstThere, joined, linesOf, readFolder, settingsOf, textOf } from '../texts.ts'

interface AuditFacts {
  readonly settings: Found
  readonly isEnabled: boolean
  /** As loaded into the kernel where it can be asked, else as the files have them. */
  readonly rules: readonly string[]
  readonly isLoaded: boolean
}

const read = async (machine: Machine): Promise<AuditFacts> => {
  const loaded = await machine.live?.run('auditctl', ['-l'])
  const written = [
    await firstThere(machine, ['/etc/audit/audit.rules']),
    ...(await readFolder(machine, '/etc/audit/rules.d', /\.rules$/u)),
  ]
  const lock = linesOf(joined(written)).filter((line) => line.startsWith('-e'))
  return {
    settings: await machine.read('/etc/audit/auditd.conf'),
    isEnabled: (await enabledUnits(machine)).has('auditd.service'),
    rules: loaded === undefined ? linesOf(joined(written)) : [...linesOf(loaded), ...lock],
    isLoaded: loaded !== undefined,
  }
}

const byAudit =
  (judge: (facts: AuditFacts) => Judgement) =>
  (facts: AuditFacts): Judgement =>
    withText(facts.settings, () => judge(facts))

interface Watched {
  readonly id: string
  readonly title: string
  readonly items: readonly ItemId[]
  /** Each must be in some rule. */
  readonly needed: readonly string[]
  readonly rule: string
}

const watched: readonly Watched[] = [
  {
    id: 'audit.accounts',
    title: '审计账户变更',
    items: items.auditEnabled,
    needed: ['/etc/passwd', '/etc/shadow', '/etc/group'],
    rule: '-w /etc/passwd -p wa -k identity（shadow、group 同样）',
  },
  {
    id: 'audit.privileges',
    title: '审计提权设置变更',
    items: [...items.auditEnabled, ...items.operationTraces],
    needed: ['/etc/sudoers'],
    rule: '-w /etc/sudoers -p wa -k scope',
  },
  {
    id: 'audit.clock',
    title: '审计系统时间变更',
    items: items.auditContent,
    needed: ['settimeofday', 'clock_settime'],
    rule: '-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time',
  },
  {
    id: 'audit.modules',
    title: '审计内核模块装卸',
    items: items.auditEnabled,
    needed: ['init_module', 'delete_module'],
    rule: '-a always,exit -F arch=b64 -S init_module,delete_module -k modules',
  },
]

const hasWord = (rules: readonly string[], word: string): boolean =>
  rules.some((rule) => rule.split(/[\s,=]+/u).includes(word))

const watch = ({ id, title, items: own, needed, rule }: Watched): HostCheck<AuditFacts> => ({
  id,
  title,
  items: own,
  reads: ['auditctl -l', '/etc/audit/audit.rules', '/etc/audit/rules.d'],
  remedy: `在 /etc/audit/rules.d 加规则 ${rule}，再运行 augenrules --load`,
  judge: byAudit(({ rules, isLoaded }) => {
    const missing = needed.filter((word) => !hasWord(rules, word))
    const where = isLoaded ? '已加载的规则' : '规则文件'
    return decide(
      missing.length === 0,
      `${where}${missing.length === 0 ? '包含' : '缺少'} ${(missing.length === 0 ? needed : missing).join('、')}`,
    )
  }),
})

export const audit = defineFamily<AuditFacts>({
  name: 'audit',
  title: '安全审计',
  read,
  checks: [
    {
      id: 'audit.enabled',
      title: '审计服务开机启动',
      items: items.auditEnabled,
      reads: ['/etc/audit/auditd.conf', '/etc/systemd/system'],
      remedy: '运行 systemctl enable --now auditd',
      judge: byAudit(({ isEnabled }) =>
        decide(isEnabled, isEnabled ? 'auditd 开机启动' : '有 auditd 配置，但未设为开机启动'),
      ),
    },
    ...watched.map(watch),
    {
      id: 'audit.locked',
      title: '审计规则已锁定',
      items: items.auditProcess,
      reads: ['/etc/audit/audit.rules', '/etc/audit/rules.d'],
      remedy: '在 /etc/audit/rules.d/99-finalize.rules 写 -e 2',
      judge: byAudit(({ rules }) => {
        const isLocked = rules.some((rule) => /^-e\s+2$/u.test(rule))
        return decide(isLocked, isLocked ? '规则文件含 -e 2' : '规则文件不含 -e 2')
      }),
    },
    {
      id: 'audit.disk-full',
      title: '审计空间不足时不静默停止',
      items: [...items.auditProcess, ...items.auditProtection],
      reads: ['/etc/audit/auditd.conf'],
      remedy: '在 /etc/audit/auditd.conf 设 disk_full_action = SYSLOG 或更严',
      judge: byAudit(({ settings }) => {
        const action = settingsOf(textOf(settings)).get('disk_full_action')?.toUpperCase()
        if (action === undefined) return cannotTell('disk_full_action 未设')
        return decide(!['IGNORE', 'SUSPEND'].includes(action), `disk_full_action ${action}`)
      }),
    },
  ],
})
