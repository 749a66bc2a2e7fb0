import { z } from 'zod'
import { readNetwork } from '../src/core/network.ts'

/** Fields that records of every kind share. */

export const maxIdLength = 64
export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/u, 'expected letters, digits, ".", "_" or "-"')
  .max(maxIdLength)
export const name = z.string().min(1).max(200)
export const remark = z.string().max(2000)

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
