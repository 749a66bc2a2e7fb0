import { z } from 'zod'
import { readNetwork } from '../src/core/network.ts'
import { publicKeyPattern } from '../src/core/signing-key.ts'

/** Fields that records of every kind share. */

export const maxIdLength = 64
export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/u, 'expected letters, digits, ".", "_" or "-"')
  .max(maxIdLength)
export const name = z.string().min(1).max(200)
export const remark = z.string().max(2000)

/** GB/T 2260 six digits (province, city, county) or nine (township, statistics code). */
export const regionCode = z.string().regex(/^(\d{6}|\d{9})$/u, 'expected a region code of 6 or 9 digits')
/** SHA-256 in hexadecimal. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/u, 'expected a SHA-256 of 64 hexadecimal digits')

/** A file kept beside the inventory, by its content. */
export const attachment = z.strictObject({
  hash: sha256,
  /** As the file was called where it came from; no path. */
  name: z
    .string()
    .max(255)
    .regex(/^[^/\\\p{Cc}]+$/u, 'expected the name of a file, without a folder'),
  bytes: z.int().min(0),
})
export type Attachment = z.output<typeof attachment>

/** Ed25519, as the base64 of its SubjectPublicKeyInfo. */
export const publicKey = z
  .string()
  .regex(publicKeyPattern, 'expected an Ed25519 public key (MCowBQYDK2VwAyEA…)')

/** One of the keys of a table of labels. */
export const keysOf = <Key extends string>(labels: Readonly<Record<Key, string>>) =>
  z.enum(Object.keys(labels) as [Key, ...Key[]])

/** A network in its one form; bits of a host are refused, since they leave open what was meant. */
export const cidr = z
  .string()
  .regex(/^[^/]{2,45}\/\d{1,3}$/u, {
    error: 'expected a network as address/length: 192.0.2.0/24, 2001:db8::/32',
    abort: true,
  })
  .superRefine((text, context) => {
    const reading = readNetwork(text)
    if (!reading.ok) context.addIssue(reading.expected)
  })
  .overwrite((text) => {
    const reading = readNetwork(text)
    return reading.ok ? reading.network : text
  })
