import { seedOperations } from '../../inventory/seed.ts'

export const kaifeng = seedOperations('410200')
