/** How much of a page its signature is looked for in. */
export const signatureBytes = 32 * 1024

/** A name, and what a page must have all of. */
type Signatures = readonly (readonly [name: string, ...patterns: readonly RegExp[]])[]

const index = /<title>Index of \//iu

/** The more telling ones first. */
const listings: Signatures = [
  ['tomcat', /<title>Directory Listing For \[/iu],
  ['python', /<title>Directory listing for /iu],
  ['iis', /\[To Parent Directory\]|<pre><A HREF="[^"]{0,300}">\[/iu],
  ['lighttpd', index, /<div class="foot">/iu],
  ['nginx', index, /<hr><pre><a href="\.\.\/">|<h1>Index of \/<\/h1><hr><pre>/iu],
  ['apache', index, /Parent Directory|\?C=[NMSD];O=[AD]|<address>Apache/iu],
  ['jetty', /<title>Directory: \//iu],
  ['other', index],
]

const defaultPages: Signatures = [
  ['openresty', /<title>Welcome to OpenResty!<\/title>/iu],
  ['tengine', /<title>Welcome to tengine!<\/title>/iu],
  ['nginx', /<title>(?:Welcome to nginx!?|Test Page for the Nginx HTTP Server)[^<]{0,60}<\/title>/iu],
  ['apache', /<title>Apache2? (?:Debian|Ubuntu|\w{1,20}) Default Page[^<]{0,60}<\/title>/iu],
  ['apache', /<title>(?:Test Page for the Apache HTTP Server|HTTP Server Test Page)[^<]{0,60}<\/title>/iu],
  ['apache', /<h1>It works!<\/h1>/iu],
  [
    'iis',
    /<title>(?:IIS ?\d{0,2}(?:\.\d)?|IIS Windows(?: Server)?|Internet Information Services)<\/title>/iu,
  ],
  ['tomcat', /<title>Apache Tomcat(?:\/[\d.]{1,20})?<\/title>/iu],
  ['weblogic', /<title>Welcome to (?:Oracle )?WebLogic Server/iu],
  ['jboss', /<title>Welcome to (?:JBoss|WildFly)/iu],
  ['caddy', /<title>Caddy works!<\/title>/iu],
  // The panel that most small Chinese sites are set up with.
  ['baota', /<title>(?:恭喜，?,? ?站点创建成功！?|没有找到站点)<\/title>/u],
]

const nameIn = (signatures: Signatures, page: string): string | undefined =>
  signatures.find(([, ...patterns]) => patterns.every((pattern) => pattern.test(page)))?.[0]

/** The server whose directory listing a page is, or undefined. */
export const listingOf = (page: string): string | undefined => nameIn(listings, page)

/** The server whose page "it works" a page is, or undefined. */
export const defaultPageOf = (page: string): string | undefined => nameIn(defaultPages, page)
