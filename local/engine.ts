import type { EventEmitter } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  LocalWorkspace,
  type EngineEvent,
  type OutputMap,
  type PulumiFn,
  type Stack,
} from '@pulumi/pulumi/automation';
import execa from 'execa';
import pRetry from 'p-retry';
import { Progress, type OperationResult } from './engine/progress';
import {
  forgetProvider,
  locatePulumi,
  prepareWorkspace,
  type ConfigValue,
  type Workspace,
} from './engine/workspace';
import { HOME, ROOT } from './paths';
import { startProvider, type RunningProvider } from './provider/server';

export interface EngineOptions {
  /** Name of the stack; `Pulumi.<stack>.yaml` is its configuration. */
  stack: string;
  program: PulumiFn;
  /** Takes precedence over the stack's file. */
  config?: Record<string, ConfigValue>;
  /** Folder of `Pulumi.yaml`; only read. Default: the repository. */
  project?: string;
  /** Folder of state, workspace and passphrase. Default: `.observatory`. */
  home?: string;
  /** Cancels the running operation; what it has made so far stays in the state. */
  signal?: AbortSignal;
  /** Gets one line for each resource, and for what it waits. */
  onProgress?: (line: string) => void;
}

interface OperationOptions {
  onEvent: (event: EngineEvent) => void;
  signal?: AbortSignal;
  parallel: number;
  color: 'never';
}

type Start = (options: OperationOptions) => Promise<unknown>;

interface Lock {
  pid: number;
  hostname: string;
}

const runtime: EventEmitter = process;

// each resource that is awaited holds one of the engine's slots, and all pods are awaited at once
const parallel = 64;

/**
 * The real Pulumi engine with the program in this process. An installed `pulumi` and an installed official
 * Kubernetes provider are used as they are; else the engine that is built from source, and the provider of
 * `local/provider`. The state, and the generated passphrase of its secrets, stay on this machine.
 *
 * @see https://www.pulumi.com/docs/iac/automation-api/
 */
export class Engine {
  private programError: unknown;
  private killed = false;
  private interrupt = new AbortController();
  private lastOutputs: OutputMap | undefined;

  private constructor(
    private readonly options: EngineOptions,
    private readonly workspace: Workspace,
    private readonly stack: Stack,
    private readonly provider: RunningProvider | undefined,
  ) {}

  /** Creates or selects the stack. Call {@link close} in the end. */
  static async open(options: EngineOptions): Promise<Engine> {
    const { stack: stackName, config = {}, project = ROOT, home = HOME } = options;
    const workspace = prepareWorkspace(project, home, stackName, config);
    const { projectName, workDir, pulumiHome } = workspace;
    const pulumiCommand = await locatePulumi(home, options);
    const provider = workspace.officialProvider ? undefined : await startProvider();
    try {
      const envVars = {
        ...workspace.envVars,
        ...(provider && { PULUMI_DEBUG_PROVIDERS: `kubernetes:${provider.port}` }),
      };
      const stack = await LocalWorkspace.createOrSelectStack(
        { stackName, projectName, program: async () => ({}) },
        { workDir, pulumiHome, pulumiCommand, envVars },
      );
      for (const [key, { value, secret }] of Object.entries(config)) {
        if (!secret) continue;
        // the value goes in through stdin: arguments can be read by every process
        await execa(pulumiCommand.command, ['config', 'set', '--secret', '--stack', stackName, key], {
          cwd: workDir,
          env: { ...envVars, PULUMI_HOME: pulumiHome },
          input: String(value),
        });
      }
      return new Engine(options, workspace, stack, provider);
    } catch (error) {
      provider?.close();
      throw error;
    }
  }

  /** What `up` would do. */
  preview(): Promise<OperationResult> {
    return this.observe('preview', (options) => this.stack.preview({ ...options, program: this.program }));
  }

  /** Makes the cluster what the program says, and waits until it is ready. */
  async up(): Promise<OperationResult> {
    await this.recover();
    return this.change('up', async (options) => {
      const { outputs } = await this.stack.up({ ...options, program: this.program });
      this.lastOutputs = outputs;
    });
  }

  /** Reads what is in the cluster: changes there are updates and deletions in the result. */
  refresh({ previewOnly = false } = {}): Promise<OperationResult> {
    if (previewOnly) return this.observe('refresh', (options) => this.stack.previewRefresh(options));
    return this.change('refresh', (options) =>
      // what a killed engine began to create is adopted by the next update, if it is there
      this.stack.refresh({ ...options, clearPendingCreates: true }),
    );
  }

  /** Deletes everything but what is retained. Refused as a whole when something is protected. */
  async destroy(): Promise<OperationResult> {
    await this.recover();
    await this.observe('destroy', (options) => this.stack.previewDestroy(options));
    const result = await this.change('destroy', (options) => this.stack.destroy(options));
    forgetProvider(this.workspace);
    return result;
  }

  /** The outputs of the last update. */
  async outputs(): Promise<OutputMap> {
    return this.lastOutputs ?? this.stack.outputs();
  }

  close(): void {
    this.provider?.close();
  }

  private readonly program: PulumiFn = async () => {
    try {
      return await this.options.program();
    } catch (error) {
      this.programError = error;
      this.interrupt.abort();
      // a throw would come back as unhandled rejections of the stack's own promises, a return as its success
      return new Promise(() => undefined);
    }
  };

  /** An operation that writes the state: a file tells the next one when this process or the engine was killed. */
  private async change(operation: string, start: Start): Promise<OperationResult> {
    await this.unlock();
    const keep = existsSync(this.unfinished);
    writeFileSync(this.unfinished, operation);
    try {
      const result = await this.observe(operation, start);
      rmSync(this.unfinished);
      return result;
    } catch (error) {
      if (!keep && !this.killed) rmSync(this.unfinished);
      throw error;
    }
  }

  private async observe(operation: string, start: Start): Promise<OperationResult> {
    const { signal, onProgress = () => undefined, stack } = this.options;
    await this.unlock();
    signal?.throwIfAborted();
    this.programError = undefined;
    this.killed = false;
    this.interrupt = new AbortController();
    const signals = [this.interrupt.signal, ...(signal ? [signal] : [])];
    const progress = new Progress(onProgress);
    const handlers = errorHandlers();
    try {
      await start({
        onEvent: (event) => progress.onEvent(event),
        signal: AbortSignal.any(signals),
        parallel,
        color: 'never',
      });
    } catch (error) {
      if (signal?.aborted) {
        throw new Error(
          `${operation} of stack "${stack}" was cancelled; what it made so far is in its state`,
        );
      }
      if (this.programError) throw this.programError;
      if (progress.errors.length > 0) throw new Error(progress.errors.join('\n'));
      this.killed = true;
      throw new Error(commandFailure(error as Error));
    } finally {
      // the Automation API leaves them behind when a program does not end, and they would hide later errors
      for (const [event, handler] of errorHandlers()) {
        if (!handlers.some(([, known]) => known === handler)) runtime.off(event, handler);
      }
    }
    return progress.result;
  }

  private get unfinished(): string {
    return join(this.workspace.workDir, 'unfinished');
  }

  /** After an operation that did not end well the state may miss objects, or wait for some that are there. */
  private async recover(): Promise<void> {
    if (!existsSync(this.unfinished)) return;
    this.options.onProgress?.('the last operation did not finish: reading back what it made');
    await this.refresh();
  }

  /** Waits for another process of this stack to end, and removes the lock of one that was killed. */
  private async unlock(): Promise<void> {
    const { locks } = this.workspace;
    const read = () =>
      (existsSync(locks) ? readdirSync(locks) : [])
        .filter((file) => file.endsWith('.json'))
        .map((file) => JSON.parse(readFileSync(join(locks, file), 'utf8')) as Lock);
    await pRetry(
      () => {
        const other = read().find((lock) => lock.hostname !== hostname() || isPulumi(lock.pid));
        if (!other) return;
        throw new Error(
          `stack "${this.options.stack}" is being worked on by process ${other.pid} on ${other.hostname}; ` +
            `wait for it, or end it and run \`pulumi cancel\``,
        );
      },
      {
        retries: 30,
        factor: 1,
        onFailedAttempt: ({ message, attemptNumber }) => {
          if (attemptNumber === 1) this.options.onProgress?.(message);
        },
      },
    );
    if (read().length > 0) await this.stack.cancel();
  }
}

/** The first line of what the engine says about itself; the rest repeats its whole output. */
function commandFailure({ message }: Error): string {
  return /^ *stderr: (.+)$/m.exec(message)?.[1] ?? message;
}

function errorHandlers(): [event: string, handler: () => void][] {
  return ['uncaughtException', 'unhandledRejection'].flatMap((event) =>
    runtime.listeners(event).map((handler): [string, () => void] => [event, handler as () => void]),
  );
}

function isPulumi(pid: number): boolean {
  const name = `/proc/${pid}/comm`;
  return existsSync(name) && readFileSync(name, 'utf8').trim() === 'pulumi';
}
