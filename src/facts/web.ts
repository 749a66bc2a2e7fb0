import { listed } from './listed.ts'
import { type Facts, factsIn, numberAt, textAt } from './read.ts'

/** A page came: neither a redirect nor an error. */
export const isPage = (status: number | undefined): boolean =>
  status !== undefined && ((status >= 200 && status < 300) || status === 401)

const login = /登录|登陆|登入|统一身份|口令|密码|log ?in|sign ?in|管理后台|控制台/iu

/** Whether a page, by its title, is one that people log in at. */
export const isLogin = (title: string): boolean => login.test(title)

/** Names that frameworks give to sessions: `JSESSIONID`, `PHPSESSID`, `ASP.NET_SessionId`, `access_token`. */
const session = /sess|sid$|token|auth|ticket/iu

export const sessionCookies = (facts: Facts): readonly Facts[] =>
  factsIn(facts, 'cookies').filter((cookie) => session.test(textAt(cookie, 'name') ?? ''))

export const namesOf = (cookies: readonly Facts[]): string =>
  listed(cookies.map((cookie) => textAt(cookie, 'name') ?? ''))

/** Why a page takes passwords or keeps sessions, as far as its head shows. */
export const signOfLogin = (facts: Facts): string | undefined => {
  const title = textAt(facts, 'title') ?? ''
  if (numberAt(facts, 'status') === 401) return '要求以口令登录（401）'
  if (isLogin(title)) return `标题为“${title}”`
  const cookies = sessionCookies(facts)
  return cookies.length > 0 ? `设置会话 Cookie ${namesOf(cookies)}` : undefined
}
