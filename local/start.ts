import { parseArgs } from 'node:util';
import { Listr } from 'listr2';
import { deployed, platform } from '../stacks/platform';
import type { Settings } from '../stacks/schema';
import { readSettings } from '../stacks/settings';
import { Engine } from './engine';
import type { OperationResult } from './engine/progress';
import type { ImageResult } from './images';
import {
  type Access,
  STACK,
  type StackConfig,
  checkMachine,
  clusterConfig,
  embeddedConfig,
  passwordFile,
  startEmbedded,
  waitForData,
  whereToLook,
} from './launch';
import { type Summary, formatSummary } from './summary';
import { runAlone, say } from './terminal';

interface State {
  access: Access;
  config: StackConfig;
  images: ImageResult[];
  settings: Settings;
  result: OperationResult;
  summary: Summary;
}

runAlone(async (signal) => {
  const { values } = parseArgs({ options: { context: { type: 'string' } } });
  const state = await steps(values.context, signal).run();
  say(`\n${await report(state)}`);
});

function steps(context: string | undefined, signal: AbortSignal): Listr<State, 'default', 'verbose'> {
  return new Listr<State, 'default', 'verbose'>(
    [
      {
        title: 'This machine',
        enabled: () => context === undefined,
        task: () => checkMachine(),
      },
      {
        title: 'Kubernetes on this machine',
        enabled: () => context === undefined,
        task: async (state, task) => {
          const { cluster, images } = await startEmbedded((line) => (task.output = line), signal);
          state.images = images;
          state.access = { kubeconfig: cluster.kubeconfig, context: cluster.context };
          state.config = embeddedConfig(cluster, images);
        },
      },
      {
        title: `Kubernetes of context ${context}`,
        enabled: () => context !== undefined,
        task: (state) => {
          state.images = [];
          state.access = { context: context! };
          state.config = clusterConfig(state.access);
        },
      },
      {
        title: `Stack ${STACK}`,
        task: async (state, task) => {
          const engine = await Engine.open({
            stack: STACK,
            program: async () => {
              state.settings = readSettings();
              return { ...platform(state.settings) };
            },
            config: state.config,
            signal,
            onProgress: (line) => (task.output = line),
          });
          try {
            state.result = await engine.up();
          } finally {
            engine.close();
          }
          task.title = `Stack ${STACK}: ${changeText(state.result)}`;
        },
      },
      {
        title: 'Telemetry of the cluster itself',
        task: async (state, task) => {
          const { namespace } = state.settings;
          const names = deployed(state.settings);
          state.summary = await waitForData(
            state.access,
            namespace,
            names,
            (line) => (task.output = line),
            signal,
          );
        },
      },
    ],
    {
      ctx: {} as State,
      rendererOptions: { collapseSubtasks: false },
      fallbackRenderer: 'verbose',
      registerSignalListeners: false,
    },
  );
}

function changeText({ counts }: OperationResult): string {
  const changed = Object.entries(counts).filter(([operation]) => operation !== 'same');
  if (changed.length === 0) return `no change, ${counts.same} resources as they were`;
  return changed.map(([operation, count]) => `${count} ${operation}`).join(', ');
}

async function report(state: State): Promise<string> {
  const unavailable = state.images.filter(({ source }) => source === 'unavailable');
  return [
    formatSummary(state.summary),
    ...unavailable.map(({ component, reason }) => `without  ${component}: ${reason}`),
    ...(await whereToLook(state.access, state.settings)),
    ...(state.settings.components.grafana
      ? [`Grafana's user is ${state.settings.grafana.adminUser}, its password is in ${passwordFile()}`]
      : []),
  ].join('\n');
}
