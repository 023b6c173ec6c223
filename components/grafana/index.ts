import type * as pulumi from '@pulumi/pulumi';
import { Component, contentHash, type Context } from '../component';
import { METRICS_PORT, type Datasource } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import {
  ADMIN_PASSWORD,
  dashboardFile,
  dashboardProvisioning,
  datasourceProvisioning,
  grafanaIni,
  iniText,
  paths,
  provisioningText,
  type Folder,
  type GrafanaSettings,
} from './config';

export interface GrafanaArgs {
  resources: Resources;
  /** Volume of the database (users, preferences, dashboards made by hand), e.g. `1Gi`. */
  volumeSize: string;
  adminUser: string;
  /**
   * Secret. It is set when the database is made; to change it later run
   * `grafana cli admin reset-admin-password` in the pod as well.
   */
  adminPassword: pulumi.Input<string>;
  /** Address in the browser; a proxy in front strips its path, if it has one. Default: the Service's address. */
  rootUrl?: string;
  /** Interval between two scrapes, e.g. `30s`: `$__rate_interval` follows it. */
  scrapeInterval: string;
  datasources: Datasource[];
  /** The first dashboard of the first folder is the home page. */
  folders: Folder[];
}

const PORT = 3000;

/**
 * Grafana with provisioned data sources and dashboards; its database is SQLite on its own volume, so it is one replica.
 *
 * @see https://grafana.com/docs/grafana/latest/
 */
export class Grafana extends Component {
  /** Address in the browser. */
  readonly url: string;

  constructor(context: Context, args: GrafanaArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super('Grafana', 'grafana', context, opts);
    this.url = args.rootUrl ?? `http://grafana.${context.namespace}.svc:${PORT}`;
    const { adminUser, scrapeInterval, datasources, folders } = args;
    const settings: GrafanaSettings = { adminUser, rootUrl: this.url, scrapeInterval, datasources, folders };

    const config = this.configFiles('config', {
      'grafana.ini': iniText(grafanaIni(settings)),
      'datasources.yaml': provisioningText(datasourceProvisioning(settings)),
      'dashboards.yaml': provisioningText(dashboardProvisioning(settings)),
    });
    const dashboards = folders.map((folder) => ({
      path: paths.dashboards(folder),
      files: this.configFiles(
        `dashboards-${folder.name}`,
        // one field a line, so that a diff shows the field
        Object.fromEntries(folder.dashboards.map((d) => [dashboardFile(d), JSON.stringify(d, null, 1)])),
      ),
    }));

    const ports = [{ name: METRICS_PORT, port: PORT }];
    this.service(ports);
    this.statefulSet(
      {
        image: context.image('grafana'),
        args: [],
        ports,
        probes: {
          startup: httpProbe('/api/health', METRICS_PORT, { failureThreshold: 60 }),
          readiness: httpProbe('/api/health', METRICS_PORT),
          // without a look at the database: a restart does not mend a full volume
          liveness: httpProbe('/healthz', METRICS_PORT),
        },
        resources: args.resources,
        uid: 472,
        mounts: [
          { path: paths.ini, subPath: 'grafana.ini', config: config.name },
          { path: paths.datasources, subPath: 'datasources.yaml', config: config.name },
          { path: paths.providers, subPath: 'dashboards.yaml', config: config.name },
          { path: paths.secrets, secret: this.secret('admin', { [ADMIN_PASSWORD]: args.adminPassword }) },
          ...dashboards.map(({ path, files }) => ({ path, config: files.name })),
          { path: paths.data, data: 'data' },
          // sockets of the data source plugins
          { path: '/tmp', scratch: 'tmp', sizeLimit: '64Mi' },
        ],
        configHash: contentHash([config.hash, ...dashboards.map(({ files }) => files.hash)]),
        serviceAccount: this.serviceAccount(),
      },
      args.volumeSize,
    );
    this.registerOutputs();
  }
}
