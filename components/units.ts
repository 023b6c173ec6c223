const SECONDS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 } as const;
const BYTES = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** A whole number and one unit of `s m h d w y`, as Prometheus and Loki write durations: `15s`, `7d`. */
export const DURATION = /^(\d+)([smhdwy])$/;

/** A whole number and one unit of `Ki Mi Gi Ti`, a subset of Kubernetes quantities: `20Gi`. */
export const QUANTITY = /^(\d+)(Ki|Mi|Gi|Ti)$/;

/** Seconds in a duration such as `7d`. Throws a `RangeError` when it is not one. */
export function seconds(duration: string): number {
  const [, count, unit] = DURATION.exec(duration) ?? [];
  if (!count || !unit) throw new RangeError(`"${duration}" is not a duration such as 30s, 12h or 7d`);
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

/** The duration in Go's notation, which knows no days: `7d` → `168h`, `90s` → `90s`. */
export function goDuration(duration: string): string {
  const total = seconds(duration);
  if (total % 3600 === 0) return `${total / 3600}h`;
  if (total % 60 === 0) return `${total / 60}m`;
  return `${total}s`;
}

/** Bytes in a quantity such as `20Gi`. Throws a `RangeError` when it is not one. */
export function bytes(quantity: string): number {
  const [, count, unit] = QUANTITY.exec(quantity) ?? [];
  if (!count || !unit) throw new RangeError(`"${quantity}" is not a quantity such as 512Mi or 20Gi`);
  return Number(count) * BYTES[unit as keyof typeof BYTES];
}

/** Bytes as a quantity in whole gibibytes, rounded up: `1` → `1Gi`. */
export function gibibytes(count: number): string {
  return `${Math.ceil(count / BYTES.Gi)}Gi`;
}

/** Bytes as a quantity in whole mebibytes, rounded down: `2 ** 30` → `1024Mi`. */
export function mebibytes(count: number): string {
  return `${Math.floor(count / BYTES.Mi)}Mi`;
}
