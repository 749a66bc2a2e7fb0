import { z } from 'zod'

/** Settings that belong together; left out, each has its default. */
export const section = <Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodPrefault<z.ZodReadonly<z.ZodObject<Shape, z.core.$strict>>> =>
  z
    .strictObject(shape)
    .readonly()
    .prefault({} as never)
