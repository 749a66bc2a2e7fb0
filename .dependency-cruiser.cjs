/** Who may import whom. Arrows point inward, to src/core; see docs/architecture.md. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  comment: `${from} may import ${allowed.join(', ') || 'nothing of ours'}`,
  from: { path: `^${from}` },
  to: {
    path: '^(src|probes|inventory|dashboards)/',
    pathNot: [from, ...allowed].map((folder) => `^${folder}`),
  },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('core-knows-nobody', 'src/core/', []),
    only('probes-know-core', 'probes/', ['src/core/']),
    {
      name: 'probes-are-islands',
      severity: 'error',
      comment: 'one probe kind is one file (or folder) that touches no other',
      from: { path: '^probes/(?!index\\.ts|net/)([^/.]+)' },
      to: { path: '^probes/', pathNot: ['^probes/net/', '^probes/$1(/|\\.ts$)'] },
    },
    {
      name: 'probe-base-knows-no-kind',
      severity: 'error',
      from: { path: '^probes/net/' },
      to: { path: '^probes/', pathNot: '^probes/net/' },
    },
    only('inventory-knows-core', 'inventory/', ['src/core/']),
    only('config-knows-core-and-probe-schemas', 'src/config/', ['src/core/', 'probes/']),
    only('metrics-know-the-registry', 'src/metrics/', ['src/core/', 'probes/']),
    only('plan-knows-inventory', 'src/plan/', ['src/core/', 'inventory/', 'probes/', 'src/config/']),
    only('transport-knows-core', 'src/transport/', ['src/core/', 'src/plan/plan.ts']),
    only('agent', 'src/agent/', [
      'src/core/',
      'probes/',
      'src/plan/plan.ts',
      'src/transport/',
      'src/config/',
    ]),
    only('collector', 'src/collector/', [
      'src/core/',
      'src/transport/',
      'src/plan/',
      'src/metrics/',
      'src/config/',
      'inventory/',
    ]),
    only('simulator-plays-the-city-only', 'src/simulator/', ['src/core/', 'inventory/']),
    only('dashboards', 'dashboards/', ['src/metrics/', 'src/core/']),
    {
      name: 'nobody-imports-commands',
      severity: 'error',
      from: { pathNot: '^(src/commands|test|scripts)/' },
      to: { path: '^src/commands/' },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.d\\.ts$' }, to: {} },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
