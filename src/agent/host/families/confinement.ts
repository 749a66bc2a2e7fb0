import { cannotTell, decide, defineFamily, type Judgement, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { enabledUnits, numberOf, settingsOf, textOf } from '../texts.ts'

interface ConfinementFacts {
  /** Modules of the running kernel that decide on access; empty where it cannot be seen. */
  readonly modules: readonly string[]
  readonly selinux: Found
  readonly selinuxEnforced: Found
  readonly apparmorEnabled: Found
  readonly apparmorProfiles: Found
  /** Profiles that an administrator has switched off or only lets complain. */
  readonly relaxed: readonly string[]
  readonly hasProfiles: boolean
  readonly isApparmorStarted: boolean
  readonly secureBoot: Found
  readonly measurements: Found
}

const secureBootFile = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'
const measurementsFile = '/sys/kernel/security/ima/runtime_measurements_count'
const profiles = '/etc/apparmor.d'

const read = async (machine: Machine): Promise<ConfinementFacts> => {
  const relaxed = await Promise.all(
    ['disable', 'force-complain'].map((folder) => machine.list(`${profiles}/${folder}`)),
  )
  return {
    modules: textOf(await machine.read('/sys/kernel/security/lsm'))
      .trim()
      .split(',')
      .filter(Boolean),
    selinux: await machine.read('/etc/selinux/config'),
    selinuxEnforced: await machine.read('/sys/fs/selinux/enforce'),
    apparmorEnabled: await machine.read('/sys/module/apparmor/parameters/enabled'),
    apparmorProfiles: await machine.read('/sys/kernel/security/apparmor/profiles'),
    relaxed: relaxed.flat().filter((name) => name !== 'README'),
    hasProfiles: (await machine.list(profiles)).some((name) => /^[a-z]+\.[a-z]/u.test(name)),
    isApparmorStarted: (await enabledUnits(machine)).has('apparmor.service'),
    secureBoot: await machine.read(secureBootFile),
    measurements: await machine.read(measurementsFile),
  }
}

const modeOf = (selinux: Found): string | undefined =>
  selinux.state === 'read' ? settingsOf(selinux.text).get('selinux')?.toLowerCase() : undefined

const judgeSelinux = ({ selinux, selinuxEnforced }: ConfinementFacts): Judgement | undefined => {
  if (selinuxEnforced.state === 'read') {
    const isEnforcing = selinuxEnforced.text.trim() === '1'
    return decide(isEnforcing, `SELinux 正以${isEnforcing ? '强制' : '宽容'}模式运行`)
  }
  const mode = modeOf(selinux)
  return mode === undefined ? undefined : decide(mode === 'enforcing', `SELINUX=${mode}`)
}

const judgeApparmor = (facts: ConfinementFacts): Judgement | undefined => {
  if (facts.apparmorEnabled.state === 'read') {
    const isOn = facts.apparmorEnabled.text.trim() === 'Y'
    if (!isOn) return decide(false, '内核中的 AppArmor 未启用')
    if (facts.apparmorProfiles.state !== 'read') return cannotTell('AppArmor 已启用，读不到已加载的规则')
    const enforced = facts.apparmorProfiles.text.match(/\(enforce\)$/gmu)?.length ?? 0
    return decide(enforced > 0, `AppArmor 已启用，${enforced} 个规则为强制模式`)
  }
  if (!facts.hasProfiles) return undefined
  return decide(
    facts.isApparmorStarted,
    `AppArmor 有规则，服务${facts.isApparmorStarted ? '' : '未'}设为开机启动`,
  )
}

const judgeEnforcement = (facts: ConfinementFacts): Judgement => {
  const known = judgeSelinux(facts)
  // A package leaves an SELinux setting on systems that are confined by AppArmor.
  if (known?.verdict === 'supports') return known
  const seen = judgeApparmor(facts) ?? known
  if (seen !== undefined) return seen
  if (facts.modules.length > 0 && !facts.modules.some((name) => /selinux|apparmor|smack|tomoyo/u.test(name)))
    return decide(false, `内核的安全模块只有 ${facts.modules.join('、')}`)
  return cannotTell('未见 SELinux 或 AppArmor 的状态')
}

const judgeRelaxed = ({ apparmorProfiles, relaxed, hasProfiles, selinux }: ConfinementFacts): Judgement => {
  const complaining = textOf(apparmorProfiles)
    .split('\n')
    .flatMap((line) => /^(\S.*) \(complain\)$/u.exec(line)?.[1] ?? [])
  if (!hasProfiles && complaining.length === 0)
    return cannotTell(
      selinux.state === 'read' ? '使用 SELinux，须用 semanage permissive -l 核对' : '未见 AppArmor 规则',
    )
  return noneOf([...new Set([...relaxed, ...complaining])], '已停用或只记录不拦截', '没有停用或只记录的规则')
}

export const confinement = defineFamily<ConfinementFacts>({
  name: 'confinement',
  title: '强制访问控制与可信验证',
  read,
  checks: [
    {
      id: 'confinement.enforced',
      title: '强制访问控制已启用',
      items: items.mandatoryAccess,
      reads: [
        '/sys/kernel/security/lsm',
        '/sys/fs/selinux/enforce',
        '/etc/selinux/config',
        '/sys/module/apparmor/parameters/enabled',
        '/sys/kernel/security/apparmor/profiles',
        profiles,
      ],
      remedy: '启用 apparmor.service，或在 /etc/selinux/config 设 SELINUX=enforcing 后重启',
      judge: judgeEnforcement,
    },
    {
      id: 'confinement.relaxed',
      title: '没有被停用或只记录不拦截的规则',
      items: items.mandatoryAccess,
      reads: [`${profiles}/disable`, `${profiles}/force-complain`, '/sys/kernel/security/apparmor/profiles'],
      remedy: '用 aa-enforce 恢复所列规则',
      judge: judgeRelaxed,
    },
    {
      id: 'confinement.secure-boot',
      title: '安全启动已开启',
      items: items.trustedBoot,
      reads: [secureBootFile],
      remedy: '在固件设置中开启 Secure Boot',
      judge: ({ secureBoot }) => {
        if (secureBoot.state !== 'read') return cannotTell('看不到固件的安全启动状态')
        // Four bytes of attributes, then the value (efivarfs).
        const isOn = secureBoot.text.endsWith('\u{1}')
        return decide(isOn, isOn ? '固件报告安全启动已开启' : '固件报告安全启动未开启')
      },
    },
    {
      id: 'confinement.measured',
      title: '内核度量程序与文件（IMA）',
      items: items.trustedBoot,
      reads: [measurementsFile],
      remedy: '在内核参数中加 ima_policy=tcb，并部署度量策略',
      judge: ({ measurements }) => {
        const count = numberOf(textOf(measurements))
        // The kernel itself makes the first entry (boot_aggregate), with or without a policy.
        return count === undefined || count <= 1
          ? cannotTell('未见 IMA 度量记录；其他可信验证产品须人工核对')
          : decide(true, `IMA 度量记录 ${count} 条`)
      },
    },
  ],
})
