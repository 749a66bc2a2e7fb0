import { Flags } from '@oclif/core'
import { type CategoryCode, categoryLabels, type MlpsLevel, mlpsLevels } from '../../inventory/mlps/index.ts'
import { takingWords } from './word-flag.ts'

const levelWords: Readonly<Record<MlpsLevel, readonly string[]>> = {
  2: ['第二级', '二级'],
  3: ['第三级', '三级'],
}

export const levelFlag = takingWords(
  levelWords,
  Flags.option({ summary: 'level of protection', options: mlpsLevels.map(String), default: '3' })(),
)

export const categoryFlag = takingWords(
  categoryLabels,
  Flags.option({
    summary: 'only this category; may be repeated',
    options: Object.keys(categoryLabels) as CategoryCode[],
    multiple: true,
  })(),
)
