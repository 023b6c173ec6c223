import { clusterStatus, stopCluster } from './cluster';
import { CLUSTER } from './paths';
import { runAlone, say } from './terminal';

runAlone(async () => {
  const { daemons } = await clusterStatus(CLUSTER);
  const running = Object.values(daemons).some((pid) => pid !== undefined);
  await stopCluster(CLUSTER, say);
  say(running ? 'Stopped. The data stays: npm start brings it back.' : 'Nothing was running.');
});
