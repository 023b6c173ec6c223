import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { parseDocument } from 'yaml';
import { renderStack, type Rendering, stackConfig, stackNames } from '../../local/rendering';
import { deployed } from '../../stacks/platform';
import { type Settings, settingsSchema } from '../../stacks/schema';
import { tool } from '../tools';

interface Validator {
  component: string;
  /** Which of the component's files it reads. */
  reads: (file: string) => boolean;
  /** The product's own command; the path follows, behind `flag`. */
  command: string;
  flag?: string;
  /** One change that makes the file wrong, and what the product says of it. */
  mistake: { path: (string | number)[]; value: unknown; complaint: RegExp };
}

const collector = (component: string): Validator => ({
  component,
  reads: () => true,
  command: 'otelcol-contrib validate',
  flag: '--config=',
  mistake: {
    path: ['service', 'extensions'],
    value: ['health_chekc'],
    complaint: /references extension "health_chekc" which is not configured/,
  },
});

const validators: Validator[] = [
  collector('collector'),
  collector('collector-agent'),
  {
    component: 'prometheus',
    reads: (file) => file === 'prometheus.yaml',
    // the files it names exist in the pod only
    command: 'promtool check config --syntax-only',
    mistake: {
      path: ['global', 'scrape_interval'],
      value: 'soon',
      complaint: /not a valid duration string: "soon"/,
    },
  },
  {
    component: 'prometheus',
    reads: (file) => file !== 'prometheus.yaml',
    command: 'promtool check rules --lint=all --lint-fatal',
    mistake: {
      path: ['groups', 0, 'rules', 0, 'expr'],
      value: 'sum(up',
      complaint: /could not parse expression/,
    },
  },
  {
    component: 'alertmanager',
    reads: () => true,
    command: 'amtool check-config',
    mistake: { path: ['route', 'receiver'], value: 'pager', complaint: /undefined receiver "pager"/ },
  },
  {
    component: 'loki',
    reads: () => true,
    command: 'loki -verify-config',
    flag: '-config.file=',
    mistake: {
      path: ['compactor', 'delete_request_store'],
      value: '',
      complaint: /delete-request-store should be configured when retention is enabled/,
    },
  },
  {
    component: 'tempo',
    reads: () => true,
    command: 'tempo -config.verify=true',
    flag: '-config.file=',
    mistake: {
      path: ['compactor'],
      value: { compaction: { block_retention: '24h' } },
      complaint: /field compactor not found/,
    },
  },
  {
    component: 'jaeger',
    reads: () => true,
    command: 'jaeger validate',
    flag: '--config=',
    mistake: {
      path: ['service', 'pipelines', 'traces', 'exporters'],
      value: ['otlp'],
      complaint: /references exporter "otlp" which is not configured/,
    },
  },
];

/** Read by no tool but the server itself. */
const WITHOUT_VALIDATOR = ['grafana'];

const scratch = mkdtempSync(join(tmpdir(), 'observatory-validators-'));

jest.setTimeout(60_000);

afterAll(() => rmSync(scratch, { recursive: true }));

async function run(binary: string, { command, flag = '' }: Validator, file: string, text: string) {
  const path = join(scratch, file);
  writeFileSync(path, text);
  const args = [...command.split(' ').slice(1), `${flag}${path}`];
  const { exitCode, all } = await execa(binary, args, { all: true, reject: false });
  return { exitCode, output: all };
}

describe.each(stackNames())('stack %s', (stack) => {
  let configs: Rendering['configs'];

  beforeAll(async () => {
    ({ configs } = await renderStack(stack));
  });

  const chosen = settingsSchema.shape.components.parse(
    JSON.parse(stackConfig(stack)['observatory:components'] ?? '{}'),
  );
  const components = deployed({ components: chosen } as Settings);

  const files = ({ component, reads }: Validator): [string, string][] => {
    const found = Object.entries(configs[component] ?? {}).filter(([file]) => reads(file));
    expect(found).not.toEqual([]);
    return found;
  };

  test('has a validator for every configuration', () => {
    const unread = Object.entries(configs)
      .filter(([component]) => !WITHOUT_VALIDATOR.includes(component))
      .flatMap(([component, all]) => Object.keys(all).map((file) => ({ component, file })))
      .filter(({ component, file }) => !validators.some((v) => v.component === component && v.reads(file)));
    expect(unread).toEqual([]);
  });

  for (const validator of validators.filter(({ component }) => components.includes(component))) {
    const { component, command, mistake } = validator;
    const title = `${component}: ${command}`;
    const [name] = command.split(' ') as [string];
    const binary = tool(name);
    if (!binary) {
      test.skip(`skipped: ${name} is neither built nor in OBSERVATORY_BINARIES (${title})`, () => {});
      continue;
    }

    test(`${title} accepts what is rendered`, async () => {
      for (const [file, text] of files(validator)) {
        const result = await run(binary, validator, file, text);
        expect({ file, ...result }).toEqual({ file, exitCode: 0, output: expect.any(String) });
      }
    });

    test(`${title} refuses ${mistake.path.join('.')} ${JSON.stringify(mistake.value)}`, async () => {
      const [[file, text]] = files(validator) as [[string, string]];
      const broken = parseDocument(text);
      broken.setIn(mistake.path, mistake.value);
      const { exitCode, output } = await run(binary, validator, file, broken.toString());
      expect(exitCode).not.toBe(0);
      expect(output).toMatch(mistake.complaint);
    });
  }
});
