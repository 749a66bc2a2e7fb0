import path from 'node:path'
import { writeFile } from 'node:fs/promises'
import { deployFolder } from '../../dashboards/index.ts'
import { launcher, temporaryFolder, yiwang } from '../support/cli.ts'
import { requiresMachine, runOnMachine } from '../support/machine.ts'
import { startYiwang } from '../e2e/child.ts'

/**
 * The systemd units as delivered, started by systemd as the first process of a machine of its own: whether collector and
 * agent run there, ping, look at their machine, and write where they may and nowhere else. Prints what was seen.
 *
 * `npm run build && node test/bench/units.ts`: some minutes, since the processor is computed.
 */

const port = 19_410
const users = { 'yiwang-collector': 990, 'yiwang-agent': 991 } as const

const settings = {
  collector: { listen: `127.0.0.1:${String(port)}` },
  probing: { icmp: { intervalSeconds: 5, count: 2, packetTimeoutSeconds: 2 } },
}

const must = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
  const { code, stdout, stderr } = await yiwang(args, { env })
  if (code !== 0) throw new Error(`yiwang ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Data folders `yiwang-collector` and `yiwang-agent`: a county, of which a node is pinged and the machine looked at. */
const prepare = async (folder: string): Promise<void> => {
  const data = ['--data', path.join(folder, 'yiwang-collector')]
  await must(['init', '--region', '410202', ...data])
  const probe = [
    'probes.1.kind=host',
    'probes.1.options={"address":"localhost"}',
    'probes.1.intervalSeconds=20',
  ]
  await must(['node', 'set', 'n-410202', 'addresses=127.0.0.9', ...probe, '--reason', '试', ...data])
  await writeFile(path.join(folder, 'yiwang-collector/yiwang.yaml'), JSON.stringify(settings))
  const invitation = (await must(['agent', 'invite', 'city', ...data])).split('\n')[0] ?? ''
  await using collector = startYiwang(['collector', 'run', ...data])
  await collector.said(/collector listens on/u)
  await must(
    [
      ...['agent', 'enroll', '--collector', `http://127.0.0.1:${String(port)}/`, '--id', 'city'],
      ...['--data', path.join(folder, 'yiwang-agent')],
    ],
    { YIWANG_INVITATION: invitation },
  )
  collector.send('SIGTERM')
  await collector.ended
}

/** In the sandbox of a unit, as its user: where a file can be made. */
const tries = `for place in /etc /usr /opt /boot /var /var/lib /var/tmp /tmp /run /dev /sys /proc/sys/kernel /root /home /var/lib/yiwang-collector /var/lib/yiwang-agent; do (: >$place/yiwang-try) 2>/dev/null && echo $place; done >$YIWANG_DATA/tried; true`

const watch = `
echo "watching after $(cut -d. -f1 /proc/uptime) s"
for turn in $(seq 120); do
  curl -sf http://127.0.0.1:${String(port)}/metrics >/run/metrics
  grep -q '^yiwang_probe_up.*kind="icmp"' /run/metrics && grep -q '^yiwang_probe_up.*kind="host"' /run/metrics && break
  sleep 2
done
grep -E '^yiwang_(probe_up|host_clock_synchronised|agent_silent)' /run/metrics | sed 's/,[^}]*kind=/,kind=/'
for unit in ${Object.keys(users).join(' ')}; do
  echo "== $unit $(systemctl show -p ActiveState,SubState,NRestarts --value $unit | tr '\\n' ' ')"
  grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/$(systemctl show -p MainPID --value $unit)/status
  echo "can write: $(cat /var/lib/$unit/tried | tr '\\n' ' ')"
  echo "files elsewhere: $(find /etc /run /srv /tmp /var -xdev -maxdepth 3 -user $unit -not -path "/var/lib/$unit*" 2>/dev/null | tr '\\n' ' ')"
  journalctl -q --no-pager -o cat -u $unit | tail -5
done
systemctl stop ${Object.keys(users).join(' ')}
for unit in ${Object.keys(users).join(' ')}; do
  echo "$unit ended: $(systemctl show -p Result,ExecMainStatus --value $unit | tr '\\n' ' ')"
done
echo o >/proc/sysrq-trigger`

const file = (name: string, text: string): string => `cat >${name} <<'END'\n${text}\nEND`

const script = (folder: string): string =>
  [
    'mkdir -p /opt/yiwang && mount --bind ' + path.resolve(path.dirname(launcher), '..') + ' /opt/yiwang',
    'ln -sf /opt/yiwang/bin/yiwang /usr/bin/yiwang',
    ...Object.entries(users).flatMap(([user, id]) => [
      `echo '${user}:x:${String(id)}:${String(id)}::/nonexistent:/usr/sbin/nologin' >>/etc/passwd`,
      `echo '${user}:x:${String(id)}:' >>/etc/group`,
      `cp -a ${folder}/${user} /var/lib/${user} && chown -R ${user}:${user} /var/lib/${user} && chmod 700 /var/lib/${user}`,
      `cp ${deployFolder}/systemd/${user}.service /etc/systemd/system/`,
      `mkdir -p /etc/systemd/system/${user}.service.d`,
      file(
        `/etc/systemd/system/${user}.service.d/try.conf`,
        `[Service]\nTimeoutStartSec=infinity\nExecStartPost=/bin/sh -c '${tries.replaceAll('$place', '$$place').replaceAll('$YIWANG_DATA', '$$YIWANG_DATA')}'`,
      ),
    ]),
    file('/run/watch', watch),
    file(
      '/etc/systemd/system/watch.service',
      '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nTimeoutStartSec=infinity\nExecStart=/bin/sh -c "exec sh /run/watch >/dev/ttyS1 2>&1"',
    ),
    file(
      '/etc/systemd/system/watch.target',
      `[Unit]\nDefaultDependencies=no\nWants=watch.service ${Object.keys(users)
        .map((user) => `${user}.service`)
        .join(' ')}`,
    ),
    'exec /lib/systemd/systemd --unit=watch.target --show-status=false',
  ].join('\n')

if (requiresMachine('curl').skip) process.exit(0)
await using folder = await temporaryFolder()
await prepare(folder.path)
await runOnMachine(script(folder.path), (text) => void process.stdout.write(text))
