import type { Template } from './docx/template-file.ts'
import type { Report } from './model.ts'
import { renderHtml } from './render-html.ts'
import { renderMarkdown } from './render-md.ts'
import { printable } from './text.ts'

/** The renderers by the ending of their files. Word and Excel are loaded when they are asked for. */
const renderers = {
  docx: async (report) => (await import('./docx/index.ts')).renderDocx(report),
  xlsx: async (report) => (await import('./render-xlsx.ts')).renderXlsx(report),
  html: (report) => Promise.resolve(Buffer.from(renderHtml(report))),
  md: (report) => Promise.resolve(Buffer.from(renderMarkdown(report))),
} satisfies Record<string, (report: Report) => Promise<Uint8Array>>

export type ReportFormat = keyof typeof renderers
export const reportFormats = Object.keys(renderers) as readonly ReportFormat[]

/** The bytes of a report; the same report gives the same bytes. A template gives the docx its layout. */
export const render = async (
  report: Report,
  format: ReportFormat,
  template?: Template,
): Promise<Uint8Array> => {
  if (format !== 'docx' || template === undefined) return renderers[format](printable(report))
  return (await import('./docx/fill.ts')).fillTemplate(printable(report), template)
}
