import { AlignmentType, LineRuleType } from 'docx'

/**
 * Measures of GB/T 9704-2012 in twips (1/20 pt) and half points: A4, 天头 37 mm, 订口 28 mm, 版心 156 × 225 mm,
 * 22 lines of 28 characters.
 */

const twipsPerMm = 1440 / 25.4
const twips = (mm: number): number => Math.round(mm * twipsPerMm)

export const page = { width: twips(210), height: twips(297) } as const
export const margin = { top: twips(37), bottom: twips(35), left: twips(28), right: twips(26) } as const
export const body = { width: page.width - margin.left - margin.right, lines: 22, characters: 28 } as const

/** The page number stands 7 mm below the body, and is 4号 high. */
export const footerDistance = margin.bottom - twips(7) - 14 * 20

/** Of one line. Rounded down: 22 of them must find room. */
export const linePitch = Math.floor((page.height - margin.top - margin.bottom) / body.lines)

/** 字号, in half points. */
export const size = { second: 44, third: 32, fourth: 28, fifth: 21 } as const

/**
 * 28 characters of 3号 are wider than the body: each gives way by this, in twips. Not left to a grid of characters,
 * which Word and LibreOffice lay out differently.
 */
export const characterSpacing = Math.floor(body.width / body.characters) - (size.third / 2) * 20

const everywhere = (name: string) => ({ ascii: name, hAnsi: name, eastAsia: name, cs: name })

/** By the names that they have where 公文 are written; `fallbacks` name others of the same kind. */
export const fonts = {
  title: everywhere('方正小标宋简体'),
  body: everywhere('仿宋_GB2312'),
  first: everywhere('黑体'),
  second: everywhere('楷体_GB2312'),
  number: everywhere('宋体'),
} as const

/** What a program takes in place of a font that it has not got. */
export const fallbacks: Readonly<Record<string, string>> = {
  方正小标宋简体: '小标宋,华文中宋,宋体,Noto Serif CJK SC',
  仿宋_GB2312: '仿宋,华文仿宋,FangSong,Noto Serif CJK SC',
  黑体: 'SimHei,Noto Sans CJK SC',
  楷体_GB2312: '楷体,华文楷体,KaiTi,AR PL UKai CN,Noto Serif CJK SC',
  宋体: 'SimSun,Noto Serif CJK SC',
}

const exactly = { line: linePitch, lineRule: LineRuleType.EXACT, before: 0, after: 0 } as const

/** Body text: two characters in, both edges straight. */
export const bodyParagraph = {
  spacing: exactly,
  alignment: AlignmentType.BOTH,
  widowControl: false,
} as const

export const bodyRun = { size: size.third, font: fonts.body, characterSpacing } as const

/** Two characters of 3号. */
export const indent = {
  firstLine: 2 * ((size.third / 2) * 20 + characterSpacing),
  firstLineChars: 200,
} as const

/** Four characters from the right edge, where the date ends. */
export const dateIndent = { right: 4 * (size.third / 2) * 20 } as const
