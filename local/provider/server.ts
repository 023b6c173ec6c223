import * as grpc from '@grpc/grpc-js';
import * as rpc from '@pulumi/pulumi/proto/provider_pb';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { type PluginAttach, PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { Status } from '@pulumi/pulumi/proto/status_pb';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct, type JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb';
import { changes, formatPath, replaces } from './diff';
import { officialVersion } from './official';
import { isAutonamed, uniqueName, withName, type Inputs } from './manifest';
import { InitFailedError, Session } from './session';

// the engine's own limit; a ConfigMap's diff carries its files several times
const channelOptions = { 'grpc.max_receive_message_length': 400 * 1024 * 1024 };

/** A running provider. */
export interface RunningProvider {
  /** For the engine's `PULUMI_DEBUG_PROVIDERS=kubernetes:<port>`. */
  port: number;
  close: () => void;
}

/**
 * Serves the `kubernetes` package to the Pulumi engine, in this process, where the official plugin cannot be
 * had. It applies objects of any kind on the server side, waits until they are ready, and reads back what was
 * edited in the cluster. Of the provider's settings it takes `kubeconfig`, `context` and `namespace`.
 *
 * @see https://www.pulumi.com/registry/packages/kubernetes/
 */
export async function startProvider(): Promise<RunningProvider> {
  // the engine opens one connection for each provider of a stack, e.g. one per kubeconfig
  const sessions = new Map<string, Session>();
  const server = new grpc.Server(channelOptions);
  server.addService(
    ResourceProviderService,
    methods((peer) => {
      const session = sessions.get(peer) ?? new Session();
      sessions.set(peer, session);
      return session;
    }),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    close: () => {
      for (const session of sessions.values()) session.close();
      server.forceShutdown();
    },
  };
}

function methods(sessionOf: (peer: string) => Session): grpc.UntypedServiceImplementation {
  const unary =
    <Request, Response>(
      handle: (session: Session, request: Request) => Promise<Response> | Response,
    ): grpc.handleUnaryCall<Request, Response> =>
    (call, callback) => {
      Promise.resolve()
        .then(() => handle(sessionOf(call.getPeer()), call.request))
        .then(
          (response) => callback(null, response),
          (error: Error) => callback(toStatus(error)),
        );
    };

  return {
    attach: unary((session, request: PluginAttach) => {
      session.attach(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: unary(() => new PluginInfo().setVersion(officialVersion)),
    configure: unary((session, request: rpc.ConfigureRequest) => {
      session.configure(Object.fromEntries(request.getVariablesMap().toArray()));
      return new rpc.ConfigureResponse().setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),
    check: unary((_, request: rpc.CheckRequest) => check(request)),
    diff: unary((_, request: rpc.DiffRequest) => diff(request)),
    create: unary(async (session, request: rpc.CreateRequest) => {
      const inputs = toInputs(request.getProperties());
      const { id, outputs } = await session.create(request.getUrn(), inputs, {
        preview: request.getPreview(),
        timeout: request.getTimeout(),
      });
      return new rpc.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: unary(async (session, request: rpc.ReadRequest) => {
      const inputs = request.hasInputs() ? toInputs(request.getInputs()) : undefined;
      const found = await session.read(request.getUrn(), request.getId(), request.getType(), inputs);
      if (!found) return new rpc.ReadResponse();
      return new rpc.ReadResponse()
        .setId(found.id)
        .setProperties(toStruct(found.outputs))
        .setInputs(toStruct(found.inputs));
    }),
    update: unary(async (session, request: rpc.UpdateRequest) => {
      const outputs = await session.update(request.getUrn(), toInputs(request.getNews()), {
        preview: request.getPreview(),
        timeout: request.getTimeout(),
      });
      return new rpc.UpdateResponse().setProperties(toStruct(outputs));
    }),
    delete: unary(async (session, request: rpc.DeleteRequest) => {
      const outputs = toInputs(request.getProperties());
      await session.delete(
        request.getUrn(),
        request.getId(),
        request.getType(),
        outputs,
        request.getTimeout(),
      );
      return new Empty();
    }),
    cancel: unary((session) => {
      session.cancel();
      return new Empty();
    }),
  };
}

function check(request: rpc.CheckRequest): rpc.CheckResponse {
  const inputs = toInputs(request.getNews());
  const response = new rpc.CheckResponse();
  const fail = (property: string, reason: string) =>
    response.addFailures(new rpc.CheckFailure().setProperty(property).setReason(reason));
  const old = request.hasOlds() ? toInputs(request.getOlds()) : undefined;
  const autonaming = request.getAutonaming();
  const { DISABLE } = rpc.CheckRequest.AutonamingOptions.Mode;
  if (!inputs.apiVersion || !inputs.kind || /(List|Patch)$/.test(inputs.kind)) {
    fail(
      'kind',
      `"${inputs.kind}" is no single Kubernetes object; this provider manages single objects only`,
    );
  }
  if (inputs.metadata?.['generateName']) {
    fail('metadata.generateName', 'does not go with server-side apply; leave it out to get a generated name');
  }
  if (!inputs.metadata?.name && !isAutonamed(old) && autonaming?.getMode() === DISABLE) {
    fail('metadata.name', 'is missing, and the project switches automatic names off (pulumi:autonaming)');
  }
  const proposed =
    autonaming?.getProposedName() || uniqueName(request.getUrn(), request.getRandomseed_asU8());
  return response.setInputs(toStruct(withName(inputs, old, proposed)));
}

function diff(request: rpc.DiffRequest): rpc.DiffResponse {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = rpc.PropertyDiff.Kind;
  const old = toInputs(request.getOldInputs());
  const inputs = toInputs(request.getNews());
  const ignored = request.getIgnorechangesList();
  const response = new rpc.DiffResponse().setHasdetaileddiff(true);
  for (const { path, before, after } of changes(old, inputs)) {
    const property = formatPath(path);
    if (ignored.some((ignore) => isWithin(property, ignore))) continue;
    const replace = replaces(inputs.apiVersion, inputs.kind, path);
    const [add, remove, update] = replace
      ? [ADD_REPLACE, DELETE_REPLACE, UPDATE_REPLACE]
      : [ADD, DELETE, UPDATE];
    const kind = before === undefined ? add : after === undefined ? remove : update;
    response.getDetaileddiffMap().set(property, new rpc.PropertyDiff().setKind(kind).setInputdiff(true));
    response.addDiffs(String(path[0]));
    if (replace) response.addReplaces(property);
  }
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  const sameName =
    old.metadata?.name === inputs.metadata?.name && old.metadata?.namespace === inputs.metadata?.namespace;
  return response
    .setChanges(response.getDiffsList().length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDeletebeforereplace(response.getReplacesList().length > 0 && sameName && !isAutonamed(inputs));
}

function isWithin(property: string, ancestor: string): boolean {
  return property.startsWith(ancestor) && ['', '.', '['].includes(property.charAt(ancestor.length));
}

function toInputs(properties: Struct | undefined): Inputs {
  return (properties?.toJavaScript() ?? {}) as Inputs;
}

function toStruct(value: object): Struct {
  return Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
}

/** Partial failures carry the object's state, so that the engine keeps what exists already. */
function toStatus(error: Error): Partial<grpc.StatusObject> {
  const code = grpc.status.UNKNOWN;
  if (!(error instanceof InitFailedError)) return { code, details: error.message };
  const detail = new rpc.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(error.outputs))
    .setInputs(toStruct(error.inputs))
    .setReasonsList([error.message]);
  const any = new Any();
  any.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const status = new Status().setCode(code).setMessage(error.message).setDetailsList([any]);
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return { code, details: error.message, metadata };
}
