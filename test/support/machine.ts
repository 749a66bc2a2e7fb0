import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from './cli.ts'
import { requires } from './services.ts'

/**
 * A machine of its own for what is one for a whole machine: its clock, its first process. Debian's kernel in qemu, which
 * computes the processor (KVM inside of a virtual machine may hang), sees the files of this one; what it writes is lost.
 */

const run = promisify(execFile)

/** In the order in which they need each other. */
const modules = [
  ...['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_pci'],
  ...['netfs', 'fscache', '9pnet', '9pnet_virtio', '9p', 'overlay'],
]

interface Kernel {
  readonly image: string
  readonly moduleFiles: readonly string[]
}

const kernelIn = (image: string): Kernel | undefined => {
  const folder = `/lib/modules/${path.basename(image).replace('vmlinuz-', '')}/kernel`
  const files = modules.map((name) => globSync(`${folder}/**/${name}.ko`)[0])
  const moduleFiles = files.filter((file) => file !== undefined)
  return moduleFiles.length === modules.length ? { image, moduleFiles } : undefined
}

const findKernel = (): Kernel | undefined =>
  globSync('/boot/vmlinuz-*')
    .map(kernelIn)
    .find((kernel) => kernel !== undefined)

/** Whether a suite must be skipped that needs one, and these programs on it. */
export const requiresMachine = (...binaries: readonly string[]): { readonly skip: boolean } => {
  const { skip } = requires('qemu-system-x86_64', 'busybox', 'cpio', ...binaries)
  if (skip || findKernel() !== undefined) return { skip }
  const what = 'a kernel in /boot with 9p among its modules (linux-image-amd64)'
  if (process.env['YIWANG_REQUIRE_SERVICES'] === '1') throw new Error(`not installed: ${what}`)
  process.stderr.write(`skipped, not installed: ${what}\n`)
  return { skip: true }
}

const init = `#!/bin/busybox sh
PATH=/bin
/bin/busybox mkdir -p /proc /whole /below /above
/bin/busybox --install -s /bin
mount -t proc proc /proc
for module in ${modules.join(' ')}; do insmod /modules/$module.ko; done
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=262144 files /below
mount -t tmpfs above /above
mkdir /above/files /above/work
mount -t overlay -o lowerdir=/below,upperdir=/above/files,workdir=/above/work files /whole
mount -t tmpfs -o mode=755 run /whole/run
mount -t devtmpfs dev /whole/dev
mount -t sysfs sys /whole/sys
mount -t proc proc /whole/proc
ip link set lo up
cp /script /whole/run/script
exec switch_root /whole /bin/sh /run/script
`

const powerOff = 'echo o >/proc/sysrq-trigger; sleep 60'
const talking = 'exec </dev/ttyS1 >/dev/ttyS1 2>&1; stty raw -echo'

const pack = async (folder: string, { moduleFiles }: Kernel, script: string): Promise<string> => {
  const tree = path.join(folder, 'tree')
  for (const name of ['bin', 'modules']) await mkdir(path.join(tree, name), { recursive: true })
  await copyFile(['/bin/busybox', '/usr/bin/busybox'].find(existsSync) ?? '', path.join(tree, 'bin/busybox'))
  for (const file of moduleFiles) await copyFile(file, path.join(tree, 'modules', path.basename(file)))
  await writeFile(path.join(tree, 'init'), init)
  await chmod(path.join(tree, 'init'), 0o755)
  await writeFile(path.join(tree, 'script'), [talking, script, powerOff, ''].join('\n'))
  const packed = path.join(folder, 'initrd')
  await run('sh', ['-c', `find . | cpio -o -H newc >${packed}`], { cwd: tree })
  return packed
}

/**
 * Boots it, runs a shell script as root in place of its first process, and gives what that printed; `onText` hears it at
 * once. Rejects with what the kernel said where qemu fails.
 */
export const runOnMachine = async (
  script: string,
  onText: (text: string) => void = () => undefined,
): Promise<string> => {
  const kernel = findKernel()
  if (kernel === undefined) throw new Error('no kernel: see requiresMachine')
  await using folder = await temporaryFolder()
  const log = path.join(folder.path, 'kernel.log')
  const initrd = await pack(folder.path, kernel, script)
  const files = 'local,path=/,mount_tag=files,security_model=none,readonly=on,multidevs=remap'
  try {
    const running = run('qemu-system-x86_64', [
      ...['-accel', 'tcg', '-cpu', 'max', '-m', '1024', '-nodefaults', '-no-reboot'],
      ...['-display', 'none', '-serial', `file:${log}`, '-serial', 'stdio'],
      ...['-kernel', kernel.image, '-initrd', initrd, '-virtfs', files],
      ...['-append', 'console=ttyS0 quiet panic=-1'],
    ])
    running.child.stdout?.on('data', onText)
    return (await running).stdout
  } catch (error) {
    throw new Error(await readFile(log, 'utf8').catch(() => 'no kernel spoke'), { cause: error })
  }
}
