import { z } from 'zod'

/** Fields that records of every kind share. */

export const maxIdLength = 64
export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/u, 'expected letters, digits, ".", "_" or "-"')
  .max(maxIdLength)
export const name = z.string().min(1).max(200)
export const remark = z.string().max(2000)
