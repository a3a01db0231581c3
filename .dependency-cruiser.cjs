/** Who may import whom. Anything absent is forbidden; the messages say what to do instead. */
const libs = ['contracts', 'platform', 'content', 'entities', 'messaging', 'providers'];
const allowed = {
  contracts: [],
  platform: ['contracts'],
  content: ['contracts'],
  entities: ['contracts'],
  messaging: ['contracts', 'platform'],
  providers: ['contracts', 'platform'],
};
const notSpec = '\\.spec\\.ts$';
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Move what both need into a file of its own.',
      from: {},
      to: { circular: true },
    },
    ...libs.map((lib) => ({
      name: `${lib}-imports`,
      severity: 'error',
      comment: `libs/${lib} may import only: ${allowed[lib].join(', ') || 'nothing of ours'}.`,
      from: { path: `^libs/${lib}/`, pathNot: notSpec },
      to: { path: `^(libs/(?!(${[lib, ...allowed[lib]].join('|')})/)|apps/)` },
    })),
    ...['gateway', 'dispatcher', 'channel-worker', 'im-sync', 'reporting'].map((app) => ({
      name: `${app}-is-an-island`,
      severity: 'error',
      comment: 'Apps never import each other: put what both need into a lib, or send a message.',
      from: { path: `^apps/${app}/` },
      to: { path: `^apps/(?!${app}/)` },
    })),
    {
      name: 'standalone-imports-root-modules-only',
      severity: 'error',
      comment: 'standalone composes the five root modules and nothing else.',
      from: { path: '^apps/standalone/' },
      to: { path: '^apps/(?!standalone/)', pathNot: '\\.module\\.ts$' },
    },
    {
      name: 'a-door-is-whole',
      severity: 'error',
      comment: 'Doors never import each other: what two of them need belongs to the core of the gateway.',
      from: { path: '^apps/gateway/src/doors/([^/]+)/', pathNot: notSpec },
      to: { path: '^apps/gateway/src/doors/', pathNot: '^apps/gateway/src/doors/$1/' },
    },
    {
      name: 'nothing-outside-imports-a-door',
      severity: 'error',
      comment: 'Only the gateway module wires a door.',
      from: { path: '^apps/gateway/src/', pathNot: '^apps/gateway/src/(doors/|gateway\\.module)|\\.spec\\.ts$' },
      to: { path: '^apps/gateway/src/doors/' },
    },
    {
      name: 'libs-through-their-index',
      severity: 'error',
      comment: 'Import another lib by its #name.',
      from: { path: '^(apps|libs/([^/]+))/', pathNot: notSpec },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts)', pathNot: '^libs/$2/' },
    },
    {
      name: 'typeorm-and-pg-live-in-entities',
      severity: 'error',
      comment: 'Only libs/entities talks to PostgreSQL.',
      from: { path: '^(apps|libs)/', pathNot: '^libs/entities/|\\.spec\\.ts$' },
      to: { path: 'node_modules/(typeorm|pg|@nestjs/typeorm)/' },
    },
    {
      name: 'amqplib-lives-in-messaging',
      severity: 'error',
      comment: 'Only libs/messaging talks to the broker.',
      from: { path: '^(apps|libs)/', pathNot: '^libs/messaging/|\\.spec\\.ts$' },
      to: { path: 'node_modules/amqplib/' },
    },
    {
      name: 'contracts-import-validation-only',
      severity: 'error',
      comment: 'Contracts import nothing but validation.',
      from: { path: '^libs/contracts/' },
      to: { path: 'node_modules/', pathNot: 'node_modules/(class-validator|class-transformer|reflect-metadata)/' },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      comment: 'Test support stays out of the product.',
      from: { path: '^(apps|libs)/', pathNot: notSpec },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist' },
  },
};
