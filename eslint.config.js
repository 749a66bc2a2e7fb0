import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const ambient = [
  { name: 'process', message: 'The surroundings are read in src/config and src/commands only.' },
  { name: 'setTimeout', message: 'Waits end by AbortSignal; timers live in src/agent and src/collector.' },
  { name: 'setInterval', message: 'Waits end by AbortSignal; timers live in src/agent and src/collector.' },
]

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '*.cjs'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'max-params': ['error', 4],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/core/**', 'probes/**', 'inventory/**', 'dashboards/**'],
    rules: {
      'no-restricted-globals': ['error', ...ambient],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the clock as an argument.' },
        { object: 'Math', property: 'random', message: 'Take randomness as an argument or use node:crypto.' },
      ],
    },
  },
  {
    files: ['test/**'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Reads files of the store without its types: that is its purpose.
    files: ['test/replay/recount/**'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['test/bench/**', 'scripts/**'], rules: { 'no-console': 'off' } },
  {
    // Handed out with a report: one file that a stranger reads from top to bottom, and that prints.
    files: ['src/reports/package/recompute.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
    rules: { 'no-console': 'off', 'max-lines': 'off' },
  },
  { files: ['eslint.config.js'], extends: [tseslint.configs.disableTypeChecked] },
)
