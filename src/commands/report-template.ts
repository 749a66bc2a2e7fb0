import { Flags } from '@oclif/core'
import { type KnownPlaceholder, type Placeholder, placeholders } from '../reports/docx/placeholders.ts'
import { type Column, table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'
import { writeNewFile } from './new-file.ts'

type Listed = Placeholder & Pick<KnownPlaceholder, 'kind'>

const columns: readonly Column<Listed>[] = [
  { header: '占位符', read: ({ key }) => `{{${key}}}` },
  { header: '位置', read: ({ kind }) => (kind === 'text' ? '行内' : '独占一段') },
  { header: '内容', read: ({ means }) => means, least: 12 },
]

export class ReportTemplate extends YiwangCommand {
  static override readonly summary =
    'placeholders of templates for the docx of reports; with --out an example'
  static override readonly description =
    'Any .docx without macros may be a template (--template of `report weekly`, `monthly`, `span`, `issue`, `correct`). Those of a line keep the look of the template; those of a paragraph give way to paragraphs, tables and charts. {{basis}} must be in it.'
  static override readonly examples = [
    '<%= config.bin %> report template',
    '<%= config.bin %> report template --out template.docx',
  ]
  static override readonly flags = {
    out: Flags.string({ summary: 'file to write an example to; it must be new', helpValue: 'FILE' }),
  }

  async run(): Promise<readonly Listed[]> {
    const { flags } = await this.parse(ReportTemplate)
    const listed = placeholders.map(({ key, means, kind }) => ({ key, means, kind }))
    const { out } = flags
    if (out === undefined) this.line(table(columns, listed))
    else {
      const { exampleTemplate } = await import('../reports/docx/index.ts')
      await writeNewFile('--out', out, await exampleTemplate())
      this.note(`${out}: change it in Word or WPS; \`yiwang report template\` lists what may stand in it`)
    }
    return listed
  }
}
