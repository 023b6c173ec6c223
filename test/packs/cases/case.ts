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

/** A store's requests to one route, 60 per minute, of which some fail. */
export function failingRequests(store: string, labels: string, failed: number): Record<string, string> {
  const series = `${store}_request_duration_seconds_count{${labels},method="GET",route="query"`;
  return {
    [`${series},status_code="200"}`]: `0+${60 - failed}x30`,
    [`${series},status_code="500"}`]: `0+${failed}x30`,
  };
}
