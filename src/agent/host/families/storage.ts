import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { FileState, Found, Machine } from '../machine.ts'
import { enabledUnits, joined, linesOf, readFolder, textOf } from '../texts.ts'

interface Volume {
  readonly name: string
  readonly key: string
  readonly options: readonly string[]
}

interface StorageFacts {
  readonly declared: readonly Volume[]
  /** Names of volumes that are open; undefined where the devices cannot be seen. */
  readonly open: readonly string[] | undefined
  readonly keys: readonly FileState[]
  readonly moduleSettings: readonly string[]
  readonly hasModuleSettings: boolean
  readonly loaded: Found
  readonly hasUsbGuard: boolean
  readonly coredump: string
}

const blocks = '/sys/block'

/** crypttab(5): name, device, key file, options. */
const volumeOf = (line: string): Volume => {
  const [name = '', , key = 'none', options = ''] = line.split(/\s+/u)
  return { name, key, options: options.split(',') }
}

const openVolumes = async (machine: Machine): Promise<readonly string[] | undefined> => {
  const devices = await machine.list(blocks)
  if (devices.length === 0) return undefined
  const mapped = devices.filter((name) => name.startsWith('dm-'))
  const kinds = await Promise.all(
    mapped.map(async (name) => ({
      name: textOf(await machine.read(`${blocks}/${name}/dm/name`)).trim(),
      kind: textOf(await machine.read(`${blocks}/${name}/dm/uuid`)),
    })),
  )
  return kinds.filter(({ kind }) => kind.startsWith('CRYPT-')).map(({ name }) => name)
}

const isKeyFile = ({ key }: Volume): boolean => key.startsWith('/') && !key.startsWith('/dev/')

const read = async (machine: Machine): Promise<StorageFacts> => {
  const declared = linesOf(textOf(await machine.read('/etc/crypttab'))).map(volumeOf)
  const keys = await Promise.all(declared.filter(isKeyFile).map(({ key }) => machine.state(key)))
  const folders = ['/usr/lib/modprobe.d', '/lib/modprobe.d', '/etc/modprobe.d']
  const settings = (await Promise.all(folders.map((each) => readFolder(machine, each, /\.conf$/u)))).flat()
  return {
    declared,
    open: await openVolumes(machine),
    keys: keys.filter((state) => state !== undefined),
    moduleSettings: linesOf(joined(settings)),
    hasModuleSettings: settings.length > 0,
    loaded: await machine.read('/proc/modules'),
    hasUsbGuard: (await enabledUnits(machine)).has('usbguard.service'),
    coredump: textOf(await machine.read('/etc/systemd/coredump.conf')),
  }
}

const judgeEncryption = ({ declared, open }: StorageFacts): Judgement => {
  const wanted = declared.filter(({ options }) => !options.includes('noauto'))
  const closed = wanted.filter(({ name }) => open?.includes(name) === false).map(({ name }) => name)
  if (closed.length > 0) return decide(false, `/etc/crypttab 所列的卷未打开：${listed(closed)}`)
  if (open !== undefined && open.length > 0) return decide(true, `加密卷 ${listed(open)} 已打开`)
  return cannotTell(
    declared.length > 0
      ? `/etc/crypttab 列有 ${listed(declared.map(({ name }) => name))}；是否在用须在运行的主机上看`
      : '未见加密卷；数据可能由数据库、应用或存储设备加密',
  )
}

const weakOptions = /^(?:plain|cipher=.*(?:ecb|des|cbc-plain$).*|hash=(?:plain|md5|ripemd160))$/u

export const storage = defineFamily<StorageFacts>({
  name: 'storage',
  title: '存储加密与移动存储',
  read,
  checks: [
    {
      id: 'storage.encryption',
      title: '声明的加密卷已打开使用',
      items: items.storageSecrecy,
      reads: ['/etc/crypttab', '/sys/block/dm-*/dm/uuid'],
      remedy: '用 cryptsetup 打开所列的卷，核对数据确在加密卷上',
      judge: judgeEncryption,
    },
    {
      id: 'storage.encryption-strength',
      title: '加密卷不用弱算法',
      items: items.storageSecrecy,
      reads: ['/etc/crypttab'],
      remedy: '改用 LUKS2（aes-xts-plain64 或 SM4-XTS），去掉 plain、ecb、cbc-plain',
      judge: ({ declared }) =>
        declared.length === 0
          ? cannotTell('未见 /etc/crypttab 中的加密卷')
          : noneOf(
              declared
                .filter(({ options }) => options.some((each) => weakOptions.test(each)))
                .map(({ name }) => name),
              '弱算法或无头的加密卷',
              `${declared.length} 个加密卷的选项中未见弱算法`,
            ),
    },
    {
      id: 'storage.encryption-keys',
      title: '加密卷的密钥文件只有 root 可读',
      items: items.storageSecrecy,
      reads: ['/etc/crypttab'],
      remedy: '对密钥文件运行 chmod 400，或改由人工、TPM 或密钥服务器提供密钥',
      judge: ({ declared, keys }) => {
        if (declared.length === 0) return cannotTell('未见 /etc/crypttab 中的加密卷')
        return noneOf(
          keys
            .filter(({ mode }) => (mode & 0o077) !== 0)
            .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
          '权限过宽',
          keys.length === 0 ? '没有存在本机的密钥文件' : `${keys.length} 个密钥文件只有属主可读`,
        )
      },
    },
    {
      id: 'storage.usb',
      title: '禁用 USB 存储，或由 USBGuard 管控',
      items: items.removableMedia,
      reads: ['/etc/modprobe.d', '/proc/modules', '/etc/systemd/system/*.wants'],
      remedy: '在 /etc/modprobe.d/usb-storage.conf 写入 install usb-storage /bin/false',
      judge: ({ moduleSettings, hasModuleSettings, loaded, hasUsbGuard }) => {
        if (hasUsbGuard) return decide(true, 'usbguard.service 开机启动')
        if (/^(?:usb_storage|uas) /mu.test(textOf(loaded))) return decide(false, 'usb-storage 模块已加载')
        const isOff = moduleSettings.some((line) =>
          /^(?:install\s+usb[-_]storage\s+\S*\/(?:true|false)|blacklist\s+usb[-_]storage)\b/u.test(line),
        )
        if (!isOff && !hasModuleSettings) return cannotTell('未见 /etc/modprobe.d')
        return decide(isOff, isOff ? 'modprobe 不装载 usb-storage' : 'modprobe 可装载 usb-storage')
      },
    },
    {
      id: 'storage.core-dumps',
      title: 'systemd-coredump 不存内存转储',
      items: items.residualSecrets,
      reads: ['/etc/systemd/coredump.conf'],
      remedy: '在 /etc/systemd/coredump.conf 设 Storage=none',
      judge: ({ coredump }) => {
        const stored = /^\s*Storage\s*=\s*(\w+)/mu.exec(coredump)?.[1]
        return stored === undefined
          ? cannotTell('未见 systemd-coredump 的存储设置')
          : decide(stored === 'none', `Storage=${stored}`)
      },
    },
  ],
})
