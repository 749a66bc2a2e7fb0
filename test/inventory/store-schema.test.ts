import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { canonicalJson } from '../../inventory/audit/canonical.ts'
import { collections } from '../../inventory/model.ts'
import { inventorySchema } from '../../inventory/schema.ts'

const fingerprint = hash(
  'sha256',
  canonicalJson(Object.values(collections).map((schema) => z.toJSONSchema(schema, { io: 'input' }))),
).slice(0, 16)

test('the model and its schema version change together', () => {
  // Records on disk are believed by version and checksum. When the model has changed: before the first release
  // write the new fingerprint here; after it, a new version and a migration in inventory/schema.ts too.
  expect({ version: inventorySchema.version, fingerprint }).toEqual({
    version: 1,
    fingerprint: '9436e07a38f013a0',
  })
  expect(inventorySchema.migrations).toHaveLength(inventorySchema.version)
})
