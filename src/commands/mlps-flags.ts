import { Flags } from '@oclif/core'
import { type CategoryCode, categoryLabels } from '../../inventory/mlps/index.ts'
import { takingWords } from './word-flag.ts'

export const levelFlag = takingWords(
  { 2: ['第二级', '二级'], 3: ['第三级', '三级'] },
  Flags.option({ summary: 'level of protection', options: ['2', '3'], default: '3' })(),
)

export const categoryFlag = takingWords(
  categoryLabels,
  Flags.option({
    summary: 'only this category; may be repeated',
    options: Object.keys(categoryLabels) as CategoryCode[],
    multiple: true,
  })(),
)
