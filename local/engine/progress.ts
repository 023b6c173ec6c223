import type {
  DiagnosticEvent,
  EngineEvent,
  OpMap,
  OpType,
  StepEventMetadata,
} from '@pulumi/pulumi/automation';

/** What an operation did, or would do, to one resource. */
export interface ResourceChange {
  urn: string;
  type: string;
  name: string;
  op: OpType;
  /** Paths of the changed properties, e.g. `spec.replicas`. */
  properties: string[];
}

/** What an operation did, or would do in a preview. */
export interface OperationResult {
  /** Resources by operation; components and the stack itself count too. */
  counts: OpMap;
  /** Every resource that is not the same as before. */
  changes: ResourceChange[];
}

const verbs: Partial<Record<OpType, [mark: string, done: string]>> = {
  create: ['+', 'created'],
  update: ['~', 'updated'],
  replace: ['±', 'replaced'],
  delete: ['-', 'deleted'],
  import: ['=', 'imported'],
};

/** Turns the engine's events into lines for people and a result for programs. */
export class Progress {
  readonly errors: string[] = [];
  private readonly changes = new Map<string, ResourceChange>();
  private readonly started = new Map<string, number>();
  private counts: OpMap = {};

  constructor(private readonly print: (line: string) => void) {}

  get result(): OperationResult {
    return { counts: this.counts, changes: [...this.changes.values()] };
  }

  onEvent({ resourcePreEvent, resOutputsEvent, diagnosticEvent, summaryEvent }: EngineEvent): void {
    if (resourcePreEvent) this.started.set(resourcePreEvent.metadata.urn, Date.now());
    if (resOutputsEvent) this.finish(resOutputsEvent.metadata, resOutputsEvent.planning === true);
    if (diagnosticEvent) this.diagnose(diagnosticEvent);
    if (summaryEvent) this.counts = summaryEvent.resourceChanges;
  }

  private finish(
    { urn, type, op, detailedDiff, diffs = [], old }: StepEventMetadata,
    planned: boolean,
  ): void {
    const verb = verbs[op];
    // the engine does not count providers either
    if (!verb || type.startsWith('pulumi:providers:')) return;
    const name = nameOf(urn);
    const detailed = Object.keys(detailedDiff ?? {}).sort();
    const properties = detailed.length > 0 ? detailed : diffs;
    this.changes.set(urn, { urn, type, name, op, properties });
    const [mark, done] = verb;
    const outcome = op === 'delete' && old?.retainOnDelete ? 'left in the cluster' : planned ? '' : done;
    const seconds = Math.round((Date.now() - (this.started.get(urn) ?? Date.now())) / 1000);
    const parts = [
      `${mark} ${kindOf(type)} ${name}`,
      outcome,
      seconds > 1 && !planned ? `(${seconds} s)` : '',
      op === 'create' || op === 'delete' ? '' : properties.join(', '),
    ];
    this.print(parts.filter(Boolean).join(' '));
  }

  private diagnose({ urn, message, severity }: DiagnosticEvent): void {
    const text = message
      .replace(/<\{%[^%]*%\}>/g, '')
      .replace(/^(Preview failed: |\d+ errors? occurred:\s*\* )/, '')
      .trim();
    if (severity === 'warning' || severity === 'info') this.print(`  ${text.replace(/\s*\n[\s*]*/g, ' ')}`);
    // "update failed" follows the error of the resource
    if (severity === 'error' && !/^\w+ failed$/.test(text)) {
      this.errors.push(urn ? `${nameOf(urn)}: ${text}` : text);
    }
  }
}

function nameOf(urn: string): string {
  return urn.split('::').pop()!;
}

/** `kubernetes:apps/v1:StatefulSet` is a `StatefulSet`. */
function kindOf(type: string): string {
  return type.split(':').pop()!;
}
