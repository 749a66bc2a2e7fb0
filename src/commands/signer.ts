import { readFile, rm } from 'node:fs/promises'
import { Args, Flags } from '@oclif/core'
import { addSigner } from '../../inventory/signing-keys.ts'
import type { ChangeResult } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { keyIdOf, newSigningKey, publicPem, readPublicKey } from '../core/signing-key.ts'
import { writeFlags, YiwangCommand } from './base.ts'
import { recordOf } from './inventory/record.ts'
import { writeNewFile } from './new-file.ts'

const writePair = async (file: string): Promise<string> => {
  const { privatePem, publicKey } = newSigningKey()
  await writeNewFile(file, file, privatePem, 0o600)
  try {
    await writeNewFile(`${file}.pub`, `${file}.pub`, publicPem(publicKey), 0o644)
  } catch (error) {
    await rm(file)
    throw error
  }
  return publicKey
}

/** Anywhere: needs no inventory. */
export class SignerNew extends YiwangCommand {
  static override readonly summary = 'make a key pair that signs host evidence on hosts without an agent'
  static override readonly description =
    'Ed25519. FILE is the private half (mode 600), to be carried to the hosts and kept from everybody else; FILE.pub is the public half, to be registered with `signer add`.'
  static override readonly examples = ['<%= config.bin %> signer new /media/usb/evidence-key.pem']
  static override readonly args = { file: Args.string({ required: true, description: 'new file' }) }

  async run(): Promise<{ readonly file: string; readonly public: string; readonly key: string }> {
    const { args } = await this.parse(SignerNew)
    const key = keyIdOf(await writePair(args.file))
    this.line(`key ${key}: ${args.file} (private), ${args.file}.pub`)
    this.note(
      `next: yiwang signer add ID ${args.file}.pub, then yiwang host check --out FILE --key ${args.file}`,
    )
    return { file: args.file, public: `${args.file}.pub`, key }
  }
}

const readPublicFile = async (file: string): Promise<string> => {
  const refuse = (message: string, suggestion?: string): never => {
    throw new UsageFault([{ where: file, message, ...(suggestion !== undefined && { suggestion }) }])
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) =>
    refuse(`expected a file that can be read, got ${(error as Error).message}`),
  )
  return (
    readPublicKey(text) ??
    refuse(
      `expected an Ed25519 public key (PEM), got ${text.includes('PRIVATE KEY') ? 'a private key' : 'something else'}`,
      '`yiwang signer new` writes one to FILE.pub; the private half stays with its owner',
    )
  )
}

export class SignerAdd extends YiwangCommand {
  static override readonly summary = 'register the public half of a key: evidence signed with it is believed'
  static override readonly examples = [
    '<%= config.bin %> signer add field-1 evidence-key.pem.pub --name 驻场一组 --reason "离线主机核查"',
  ]
  static override readonly args = {
    id: Args.string({ required: true, description: 'id of the new signer' }),
    file: Args.string({ required: true, description: 'its public key, PEM' }),
  }
  static override readonly flags = {
    name: Flags.string({ summary: 'who has it, or where it is used' }),
    ...writeFlags,
  }

  async run(): Promise<ChangeResult & { readonly key: string }> {
    const { args, flags } = await this.parse(SignerAdd)
    const publicKey = await readPublicFile(args.file)
    await using store = await this.openInventory(this.configuration(flags))
    const { name } = flags
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) =>
        addSigner(inventory, { id: args.id, publicKey, ...(name !== undefined && { name }) }),
    })
    this.line(`registered key ${keyIdOf(publicKey)} as ${args.id}, revision ${String(result.revision)}`)
    return { ...result, key: keyIdOf(publicKey) }
  }
}

export class SignerRevoke extends YiwangCommand {
  static override readonly summary = 'believe nothing any more that was signed with a key, whenever that was'
  static override readonly examples = ['<%= config.bin %> signer revoke field-1 --reason "U盘遗失"']
  static override readonly args = { id: Args.string({ required: true, description: 'id of the signer' }) }
  static override readonly flags = writeFlags

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(SignerRevoke)
    await using store = await this.openInventory(this.configuration(flags))
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => [
        {
          op: 'put',
          collection: 'signer',
          record: { ...recordOf(inventory, 'signer', args.id), state: 'revoked' },
        },
      ],
    })
    this.line(`revoked ${args.id}`)
    return result
  }
}
