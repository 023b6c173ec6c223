import { type ImageName, imageReference, images } from '../../components/images';

const digest = `sha256:${'0'.repeat(64)}`;

test('an image is pinned to registry, repository and version', () => {
  expect(imageReference('loki')).toBe('docker.io/grafana/loki:3.7.8');
});

test('a mirror replaces the registry of all images', () => {
  const references = (Object.keys(images) as ImageName[]).map((name) =>
    imageReference(name, { registry: 'mirror.example.com' }),
  );
  expect(references.every((reference) => reference.startsWith('mirror.example.com/'))).toBe(true);
});

test("an image's own override goes before the registry for all", () => {
  const overrides = { registry: 'mirror.example.com', loki: { registry: 'other', version: '3.7.9', digest } };
  expect(imageReference('loki', overrides)).toBe(`other/grafana/loki:3.7.9@${digest}`);
  expect(imageReference('tempo', overrides)).toBe('mirror.example.com/grafana/tempo:3.0.3');
});
