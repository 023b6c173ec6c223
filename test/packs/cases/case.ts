/** Samples at a minute's distance, and when to look. */
export interface Situation {
  /** Series in promtool's notation: `0+60x10` begins at 0 and grows by 60 ten times. */
  series: Record<string, string>;
  at: string;
}

/** What makes an alert fire, and what nearly does. */
export interface AlertCase {
  alert: string;
  severity: 'critical' | 'warning' | 'info' | 'none';
  fires: Situation & { alerts: { labels: Record<string, string>; description: string }[] };
  /** `never` for what fires always, by intent. */
  silent: Situation | 'never';
}

/** What a recording rule makes of its input. */
export interface RecordingCase {
  record: string;
  given: Situation;
  samples: { labels: string; value: number }[];
}

/** A store's requests, 60 per minute, of which some fail. While it starts, it says so at `/ready`, which is no failure. */
export function failingRequests(store: string, labels: string, failed: number): Record<string, string> {
  const requests = (route: string, status: number): string =>
    `${store}_request_duration_seconds_count{${labels},method="GET",route="${route}",status_code="${status}"}`;
  return {
    [requests('query', 200)]: `0+${60 - failed}x30`,
    [requests('query', 500)]: `0+${failed}x30`,
    [requests('ready', 503)]: '0+60x30',
  };
}
