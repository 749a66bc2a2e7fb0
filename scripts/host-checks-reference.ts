import { families, type Family } from '../src/agent/host/index.ts'
import { verdictLabels } from '../src/core/host-evidence.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

const section = ({ title, name, checks }: Family): string =>
  [
    `## ${title}（${name}）`,
    [
      '| 编号 | 检查 | 测评项 | 读取 | 整改 |',
      '| --- | --- | --- | --- | --- |',
      ...checks.map(
        ({ id, title: asked, items, reads, remedy }) =>
          `| ${id} | ${cell(asked)} | ${items.join('、')} | ${reads.map((each) => `\`${each}\``).join('、')} | ${cell(remedy)} |`,
      ),
    ].join('\n'),
  ].join('\n\n')

/** Markdown of the host checks for officials: what each asks, which items it speaks to, what it reads. */
export const hostChecksReference = (): string => {
  const count = families.reduce((sum, { checks }) => sum + checks.length, 0)
  return (
    [
      '# 主机核查',
      '<!-- Generated from src/agent/host/: change that and run `npm run generate`. -->',
      `\`yiwang host check\` 只读取、不改动主机，共 ${count} 项检查。每项给出${Object.values(verdictLabels).join('、')}三者之一和所见事实；是否符合由测评人员确认。阈值（天数、次数、时长）是本产品的取值，不是标准原文。`,
      '两项检查要有清单才有结论：`/etc/yiwang/packages` 每行一个软件包名，`/etc/yiwang/listening` 每行一个端口（如 `tcp 22`）。没有清单时只列出现状，供核定后写入。',
      '用 Debian 软件包制成的主机根目录上的验证、与 lynis 和 OpenSCAP 的对照，见 [host-checks-compared.md](host-checks-compared.md)。',
      '已在真实主机上见过的发行版：Debian。Ubuntu 尚未试过。RHEL 系及 openEuler、麒麟、统信只用手工编写的样例文件检验过，尚未见于真实主机。',
      ...families.map(section),
    ].join('\n\n') + '\n'
  )
}
