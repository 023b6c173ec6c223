import { existsSync } from 'node:fs';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export interface RequestOptions {
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
}

// credentials from an exec plugin expire, so they are asked for again
const credentialsLifetime = 5 * 60_000;

/**
 * HTTPS to one Kubernetes API server. Raw requests, because the typed serializers of the client library drop
 * fields that they do not know (NetworkPolicy `from`, CustomResourceDefinition `default`).
 */
export class Cluster {
  private readonly config = new KubeConfig();
  private options: Promise<https.RequestOptions> | undefined;
  private optionsExpire = 0;

  /**
   * @param kubeconfig a path or the content of a kubeconfig; the user's own by default
   * @param context one of its contexts; the current one by default
   */
  constructor(kubeconfig?: string, context?: string) {
    if (!kubeconfig) this.config.loadFromDefault();
    else if (existsSync(kubeconfig)) this.config.loadFromFile(kubeconfig);
    else this.config.loadFromString(kubeconfig);
    if (context) this.config.setCurrentContext(context);
    if (!this.config.getCurrentCluster()) {
      const known = this.config.getContexts().map(({ name }) => name);
      throw new Error(
        `kubernetes:context "${this.config.getCurrentContext()}" names no cluster of the kubeconfig; ` +
          `use one of its contexts: ${known.join(', ') || '(it has none)'}`,
      );
    }
  }

  /** The namespace of the context, else `default`. */
  get namespace(): string {
    return this.config.getContextObject(this.config.getCurrentContext())?.namespace ?? 'default';
  }

  /** The parsed JSON of a successful answer. Throws {@link ApiError} for any other. */
  async json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return JSON.parse(await this.text(method, path, options)) as T;
  }

  /** The text of a successful answer, e.g. a container's log. Throws {@link ApiError} for any other. */
  async text(method: string, path: string, options: RequestOptions = {}): Promise<string> {
    const { server } = this.config.getCurrentCluster()!;
    const query = options.query ? `?${new URLSearchParams(options.query)}` : '';
    const { status, text } = await this.send(method, new URL(server + path + query), options);
    if (status < 300) return text;
    const { reason = '', message = text } = parseStatus(text);
    throw new ApiError(status, reason, message);
  }

  private async send(method: string, url: URL, { body, contentType = 'application/json' }: RequestOptions) {
    const options = await this.requestOptions();
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const unreachable = (error: Error) =>
        reject(
          new Error(
            `the Kubernetes API server ${url.origin} (context "${this.config.getCurrentContext()}") cannot be ` +
              `reached: ${error.message}; is the cluster running, and is kubernetes:context the right one?`,
          ),
        );
      const content = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        ...options.headers,
        accept: 'application/json',
        'content-type': contentType,
        // Node announces the body of a DELETE only when told to
        'content-length': Buffer.byteLength(content),
      };
      const request = https.request(url, { ...options, method, headers, timeout: 60_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', unreachable);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      });
      request.on('error', unreachable);
      request.on('timeout', () => request.destroy(new Error('no answer within 60 s')));
      request.end(content);
    });
  }

  private requestOptions(): Promise<https.RequestOptions> {
    if (!this.options || Date.now() > this.optionsExpire) {
      this.optionsExpire = Date.now() + credentialsLifetime;
      this.options = this.connect();
    }
    return this.options;
  }

  private async connect(): Promise<https.RequestOptions> {
    const options: https.RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    // the library's agent makes a connection per request; a proxy's agent stays as it is
    if (!this.config.getCurrentCluster()?.proxyUrl) options.agent = new https.Agent({ keepAlive: true });
    return options;
  }
}

function parseStatus(text: string): { reason?: string; message?: string } {
  try {
    return JSON.parse(text) as { reason?: string; message?: string };
  } catch {
    return {};
  }
}
