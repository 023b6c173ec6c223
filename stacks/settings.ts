import { distance } from 'fastest-levenshtein';
import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { capacityProblems } from './capacity';
import { type Problem, type Settings, settingsSchema } from './schema';

/** Where raw settings come from, for messages and for what only the stack knows. */
export interface Source {
  stack: string;
  /** Names of the settings whose values are encrypted. */
  secretKeys: string[];
}

// exported by the SDK, missing from its declarations
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

const PROJECT = 'observatory';

/** Settings whose values are encrypted. */
export const SECRET_SETTINGS = ['grafanaAdminPassword'];

const NAMES = Object.keys(settingsSchema.shape);
const TEXT_SETTINGS = NAMES.filter((name) => {
  const { type } = z.toJSONSchema(settingsSchema.shape[name as keyof typeof settingsSchema.shape], {
    io: 'input',
  });
  return type === 'string';
});

/** All that is wrong with a stack's configuration, a line each: file, path, value, limit and way out. */
export class SettingsError extends pulumi.RunError {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}

/**
 * Reads and checks the configuration of the current stack: the program's only access to it.
 *
 * @throws {SettingsError} naming every problem at once.
 */
export function readSettings(): Settings {
  const stack = pulumi.getStack();
  const raw: Record<string, unknown> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    const [namespace, name] = key.split(':') as [string, string];
    // Pulumi.yaml declares empty text as the default of what is not set
    if (namespace !== PROJECT || value === '') continue;
    raw[name] = TEXT_SETTINGS.includes(name) ? value : parseJson(value);
    if (isConfigSecret(key)) secretKeys.push(name);
  }
  return parseSettings(raw, { stack, secretKeys });
}

/**
 * Checks raw settings, fills in the defaults and returns them.
 *
 * @throws {SettingsError} naming every problem at once.
 */
export function parseSettings(raw: Record<string, unknown>, source: Source): Settings {
  const input: Record<string, unknown> = { cluster: source.stack, ...raw };
  const parsed = settingsSchema.safeParse(input);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue));
  // what is wrong by itself gives way to its default, so that the checks between settings are made as well
  const settings = parsed.success ? parsed.data : settingsSchema.parse(without(input, problems));
  for (const problem of crossProblems(settings, input, source)) {
    const known = problems.some(({ path }) => path.every((key, depth) => problem.path[depth] === key));
    if (!known) problems.push(problem);
  }
  if (problems.length > 0) throw new SettingsError(problems.map((problem) => line(problem, input, source)));
  return settings;
}

function crossProblems(settings: Settings, input: Record<string, unknown>, source: Source): Problem[] {
  const problems = capacityProblems(settings);
  if (!settings.components.tempo && !settings.components.jaeger) {
    problems.push({
      path: ['components'],
      message: 'leaves no store for traces; set components.tempo or components.jaeger to true',
    });
  }
  if (settings.components.grafana) {
    const command = `pulumi config set --secret ${PROJECT}:grafanaAdminPassword --stack ${source.stack}`;
    const path = ['grafanaAdminPassword'];
    if (input.grafanaAdminPassword === undefined) {
      problems.push({ path, message: `is not set, and Grafana needs it; run: ${command}` });
    } else if (!source.secretKeys.includes('grafanaAdminPassword')) {
      problems.push({ path, message: `stands there in plain text; encrypt it, run: ${command}` });
    }
  }
  return problems;
}

function describe(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  const known = Object.keys((schemaAt(issue.path) as z.ZodObject).shape).sort();
  return issue.keys.map((key) => {
    const nearest = [...known].sort((a, b) => distance(key, a) - distance(key, b))[0];
    return {
      path: [...issue.path, key],
      hideValue: true, // it may be a misspelt secret
      message: `is not a setting; did you mean ${nearest}? (known: ${known.join(', ')})`,
    };
  });
}

function schemaAt(path: PropertyKey[]): z.core.$ZodType {
  return path.reduce<z.core.$ZodType>(
    (schema, key) => unwrapped((unwrapped(schema) as z.ZodObject).shape[key as string]),
    settingsSchema,
  );
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType ? unwrapped(innerType) : schema;
}

function without(input: Record<string, unknown>, problems: Problem[]): Record<string, unknown> {
  const copy = structuredClone(input);
  for (const { path: whole } of problems) {
    const index = whole.findIndex((key) => typeof key === 'number');
    const path = index < 0 ? whole : whole.slice(0, index); // a list goes as a whole
    const parent = valueAt(copy, path.slice(0, -1)) as Record<PropertyKey, unknown> | undefined;
    const key = path.at(-1);
    if (parent && key !== undefined) delete parent[key];
  }
  return copy;
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

function line({ path, message, hideValue }: Problem, input: unknown, source: Source): string {
  const value = valueAt(input, path);
  const secret = [...SECRET_SETTINGS, ...source.secretKeys].includes(String(path[0]));
  const hidden = hideValue || secret || value === undefined || typeof value === 'object';
  const shown = hidden ? '' : ` ${JSON.stringify(value)}`;
  return `Pulumi.${source.stack}.yaml: ${PROJECT}:${path.join('.')}${shown} ${message}`;
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value; // the schema says what it should have been
  }
}
