/** What spam on altered government pages is about: gambling, pornography, pirate game servers, forged papers. */
export const defaultKeywords: readonly string[] = [
  ...['博彩', '赌博', '赌场', '百家乐', '老虎机', '时时彩', '六合彩', '北京赛车', '真人视讯', '棋牌'],
  ...['体育投注', '澳门新葡京', '太阳城', '皇冠体育', '私服', '外挂', '成人视频', '色情', '裸聊'],
  ...['代开发票', '办证', '刻章', '代孕', '迷药', 'casino', 'viagra', 'hacked by'],
]

export interface KeywordCount {
  readonly keyword: string
  readonly shown: number
  readonly hidden: number
}

/** How often `word` is in `text`; both in lower case. */
const occurrences = (text: string, word: string): number => {
  let count = 0
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) count += 1
  return count
}

/** The keywords that a page has, in what readers see and in what they do not. */
export const countKeywords = (
  keywords: readonly string[],
  { shownText, hiddenText }: { readonly shownText: string; readonly hiddenText: string },
): readonly KeywordCount[] => {
  const [shown, hidden] = [shownText.toLowerCase(), hiddenText.toLowerCase()]
  return keywords
    .map((keyword) => {
      const word = keyword.toLowerCase()
      return { keyword, shown: occurrences(shown, word), hidden: occurrences(hidden, word) }
    })
    .filter((count) => count.shown + count.hidden > 0)
}
