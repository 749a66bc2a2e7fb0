import { z } from 'zod'

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
