// Bundles schema/typebox.ts with the used part of TypeBox inlined, over what the compiler wrote there.
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  input: at('../src/schema/typebox.ts'),
  output: { file: at('../dist/schema/typebox.js'), format: 'esm', minify: true },
  treeshake: { moduleSideEffects: false },
  logLevel: 'warn',
});
