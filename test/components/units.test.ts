import { bytes, gibibytes, goDuration, mebibytes, seconds } from '../../components/units';

test.each([
  ['15s', 15],
  ['12h', 43_200],
  ['7d', 604_800],
  ['2w', 1_209_600],
  ['1y', 31_536_000],
])('%s is %d seconds', (text, count) => expect(seconds(text)).toBe(count));

test.each([
  ['7d', '168h'],
  ['90m', '90m'],
  ['90s', '90s'],
  ['1y', '8760h'],
])('%s is %s in Go', (text, go) => expect(goDuration(text)).toBe(go));

test('quantities round so that nothing is promised that is not there', () => {
  expect(bytes('20Gi')).toBe(20 * 2 ** 30);
  expect(gibibytes(2 ** 30 + 1)).toBe('2Gi');
  expect(mebibytes(2 ** 30 - 1)).toBe('1023Mi');
});

test.each(['7', 'd', '1.5d', '7 d', ''])('%j is no duration', (text) =>
  expect(() => seconds(text)).toThrow(RangeError),
);
test.each(['7', '20G', 'Gi', '1.5Gi'])('%j is no quantity', (text) =>
  expect(() => bytes(text)).toThrow(RangeError),
);
