import { expect, test } from 'vitest'
import { pageMismatch } from '../../src/facts/page.ts'

const url = 'http://192.0.2.1/'

test.each([
  [{}, `${url} 与批准的指纹不一致`],
  [{ difference: { resources: {} } }, `${url} 与批准的指纹不一致`],
  [
    {
      difference: {
        title: { from: '政府', to: '别的' },
        text: {
          addedCount: 5,
          removedCount: 1,
          added: ['一', '二', '三', '四', '五'],
          removed: ['字'.repeat(300)],
        },
        hosts: { addedCount: 1, removedCount: 0, added: ['evil.example'], removed: [] },
        resources: { frame: { addedCount: 1, removedCount: 0, added: ['//evil.example/x'], removed: [] } },
      },
    },
    `${url} 与批准的页面不一致：标题由“政府”改为“别的”；新增文字“一”、“二”、“三” 等 5 处；缺少文字“${'字'.repeat(40)}…”；` +
      '新增外部主机“evil.example”；新增框架“//evil.example/x”',
  ],
  [
    { difference: { title: 1, text: { added: [{}], removed: 'x' }, resources: [] } },
    `${url} 与批准的指纹不一致`,
  ],
])('%j', (facts, words) => {
  expect(pageMismatch({ url, matchesBaseline: false, ...facts })).toBe(words)
})
