import type { Config } from 'jest';

const shared: NonNullable<Config['projects']>[number] = {
  testEnvironment: 'node',
  transform: { '^.+\\.[jt]s$': '@swc/jest' },
  // published as ECMAScript modules only, or importing at run time
  transformIgnorePatterns: [
    '/node_modules/(?!(@kubernetes/client-node|@opentelemetry/otlp-exporter-base|openid-client|oauth4webapi|jose|jsonpath-plus)/)',
  ],
};

/** Four suites, from seconds to minutes: pure code, products' own validators, the real engine, the whole platform. */
const config: Config = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/{components,golden,stacks,packs,local}/**/*.test.ts'],
    },
    { ...shared, displayName: 'validators', testMatch: ['<rootDir>/test/validators/**/*.test.ts'] },
    { ...shared, displayName: 'engine', testMatch: ['<rootDir>/test/engine/**/*.test.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
  ],
};

export default config;
