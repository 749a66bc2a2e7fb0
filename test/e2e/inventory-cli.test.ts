import { spawn } from 'node:child_process'
import { appendFile, link, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Workbook, type Worksheet } from '@cj-tech-master/excelts'
import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launcher, yiwang } from '../support/cli.ts'
import {
  copyOf,
  type DataFolder,
  emptyFolder,
  expectRefusal,
  expectUntouched,
  kaifeng,
} from './data-folder.ts'

let city: DataFolder
beforeAll(async () => {
  city = await kaifeng()
})
afterAll(() => city[Symbol.asyncDispose]())

describe('init', () => {
  test('makes a city’s inventory, and refuses to do it again', async () => {
    await using folder = await emptyFolder()
    const { code, stdout } = await folder.run('init', '--region', '410200')
    expect(code).toBe(0)
    expect(stdout).toContain('407 records, revision 1')
    expect(stdout).toContain('next: `yiwang export')
    await expectUntouched(folder, async () => {
      expectRefusal(
        await folder.run('init', '--region', '410200'),
        2,
        /expected an empty store[^]*→ .*import/u,
      )
    })
  })

  test.each([['999'], ['开封'], ['']])('refuses --region %s', async (region) => {
    await using folder = await emptyFolder()
    expectRefusal(await folder.run('init', '--region', region), 2, /--region: expected .*\n {2}→ 410200/u)
    await expect(stat(folder.file('inventory'))).rejects.toThrow('ENOENT')
  })
})

test('an agent that is invited again keeps where it looks from, and at what', async () => {
  await using folder = await copyOf(city)
  const shown = async (): Promise<unknown> => folder.json('agent', 'show', 'lankao')
  await folder.ok('agent', 'invite', 'lankao', '--region', '410225', '--vantage', 'internet')
  const before = await shown()
  const again = await folder.ok('agent', 'invite', 'lankao')
  expect(await shown()).toMatchObject({ regions: ['410225'], vantage: 'internet', state: 'invited' })
  expect(await shown()).not.toEqual(before)
  expect(again).toMatch(/^[\w-]{32}\n/u)
})

test('an export takes the place of a file as a whole, so that a full disk leaves the one that was there', async () => {
  await using folder = await copyOf(city)
  const [file, other] = [folder.file('units.csv'), folder.file('same.csv')]
  await writeFile(file, 'edited by somebody')
  await link(file, other)
  await folder.ok('export', file, '--collection', 'unit')
  expect(await readFile(file, 'utf8')).toContain('编号')
  // Not written over: another name of it still has all of it.
  expect(await readFile(other, 'utf8')).toBe('edited by somebody')
})

describe('each collection, by hand', () => {
  interface Case {
    readonly collection: string
    readonly id: string
    readonly fields: readonly string[]
    readonly change: readonly [assignment: string, shown: string]
  }
  const cases: readonly Case[] = [
    {
      collection: 'region',
      id: '410299',
      fields: ['name=示范区', 'level=county', 'parent=410200'],
      change: ['remark=new', 'new'],
    },
    {
      collection: 'unit',
      id: 'u-new',
      fields: ['name=大数据局', 'kind=department', 'region=410200'],
      change: ['kind=大厅', '大厅'],
    },
    {
      collection: 'node',
      id: 'n-new',
      fields: [
        'name=新节点',
        'region=410202',
        'level=county',
        'kind=access',
        'uplinks.1.to=n-410200',
        'uplinks.1.kind=line',
        'uplinks.1.id=up1',
      ],
      change: ['addresses=192.0.2.1,2001:db8::1', '192.0.2.1、2001:db8::1'],
    },
    {
      collection: 'system',
      id: 's-new',
      fields: ['name=门户网站', 'region=410200', 'kind=website', 'endpoints=https://www.example.gov.cn/'],
      change: ['endpoints=', ''],
    },
    {
      collection: 'device',
      id: 'd-new',
      fields: ['name=核心路由器', 'role=router', 'node=n-410200', 'address=192.0.2.9'],
      change: ['snmp.credential=core', 'core'],
    },
    {
      collection: 'contact',
      id: 'c-new',
      fields: ['name=值班室', 'phone=12345', '服务热线=是'],
      change: ['duty=线路故障', '线路故障'],
    },
    {
      collection: 'network',
      id: 'net-new',
      fields: ['name=龙亭区公用网', 'cidr=2001:0DB8::/32', '所属区域=公用', 'region=410202', 'scan=true'],
      change: ['cidr=192.0.2.0/24', '192.0.2.0/24'],
    },
  ]

  test.each(cases)(
    '$collection: add, show, set, list, remove',
    async ({ collection, id, fields, change }) => {
      await using folder = await copyOf(city)
      const [assignment, shown] = change
      expect(await folder.ok(collection, 'add', id, ...fields)).toBe(`added ${id}, revision 2\n`)
      expectRefusal(
        await folder.run(collection, 'add', id, ...fields),
        2,
        /there is such a .* already\n {2}→ use/u,
      )
      expect(await folder.ok(collection, 'set', id, assignment)).toBe('changed 1, revision 3\n')
      const field = assignment.slice(0, assignment.indexOf('='))
      const text = await folder.ok(collection, 'show', id)
      const line = text.split('\n').find((each) => each.startsWith(`${field} `))
      expect(
        line
          ?.trim()
          .split(/\s{2,}/u)
          .at(-1),
      ).toBe(shown === '' ? undefined : shown)
      expect(await folder.json(collection, 'list')).toContainEqual(expect.objectContaining({ id }))
      expect(await folder.ok(collection, 'remove', id, '--reason', '测试')).toBe('removed 1, revision 4\n')
      const entries = (await readFile(folder.file('inventory', 'audit.jsonl'), 'utf8')).trim().split('\n')
      expect(JSON.parse(entries[3] ?? '')).toMatchObject({
        sequence: 4,
        reason: '测试',
        changes: [{ op: 'remove', collection, id }],
      })
    },
  )

  test('what is there is not added again', async () => {
    await expectUntouched(city, async () => {
      const again = await city.run(
        'node',
        'add',
        'n-410200',
        'name=x',
        'region=410200',
        'level=city',
        'kind=room',
      )
      expectRefusal(again, 2, /there is such a node already\n {2}→ use/u)
    })
  })

  test('a slip of the hand is answered with what was meant', async () => {
    expectRefusal(await city.run('node', 'show', 'n-41020'), 2, /n-41020: .*\n {2}→ did you mean n-410200\?/u)
    expectRefusal(await city.run('nod', 'list'), 2, /→ did you mean: yiwang node list/u)
    expectRefusal(await city.run('node', 'list', '--regoin', '41'), 2, /→ did you mean --region\?/u)
    expectRefusal(await city.run('node', 'list', '--columns', 'nam'), 2, /→ did you mean name\?/u)
    expectRefusal(
      await city.run('node', 'list', '--region', '999999'),
      2,
      /→ `yiwang region list` shows them/u,
    )
    expectRefusal(
      await city.run('node', 'set', 'n-410200', 'adresses=x'),
      2,
      /adresses: .*no such field\n {2}→ did you mean addresses\?/u,
    )
    expectRefusal(
      await city.run('node', 'set', 'n-410202', 'uplinks.2.kind=VPN', 'uplinks.2.to=n-410200'),
      2,
      /node\/n-410202\.uplinks\.2\.id: expected string, got nothing/u,
    )
    expectRefusal(await city.run('node', 'set', 'n-410200'), 2, /→ yiwang node set --help lists the fields/u)
  })

  test('an empty value removes a whole group', async () => {
    await using folder = await copyOf(city)
    const second = ['uplinks.2.id=up2', 'uplinks.2.kind=VPN', 'uplinks.2.to=n-410200']
    await folder.ok('node', 'set', 'n-410202', ...second, 'probes.1.kind=tcp', 'probes.1.options={"port":22}')
    await folder.ok('node', 'set', 'n-410202', 'uplinks.1=', 'probes.1=')
    expect(await folder.json('node', 'show', 'n-410202')).toMatchObject({
      uplinks: [{ id: 'up2' }],
      probes: [],
    })
    expectRefusal(
      await folder.run('node', 'set', 'n-410202', 'uplinks.0='),
      2,
      /uplinks\.0: .*no such field/u,
    )
  })

  test('help names the fields, and those that a record cannot be without', async () => {
    const help = (await city.ok('node', 'add', '--help')).replaceAll(/\s+/gu, ' ')
    expect(help).toMatch(/Fields: id, name, region, level, .*uplinks\.1\.to, /u)
    expect(help).toContain('$ yiwang node add ID name=… region=… level=… kind=…')
  })

  test('what is wrong in one change is said at once, and nothing is written', async () => {
    await expectUntouched(city, async () => {
      const { code, stderr } = await city.run('node', 'add', 'n new', 'region=999999', 'addresses=1.2.3.999')
      expect(code).toBe(2)
      for (const field of ['id', 'name', 'addresses', 'level', 'kind']) expect(stderr).toContain(`.${field}`)
    })
  })

  test('what others refer to is not removed', async () => {
    await expectUntouched(city, async () => {
      expectRefusal(await city.run('node', 'remove', 'n-410200'), 2, /still referenced by .*n-410202/u)
    })
  })

  test('of several to remove, one that is not there keeps the others', async () => {
    await expectUntouched(city, async () => {
      expectRefusal(
        await city.run('node', 'remove', 'n-410202001', 'n-nowhere'),
        2,
        /n-nowhere: there is no/u,
      )
    })
  })
})

describe('lists', () => {
  interface Listed {
    readonly id: string
  }
  const idsOf = async (...args: readonly string[]): Promise<readonly string[]> =>
    ((await city.json(...args)) as readonly Listed[]).map(({ id }) => id)

  test('selectors narrow', async () => {
    const all = await idsOf('node', 'list')
    const county = await idsOf('node', 'list', '--region', '410202')
    const townships = await idsOf('node', 'list', '--region', '410202', '--level', 'township')
    expect(all).toHaveLength(126)
    expect(county.every((id) => id.startsWith('n-410202'))).toBe(true)
    expect(townships).toEqual(county.filter((id) => id !== 'n-410202'))
    expect(await idsOf('node', 'list', '--unit', 'u-410202-room')).toEqual(['n-410202'])
    expect(await idsOf('unit', 'list', '--kind', 'hall', '--level', 'city')).toEqual(['u-410200-hall'])
  })

  test.each([
    [['node', 'list', '--region', '999999'], /--region: expected a region of the inventory/u],
    [['node', 'list', '--level', 'village'], /--level: expected one of province \(省\), city \(市\)/u],
    [['node', 'list', '--kind', 'halls'], /--kind: .*hall/u],
    [['contact', 'list', '--level', 'city'], /--level: a contact has no level/u],
  ])('yiwang %j is refused', async (args, words) => {
    expectRefusal(await city.run(...args), 2, words)
  })

  test('a table’s columns stand below each other, however wide their characters', async () => {
    const [header = '', ...lines] = (await city.ok('unit', 'list', '--region', '410202'))
      .trimEnd()
      .split('\n')
    const at = stringWidth(header.slice(0, header.indexOf('region')))
    for (const line of lines) {
      const region = /\b41\d{4}(\d{3})?\b(?!-)(?=\s|$)/u.exec(line.slice(4))
      expect(stringWidth(line.slice(0, (region?.index ?? 0) + 4))).toBe(at)
    }
  })

  test('CSV has every column and is read back as it is', async () => {
    await using folder = await copyOf(city)
    const csv = await folder.ok('node', 'list', '--csv')
    expect(csv.split('\n')[0]).toContain(
      'id,name,region,level,kind,unit,areas,accessClass,addresses,uplinks.1.id',
    )
    await writeFile(folder.file('nodes.csv'), csv)
    expect(await folder.ok('import', folder.file('nodes.csv'), '--dry-run')).toContain('126 unchanged')
  })
})

const sheetOf = (workbook: Workbook, name: string): Worksheet => {
  const sheet = workbook.getWorksheet(name)
  if (sheet === undefined) throw new Error(`no sheet ${name}`)
  return sheet
}

const headersOf = (sheet: Worksheet): ReadonlyMap<string, number> => {
  const headers = new Map<string, number>()
  sheet.getRow(1).eachCell((cell, column) => headers.set(cell.text, column))
  return headers
}

const rowOf = (sheet: Worksheet, id: string): number => {
  for (let row = 2; row <= sheet.rowCount; row++) if (sheet.getCell(row, 1).value === id) return row
  throw new Error(`no row ${id}`)
}

/** What an engineer does in a spreadsheet: cells by row id and Chinese header. */
const edit = async (
  file: string,
  cells: readonly (readonly [sheet: string, id: string, header: string, text: string])[],
) => {
  const workbook = new Workbook()
  await workbook.xlsx.readFile(file)
  for (const [name, id, header, text] of cells) {
    const sheet = sheetOf(workbook, name)
    const column = headersOf(sheet).get(header)
    if (column === undefined) throw new Error(`no column ${header} in ${[...headersOf(sheet).keys()].join()}`)
    sheet.getCell(rowOf(sheet, id), column).value = text
  }
  await workbook.xlsx.writeFile(file)
}

describe('spreadsheets', () => {
  test('export, edit, dry run, import; again: unchanged', async () => {
    await using folder = await copyOf(city)
    const file = folder.file('inventory.xlsx')
    await folder.ok('export', file)
    await edit(file, [
      ['节点', 'n-410202', '地址', '192.0.2.2、2001:db8::2'],
      ['节点', 'n-410202', '上联1 运营商', '移动'],
      ['单位', 'u-410202-hall', '名称', '龙亭区政务服务中心'],
    ])
    const dry = await folder.ok('import', file, '--dry-run')
    expect(dry).toContain('0 new, 2 changed, 405 unchanged; nothing was written')
    expect(dry).toMatch(/^节点 +\d+ +n-410202 +地址 +192\.0\.2\.2、2001:db8::2$/mu)
    expect(dry).toMatch(/^单位 +\d+ +u-410202-hall +名称 +龙亭区政务服务大厅 +龙亭区政务服务中心$/mu)
    expect(await folder.ok('audit', 'head')).toMatch(/^1:/u)
    expect(await folder.ok('import', file, '--reason', '汇总')).toBe('0 added, 2 changed, revision 2\n')
    expect(await folder.json('node', 'show', 'n-410202')).toMatchObject({
      addresses: ['192.0.2.2', '2001:db8::2'],
      uplinks: [{ operator: '移动', to: 'n-410200' }],
    })
    expect(await folder.ok('import', file)).toBe('0 added, 0 changed, revision 2\n')
  })

  test('CSV with Chinese headers, as an official’s spreadsheet writes it', async () => {
    await using folder = await copyOf(city)
    const file = folder.file('节点.csv')
    await writeFile(
      file,
      '﻿编号,名称,行政区划,层级,类型,地址,上联1 类型,上联1 上级节点\r\n' +
        'n-hall,龙亭区大厅节点,410202,县级,政务大厅,192.0.2.7,专线,n-410202\r\n',
    )
    expect(await folder.ok('import', file)).toBe('1 added, 0 changed, revision 2\n')
    expect(await folder.json('node', 'show', 'n-hall')).toMatchObject({
      level: 'county',
      kind: 'hall',
      uplinks: [{ to: 'n-410202', kind: 'line' }],
    })
  })

  test('every error of a sheet at once, each with its place, and nothing is written', async () => {
    await using folder = await copyOf(city)
    const file = folder.file('inventory.xlsx')
    await folder.ok('export', file)
    await edit(file, [
      ['节点', 'n-410202', '地址', '192.0.2.999'],
      ['节点', 'n-410203', '层级', '村级'],
      ['节点', 'n-410204', '上联1 上级节点', 'n-nowhere'],
      ['单位', 'u-410202-hall', '编号', 'u-410202-room'],
      ['单位', 'u-410203-hall', '行政区划', '999999'],
    ])
    await expectUntouched(folder, async () => {
      const { code, stdout, stderr } = await folder.run('import', file)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      for (const words of ['192.0.2.999', '村级', 'n-nowhere', 'duplicate id', '999999'])
        expect(
          stderr
            .split('\n')
            .filter((line) => /inventory\.xlsx:(节点|单位)![A-Z]+\d+: /u.test(line))
            .join('\n'),
        ).toContain(words)
    })
  })

  test('an unknown header is answered with the one that was meant', async () => {
    await using folder = await copyOf(city)
    await writeFile(folder.file('node.csv'), '编号,名称,行政区画\nn-410202,x,410202\n')
    expectRefusal(
      await folder.run('import', folder.file('node.csv')),
      2,
      /node\.csv!C1: unknown header "行政区画"\n {2}→ did you mean 行政区划/u,
    )
  })

  test.each([
    [['export', 'x.txt'], 2, /expected a name ending in \.xlsx or \.csv/u],
    [['export', 'x.csv'], 2, /--collection: expected one collection/u],
    [['export', '/nowhere/at/all.xlsx'], 4, /\/nowhere\/at\/all\.xlsx/u],
    [['import', '/nowhere.xlsx'], 4, /\/nowhere\.xlsx/u],
    [['import', '/proc/version'], 2, /expected an \.xlsx or \.csv file/u],
  ] as const)('yiwang %j is refused', async (args, code, words) => {
    await expectUntouched(city, async () => {
      expectRefusal(await city.run(...args), code, words)
    })
  })
})

describe('audit', () => {
  const changed = async (): Promise<DataFolder> => {
    const folder = await copyOf(city)
    await folder.ok('node', 'set', 'n-410202', 'remark=一', '--actor', '张三', '--reason', '核对')
    await folder.ok('node', 'set', 'n-410202', 'remark=二')
    return folder
  }

  test('who, why, what', async () => {
    await using folder = await changed()
    const log = await folder.ok('audit', 'log')
    expect(log).toMatch(/^ *2 +\d{4}-\S+Z +张三 +核对 +replace node n-410202$/mu)
    expect(await folder.json('audit', 'log', '--limit', '1')).toMatchObject([{ sequence: 3 }])
    const [entry] = (await folder.json('audit', 'log', '--since', '2', '--limit', '1')) as readonly unknown[]
    expect(entry).toMatchObject({
      sequence: 2,
      actor: '张三',
      changes: [{ op: 'replace', after: { remark: '一' } }],
    })
  })

  test('one changed byte of the log is found', async () => {
    await using folder = await changed()
    const file = folder.file('inventory', 'audit.jsonl')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"张三"', '"李四"'))
    const { code, stdout, stderr } = await folder.run('audit', 'verify')
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(stdout).toMatch(/^NOT intact at entry 2: /u)
  })

  test('a tail that was cut off is found with a head that was kept elsewhere', async () => {
    await using folder = await changed()
    const head = (await folder.ok('audit', 'head')).trim()
    expect((await folder.run('audit', 'verify', '--head', head)).code).toBe(0)
    const file = folder.file('inventory', 'audit.jsonl')
    const text = await readFile(file, 'utf8')
    const lastLine = text.trimEnd().split('\n').at(-1) ?? ''
    await truncate(file, Buffer.byteLength(text) - Buffer.byteLength(lastLine) - 1)
    const { code, stdout, stderr } = await folder.run('audit', 'verify', '--head', head)
    expect({ code, said: stdout + stderr }).toMatchObject({ code: 3 })
    expect(stdout).toMatch(/^NOT intact at entry 3: /u)
  })

  test('a line of rubbish at the end is found', async () => {
    await using folder = await changed()
    await appendFile(folder.file('inventory', 'audit.jsonl'), '{"sequence":4}\n')
    expect((await folder.run('audit', 'verify')).code).toBe(3)
  })

  test('what is no head is refused', async () => {
    expectRefusal(
      await city.run('audit', 'verify', '--head', 'deadbeef'),
      2,
      /--head: expected SEQUENCE:SHA256/u,
    )
  })
})

describe('backup and restore', () => {
  test('what was backed up comes back, audit log and all', async () => {
    await using folder = await copyOf(city)
    await using other = await emptyFolder()
    const file = folder.file('kept.backup')
    await folder.ok('node', 'set', 'n-410202', 'remark=before')
    await folder.ok('backup', file)
    await folder.ok('node', 'set', 'n-410202', 'remark=after')
    expect(await other.ok('restore', file)).toContain('restored from')
    expect(await other.json('node', 'show', 'n-410202')).toMatchObject({ remark: 'before' })
    expect((await other.run('audit', 'verify')).code).toBe(0)
    await expectUntouched(folder, async () => {
      expectRefusal(await folder.run('restore', file), 2, /expected an empty store[^]*--force/u)
    })
    await folder.ok('restore', file, '--force')
    expect(await folder.json('node', 'show', 'n-410202')).toMatchObject({ remark: 'before' })
  })

  test('a damaged backup is refused', async () => {
    await using folder = await copyOf(city)
    const file = folder.file('kept.backup')
    await folder.ok('backup', file)
    const bytes = await readFile(file)
    bytes[bytes.length >> 1]! ^= 1
    await writeFile(file, bytes)
    await expectUntouched(folder, async () => {
      expectRefusal(await folder.run('restore', file, '--force'), 2, /nothing was restored/u)
    })
  })

  test.each([
    ['backup', '/nowhere/b'],
    ['restore', '/nowhere/b'],
  ])('yiwang %s %s is refused', async (command, file) => {
    expectRefusal(await city.run(command, file), 4, /\/nowhere\//u)
  })
})

test('without an inventory, each command says how to make one', async () => {
  await using folder = await emptyFolder()
  for (const args of [
    ['node', 'list'],
    ['audit', 'verify'],
    ['sweep'],
    ['plan', 'show'],
    ['run'],
    ['export', 'x.xlsx'],
  ])
    expectRefusal(await folder.run(...args), 4, /found none\n {2}→ `yiwang init --region 410200` makes one/u)
})

test('a reader that has seen enough ends a command quietly', async () => {
  const pipe = `"${launcher}" node list --data "${city.path}" --json | head -1; "${launcher}" | head -1`
  const child = spawn('sh', ['-c', pipe])
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect({ stderr, first: stdout.split('\n')[0] }).toEqual({ stderr: '', first: '[' })
})

test('a data folder that is no folder', async () => {
  expectRefusal(await yiwang(['node', 'list', '--data', '/dev/null']), 4, /\/dev\/null/u)
})
