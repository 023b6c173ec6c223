import { rmSync } from 'node:fs';
import { cleanCluster } from './cluster';
import { CLUSTER, HOME } from './paths';
import { runAlone, say } from './terminal';

runAlone(async () => {
  await cleanCluster(CLUSTER, say);
  rmSync(HOME, { recursive: true, force: true });
  say(`Removed ${HOME} and all that ran from it.`);
});
